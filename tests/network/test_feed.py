"""A feed written and read back, and every kind of mistake named by file, row and column."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qafila.network import network_messages as m
from qafila.network.feed import TABLES, check, read, write
from qafila.network.model import Feed, Kind
from qafila.network.network_report import FeedErrors, FeedProblem
from qafila.network.spelling import format_time, parse_time, reader, writer
from qafila.network.timetable import Goods, Mode
from qafila.network.validate import problems
from tests.network.small import at, small_feed


def test_round_trip_is_identity(tmp_path: Path) -> None:
    write(small_feed(), tmp_path)
    assert read(tmp_path) == small_feed()
    again = tmp_path / "again"
    write(read(tmp_path), again)
    for file in tmp_path.glob("*.csv"):
        assert (again / file.name).read_bytes() == file.read_bytes()


@given(st.integers(0, 60 * 1440))
def test_times_are_spelt_and_read(minutes: int) -> None:
    assert parse_time(format_time(minutes)) == minutes


@given(st.integers(0, 255).map(Goods), st.sampled_from(Kind), st.sampled_from(Mode))
def test_goods_kinds_and_modes_are_spelt_and_read(goods: Goods, kind: Kind, mode: Mode) -> None:
    assert reader(Goods)(writer(Goods)(goods)) == goods
    assert reader(Kind)(writer(Kind)(kind)) is kind
    assert reader(Mode)(writer(Mode)(mode)) is mode


def test_midnight_and_later_days() -> None:
    assert parse_time("24:00") == 1440
    assert parse_time("01:30+1") == 1530
    assert format_time(1530) == "01:30+1"


def edit(file: str, change: Callable[[str], str]) -> Callable[[Path], object]:
    def apply(folder: Path) -> None:
        path = folder / f"{file}.csv"
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")

    return apply


@pytest.mark.parametrize(
    ("spoil", "file", "row", "column", "reason", "remedy"),
    [
        (
            edit("calls", lambda t: t.replace("17:00,30", "25:99,30")),
            "calls",
            1,
            "depart",
            "not a time",
            "HH:MM",
        ),
        (
            edit("calls", lambda t: t.replace("FLY,2", "FLY,two")),
            "calls",
            6,
            "sequence",
            "whole number",
            "digits",
        ),
        (
            edit("facilities", lambda t: t.replace("33.37", "33,37")),
            "facilities",
            2,
            "",
            "values for",
            "comma",
        ),
        (
            edit("facilities", lambda t: t.replace("33.37", "north")),
            "facilities",
            2,
            "lat",
            "not a number",
            "point",
        ),
        (
            edit("facilities", lambda t: t.replace("airport", "airfield", 1)),
            "facilities",
            2,
            "kind",
            "kind",
            "warehouse",
        ),
        (
            edit("facilities", lambda t: t.replace(",1,,90", ",yes,,90")),
            "facilities",
            2,
            "gateway",
            "0 nor 1",
            "1 for",
        ),
        (
            edit("services", lambda t: t.replace(",air,", ",plane,", 1)),
            "services",
            3,
            "mode",
            "not a mode",
            "belly",
        ),
        (
            edit("services", lambda t: t.replace("lithium ", "lithum ")),
            "services",
            3,
            "forbids",
            "lithum",
            "magnetic",
        ),
        (
            edit("calendars", lambda t: t.replace("2026-01-01", "1.1.2026", 1)),
            "calendars",
            1,
            "valid_from",
            "date",
            "YYYY",
        ),
        (edit("rates", lambda t: t.replace("0.5", "half")), "rates", 1, "per_kg", "not a number", "point"),
        (
            edit("rates", lambda t: t.replace("per_parcel", "perparcel")),
            "rates",
            0,
            "per_parcel",
            "missing",
            "header",
        ),
        (
            edit("rates", lambda t: t.replace("source", "origin")),
            "rates",
            0,
            "origin",
            "unknown column",
            "source",
        ),
        (lambda f: (f / "calls.csv").unlink(), "calls", 0, "", "file is missing", "service,sequence"),
        (lambda f: (f / "feed.csv").unlink(), "feed", 0, "", "file is missing", "currency"),
        (
            lambda f: (f / "rates.csv").write_bytes("id\né".encode("latin-1")),
            "rates",
            1,
            "",
            "not UTF-8",
            "UTF-8",
        ),
        (lambda f: (f / "rates.csv").write_bytes(b"\x00\xff" * 5000), "rates", 0, "", "not UTF-8", "UTF-8"),
        (lambda f: (f / "rates.csv").write_bytes(b""), "rates", 0, "id", "missing", "header"),
    ],
)
def test_a_value_that_cannot_be_read(
    spoil: Callable[[Path], object],
    file: str,
    row: int,
    column: str,
    reason: str,
    remedy: str,
    tmp_path: Path,
) -> None:
    write(small_feed(), tmp_path)
    spoil(tmp_path)
    with pytest.raises(FeedErrors) as raised:
        read(tmp_path)
    found = [p for p in raised.value.problems if (p.file, p.row, p.column) == (f"{file}.csv", row, column)]
    assert found, raised.value.problems
    assert reason in str(found[0].reason)
    assert remedy in str(found[0].remedy)


def test_good_rows_go_on_and_a_spoilt_row_is_told_once(tmp_path: Path) -> None:
    write(small_feed(), tmp_path)
    edit("facilities", lambda t: t.replace("45.73", "x"))(tmp_path)  # Lyon's airport
    edit("calls", lambda t: t.replace("05:00,,", "5 o'clock,,").replace("09:00", "9am"))(tmp_path)
    feed, found = check(tmp_path)
    assert feed is not None
    assert len(feed.facilities) == 4
    assert {(p.file, p.column) for p in found} == {("facilities.csv", "lat"), ("calls.csv", "depart")}


def changed(feed: Feed, table: str, row: int, **values: object) -> Feed:
    rows = list(getattr(feed, table))
    rows[row] = replace(rows[row], **values)
    return replace(feed, **{table: tuple(rows)})


def swap(table: str, row: int, **values: object) -> Callable[[Feed], Feed]:
    return lambda feed: changed(feed, table, row, **values)


def drop(table: str, row: int) -> Callable[[Feed], Feed]:
    return lambda f: replace(f, **{table: tuple(r for i, r in enumerate(getattr(f, table)) if i != row)})


def twice(table: str) -> Callable[[Feed], Feed]:
    return lambda f: replace(f, **{table: (*getattr(f, table), getattr(f, table)[0])})


@pytest.mark.parametrize(
    ("spoil", "file", "row", "column", "reason"),
    [
        (twice("facilities"), "facilities", 6, "id", "same as row 1"),
        (twice("services"), "services", 9, "id", "same as row 1"),
        (twice("calls"), "calls", 19, "", "same as row 1"),
        (swap("calls", 0, facility="NOWHERE"), "calls", 1, "facility", "not in facilities.csv"),
        (swap("services", 0, calendar="NEVER"), "services", 1, "calendar", "not in calendars.csv"),
        (swap("services", 0, rate="FREE"), "services", 1, "rate", "not in rates.csv"),
        (swap("services", 0, vehicle="CAMEL"), "services", 1, "vehicle", "not in vehicles.csv"),
        (swap("services", 0, clock="sun"), "services", 1, "clock", "neither local nor utc"),
        (swap("services", 0, mode=Mode.SEA), "services", 1, "mode", "vehicle TRUCK is for road"),
        (swap("facilities", 0, territory="XX"), "facilities", 1, "territory", "not in territories.csv"),
        (swap("facilities", 0, hours="LATE"), "facilities", 1, "hours", "not in hours.csv"),
        (swap("facilities", 0, timezone="Africa/Casa"), "facilities", 1, "timezone", "unknown time zone"),
        (swap("facilities", 0, country="FR"), "facilities", 1, "country", "not a country of territory MA"),
        (swap("facilities", 0, lat=91.0), "facilities", 1, "lat", "not a latitude"),
        (swap("facilities", 0, sort_rate_per_hour=-1), "facilities", 1, "sort_rate_per_hour", "negative"),
        (
            swap("territories", 1, countries=("FR", "MA")),
            "territories",
            2,
            "countries",
            "also in territory MA",
        ),
        (swap("territories", 1, currency="ABC"), "territories", 2, "currency", "no exchange rate"),
        (swap("capacities", 0, kg=-5.0), "capacities", 1, "kg", "negative"),
        (swap("capacities", 0, kg=17_000.0), "capacities", 1, "kg", "more than truck carries"),
        (swap("capacities", 0, m3=71.0), "capacities", 1, "m3", "more than truck holds"),
        (swap("capacities", 3, sequence=9), "capacities", 4, "sequence", "does not depart"),
        (drop("capacities", 0), "services", 1, "id", "no capacity"),
        (drop("calls", 1), "services", 1, "id", "one call"),
        (drop("modes", 0), "services", 3, "mode", "not in modes.csv"),
        (drop("emissions", 0), "services", 3, "vehicle", "no CO₂e factor"),
        (swap("calls", 1, arrive=at("16:50")), "calls", 2, "arrive", "10 minutes before it left WH"),
        (swap("calls", 1, arrive=at("17:05")), "calls", 2, "arrive", None),
        (swap("calls", 1, arrive=None), "calls", 2, "arrive", "missing"),
        (swap("calls", 0, arrive=at("16:00")), "calls", 1, "arrive", "The first call has no such time"),
        (swap("calls", 5, depart=at("22:30")), "calls", 6, "depart", "before it arrives"),
        (swap("calls", 5, arrive=at("21:30")), "calls", 6, "arrive", "faster than 737 freighter (760 km/h)"),
        (swap("facilities", 2, gateway=False), "calls", 6, "facility", "CDG has no customs"),
        (swap("calls", 14, facility="LYS"), "calls", 15, "facility", "A round starts and ends"),
        (swap("calendars", 0, days="11111"), "calendars", 1, "days", "not seven"),
        (swap("calendars", 0, holidays="XX"), "calendars", 1, "holidays", "no public holidays"),
        (swap("calendars", 0, valid_to=date(2020, 1, 1)), "calendars", 1, "valid_to", "before valid_from"),
        (swap("hours", 0, closes=at("07:00")), "hours", 1, "closes", "not after opening"),
        # the flight back leaves Lyon at 04:00; the one in lands at 01:30
        (swap("calls", 8, arrive=at("20:30", 4)), "calls", 5, "depart", "minutes on the ground"),
        (swap("calls", 7, depart=at("02:00", 1)), "calls", 8, "depart", "30 minutes on the ground"),
        (swap("calls", 8, facility="CDG"), "calls", 5, "facility", "aircraft CN-AAA is at CDG"),
        (swap("vehicles", 0, range_km=1500), "calls", 6, "facility", "flies 1500 km"),
        (swap("services", 3, registration="CN-BBB"), "calls", 5, "facility", "aircraft CN-AAA is at LYS"),
    ],
)
def test_what_must_hold_across_rows(
    spoil: Callable[[Feed], Feed], file: str, row: int, column: str, reason: str | None
) -> None:
    assert problems(small_feed()) == []
    found = problems(spoil(small_feed()))
    here = [p for p in found if (p.file, p.row, p.column) == (f"{file}.csv", row, column)]
    if reason is None:
        assert not here  # 29 km in five minutes: too short a way to judge
    else:
        assert any(reason in str(p.reason) for p in here), found
        assert all(p.remedy for p in found)


def test_a_problem_reads_as_a_sentence() -> None:
    problem = FeedProblem("calls.csv", 3, "depart", "25:99", m.NOT_CLOCK(), m.WRITE_TIME())
    assert (
        str(problem)
        == "calls.csv:3 depart '25:99': This is not a time of day. Write HH:MM (+1 for the day after)."
    )
    assert str(FeedErrors([problem])) == f"The feed has one problem: {problem}"
    assert str(FeedErrors([problem, problem])) == f"The feed has 2 problems. The first: {problem}"


def test_every_file_and_column_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "feed.md").read_text(encoding="utf-8")
    for name, kind in TABLES.items():
        section = re.search(rf"^### {name}\.csv\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
        assert section, name
        documented = re.findall(r"^\| `(\w+)` \|", section.group(1), re.MULTILINE)
        assert documented == [f.name for f in fields(kind)], name


def test_a_blank_cell_of_an_optional_column_is_as_if_it_were_left_out(tmp_path: Path) -> None:
    write(small_feed(), tmp_path)
    path = tmp_path / "facilities.csv"
    header, *rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    for column in ("handling_minutes", "handling_fee", "sort_rate_per_hour", "gateway"):
        rows[0][header.index(column)] = " "
    path.write_text("\n".join(",".join(row) for row in (header, *rows)) + "\n", encoding="utf-8")
    feed, found = check(tmp_path)
    assert not found
    assert feed is not None
    first = feed.facilities[0]
    assert (first.handling_minutes, first.sort_rate_per_hour, first.gateway) == (60, 0, False)
