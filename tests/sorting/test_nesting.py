"""Nesting against a model that replays every act at every instant, in whatever order they came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.sorting.nesting import Act, Emptied, Log, Moved, Put, flat

BEGIN = datetime(2026, 11, 30, tzinfo=UTC)
PARCELS, BAGS, ULDS, FLIGHTS = ["P1", "P2", "P3"], ["B1", "B2"], ["U1", "U2"], ["F1"]
LARGER = {
    **dict.fromkeys(PARCELS, BAGS + ULDS + FLIGHTS),
    **dict.fromkeys(BAGS, ULDS + FLIGHTS),
    **dict.fromkeys(ULDS, FLIGHTS),
}


@st.composite
def logs(draw: st.DrawFn) -> list[Act]:
    acts: list[Act] = []
    for n in range(draw(st.integers(0, 14))):
        at, key = BEGIN + timedelta(minutes=draw(st.integers(0, 9))), f"k{n:02}"
        what = draw(st.sampled_from(["put", "put", "put", "out", "empty", "move"]))
        unit = draw(st.sampled_from(BAGS + ULDS + FLIGHTS))
        if what == "empty":
            acts.append(Emptied(at, key, unit))
        elif what == "move":
            step = draw(st.sampled_from(["departed", "arrived"]))
            acts.append(Moved(at, key, unit, step, "HUB"))
        else:
            child = draw(st.sampled_from(PARCELS + BAGS + ULDS))
            acts.append(Put(at, key, child, draw(st.sampled_from(LARGER[child])) if what == "put" else ""))
    return acts


def replayed(acts: list[Act]) -> tuple[dict[str, str], set[tuple[str, str, str]]]:
    """Where everything lies in the end, and what each parcel was told: by doing one act after the other."""
    within: dict[str, str] = {}
    told: set[tuple[str, str, str]] = set()

    def around(child: str) -> list[str]:
        found = []
        while child := within.get(child, ""):
            found.append(child)
        return found

    for act in sorted(acts, key=lambda a: (a.at, a.key)):
        if isinstance(act, Put):
            within[act.child] = act.unit
        elif isinstance(act, Emptied):
            for child in [c for c, u in within.items() if u == act.unit]:
                within[child] = ""
                told.add((child, act.key, "missing"))
        else:
            told |= {(child, act.key, act.step) for child in list(within) if act.unit in around(child)}
    return {c: u for c, u in within.items() if u}, told


@settings(max_examples=500)
@given(logs(), st.randoms(use_true_random=False))
def test_the_answer_is_that_of_replaying_whatever_the_order(acts: list[Act], luck: object) -> None:
    where, told = replayed(acts)
    shuffled = [*acts, *acts[::2]]  # some came twice
    luck.shuffle(shuffled)  # type: ignore[attr-defined]
    log = Log(shuffled)
    for child in PARCELS + BAGS + ULDS:
        assert log.holder(child) == where.get(child, "")
        assert {(child, t.key, t.step) for t in log.told(child)} == {t for t in told if t[0] == child}


@settings(max_examples=200)
@given(logs(), st.integers(0, 9))
def test_the_past_is_that_of_the_acts_until_then(acts: list[Act], minute: int) -> None:
    at = BEGIN + timedelta(minutes=minute)
    where, _ = replayed([a for a in acts if a.at <= at])
    log = Log(acts)
    for child in PARCELS + BAGS + ULDS:
        assert log.holder(child, (at, "~")) == where.get(child, "")
    for unit in BAGS + ULDS + FLIGHTS:
        assert log.contents(unit, (at, "~")) == sorted(c for c, u in where.items() if u == unit)


@settings(max_examples=100)
@given(logs())
def test_a_lost_act_is_as_if_it_had_never_been(acts: list[Act]) -> None:
    for n in range(len(acts)):
        left = acts[:n] + acts[n + 1 :]
        log, (where, _) = Log(left), replayed(left)
        assert {c: log.holder(c) for c in PARCELS if log.holder(c)} == {
            c: u for c, u in where.items() if c in PARCELS
        }


def at(minute: int) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def test_one_scan_moves_all_inside_and_a_late_scan_is_told_of_it_too() -> None:
    acts: list[Act] = [
        Put(at(0), "a", "P1", "B1"),
        Put(at(2), "b", "B1", "U1"),
        Put(at(3), "c", "U1", "F1"),
        Moved(at(5), "d", "F1", "departed", "CMN"),
        Moved(at(9), "e", "F1", "arrived", "CDG"),
    ]
    log = Log([*acts, Put(at(1), "late", "P2", "B1")])
    for parcel in ("P1", "P2"):
        assert [(t.step, t.facility, t.chain) for t in log.told(parcel)] == [
            ("departed", "CMN", ("B1", "U1", "F1")),
            ("arrived", "CDG", ("B1", "U1", "F1")),
        ]
    assert log.chain("P2") == ("B1", "U1", "F1")


def test_a_parcel_that_is_not_found_when_its_bag_is_emptied_is_missing_until_it_is() -> None:
    acts: list[Act] = [
        Put(at(0), "a", "P1", "B1"),
        Put(at(0), "b", "P2", "B1"),
        Put(at(5), "c", "P1", ""),
        Emptied(at(6), "d", "B1"),
    ]
    assert [t.step for t in Log(acts).told("P1")] == []
    assert [t.step for t in Log(acts).told("P2")] == ["missing"]
    found = Log([*acts, Put(at(5), "late", "P2", "")])  # its scan came in late
    assert found.told("P2") == []


def test_everything_through_all_layers() -> None:
    assert flat({"F": ["U", "P3"], "U": ["B"], "B": ["P1", "P2"]}, "F") == ["P1", "P2", "P3"]
