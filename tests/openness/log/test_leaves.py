import json
from datetime import UTC, datetime

import pytest

from qafila.openness.log.leaves import leaf
from qafila.openness.verifier import Broken, check_openings

AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


def test_a_leaf_is_canonical_and_shows_commitments_only() -> None:
    made = leaf(
        "shipping.offer", AT, "terms-1", {"ways": 2, "b": ["x"]}, {"price": "12.40", "merchant": "atlas"}
    )
    text = made.entry.decode()
    assert text.startswith('{"at":"2026-11-30T03:00:00Z","hidden":{"merchant":"sha256:')
    assert text.endswith('"kind":"shipping.offer","said":{"b":["x"],"ways":2},"terms":"terms-1","v":1}')
    assert "12.40" not in text
    assert "atlas" not in text


def test_the_same_value_has_another_commitment_each_time() -> None:
    made = [json.loads(leaf("k", AT, "t", {}, {"price": "12.40"}).entry)["hidden"]["price"] for _ in range(2)]
    assert made[0] != made[1]


def test_openings_open_what_they_are_for_and_nothing_else() -> None:
    made = leaf("k", AT, "t", {}, {"price": "12.40", "to": {"town": "Fès"}})
    openings = {one.field: one.written() for one in made.openings}
    entry = json.loads(made.entry)
    check_openings(entry, openings)
    with pytest.raises(Broken, match="'price'"):
        check_openings(entry, {"price": {**openings["price"], "value": '"12.41"'}})
    with pytest.raises(Broken, match="'price'"):
        check_openings(entry, {"price": openings["to"]})
    with pytest.raises(Broken, match="'weight'"):
        check_openings(entry, {"weight": openings["to"]})


def test_what_canonical_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="9007199254740993"):
        leaf("k", AT, "t", {"n": 2**53 + 1})
    with pytest.raises(ValueError, match="nan"):
        leaf("k", AT, "t", {"n": float("nan")})
