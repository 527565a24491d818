"""Parcels on a round that are not there any more: stolen, lost, or ended elsewhere, as their history has it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from qafila.delivery import store
from qafila.delivery.model import Delivery, State
from qafila.runtime.events import store as history
from qafila.tracking.status import FINISHED, status


def still_here(connection: Connection, deliveries: Iterable[Delivery], now: datetime) -> list[Delivery]:
    """Those whose parcels are still to be brought. The others leave their rounds, and no attempt is told of them: nobody stood at
    a door with what was stolen before.
    """
    asked = list(deliveries)
    told = history.histories(connection, [d.parcel for d in asked])
    here = []
    for delivery in asked:
        if status(told.get(delivery.parcel, []), now).state not in FINISHED:
            here.append(delivery)
            continue
        store.change(
            connection, delivery.parcel, state=State.FAILED.value, round_id=None, place=0, told_from=None, told_until=None
        )  # fmt: skip
    return here
