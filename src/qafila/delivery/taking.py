"""Cash at the door: what was taken is booked in the same transaction in which the parcel is handed over."""

from __future__ import annotations

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.money import Money
from qafila.core.values import value
from qafila.delivery.model import Delivery
from qafila.runtime.events.envelope import Source
from qafila.storage.model import Act


@value
class Taken:
    """What was collected at a door: the whole of it, or less (`short`)."""

    collected: Money
    outcome: str


def taken(
    connection: Connection, act: Act, source: Source, delivery: Delivery, collected: Money, context: Context
) -> Taken:
    """Books what a driver collected for a delivery."""
    assert delivery.collect is not None
    return Taken(collected, "collected" if collected.amount >= delivery.collect.amount else "short")
