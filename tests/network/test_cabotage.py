"""Cabotage: who may carry between two places of a country, by flag, mode, date and what came in before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from qafila.network.compile import compile_timetable
from qafila.network.feed import read, write
from qafila.network.model import Cabotage, CabotageRule, Call, Capacity, Facility, Feed, LocalTime, Service
from qafila.network.timetable import Mode, Timetable
from qafila.network.validate import problems
from tests.network.small import START, small_feed

BARRED, FREE, LIMITED = CabotageRule.BARRED, CabotageRule.FREE, CabotageRule.LIMITED


def law(area: str, mode: Mode | None, carriers: str, rule: CabotageRule, **more: object) -> Cabotage:
    return Cabotage(area, mode, tuple(carriers.split()), rule, **more)  # type: ignore[arg-type]


def flagged(flag: str, *rules: Cabotage) -> Feed:
    """The small feed with one flag for all; its flight calls at CDG and LYS, its ship too."""
    feed = small_feed()
    return replace(feed, services=tuple(replace(s, flag=flag) for s in feed.services), cabotage=rules)


def carried(table: Timetable, service: str, first: str, last: str) -> list[int]:
    """Service days, from 1970, on which goods go from one call of a service to another."""
    t = table
    begin = np.asarray(t.ride_first_segment)
    end = begin + np.asarray(t.ride_segment_count) - 1
    ids = t.facility_ids
    mine = (
        (np.asarray(t.segment_service)[begin] == t.service_ids.index(service))
        & (np.asarray(t.segment_from)[begin] == ids.index(first))
        & (np.asarray(t.segment_to)[end] == ids.index(last))
    )
    return sorted(set(np.asarray(t.segment_day)[begin[mine]].tolist()))


def test_only_what_is_loaded_and_unloaded_in_the_country_is_barred() -> None:
    free = compile_timetable(flagged("MA"), START, 14)
    barred = compile_timetable(flagged("MA", law("*", Mode.AIR, "*", BARRED)), START, 14)
    assert carried(free, "FLY", "CDG", "LYS")
    assert not carried(barred, "FLY", "CDG", "LYS")
    for pair in (("CMN", "CDG"), ("CMN", "LYS")):
        assert carried(barred, "FLY", *pair) == carried(free, "FLY", *pair)
    assert carried(barred, "SAIL", "CDG", "LYS") == carried(
        free, "SAIL", "CDG", "LYS"
    )  # the rule is of the air
    assert barred.segments == free.segments  # the flight flies all the same


@pytest.mark.parametrize("flag", ["FR", "", "MC"])
def test_carriers_of_the_country_and_of_no_flag_are_not_barred(flag: str) -> None:
    rules = (law("*", None, "*", BARRED), law("EU", None, "EU", FREE))
    table = compile_timetable(flagged(flag, *rules), START, 14)
    assert carried(table, "FLY", "CDG", "LYS")
    assert carried(table, "SAIL", "CDG", "LYS")


def test_the_most_particular_row_counts() -> None:
    everywhere, union, france = (
        law("*", None, "*", BARRED),
        law("EU", None, "*", FREE),
        law("FR", None, "*", BARRED),
    )
    named, by_air = law("FR", None, "MA", FREE), law("FR", Mode.AIR, "MA", BARRED)
    for rules, flies, sails in (
        ((everywhere,), False, False),
        ((everywhere, union), True, True),
        ((everywhere, union, france), False, False),
        ((everywhere, union, france, named), True, True),
        ((everywhere, union, france, named, by_air), False, True),
    ):
        for some in (rules, rules[::-1]):
            table = compile_timetable(flagged("MA", *some), START, 14)
            assert bool(carried(table, "FLY", "CDG", "LYS")) == flies
            assert bool(carried(table, "SAIL", "CDG", "LYS")) == sails


def test_a_rule_holds_on_its_days() -> None:
    since, until = date(2026, 3, 27), date(2026, 4, 2)
    free = compile_timetable(flagged("MA"), START, 21)
    rule = law("FR", Mode.AIR, "*", BARRED, valid_from=since, valid_to=until)
    table = compile_timetable(flagged("MA", rule), START, 21)
    epoch = date(1970, 1, 1)
    kept = [d for d in carried(free, "FLY", "CDG", "LYS") if not since <= epoch + timedelta(days=d) <= until]
    assert carried(table, "FLY", "CDG", "LYS") == kept
    assert 0 < len(kept) < len(carried(free, "FLY", "CDG", "LYS"))


def test_between_countries_of_a_territory_only_where_the_rule_is_within_it() -> None:
    feed = flagged("MA", law("EU", Mode.AIR, "*", BARRED))
    places = tuple(replace(f, country="MC") if f.id == "LYS" else f for f in feed.facilities)
    feed = replace(feed, facilities=places)
    assert carried(compile_timetable(feed, START, 14), "FLY", "CDG", "LYS")
    within = replace(feed, cabotage=(law("EU", Mode.AIR, "*", BARRED, within="territory"),))
    assert not carried(compile_timetable(within, START, 14), "FLY", "CDG", "LYS")


def trucks(flag: str, *rules: Cabotage, hours: int = 12) -> Feed:
    """A truck from Casablanca airport by Paris to A, B, C and D in France, and one that begins in Paris."""
    feed = small_feed()
    lyon = feed.facility["LYS"]
    towns: tuple[Facility, ...] = tuple(replace(lyon, id=name, name=name) for name in "ABCD")
    route = ["CMN", "CDG", *"ABCD"]
    calls = [
        Call(
            "IN",
            n,
            place,
            None if n == 0 else LocalTime(hours * 60 * n),
            LocalTime(hours * 60 * n + 60) if n < 5 else None,
        )
        for n, place in enumerate(route)
    ]
    home = [Call("HERE", 0, "CDG", None, LocalTime(480)), Call("HERE", 1, "A", LocalTime(900), None)]
    return replace(
        feed,
        facilities=(*feed.facilities, *towns),
        services=(
            *feed.services,
            *(Service(name, Mode.ROAD, "x", "TRUCK", "DAILY", "ROAD", flag=flag) for name in ("IN", "HERE")),
        ),
        calls=(*feed.calls, *calls, *home),
        capacities=(*feed.capacities, Capacity("IN", None, 100, 1), Capacity("HERE", None, 100, 1)),
        cabotage=rules,
    )


def test_three_in_seven_days_after_one_from_abroad() -> None:
    rule = law("EU", Mode.ROAD, "MA", LIMITED, operations=3, days=7)
    table = compile_timetable(trucks("MA", rule), START, 21)
    pairs = [(a, b) for i, a in enumerate(("CDG", *"ABC")) for b in [*"ABCD"][i:]]
    may = {pair for pair in pairs if carried(table, "IN", *pair)}
    assert may == {pair for pair in pairs if pair[0] in ("CDG", "A", "B")}  # C would be the fourth
    assert not carried(table, "HERE", "CDG", "A")  # it brought nothing in
    one = compile_timetable(trucks("MA", replace(rule, operations=1)), START, 21)
    assert {p for p in pairs if carried(one, "IN", *p)} == {p for p in pairs if p[0] == "CDG"}
    slow = compile_timetable(trucks("MA", rule, hours=60), START, 28)  # a call every two and a half days
    assert {p for p in pairs if carried(slow, "IN", *p)} == {
        p for p in pairs if p[0] in ("CDG", "A") and p[1] in "AB"
    }


def test_rows_are_written_read_and_checked(tmp_path: Path) -> None:
    rules = (
        law("EU", Mode.ROAD, "EU NO", LIMITED, operations=3, days=7, source="x"),
        law("*", None, "*", BARRED),
    )
    feed = trucks("MA", *rules, hours=30)
    assert not problems(feed)
    write(feed, tmp_path)
    assert read(tmp_path) == feed
    for wrong, column in (
        (law("Europe", None, "*", BARRED), "area"),
        (law("FR", None, "*", BARRED, within="territory"), "within"),
        (law("FR", None, "them", BARRED), "carriers"),
        (law("FR", None, "", BARRED), "carriers"),
        (law("FR", None, "*", LIMITED), "operations"),
        (law("FR", None, "*", BARRED, valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1)), "valid_to"),
    ):
        assert column in {p.column for p in problems(replace(feed, cabotage=(wrong,)))}
    assert "flag" in {p.column for p in problems(trucks("Morocco"))}
    twice = replace(feed, cabotage=(law("FR", None, "*", BARRED), law("FR", None, "*", FREE)))
    assert "cabotage.csv" in {p.file for p in problems(twice)}
