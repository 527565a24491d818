"""The tiles of sorting: what is not sorted before its departure closes."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from qafila.floors import RIGHTS
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import LOCAL, TenantKind
from qafila.runtime.database import administrator
from qafila.sorting import sorting_tiles
from tests.shipping.bookables import NOW
from tests.sorting import centres

DISPATCHER = Actor(
    tenant=LOCAL,
    kind=TenantKind.HUB,
    id="per_1",
    name="Salma",
    roles=frozenset({"dispatcher"}),
    scopes=RIGHTS.of_roles(TenantKind.HUB, ["dispatcher"]),
    person=True,
)


def test_a_departure_waits_until_its_parcels_are_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting_tiles, "LINES", 10_000)  # other tests have departures of their own
    here = centres.centre()
    centres.booked(centres.merchant(), here.facility, count=3, minutes=600)
    centres.heard()
    around: Any = SimpleNamespace(now=lambda: NOW, network=SimpleNamespace(feed=SimpleNamespace(facility={})))
    with administrator() as connection:
        first = connection.execute(
            text("SELECT min(board_by) FROM sort_expected WHERE facility = :f"), {"f": here.facility}
        ).scalar_one()
    around.now = lambda: first - timedelta(hours=2)
    lines = [li for li in _closing(around) if li.link == f"/sorting/{here.facility}"]
    assert [li.what.values["n"] for li in lines] == [3]
    around.now = lambda: first
    assert not [li for li in _closing(around) if li.link == f"/sorting/{here.facility}"]


def _closing(around: Any) -> tuple[Any, ...]:
    found = sorting_tiles.closing(DISPATCHER, around)
    assert found is not None
    return found.lines
