"""Messages as values: made, compared, written down and read again."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import orjson
import pytest

from qafila.core.message import (
    TEMPLATES,
    Choice,
    Country,
    Message,
    Named,
    Place,
    Share,
    Template,
    Term,
    as_it_is,
    clauses,
    fact,
    sentences,
    template,
)
from qafila.core.message_json import from_json, to_json
from qafila.core.money import Money


@pytest.fixture
def room() -> Iterator[Template]:
    yield template(
        "test.room",
        "No departure from {place} on {day} has room for {n} parcels.",
        "No departure from {place} on {day} has room for one parcel.",
    )
    del TEMPLATES["test.room"]


EVERY_KIND = {
    "a": "text {as it is}",
    "b": 12,
    "c": Decimal("1200.50"),
    "d": Money(Decimal("3.10"), "EUR"),
    "e": date(2026, 11, 30),
    "f": datetime(2026, 11, 30, 14, 5, tzinfo=UTC),
    "g": Country("MA"),
    "h": Term("mode", "air"),
    "i": Share(Decimal("0.43")),
    "named": Named((("en", "leather"), ("ar", "جلد"))),
    "j": Choice(("Lyon", Country("FR"))),
    "k": Choice((1, 2, 3), every=True),
    "l": as_it_is("old text"),
    "m": Place("DS-MA-FES", "Fès delivery station", fact("test.place", "here")),
    "n": Place("X", "X"),
    "o": fact("customs.charge", "Import duty: 5 {percent}"),
}


def test_a_message_wants_its_values_and_no_others(room: Template) -> None:
    said = room(place=Place("A", "Fès"), day=date(2026, 11, 30), n=1)
    assert str(said) == "No departure from Fès on 2026-11-30 has room for one parcel."
    assert (
        str(room(place="Lyon", day="Monday", n=2))
        == "No departure from Lyon on Monday has room for 2 parcels."
    )
    with pytest.raises(TypeError, match=r"missing \['day'\], not known \['hour'\]"):
        room(place="Lyon", hour="9", n=2)
    with pytest.raises(ValueError, match=r"two templates have the id test\.room"):
        template("test.room", "Other words.")
    with pytest.raises(ValueError, match="names other values"):
        template("test.other", "{n} rows", "{m} row")


def test_every_kind_of_value_is_written_and_read() -> None:
    every = template("test.every", " ".join(f"{{{name}}}" for name in EVERY_KIND))
    try:
        said = every(**EVERY_KIND)  # type: ignore[arg-type]
        assert from_json(orjson.loads(orjson.dumps(to_json(said)))) == said
        assert pickle.loads(pickle.dumps(said)) == said
        assert pickle.loads(pickle.dumps(said)).template is every
        assert str(said) == (
            "text {as it is} 12 1200.50 3.10 EUR 2026-11-30 2026-11-30 14:05 UTC Morocco air 43% leather Lyon or France "
            "1, 2 and 3 old text Fès delivery station X Import duty: 5 {percent}"
        )
        assert hash(said) == hash(every(**EVERY_KIND))  # type: ignore[arg-type]
    finally:
        del TEMPLATES["test.every"]


def test_what_was_stored_before_is_shown_as_it_is(room: Template) -> None:
    assert str(from_json("confirm it {before} declaring")) == "confirm it {before} declaring"
    lost = {"id": "test.gone", "values": {"kg": {"decimal": "2.5"}}}
    assert str(from_json(lost)) == "test.gone: kg 2.5"
    assert str(from_json({"id": "test.room", "values": {"place": "Lyon"}})) == "test.room: place Lyon"
    with pytest.raises(ValueError, match="not a message"):
        from_json(["x"])
    with pytest.raises(TypeError, match="set cannot stand in a message"):
        to_json(Message(room, {"place": set()}))  # type: ignore[dict-item]


def test_messages_are_joined(room: Template) -> None:
    one, two = fact("t", "one"), fact("t", "two")
    assert str(clauses([one, None, two])) == "one; two"
    assert str(sentences([one, two, one])) == "one two one"
    assert clauses([None]) is None
