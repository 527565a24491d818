"""`qafila air waybill` and `qafila air flight`: issued, shown, aboard, and what a flight of the fleet is to load."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from typer.testing import CliRunner

from qafila.cli.main import app
from qafila.context import of_this_home
from qafila.fleet import schedule, service
from qafila.runtime.database import administrator
from tests.sorting.centres import booked, centre, merchant, name

RUN = CliRunner()


def said(*words: str, code: int = 0) -> str:
    done = RUN.invoke(app, ["air", *words])
    assert done.exit_code == code, done.output
    return done.output


def test_a_waybill_is_issued_shown_and_found_aboard(tmp_path: Path) -> None:
    parcels = booked(merchant(), centre().facility, count=3)
    number = said("waybill", "number", "147", str(3_000_000 + int(name("")))).strip()
    form = {
        "number": number,
        "origin": "CMN",
        "destination": "CDG",
        "carrier": "AT",
        "parcels": parcels[:1],
        "goods": "TEA",
        "houses": [{"number": "H-9", "parcels": parcels[1:]}],
        "security": {"status": "SPX", "declaration": "CSD-4"},
    }
    file = tmp_path / "waybill.json"
    file.write_text(json.dumps(form))
    made = json.loads(said("waybill", "issue", str(file), "--json"))
    assert (made["pieces"], made["type"], made["security"]["status"]) == (3, "MASTER", "SPX")
    assert "is on the air waybill" in said("waybill", "issue", str(file), code=1)
    assert "3 pieces" in said("waybill", "show", number)
    assert said("waybill", "show", number, "--houses").startswith("H-9")
    assert "no air waybill" in said("waybill", "show", "147-00000011", code=2)
    flight = name("F-")
    run = CliRunner()
    for words in (("open", flight, "--kind", "vehicle"), ("load", flight, parcels[0])):
        assert run.invoke(app, ["sort", "bag", *words]).exit_code == 0
    assert f"{number} 1 of 3 pieces (part)" in said("waybill", "manifest", flight)
    file.write_text(json.dumps({**form, "colour": "red"}))
    assert "colour" in said("waybill", "issue", str(file), code=1)


def test_a_flight_of_the_fleet_becomes_a_flight_file_that_can_be_planned(tmp_path: Path) -> None:
    begins = datetime.now(UTC) + timedelta(days=12)
    with administrator() as connection:
        board = service.window(connection, of_this_home(), begins, begins + timedelta(days=1)).board
    key = next(f.sector.key for f in board.flown if f.depart > 0)
    file = tmp_path / "flight.json"
    said("flight", key[0], schedule.date_of(key[1]).isoformat(), "-o", str(file))
    told = json.loads(file.read_text())
    assert told["secured"] is True
    assert told["name"].startswith(key[0])
    positions = told["aircraft"]["positions"]
    assert all(set(p["takes"]) <= {t["name"] for t in told["types"]} for p in positions)
    assert all(p["takes"] for p in positions)
    plan = json.loads(said("load", str(file), "--seconds", "1", "--json"))
    assert plan["ulds"] == []
    assert "NONE" in said("flight", "NONE", "2026-12-01", code=2)
