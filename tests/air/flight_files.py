"""A flight file of the little aircraft: twelve crates, paint among them, and one that an authority holds."""

from __future__ import annotations

from typing import Any

from tests.air.aircraft import AIRCRAFT, TYPES

SECURE = {"status": "SPX", "received_from": "KC", "declaration": "CSD-7"}
PAINT = {"un": "UN1263", "name": "PAINT", "hazard": "3", "group": "II", "instruction": "364", "net": "20 L"}


def asked(**more: Any) -> dict[str, Any]:
    """The file, with other parts where given."""
    lot = {"size": [100, 100, 100], "weight": 50, "penalty": 400, "turns": 63, "security": SECURE}
    return {
        "name": "QF1",
        "aircraft": {
            "name": AIRCRAFT.name,
            "positions": [
                {
                    "name": p.name,
                    "arm": p.arm,
                    "most": p.most,
                    "takes": sorted(p.takes),
                    "lateral": p.lateral,
                    "blocked_by": list(p.blocked_by),
                    "deck": "MD",
                }
                for p in AIRCRAFT.positions
            ],
            "overlaps": [sorted(pair) for pair in AIRCRAFT.overlaps],
            "limits": [{"name": "total", "most": 12000}],
            "empty_weight": 20000,
            "empty_arm": 1100,
            "forward": 1000,
            "aft": 1150,
            "best": 1100,
        },
        "types": [
            {
                "name": t.name,
                "size": list(t.contour.size),
                "tare": t.tare,
                "most": t.most,
                "minutes": 60,
                "cost": t.cost,
            }
            for t in TYPES
        ],
        "legs": [{"name": "CMN-DSS", "fuel": 5000, "cost_per_cm": 3, "segments": ["CMN-DSS"]}],
        "segments": [
            {
                "name": "CMN-DSS",
                "departs": "2026-12-01T10:00:00Z",
                "lots": [
                    {**lot, "shipment": "S1", "piece": "P1", "count": 11},
                    {**lot, "shipment": "S2", "piece": "P2", "codes": ["RFL"], "dangerous": PAINT},
                    {**lot, "shipment": "S3", "piece": "P3", "hold": "EU ICS2"},
                ],
            }
        ],
        **more,
    }
