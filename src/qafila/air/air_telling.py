"""What the log records of a load plan: which lots stayed behind, and what the gate stopped.

How ULDs are built up is a search that comes out otherwise each time. What is taken again is what follows from rules: which lots
the gate stops, and who of like pieces flies, given how many of them do (`alike.py`). Whose a lot is lies apart: no rule
looks at it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from qafila.air import gate
from qafila.air.alike import Lots, shares
from qafila.air.flight import Flight, Lot
from qafila.air.gate import Dangerous, Papers, Security
from qafila.air.loading import Loading, load
from qafila.context import Context
from qafila.openness import openness_telling
from qafila.openness.kinds import CannotAgain, Values
from qafila.openness.model import Decision
from qafila.runtime.calculating import calculate
from qafila.runtime.database import Role, acting_as

KIND = "air.load_plan"


def _tables() -> str:
    return openness_telling.tables("qafila.air")


def decide(
    context: Context,
    tenant: str,
    flight: Flight,
    papers: Lots,
    owners: Mapping[tuple[str, int], str],
    seconds: float,
    seed: int = 0,
) -> Loading:
    """Plans a flight (`loading.load`), and tells the log who stays behind.

    Args:
        context: the clock.
        tenant: who plans, and holds the salts of what is hidden.
        flight: aircraft, legs and bookings.
        papers: of each lot.
        owners: whose a lot is, by segment and number; the engine does not see it.
        seconds: how long it may take.
        seed: of the search.

    Raises Busy where others plan already.
    """
    made = calculate(load, flight, papers, seconds, seed)
    with acting_as(Role.OPERATOR) as connection:
        openness_telling.tell(connection, [decision(flight, papers, owners, made, tenant, context.now())])
    return made


def decision(
    flight: Flight,
    papers: Lots,
    owners: Mapping[tuple[str, int], str],
    made: Loading,
    tenant: str,
    at: datetime,
) -> Decision:
    """What is told of a plan; `flight` is as it was asked for, with what the gate stops."""
    every = [(segment, n, lot) for segment in flight.segments for n, lot in enumerate(segment.lots)]
    left = [made.plan.behind.get((segment.name, n), 0) for segment, n, _ in every]
    asked = [
        _lot(segment.name, segment.departs, lot, papers.get((segment.name, n))) for segment, n, lot in every
    ]
    let_in = [lot for segment in made.flight.segments for lot in segment.lots]
    held = [n for n, lot in enumerate(let_in) if not lot.count]
    said = {
        "flight": flight.name,
        "pieces": sum(lot.count for _, _, lot in every),
        "left": sum(left),
        "stopped": len(held),
    }
    hidden = {
        "inputs": {"lots": asked, "tables": _tables()},
        "answer": {"left": left, "stopped": held},
        "owners": [owners.get((segment.name, n)) for segment, n, _ in every],
        "shipments": [f"{lot.shipment}/{lot.piece}" for _, _, lot in every],
    }
    return Decision(KIND, flight.name, at, said, hidden, tenant)


def _lot(segment: str, departs: int, lot: Lot, papers: Papers | None) -> dict[str, Any]:
    kind = lot.kind
    return {
        "segment": segment,
        "departs": departs,
        "size": list(kind.size),
        "weight": kind.weight,
        "bears": list(kind.bears),
        "turns": kind.turns,
        "codes": sorted(kind.codes),
        "count": lot.count,
        "ready": lot.ready,
        "penalty": lot.penalty,
        "papers": None if papers is None else asdict(papers),
    }


def again(here: Context, values: Values, without_identity: bool) -> Any:
    """What the gate stops, and which of like pieces stay, given how many of them fly. There is no identity in it."""
    said, answer = values["inputs"], values["answer"]
    if said["tables"] != _tables():
        raise CannotAgain("the tables of the gate have changed since")
    lots = said["lots"]
    stopped = [n for n, lot in enumerate(lots) if _stops(lot)]
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for n, lot in enumerate(lots):
        dangerous = (lot["papers"] or {}).get("dangerous")
        alike = [lot[name] for name in ("segment", "size", "weight", "bears", "turns", "codes", "penalty")]
        groups[str([*alike, dangerous])].append(n)
    left = [0] * len(lots)
    for some in groups.values():
        count = [0 if n in stopped else lots[n]["count"] for n in some]
        fly = sum(count) - sum(answer["left"][n] for n in some)
        for n, number, flies in zip(
            some, count, shares([lots[n]["ready"] for n in some], count, fly), strict=True
        ):
            left[n] = number - flies
    return {"left": left, "stopped": stopped}


def _stops(lot: Mapping[str, Any]) -> bool:
    if lot["papers"] is None:
        return False
    secured, dangerous = lot["papers"]["security"], lot["papers"]["dangerous"]
    papers = Papers(
        Security(
            secured["status"], secured["received_from"], tuple(secured["methods"]), secured["declaration"]
        ),
        lot["papers"]["hold"],
        Dangerous(**dangerous) if dangerous else None,
        lot["papers"].get("undeclared", ""),
    )
    return gate.refused(papers, datetime.fromtimestamp(lot["departs"], UTC).date()) is not None
