"""Kits: made of the parts that lie at a place, and taken apart into them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from qafila.core.fault import Fault
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import scanning, storage_messages, store
from qafila.storage.model import Goods, Movement, Reason
from qafila.storage.storage_acting import perform
from qafila.storage.storage_moving import move


def assemble(act: Act, facility: str, place: str, owner: str, kit: str, pieces: int) -> dict[str, Any]:
    """Makes kits of the parts that lie at a place (or, with pieces below zero, takes kits apart into them)."""

    def do(connection: Connection) -> Answer:
        kind = scanning.product(connection, owner, kit)
        if not kind.parts or pieces == 0:
            raise Fault(
                storage_messages.PIECES_WRONG(pieces=pieces),
                storage_messages.WRITE_PIECES(),
                field="pieces",
                value=str(pieces),
            )
        there = store.at_place(connection, facility, place, lock=True)
        moves: list[Movement] = []
        for sku, each in kind.parts:
            wanted = each * abs(pieces)
            if pieces < 0:
                moves.append(
                    Movement(facility, Goods(owner, sku), wanted, Reason.ASSEMBLE, None, place, subject=kit)
                )
                continue
            for held in there:
                if held.goods.owner == owner and held.goods.sku == sku and held.free > 0 and wanted:
                    taken = min(wanted, held.free)
                    moves.append(
                        Movement(facility, held.goods, taken, Reason.ASSEMBLE, place, None, subject=kit)
                    )
                    wanted -= taken
            if wanted:
                raise Fault(
                    storage_messages.NOT_ENOUGH(pieces=each * pieces, sku=sku, place=place),
                    storage_messages.COUNT_IT(),
                    field="pieces",
                    value=str(pieces),
                )
        source, target = (None, place) if pieces > 0 else (place, None)
        moves.append(
            Movement(facility, Goods(owner, kit), abs(pieces), Reason.ASSEMBLE, source, target, subject=kit)
        )
        move(connection, act, moves)
        return {"kit": kit, "pieces": pieces, "place": place}

    asked = {"owner": owner, "kit": kit, "pieces": pieces, "place": place}
    return perform(act, "assemble", facility, asked, do)
