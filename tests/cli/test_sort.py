"""`qafila sort bag` and `where`: a parcel in a bag in a ULD on a flight, found by its number."""

from __future__ import annotations

from typer.testing import CliRunner

from qafila.cli.main import app
from qafila.runtime.database import administrator
from qafila.sorting import units_store
from tests.sorting.centres import booked, centre, merchant, name
from tests.sorting.test_units import sscc

RUN = CliRunner()


def said(*words: str, code: int = 0) -> str:
    done = RUN.invoke(app, ["sort", *words])
    assert done.exit_code == code, done.output
    return done.output


def test_a_parcel_is_found_in_bag_uld_and_flight() -> None:
    here = centre()
    number = booked(merchant(), here.facility)[0]
    bag, uld, flight = sscc(), "PMC12345QF", name("F-")
    assert "in no bag" in said("where", number, code=2)
    said("bag", "open", bag, "--facility", here.facility)
    key = name("once-")
    for _ in range(2):
        assert "1 pieces in it" in said("bag", "load", bag, number, "--key", key)
    with administrator() as connection:
        acts = [a for a in units_store.acts(connection, bag) if a.act == "load"]
    assert len(acts) == 1
    said("bag", "open", uld, "--kind", "uld", "--position", "AL")
    said("bag", "open", flight, "--kind", "vehicle", "--service", "QF1", "--to", "AIR-CDG")
    said("bag", "load", uld, bag)
    said("bag", "load", flight, uld)
    lines = said("where", number).splitlines()
    assert [line.split()[0] for line in lines] == ["bag", "uld", "vehicle"]
    assert "position AL" in lines[1]
    assert "QF1 to AIR-CDG" in lines[2]
    assert said("bag", "load", bag, "XX", code=2)
