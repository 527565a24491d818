"""Bags: merchants share them, counts follow weight and volume."""

from __future__ import annotations

from qafila.planning.consolidation import consolidate
from qafila.planning.found import Effort
from qafila.planning.plan import Plan, conclude
from qafila.planning.search import search
from tests.planning import networks


def line(parcels: tuple[int, ...], release: tuple[int, ...]) -> Plan:
    """Two departures from F0 to F1; parcels of 1 kg and 4 litres."""
    return conclude(search(networks.line(parcels, release), Effort(gap=0.0, seconds=5, rounds=5)))


def test_merchants_share_bags() -> None:
    # 10 + 10 parcels of 1 kg on one vehicle: one bag of 20 kg; apart each merchant would need one
    done = consolidate(line((10, 10), (0, 0)))
    assert (done.count, done.apart, done.bound) == (1, 2, 1)
    # 60 + 30: 90 kg, 0.36 m³ -> ceil(90 / 25) = 4; apart ceil(60/25) + ceil(30/25) = 3 + 2
    done = consolidate(line((60, 30), (0, 0)))
    assert (done.count, done.apart, done.bound) == (4, 5, 4)
