"""What the log records of the rounds of a station's day: what each parcel was worth to the plan, and which stay for another day.

How the rounds are laid is the work of a search that comes out otherwise each time; what it is asked for follows from a rule,
and is worked out again: a slot that was promised counts most, then parcels that were tried before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from qafila.context import Context
from qafila.delivery.model import Delivery
from qafila.openness.kinds import Values
from qafila.openness.model import Decision
from qafila.rounds.model import Stop

KIND = "delivery.rounds"
WORTH = 200_000
"""What leaving a parcel out costs, in cents; a promised slot is worth five of them."""


def worth(slot: bool, attempts: int) -> int:
    """What it costs to leave a parcel out, in cents."""
    return WORTH * (5 if slot else 1 + min(2, attempts))


def decision(
    id: str,
    facility: str,
    day: date,
    known: Sequence[Delivery],
    stops: Sequence[Stop],
    left: Mapping[str, str],
    at: datetime,
) -> Decision:
    """What is told of a plan of rounds.

    Args:
        id: of the plan.
        facility: the station.
        day: the day.
        known: the parcels that were to be brought.
        stops: the same, as the plan was asked for them.
        left: those that are in no round, with the reason.
        at: when.
    """
    asked = {
        "parcels": [
            {"slot": d.slot is not None, "attempts": d.attempts, "grams": d.grams, "cm3": d.cm3}
            for d in known
        ]
    }
    said = {"facility": facility, "day": day.isoformat(), "parcels": len(known), "left": len(left)}
    hidden = {
        "inputs": asked,
        "answer": [stop.worth for stop in stops],
        "left": {str(n): left[d.parcel] for n, d in enumerate(known) if d.parcel in left},
        "owners": [d.merchant_id for d in known],
    }
    return Decision(KIND, id, at, said, hidden)


def again(here: Context, values: Values, without_identity: bool) -> Any:
    """What each parcel is worth by the rule; there is no identity in what it looks at."""
    return [worth(one["slot"], one["attempts"]) for one in values["inputs"]["parcels"]]
