"""What the log records of waves: which orders waited, and which were released, in which order.

The rule: the soonest cut-off first, those without one last; of the same cut-off whoever came first. An order is told by the
number under which its first piece was reserved; whose it is lies apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from qafila.context import Context
from qafila.core.values import value
from qafila.openness.kinds import Values
from qafila.openness.model import Decision

KIND = "storage.wave"


@value
class Waiting:
    """An order that waits for a wave: whose, its number, its cut-off, when it was placed, how many pieces."""

    merchant_id: str
    number: int
    cut_off: datetime | None
    placed_at: datetime
    pieces: int


def decision(
    wave: str, facility: str, waiting: Sequence[Waiting], released: Sequence[int], most: int, at: datetime
) -> Decision:
    """What is told of a wave.

    Args:
        wave: its id.
        facility: the warehouse.
        waiting: the orders that could be released.
        released: the numbers of those that were, in their order.
        most: how many were asked for at most.
        at: when.
    """
    asked = {
        "most": most,
        "waiting": [
            {
                "order": one.number,
                "cut_off": one.cut_off.isoformat() if one.cut_off else None,
                "placed": one.placed_at.isoformat(),
                "pieces": one.pieces,
            }
            for one in sorted(waiting, key=lambda one: one.number)
        ],
    }
    said = {"facility": facility, "waiting": len(waiting), "released": len(released)}
    hidden = {
        "inputs": asked,
        "answer": list(released),
        "owners": {str(one.number): one.merchant_id for one in waiting},
    }
    return Decision(KIND, wave, at, said, hidden)


def again(here: Context, values: Values, without_identity: bool) -> Any:
    """The orders that the rule releases; there is no identity in what it looks at."""
    said = values["inputs"]

    def rank(one: dict[str, Any]) -> tuple[bool, datetime, datetime, int]:
        placed = datetime.fromisoformat(one["placed"])
        return (
            one["cut_off"] is None,
            datetime.fromisoformat(one["cut_off"]) if one["cut_off"] else placed,
            placed,
            one["order"],
        )

    return [one["order"] for one in sorted(said["waiting"], key=rank)][: said["most"]]
