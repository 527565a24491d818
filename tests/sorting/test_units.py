"""Bags and what holds them, over the real database: once, late, doubled, lost, and many at once."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers import gs1
from qafila.runtime.answered.keys import KeyReused
from qafila.runtime.database import administrator
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Subject
from qafila.sorting import units, units_store
from qafila.sorting.induction import induction
from qafila.sorting.model import By, Reading
from qafila.sorting.nesting import Log
from qafila.sorting.units import UnitAct, perform
from qafila.tracking.status import retractions
from tests.shipping.bookables import NOW
from tests.sorting.centres import booked, centre, heard, merchant, name
from tests.sorting.test_induction import HERE

BY = By("local", station="dock 3")
LATER = NOW + timedelta(days=30)


def sscc() -> str:
    return gs1.sscc("6111234", int(name("")[-9:]) + 10_000)


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


def do(act: str, unit: str, minute: int = 0, **more: Any) -> dict[str, Any]:
    return perform(UnitAct(more.pop("key", name("act-")), act, unit, at(minute), **more), BY, LATER)


def opened(kind: str = "bag", minute: int = 0, **more: Any) -> str:
    unit = name("FLT/") if kind == "vehicle" else sscc()
    return do("open", unit, minute, kind=kind, **more)["unit"]


def steps(parcel: str) -> list[tuple[str, str | None]]:
    """What stands in a parcel's history of units, in order of time, without what was taken back."""
    with administrator() as connection:
        told = histories.history(connection, Subject("parcel", parcel))
    gone = retractions(told)
    return [
        (e.type, e.facility)
        for e in told
        if e.time_kind == "actual" and e.id not in gone and e.type not in ("retracted", "booked")
    ]


def test_one_scan_moves_everything_inside() -> None:
    parcels = booked(merchant(), "HUB", count=3)
    bag, uld, flight = opened(), opened("uld"), opened("vehicle", service="AT201", day=20_000)
    for n, parcel in enumerate(parcels):
        assert do("load", bag, 1, child=parcel)["pieces"] == n + 1
    do("close", bag, 2)
    do("seal", bag, 2, seal="S-1", key=name("seal-"))
    do("load", uld, 3, child=bag)
    do("load", flight, 4, child=uld)
    do("depart", flight, 5, facility="CMN")
    do("arrive", flight, 9, facility="CDG")
    for parcel in parcels:
        assert steps(parcel) == [("packed_in", None), ("departed", "CMN"), ("arrived", "CDG")]
    with administrator() as connection:
        chain = units.whereabouts(connection, parcels[0])
        assert [(u["kind"], u["state"]) for u in chain] == [
            ("bag", "sealed"),
            ("uld", "open"),
            ("vehicle", "open"),
        ]
        assert chain[2]["service"] == "AT201"
        assert units_store.contents(connection, flight) == [uld]


def test_a_missing_and_a_surplus_parcel_are_found_when_the_bag_is_emptied() -> None:
    first, second, third = booked(merchant(), "HUB", count=3)
    bag, other = opened(), opened()
    do("load", bag, 1, child=first)
    do("load", bag, 1, child=second)
    do("load", other, 1, child=third)
    do("unload", bag, 5, child=first)
    do("unload", bag, 5, child=third)
    answer = do("empty", bag, 6)
    assert (answer["found"], answer["missing"], answer["surplus"]) == ([first], [second], [third])
    assert ("missing_from_unit", None) in steps(second)
    do("unload", bag, 5, child=second, late=True)  # its scan was made, and comes in late
    assert ("missing_from_unit", None) not in steps(second)


def test_late_acts_tell_and_take_back_what_follows_from_them() -> None:
    early, late, out = booked(merchant(), "HUB", count=3)
    bag = opened()
    do("load", bag, 1, child=early)
    do("load", bag, 1, child=out)
    do("depart", bag, 5, facility="CMN")
    do("load", bag, 2, child=late, late=True)
    do("unload", bag, 3, child=out, late=True)
    assert steps(late) == [("packed_in", None), ("departed", "CMN")]
    assert steps(out) == [("packed_in", None), ("taken_out", None)]
    do("load", bag, 4, child=out, late=True)  # and yet: it was put back
    assert steps(out) == [("packed_in", None), ("taken_out", None), ("packed_in", None), ("departed", "CMN")]


def test_an_act_is_done_once() -> None:
    parcel = booked(merchant(), "HUB")[0]
    bag = opened()
    assert do("load", bag, 1, child=parcel, key="once" + bag)["repeated"] is False
    assert do("load", bag, 1, child=parcel, key="once" + bag)["repeated"] is True
    with pytest.raises(KeyReused):
        do("close", bag, 1, key="once" + bag)
    assert steps(parcel) == [("packed_in", None)]


