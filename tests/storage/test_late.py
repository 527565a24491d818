"""Acts of scanners that come late: each kind that conflicts is kept to be counted, twice told is once, and none is dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

import qafila.floors  # noqa: F401  (every floor has its event types listed)
from qafila.core.fault import Fault
from qafila.runtime.answered.keys import KeyReused
from qafila.runtime.database import administrator
from qafila.storage import fetching, outbound, releasing, shelving, storage_doing
from qafila.storage.outbound import OutboundOrder
from qafila.storage.releasing import Wish
from qafila.storage.storage_doing import Told
from tests.storage.houses import act, fill, name, owner, warehouse


def _counts(facility: str) -> list[Any]:
    with administrator() as connection:
        rows = connection.execute(
            text("SELECT * FROM counts WHERE facility = :f ORDER BY made_at, count_id"), {"f": facility}
        )
        return list(rows)


def _gone(kind: str, facility: str, merchant: str) -> Told:
    """An act whose goods, or whose task, are gone by the time it is heard of."""
    match kind:
        case "receive":
            return Told("receive", "A-CODE-OF-NOBODY", place="DOCK-1", pieces=3)
        case "put-away":
            return Told("put-away", "LAMP", source="DOCK-1", place="A-03-L-1", owner=merchant, pieces=3)
        case "move":
            return Told("move", "LAMP", source="A-01-L-1", place="A-03-L-1", owner=merchant, pieces=99)
        case "count":
            return Told("count", "LAMP", place="NO-SUCH-PLACE", owner=merchant, pieces=3)
        case "hand-over":
            return Told("hand-over", code="ORDER", to="truck")
        case "assemble":
            return Told("assemble", "SET", place="A-01-L-1", owner=merchant)
        case "pack":
            return Told("pack", owner=merchant, order="ORDER")
    seen = fetching.begin(act(), facility)
    outbound.cancel(act(), merchant, "ORDER")
    return Told(kind, tour=seen["tour"], pick=seen["next"]["pick"], pieces=seen["next"]["pieces"])


@pytest.mark.parametrize(
    "kind",
    ["receive", "put-away", "move", "count", "pick", "short", "pack", "hand-over", "assemble", "close"],
)
def test_each_kind_that_conflicts_is_kept_once(kind: str) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 5, "A-01-L-1")
    outbound.place_order(act(), OutboundOrder("ORDER", merchant, facility, (("LAMP", 2),)))
    releasing.release(act(), facility, Wish())
    told = _gone(kind, facility, merchant) if kind != "close" else Told("close", advice="PO-OF-NOBODY")
    with pytest.raises(Fault):
        storage_doing.do(act(), facility, told)
    before = len(_counts(facility))
    once = act(name("late-"))
    answer = storage_doing.do(once, facility, told, late=True)
    again = storage_doing.do(once, facility, told, late=True)
    assert answer["state"] == again["state"] == "difference"
    assert answer["count"] == again["count"]
    assert str(answer["because"])
    kept = _counts(facility)
    assert len(kept) == before + 1
    assert kept[-1].because == "conflict"
    assert kept[-1].details["kind"] == kind
    with administrator() as connection:
        assert shelving.audit(connection) == []


def test_what_was_kept_to_be_counted_stays_so_though_the_goods_came_back() -> None:
    facility, merchant = warehouse(), owner()
    goods = fill(facility, merchant, "LAMP", 2, "B-01-L-1")
    told = Told("move", "LAMP", source="A-01-L-1", place="A-03-L-1", owner=merchant, pieces=2)
    once = act(name("late-"))
    kept = storage_doing.do(once, facility, told, late=True)
    shelving.shift(act(), facility, "B-01-L-1", "A-01-L-1", goods, 2)
    assert storage_doing.do(once, facility, told, late=True)["count"] == kept["count"]
    with administrator() as connection:
        there = connection.execute(
            text("SELECT place FROM stock WHERE facility = :f AND pieces > 0"), {"f": facility}
        ).scalars()
        assert list(there) == ["A-01-L-1"]


def test_two_scans_of_the_same_goods_are_one_count_that_tells_both() -> None:
    facility, merchant = warehouse(), owner()
    for pieces, by in ((3, "Amal"), (4, "Badr")):
        told = Told("move", "LAMP", source="A-01-L-1", place="A-03-L-1", owner=merchant, pieces=pieces)
        storage_doing.do(act(by=by), facility, told, late=True)
    (count,) = _counts(facility)
    assert (count.details["pieces"], count.details["by"]) == (3, "Amal")
    assert [(one["pieces"], one["by"]) for one in count.details["more"]] == [(4, "Badr")]


@pytest.mark.parametrize("late", [False, True])
def test_what_was_done_is_answered_again_though_nothing_lies_there_any_more(late: bool) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "TEA", 2, "A-01-L-1", "SOON", 100)
    fill(facility, merchant, "TEA", 2, "A-01-L-1", "LATER", 300)
    once = act(name("key-"))
    told = Told("move", "TEA", source="A-01-L-1", place="A-03-L-1", owner=merchant, pieces=2)
    first = storage_doing.do(once, facility, told)
    # what expires first is gone now, so that the same words would mean the other lot
    assert storage_doing.do(once, facility, told, late=late) == {**first, "repeated": True}
    last = act(name("key-"))
    storage_doing.do(last, facility, told)
    assert storage_doing.do(last, facility, told, late=late)["repeated"] is True  # now nothing lies there
    assert _counts(facility) == []
    with pytest.raises(KeyReused):
        storage_doing.do(once, facility, replace(told, pieces=1), late=late)


@pytest.mark.parametrize("late", [False, True])
def test_what_a_server_of_the_version_before_noted_is_answered_again(late: bool) -> None:
    facility, merchant = warehouse(), owner()
    goods = fill(facility, merchant, "LAMP", 5, "B-01-L-1")
    once = act(name("key-"))
    # that version noted an act by what it meant: the very stock that is moved
    shelving.shift(once, facility, "B-01-L-1", "A-03-L-1", goods, 2)
    told = Told("move", "LAMP", source="B-01-L-1", place="A-03-L-1", owner=merchant, pieces=2)
    assert storage_doing.do(once, facility, told, late=late)["repeated"] is True
    assert _counts(facility) == []
    with administrator() as connection:
        moved = connection.execute(
            text("SELECT sum(pieces) FROM stock WHERE facility = :f AND place = 'A-03-L-1'"), {"f": facility}
        ).scalar_one()
    assert moved == 2
    with pytest.raises(KeyReused):
        storage_doing.do(once, facility, replace(told, pieces=1), late=late)
