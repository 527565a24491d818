"""Two networks on two clocks live in one process, and nothing below a door looks either up by itself."""

from __future__ import annotations

import ast
import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

import qafila
from qafila.context import Context, Rules, of_this_home
from qafila.core.money import exchange_rates
from qafila.customs.rulebook import rulebook
from qafila.network.installed import Network
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from qafila.shipping.files.pipeline import Options, ship_file
from tests.network.small import START, small_feed

HEADER = "order_id,origin_country,origin_city,destination_country,destination_city,sender_facility,destination_facility,title,hs,quantity,unit_price,currency,weight_kg"
SOURCE = Path(qafila.__file__).parent
DOORS = {"cli", "web", "api"}
HOMES = {
    "context.py",  # where a door gets its context
    "network/installed.py",
    "carriers/feeds.py",  # changes the installed network itself, under its lock: the newest one, not the one of the request
    "customs/rulebook.py",
}
"""What makes a context out of this home; everything else is handed one."""

OWN_TIME = ("runtime/accounts/", "runtime/events/", "runtime/jobs/", "runtime/webhooks/")
"""Mechanisms that live on this machine's own time, whatever a context's clock says: sign-ins end, tries are repeated."""


def _merchant() -> str:
    with administrator() as connection:
        return merchants.create(connection, "A test").id


def _orders(path: Path, name: str) -> Path:
    ends = ",,,,WH,STA" if name.startswith("small") else "MA,Casablanca,FR,Lyon,,"
    rows = [f"{name}{n},{ends},ceramic bowl,691110,1,{9 + n},EUR,0.4" for n in range(3)]
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return path


def _departures(out: Path) -> list[datetime]:
    with (out / "shipments.csv").open(encoding="utf-8", newline="") as lines:
        return [datetime.fromisoformat(row["depart"]) for row in csv.DictReader(lines)]


def test_two_networks_on_two_clocks_ship_side_by_side(tmp_path: Path) -> None:
    then = datetime(START.year, START.month, START.day, 5, tzinfo=UTC)
    small = Context(Network.of(small_feed()), Rules(rulebook(), exchange_rates()), _merchant()).at(then)
    home = of_this_home(_merchant())
    quiet = Options(documents=False, workers=1)
    found: dict[str, list[datetime]] = {"small": [], "home": []}
    for turn in range(3):
        for name, context in (("small", small), ("home", home)):
            out = tmp_path / f"{name}{turn}"
            summary = ship_file(
                context, _orders(tmp_path / f"{name}{turn}.csv", f"{name}{turn}-"), out, quiet
            )
            assert summary.booked == 3, summary
            found[name] += _departures(out)
    assert {moment.date() for moment in found["small"]} <= {START, START.replace(day=START.day + 1)}
    assert min(found["home"]) > datetime.now(UTC)
    assert small.network.feed.facility.keys() != home.network.feed.facility.keys()


def test_a_context_can_stand_still() -> None:
    instant = datetime(2026, 5, 4, 12, tzinfo=UTC)
    here = of_this_home("m")
    assert here.at(instant).now() == instant
    assert here.at(instant).of("n").tenant == "n"
    assert here.at(instant).of("n").now() == instant


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_nothing_below_a_door_asks_for_the_time_or_the_installed_network(path: Path) -> None:
    place = path.relative_to(SOURCE).as_posix()
    if place.split("/")[0] in DOORS or place in HOMES or place.startswith(OWN_TIME):
        return
    asked = [
        f"{place}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _ambient(ast.unparse(node.func))
    ]
    assert not asked, "hand a Context down from the door instead"


def _ambient(name: str) -> bool:
    return name in {
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "time.time",
        "of_this_home",
        "installed.feed",
        "installed.network",
        "installed.timetable",
        "rulebook",
    }
