"""`qafila route` on the reference network: what people and programs are told, and the exit codes."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

from typer.testing import CliRunner

from qafila.cli.main import app

READY = "2026-11-24T09:00"


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["route", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_json_gives_ways_that_join_up_and_add_up() -> None:
    code, out, _ = run("Fès, MA", "Lyon, FR", "--kg", "1.2", "--ready", READY, "--json")
    assert code == 0
    told = json.loads(out)
    assert told["ready"] == "2026-11-24T08:00:00+00:00"  # Fès keeps UTC+1
    assert told["searched_until"] == "2027-01-25T00:00:00+00:00"  # 63 days from Monday, 23 November
    ways = told["itineraries"]
    assert len(ways) > 3
    assert {b for way in ways for b in way["best_in"]} == {"earliest", "cheapest", "cleanest"}
    for way in ways:
        legs = way["legs"]
        assert (legs[0]["mode"], legs[-1]["mode"]) == ("collection", "delivery")
        assert (legs[0]["from"], legs[-1]["to"]) == (told["origin"], told["destination"])
        assert Decimal(way["cost"]) == sum(Decimal(leg["cost"]) for leg in legs)
        assert datetime.fromisoformat(way["arrival_local"]) == datetime.fromisoformat(way["arrival"])
        ready = told["ready"]
        for here, leg in zip([told["origin"], *(leg["to"] for leg in legs)], legs, strict=False):
            assert leg["from"] == here
            assert ready <= leg["cut_off"] < leg["ready"]
            ready = leg["ready"]
        assert way["arrival"] == ready


def test_people_see_a_table_and_the_legs() -> None:
    code, out, _ = run("SC-MA-CASABLANCA", "SC-FR-LYON", "--ready", READY)
    assert code == 0
    assert "earliest" in out
    assert "Legs of 1" in out
    assert "arrive by 25 Jan 2027" in out
    assert "SC-FR-LYON" in out


def test_no_way_says_why_and_what_would_help() -> None:
    code, out, err = run("Fès, MA", "Lyon, FR", "--ready", READY, "--latest", "2026-11-24T20:00")
    assert (code, out) == (3, "")
    assert "the first way that is left arrives" in err
    code, out, _ = run("Fès, MA", "Lyon, FR", "--ready", READY, "--latest", "2026-11-24T20:00", "--json")
    assert code == 3
    assert json.loads(out)["refusal"]["constraint"] == "latest"


def test_wrong_usage_is_told_by_option() -> None:
    for arguments, said in (
        (("Atlantis", "Lyon, FR"), "Write an address as"),
        (("Atlantisia, MA", "Lyon, FR"), "No place “Atlantisia” is known in MA"),
        (("Fès, MA", "Lyon, FR", "--goods", "plutonium"), "plutonium is not one of"),
        (("Fès, MA", "Lyon, FR", "--dims", "big"), "is not of the form"),
        (("Fès, MA", "Lyon, FR", "--ready", "tomorrow"), "no ISO 8601 instant"),
        (("Fès, MA", "Lyon, FR", "--kg", "0"), "must be more than 0"),
        (("Fès, MA", "Lyon, FR", "--kg", "nan"), "must be more than 0"),
        (("Fès, MA", "Lyon, FR", "--dims", "inf x 1 x 1"), "must be more than 0"),
        (("Fès, MA", "Lyon, FR", "--ready", "0001-01-01T00:00+14:00"), "beyond the calendar"),
    ):
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert said in " ".join(err.split())


def test_json_says_it_too_where_there_is_no_place_or_no_timetable() -> None:
    for arguments, code, constraint in (
        (("Atlantis", "Lyon, FR"), 2, "place"),
        (("Atlantisia, MA", "Lyon, FR"), 2, "place"),
        (("Tokyo, JP", "Lyon, FR"), 3, "place"),
        (("Fès, MA", "Lyon, FR", "--ready", "2019-01-01"), 3, "horizon"),
        (("Fès, MA", "Lyon, FR", "--ready", "9999-12-31"), 3, "horizon"),
    ):
        ended, out, _ = run(*arguments, "--json")
        told = json.loads(out)
        assert (ended, told["itineraries"], told["refusal"]["constraint"]) == (code, [], constraint)
        assert told["refusal"]["reason"]
        assert told["refusal"]["remedy"]
