"""Packed orders are given to who carries them on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from qafila.core.fault import Conflict
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import boxes, storage_messages, storage_orders, store
from qafila.storage.model import Movement, Reason
from qafila.storage.storage_acting import perform
from qafila.storage.storage_moving import move

Teller = Callable[[Connection, Act, str, list[str], str], int]
"""Tells parcels' histories that they were handed over at a facility, to whom; returns how many."""


def hand_over(
    act: Act, facility: str, given: list[tuple[str, str, int]], to: str, tell: Teller | None = None
) -> dict[str, Any]:
    """Gives packed orders to who carries them on (a departure, a driver). All or none; again, nothing changes.

    `tell` writes it into the histories of the parcels (`closing.handed_over`), in the same transaction.

    Raises Conflict where one is not packed.
    """

    def do(connection: Connection) -> Answer:
        handed: list[dict[str, Any]] = []
        parcels: set[str] = set()
        for owner, order, part in sorted(given):
            found = storage_orders.row(connection, owner, order, part)
            if found.facility != facility or found.state not in ("packed", "handed_over"):
                raise Conflict(
                    storage_messages.STATE(order=order, state=storage_messages.STATES[found.state]()),
                    field="order",
                    value=order,
                )
            if found.state == "handed_over":
                continue
            move(
                connection,
                act,
                [
                    Movement(
                        facility, s.goods, s.pieces, Reason.SHIP, box, None, grams=s.grams, subject=order
                    )
                    for box in boxes.places(connection, found)
                    for s in store.at_place(connection, facility, box)
                ],
            )
            storage_orders.set_state(connection, owner, order, part, "handed_over")
            handed.append({"order": order, "owner": owner, "parcel": found.parcel})
            parcels |= {box.parcel for box in boxes.of(connection, owner, order, part) if box.parcel}
            parcels |= {found.parcel} - {None}
        closed = tell(connection, act, facility, sorted(parcels), to) if tell else 0
        return {"handed_over": handed, "to": to, "histories": closed}

    return perform(act, "hand-over", facility, {"orders": sorted(given), "to": to}, do)