def test_what_cannot_be_is_refused_and_late_becomes_a_warning() -> None:
    parcel, other = booked(merchant(), "HUB", count=2)
    bag, uld = opened(), opened("uld")
    with pytest.raises(NotFound):
        do("load", sscc(), 1, child=parcel)
    with pytest.raises(NotFound):
        do("load", bag, 1, child="HA000000000MA")
    with pytest.raises(Conflict):
        do("load", bag, 1, child=uld)
    with pytest.raises(Conflict):
        do("load", bag, 1, child=bag)
    with pytest.raises(Fault):
        do("seal", bag, 1)
    with pytest.raises(Fault):
        do("burn", bag, 1)
    with pytest.raises(Fault):
        do("open", "12345", 1, kind="bag")
    with pytest.raises(Fault):
        perform(UnitAct("k", "close", bag, LATER + timedelta(1)), BY, LATER)
    do("seal", bag, 2, seal="S-9")
    with pytest.raises(Conflict):
        do("load", bag, 3, child=parcel)
    assert do("load", bag, 1, child=parcel)["warnings"] == []  # done before it was sealed
    assert len(do("load", bag, 3, child=other, late=True)["warnings"]) == 1
    warned = do("arrive", bag, 8, facility="CDG", seal="S-8")["warnings"]
    assert [str(w) for w in warned] == [f"The seal is S-8; {bag} was sealed with S-9."]


def test_codes_are_read_as_scanners_send_them() -> None:
    parcel = booked(merchant(), "HUB")[0]
    bag = opened()
    for n, code in enumerate((f"]C100{bag}", f"(00){bag}", f"00{bag}", f"{bag[:9]} {bag[9:]}")):
        assert do("load", code, 1 + n, child=parcel)["unit"] == bag


def test_the_bag_at_a_chute_takes_what_slides_in_and_what_is_on_the_belt_is_in_no_bag() -> None:
    here = centre()
    parcel, other = booked(merchant(), here.facility, count=2)
    heard()
    before = opened(minute=-70)
    do("load", before, -60, child=parcel)
    do("depart", before, -50, facility="AAA")
    bag = opened(facility=here.facility, chute="X8", minute=-10)  # no plan is in place: all go to X8
    work = induction()
    line = work.line(here.facility, HERE)
    done = work.scan(line, [(Reading(parcel, NOW), "", ""), (Reading(other, NOW), "", "")], BY)
    assert work.recorder.wait(done[-1].number, 5)
    with administrator() as connection:
        assert units_store.contents(connection, bag) == sorted([parcel, other])
        assert units_store.contents(connection, before) == []
    do("depart", before, 10, facility="AAA")  # it lies in it no more
    assert [s for s, _ in steps(parcel)] == ["packed_in", "departed", "seen", "packed_in"]


KINDS = {"B1": "bag", "B2": "bag", "U1": "uld", "F1": "vehicle"}


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["load", "load", "unload", "depart", "arrive", "empty"]),
            st.integers(0, 8),
            st.integers(0, 5),
            st.integers(0, 3),
        ),
        max_size=9,
    ),
    st.integers(0, 2**16),
)
def test_whatever_comes_late_or_twice_the_histories_are_those_of_the_log(
    drawn: list[tuple[str, int, int, int]], seed: int
) -> None:
    of = merchant()
    parcels = booked(of, "HUB", count=2)
    there = {label: opened(kind, -5) for label, kind in KINDS.items()}
    children = [*parcels, there["B1"], there["B2"], there["U1"]]
    rank = {**dict.fromkeys(parcels, 0), there["B1"]: 1, there["B2"]: 1, there["U1"]: 3, there["F1"]: 4}
    acts = []
    for what, minute, c, u in drawn:
        child, unit = children[c % 5], list(there.values())[u]
        if what in ("load", "unload"):
            if rank[child] < rank[unit]:
                acts.append((what, unit, minute, {"child": child}))
        else:
            acts.append((what, unit, minute, {} if what == "empty" else {"facility": "HUB"}))
    sent = [(*a[:3], {**a[3], "key": name("late-"), "late": True}) for a in acts]
    order = [*sent, *sent[::2]]
    random.Random(seed).shuffle(order)
    for what, unit, minute, more in order:
        do(what, unit, minute, **more)
    with administrator() as connection:
        log: Log = units_store.log_of(connection, parcels)
        for parcel in parcels:
            told = [(t.step, t.at) for t in log.told(parcel)]
            history = histories.history(connection, Subject("parcel", parcel))
            gone = retractions(history)
            seen = [
                (e.type.replace("missing_from_unit", "missing"), e.time)
                for e in history
                if e.type in ("departed", "arrived", "missing_from_unit")
                and e.time_kind == "actual"
                and e.id not in gone
            ]
            assert sorted(seen) == sorted(told)
        for unit in there.values():
            log = units_store.log_of(connection, children)
            assert units_store.contents(connection, unit) == log.contents(unit)


def test_many_scanners_at_once_lose_nothing() -> None:
    """Loads, moves and an emptying from eight threads: the histories end as the log says, whoever came first."""
    parcels = booked(merchant(), "HUB", count=12)
    bag, uld = opened(), opened("uld")
    acts = [("load", bag, 1, {"child": p}) for p in parcels]
    acts += [
        ("load", uld, 2, {"child": bag}),
        ("depart", uld, 3, {"facility": "CMN"}),
        ("arrive", uld, 4, {"facility": "CDG"}),
    ]
    acts += [("unload", bag, 5, {"child": p}) for p in parcels[:6]] + [("empty", bag, 6, {})]
    sent = [(*a[:3], {**a[3], "key": name("many-"), "late": True}) for a in acts] * 2
    random.Random(3).shuffle(sent)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda a: do(a[0], a[1], a[2], **a[3]), sent))
    for n, parcel in enumerate(parcels):
        end = ("taken_out", None) if n < 6 else ("missing_from_unit", None)
        assert steps(parcel) == [("packed_in", None), ("departed", "CMN"), ("arrived", "CDG"), end]
