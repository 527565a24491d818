"""Goods go on shelves: where the rule says, and, once people do otherwise, where they put them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from qafila.core.fault import Fault
from qafila.runtime.answered.acts import Act, Answer
from qafila.storage import scanning, storage_messages, store
from qafila.storage.model import Goods, Movement, PlaceKind, Product, Reason, Stock
from qafila.storage.storage_acting import perform
from qafila.storage.storage_moving import move

_LEARNED = 3
"""So often people must have chosen another place for it to be proposed first."""


def put_away(
    act: Act, facility: str, source: str, target: str, goods: Goods, pieces: int, proposed: str = ""
) -> dict[str, Any]:
    """Puts goods from a dock (or anywhere) on a shelf. Another place than the proposed one is learned from.

    Raises Fault where the goods may not lie there or the place is full, NotEnough where they are not at the source.
    """

    def do(connection: Connection) -> Answer:
        kind = scanning.product(connection, goods.owner, goods.sku)
        if source == target:
            raise Fault(
                storage_messages.SAME_PLACE(place=target),
                storage_messages.OTHER_PLACE(),
                field="place",
                value=target,
            )
        scanning.place(connection, facility, source)
        found = scanning.place(connection, facility, target)
        _allowed(connection, facility, found, kind, pieces)
        held = next((s for s in store.at_place(connection, facility, source) if s.goods == goods), None)
        grams = _share(held, pieces)
        move(
            connection,
            act,
            [Movement(facility, goods, pieces, Reason.PUT_AWAY, source, target, grams=grams)],
        )
        if proposed and proposed != target:
            connection.execute(
                text(
                    "INSERT INTO put_away_choices (facility, merchant_id, sku, place) VALUES (:f, :o, :s, :p) "
                    "ON CONFLICT (facility, merchant_id, sku, place) DO UPDATE SET times = put_away_choices.times + 1, "
                    "last_at = now()"
                ),
                {"f": facility, "o": goods.owner, "s": goods.sku, "p": target},
            )
        return {"sku": goods.sku, "title": kind.title, "pieces": pieces, "place": target}

    asked = {"from": source, "to": target, "sku": goods.sku, "lot": goods.lot, "serial": goods.serial,
             "owner": goods.owner, "condition": goods.condition, "pieces": pieces}  # fmt: skip
    return perform(act, "put-away", facility, asked, do)


def _share(held: Stock | None, pieces: int) -> int:
    """The weight of some of the pieces of weighed goods."""
    return (
        0 if held is None or not held.pieces else round(held.grams * min(pieces, held.pieces) / held.pieces)
    )


def _allowed(connection: Connection, facility: str, found: Any, kind: Product, pieces: int) -> None:
    """Refuses a place that is closed, full, or not for such goods. Raises Fault."""
    because = None
    if found.closed:
        because = storage_messages.BECAUSE_CLOSED()
    elif kind.hazard and found.zone != "hazard":
        because = storage_messages.BECAUSE_HAZARD()
    elif kind.temperature is not None and found.zone not in ("cold", "frozen"):
        because = storage_messages.BECAUSE_COLD(lowest=kind.temperature[0], highest=kind.temperature[1])
    if because is not None and found.kind in (PlaceKind.PICK, PlaceKind.RESERVE):
        raise Fault(
            storage_messages.PLACE_FORBIDDEN(sku=kind.sku, place=found.place, because=because),
            storage_messages.OTHER_PLACE(),
            field="place",
            value=found.place,
        )
    if found.max_cm3 is None and found.max_g is None:
        return
    cm3, grams = _load(connection, facility, found.place)
    if (found.max_cm3 is not None and cm3 + kind.cm3 * pieces > found.max_cm3) or (
        found.max_g is not None and grams + kind.grams * pieces > found.max_g
    ):
        raise Fault(
            storage_messages.PLACE_FULL(place=found.place),
            storage_messages.OTHER_PLACE(),
            field="place",
            value=found.place,
        )


def _load(connection: Connection, facility: str, place: str) -> tuple[int, int]:
    """Volume in cm³ and weight in grams of what lies at a place."""
    cm3 = grams = 0
    for held in store.at_place(connection, facility, place):
        kind = store.products(connection, held.goods.owner, [held.goods.sku])[held.goods.sku]
        cm3 += kind.cm3 * held.pieces
        grams += held.grams or kind.grams * held.pieces
    return cm3, grams


def propose(connection: Connection, facility: str, kind: Product, owner: str, pieces: int) -> str:
    """Where goods go: where people keep putting them; else beside more of the same; else the nearest empty shelf of
    their zone, pick faces for what is asked for often and reserve for what is not. Empty where nothing is free."""
    learned = connection.execute(
        text(
            "SELECT place FROM put_away_choices WHERE facility = :f AND merchant_id = :o AND sku = :s AND times >= :n "
            "ORDER BY times DESC, last_at DESC"
        ),
        {"f": facility, "o": owner, "s": kind.sku, "n": _LEARNED},
    ).scalars()
    same = connection.execute(
        text(
            "SELECT s.place FROM stock s JOIN places p USING (facility, place) WHERE s.facility = :f AND s.merchant_id = :o "
            "AND s.sku = :s AND s.pieces > 0 AND p.kind IN ('pick', 'reserve') ORDER BY p.rank, s.place"
        ),
        {"f": facility, "o": owner, "s": kind.sku},
    ).scalars()
    asked = connection.execute(
        text(
            "SELECT count(*) FROM outbound_lines l JOIN outbound o USING (merchant_id, order_id, part) WHERE o.facility = :f "
            "AND l.merchant_id = :o AND l.sku = :s AND o.placed_at > now() - interval '30 days'"
        ),
        {"f": facility, "o": owner, "s": kind.sku},
    ).scalar_one()
    zone = "hazard" if kind.hazard else "cold" if kind.temperature is not None else ""
    first = "pick" if asked >= 2 else "reserve"
    empty = connection.execute(
        text(
            "SELECT p.place FROM places p WHERE p.facility = :f AND p.kind IN ('pick', 'reserve') AND NOT p.closed "
            "AND (:z = '' OR p.zone = :z OR (:z = 'cold' AND p.zone = 'frozen')) AND (:z <> '' OR p.zone NOT IN ('hazard', "
            "'cold', 'frozen')) AND NOT EXISTS (SELECT FROM stock s WHERE s.facility = p.facility AND s.place = p.place "
            "AND s.pieces > 0) ORDER BY p.kind <> :first, p.rank, p.place LIMIT 20"
        ),
        {"f": facility, "z": zone, "first": first},
    ).scalars()
    for code in (*learned, *same, *empty):
        try:
            _allowed(connection, facility, scanning.place(connection, facility, code), kind, pieces)
        except Fault:
            continue
        return str(code)
    return ""
