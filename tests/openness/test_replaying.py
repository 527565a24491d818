"""Where two answers differ, and that bookings of files are told and replayed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import qafila.floors  # noqa: F401  # lists every kind of decision
from qafila.context import Context
from qafila.openness import replaying, sequencing, store
from qafila.openness.replaying import differences
from qafila.runtime.database import Role, acting_as, administrator
from qafila.shipping import merchants
from qafila.shipping.files.pipeline import Options, ship_file
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.openness.logs import fresh_log

HEADER = (
    "order_id,origin_country,origin_city,destination_country,destination_city,sender_facility,"
    "destination_facility,title,hs,quantity,unit_price,currency,weight_kg"
)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with fresh_log(tmp_path, monkeypatch) as folder:
        yield folder


@pytest.mark.parametrize(
    ("recorded", "now", "found"),
    [
        ({"a": [1, 2]}, {"a": [1, 2]}, []),
        ({"a": 1}, {"a": 2}, [("/a", 1, 2)]),
        ({"a": 1}, {"b": 1}, [("/a", 1, None), ("/b", None, 1)]),
        ([{"p": "1"}, {"p": "2"}], [{"p": "2"}, {"p": "1"}], [("/0/p", "1", "2"), ("/1/p", "2", "1")]),
        ([1], [1, 2], [("/length", 1, 2)]),
        ([1], {"field": "goods"}, [("/", [1], {"field": "goods"})]),
    ],
)
def test_differences_are_named_by_place(recorded: object, now: object, found: list[object]) -> None:
    assert differences(recorded, now) == found


def test_a_file_of_orders_is_told_in_full_and_comes_out_the_same_again(log: Path, tmp_path: Path) -> None:
    with administrator() as connection:
        merchant = merchants.create(connection, "Souk").id
    rows = [f"s{n},,,,,WH,STA,ceramic bowl,691110,1,{9 + n},EUR,0.4" for n in range(5)]
    rows.append("bad,,,,,WH,STA,ceramic bowl,691110,0,9,EUR,0.4")
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    here = Context(NETWORK, RULES, merchant).at(MONDAY)
    summary = ship_file(here, path, tmp_path / "out", Options(documents=False, workers=1))
    assert summary.parcels == 5
    sequencing.integrate(MONDAY)
    with acting_as(Role.REGULATOR) as connection:
        kinds = [entry.kind for entry in store.entries(connection)]
        done = replaying.replay(connection, here)
    assert kinds.count("shipping.booking") == 5
    assert (done.entries, done.same, done.differences) == (
        kinds.count("shipping.booking") + kinds.count("shipping.refusal"),
        5,
        [],
    )
