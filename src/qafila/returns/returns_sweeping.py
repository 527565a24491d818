"""What time brings: parcels that turned round become returns, labels are made before they are asked for. Done again, nothing is twice."""

from __future__ import annotations

from typing import Any

from qafila.context import Context
from qafila.returns import returns_asking, returns_losing, returns_receiving, store
from qafila.runtime.database import Role, acting_as


def sweep(context: Context) -> dict[str, Any]:
    """Looks once; returns the numbers of returns that began (`turned`), of labels that were made (`labels`), and of
    returns that were lost on their way and are settled now (`gone`)."""
    turned = returns_receiving.turn_round(context)
    made = []
    with acting_as(Role.OPERATOR) as connection:
        for _, parcel in store.without_label(connection):
            made.append(returns_asking.offer(connection, context, parcel).number)
    return {"turned": turned, "labels": made, "gone": returns_losing.settle(context)}
