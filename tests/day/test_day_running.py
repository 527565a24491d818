"""A day twice from nothing: the same lives, the same sums, and everything where it belongs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qafila.day.clock import Clock, beginning, chance
from qafila.runtime.settings import own_settings

_RUN = """
import json, sys
from datetime import date
from pathlib import Path
from qafila.context import of_this_home
from qafila.day.day_running import run
from qafila.ledger import posting, store
from qafila.runtime.accounts.tenants import LOCAL
from qafila.runtime.database import administrator
from sqlalchemy import text
here = of_this_home(LOCAL)
folder = Path(sys.argv[1])
told = run(here, LOCAL, folder, every=19, stored=4, today=date(2026, 11, 30))
again = run(here, LOCAL, folder, every=19, stored=4, today=date(2026, 11, 30))
with administrator() as connection:
    sums = [[b.account.purpose, str(b.amount)] for b in store.balances(connection)]
    flaws = [str(f) for f in posting.audit(connection)]
    missing = connection.execute(text("SELECT count(*) FROM events WHERE type = 'missing_from_unit'")).scalar()
    customs = connection.execute(text(
        "SELECT count(DISTINCT subject_id) FROM events WHERE type IN ('customs_released', 'customs_held')")).scalar()
    doors = [[float(x) for x in row] for row in connection.execute(text(
        "SELECT extract(epoch FROM d.time - max(o.time)), count(*) FROM events d JOIN events o USING (subject_kind, subject_id) "
        "WHERE d.type IN ('delivered', 'delivery_failed') AND o.type = 'out_for_delivery' AND d.time_kind = 'actual' "
        "AND o.time_kind = 'actual' AND o.time <= d.time GROUP BY d.event_id, d.time"))]
print(json.dumps({"digest": told.digest, "again": again.digest, "states": told.states, "open": told.open, "sums": sums,
                  "flaws": flaws, "customs": customs, "missing": missing, "doors": doors, "counts": told.counts}))
"""


def _day(home: Path) -> dict[str, Any]:
    """A day in a home of its own."""
    compiled = own_settings().home / "network"
    if compiled.exists():  # the timetable is the same, and takes seconds to compile
        shutil.copytree(compiled, home / "network")
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(home / "out")],
        env={**os.environ, "QAFILA_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


@pytest.mark.skipif(
    os.environ.get("QAFILA_DATABASE_URL") is not None, reason="each day has a PostgreSQL of its own"
)
def test_a_day_twice_from_nothing_ends_the_same(tmp_path: Path) -> None:
    first, second = _day(tmp_path / "a"), _day(tmp_path / "b")
    assert first["digest"] == second["digest"]
    assert first["again"] == first["digest"]  # run again, nothing is done twice
    assert first["open"] == {}
    assert set(first["states"]) <= {"delivered", "returned", "held_by_customs"}
    assert sum(first["states"].values()) >= 7
    assert first["flaws"] == []
    assert first["customs"] >= 3  # every border is crossed by declaration
    assert first["missing"] == 0  # nothing is lost on the way
    assert first["doors"]
    assert all(60 <= seconds <= 12 * 3600 for seconds, _ in first["doors"])  # a driver takes time to the door
    for purpose, amount in first["sums"]:  # every coin is at a bank
        if purpose in ("bag", "safe", "transit", "suspect", "refunding", "remitting"):
            assert float(amount) == 0, first["sums"]


def test_the_clock_never_goes_back() -> None:
    clock = Clock(datetime(2026, 3, 2, 6, tzinfo=UTC))
    assert clock.set(clock.at + timedelta(hours=2)).hour == 8
    assert clock.set(clock.at - timedelta(hours=1)).hour == 8
    assert beginning(date(2026, 11, 30)).weekday() == 0
    assert beginning(date(2026, 12, 6)) == beginning(date(2026, 11, 30))
    assert 0 <= chance("a", "b") < 1
    assert chance("a", "b") == chance("a", "b") != chance("a", "c")
