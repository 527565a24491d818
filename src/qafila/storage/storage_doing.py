"""One act of a scanner, told as it is sent: what it means is found here, and the use case called.

Scanners that were without connection send their acts later, with the time at which they were done and `late`. What
cannot be done any more is then kept as a difference to count, and never dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault
from qafila.core.values import value
from qafila.runtime.answered.acts import Act, known
from qafila.runtime.answered.keys import KeyReused, fingerprint
from qafila.runtime.database import Role, acting_as
from qafila.storage import (
    advices,
    closing,
    fetching,
    handing_over,
    kits,
    packing,
    putting_away,
    scanning,
    shelving,
    storage_counting,
    storage_messages,
    storage_receiving,
    store,
)
from qafila.storage.model import Condition, Goods, Reason, Scan, Stock
from qafila.storage.storage_receiving import Received


@value
class Told:
    """What a scanner says. Fields that an act does not need are left out."""

    kind: str
    code: str = ""  # what was scanned on the goods
    place: str = ""  # where they are put, or counted, or picked
    source: str = ""  # where they are taken from
    owner: str = ""
    pieces: int = 1
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None
    grams: int = 0
    damaged: bool = False
    advice: str = ""
    tour: str = ""
    pick: int = 0
    order: str = ""
    part: int = 0
    carton: str = ""
    why: str = ""
    to: str = ""
    orders: tuple[tuple[str, str, int], ...] = ()
    proposed: str = ""
    contents: tuple[tuple[str, int], ...] = ()  # SKUs and pieces that go in this carton


def do(act: Act, facility: str, told: Told, late: bool = False) -> dict[str, Any]:
    """Does an act of a scanner.

    Args:
        act: who acts, when it was done, and its key.
        facility: the warehouse.
        told: what was scanned.
        late: it was done without connection: what cannot be done any more is to be counted.

    Raises:
        Fault: it cannot be done as it was told; never for late acts, which are kept as differences to count
            (their answer's `state` is `difference`, and `because` the Message that says why).
    """
    if told.kind not in _KINDS:
        raise Fault(
            storage_messages.NO_ACT(kind=told.kind[:40], known=", ".join(_KINDS)),
            field="kind",
            value=told.kind[:40],
        )
    said = {name: getattr(told, name) for name in Told.__slots__ if getattr(told, name)}  # type: ignore[attr-defined]  # `value` adds slots
    act = replace(act, said=fingerprint("as sent", facility, said))
    try:
        done = _done(act)
    except KeyReused as reused:
        return _of_before(act, facility, told, reused)
    if done is not None:
        return done
    try:
        return _KINDS[told.kind](act, facility, told)
    except KeyReused:
        raise
    except Fault as fault:
        if (done := _done(act)) is not None:  # by another who sent the same at the same time
            return done
        if not late:
            raise
        place, goods = _meant(act, facility, told)
        kept = storage_counting.late(act, facility, place, goods, said | {"because": str(fault.message)})
        return kept | {"because": fault.message}


def _done(act: Act) -> dict[str, Any] | None:
    """What was answered to the act when it was sent before; what was kept as a difference stays one, whatever came back."""
    return known(act, f"{act.key}:late")


def _of_before(act: Act, facility: str, told: Told, reused: KeyReused) -> dict[str, Any]:
    """The answer to an act that a server of the version before noted by what it meant, not as it was sent; raises `reused` where
    it is another one. Nothing is done anew: the key is noted."""
    try:
        return _KINDS[told.kind](act, facility, told)
    except Fault:
        raise reused from None


def _reading(act: Act) -> Any:
    return acting_as(Role(act.by.role), act.by.tenant)


def _meant(act: Act, facility: str, told: Told) -> tuple[str, Goods]:
    """What a late act was about, as far as it can be told."""
    with _reading(act) as connection:
        if told.pick:
            found = connection.execute(
                text("SELECT * FROM picks WHERE pick = :p"), {"p": told.pick}
            ).one_or_none()
            if found is not None:
                goods = Goods(found.merchant_id, found.sku, found.lot, found.serial, found.condition)
                return str(found.place), goods
        place = told.source or told.place or "?"
        try:
            scan = scanning.resolve(connection, facility, told.code, told.owner)
            owner = told.owner or scanning.owner_of(connection, told.code)
            return place, Goods(
                owner, scan.product or told.code, told.lot or scan.lot, told.serial or scan.serial
            )
        except Fault:
            return place, Goods(told.owner or act.by.tenant, told.code[:80] or "?", told.lot, told.serial)


def _scan(connection: Connection, facility: str, told: Told, place: str = "") -> tuple[Scan, str]:
    """The goods of a scan and their owner. Where several owners' goods carry the code, it is theirs of whom something
    lies at the place, or who announced the delivery. Raises Unknown, or Fault where that does not tell."""
    owner = told.owner or _owner_here(connection, facility, told, place)
    scan = scanning.resolve(connection, facility, told.code, owner)
    if not scan.product:
        raise Fault(
            storage_messages.NO_CODE(code=told.code[:80]),
            storage_messages.SCAN_LABEL(),
            field="code",
            value=told.code[:80],
        )
    return scan, owner or scanning.owner_of(connection, told.code)


def _owner_here(connection: Connection, facility: str, told: Told, place: str) -> str:
    """The one owner who can be meant by place or advice; empty where that does not tell."""
    found = {o for o, _, _ in store.owners_of_code(connection, scanning.read(told.code).code)}
    if len(found) < 2:
        return ""
    if told.advice:
        found &= set(
            connection.execute(
                text("SELECT merchant_id FROM advices WHERE advice_id = :a AND facility = :f"),
                {"a": told.advice, "f": facility},
            ).scalars()
        )
    elif place:
        found &= {s.goods.owner for s in store.at_place(connection, facility, place)}
    return found.pop() if len(found) == 1 else ""


def at(connection: Connection, facility: str, place: str, told: Told) -> Stock:
    """The stock at a place that a scan means: of the scanned lot and serial where they are scanned, else what expires
    first. Raises NotEnough's like where nothing of it lies there."""
    scan, owner = _scan(connection, facility, told, place)
    lot, serial = told.lot or scan.lot, told.serial or scan.serial
    there = [
        s
        for s in store.stock(
            connection,
            "s.facility = :f AND s.place = :p AND s.merchant_id = :o AND s.sku = :sku",
            f=facility,
            p=place,
            o=owner,
            sku=scan.product,
        )
        if (not lot or s.goods.lot == lot) and (not serial or s.goods.serial == serial)
    ]
    if not there:
        raise Conflict(
            storage_messages.NOT_ENOUGH(pieces=told.pieces, sku=scan.product, place=place),
            storage_messages.COUNT_IT(),
            field="code",
            value=told.code[:80],
        )
    expiry = {x.lot: x.expires_on or date.max for x in store.lots(connection, owner, scan.product)}
    return min(there, key=lambda s: (s.free <= 0, expiry.get(s.goods.lot, date.max), s.goods.lot))


def _receive(act: Act, facility: str, told: Told) -> dict[str, Any]:
    with _reading(act) as connection:
        scan, owner = _scan(connection, facility, told)
    got = Received(
        scan.product,
        told.pieces * scan.pieces,
        told.lot or scan.lot,
        told.serial or scan.serial,
        told.expires_on or scan.expires_on,
        told.damaged,
        told.grams or scan.grams,
    )
    return storage_receiving.receive(act, facility, owner, told.advice, told.place, got)


def _put_away(act: Act, facility: str, told: Told) -> dict[str, Any]:
    with _reading(act) as connection:
        held = at(connection, facility, told.source, told)
    return putting_away.put_away(
        act, facility, told.source, told.place, held.goods, told.pieces, told.proposed
    )


def _move(act: Act, facility: str, told: Told) -> dict[str, Any]:
    with _reading(act) as connection:
        held = at(connection, facility, told.source, told)
    reason = Reason.PUT_BACK if told.source.startswith(("CART:", "BOX:")) else Reason.MOVE
    return shelving.shift(act, facility, told.source, told.place, held.goods, told.pieces, reason)


def _count(act: Act, facility: str, told: Told) -> dict[str, Any]:
    with _reading(act) as connection:
        try:
            goods = at(connection, facility, told.place, told).goods
        except Conflict:  # nothing is booked there, and somebody found some
            scan, owner = _scan(connection, facility, told, told.place)
            goods = Goods(owner, scan.product, told.lot or scan.lot, told.serial or scan.serial)
    return storage_counting.count(act, facility, told.place, goods, told.pieces)


def _correct(act: Act, facility: str, told: Told) -> dict[str, Any]:
    with _reading(act) as connection:
        goods = at(connection, facility, told.place, told).goods
    return storage_counting.correct(act, facility, told.place, goods, told.pieces, told.why)


def _condition(act: Act, facility: str, told: Told) -> dict[str, Any]:
    with _reading(act) as connection:
        goods = at(connection, facility, told.place, told).goods
    if told.to not in set(Condition):
        known = ", ".join(c.value for c in Condition)
        raise Fault(
            storage_messages.NO_CONDITION(condition=told.to[:40], known=known), field="to", value=told.to[:40]
        )
    return shelving.recondition(act, facility, told.place, goods, told.pieces, Condition(told.to), told.why)


def _hand_over(act: Act, facility: str, told: Told) -> dict[str, Any]:
    """Hands over what is named, or the one order whose number, or whose parcel's, was scanned."""
    named = list(told.orders)
    if told.code:
        with _reading(act) as connection:
            named.append(packing.find(connection, facility, told.code.strip()))
    return handing_over.hand_over(act, facility, named, told.to, closing.handed_over)


def _close(act: Act, facility: str, told: Told) -> dict[str, Any]:
    with _reading(act) as connection:
        owner = told.owner or advices.owner_of(connection, facility, told.advice)
    return advices.close(act, owner, told.advice)


def _assemble(act: Act, facility: str, told: Told, way: int) -> dict[str, Any]:
    with _reading(act) as connection:
        scan, owner = _scan(connection, facility, told, told.place)
    return kits.assemble(act, facility, told.place, owner, scan.product, way * told.pieces)


_KINDS: dict[str, Callable[[Act, str, Told], dict[str, Any]]] = {
    "receive": _receive,
    "put-away": _put_away,
    "move": _move,
    "begin": lambda act, facility, told: fetching.begin(act, facility, told.tour),
    "pick": lambda act, facility, told: fetching.fetch(
        act,
        told.tour,
        told.pick,
        told.pieces,
        told.place,
        told.code,
        told.grams or scanning.read(told.code).grams,
    ),
    "short": lambda act, facility, told: fetching.short(act, told.tour, told.pick, told.pieces),
    "pack": lambda act, facility, told: packing.pack(
        act, told.owner, told.order, told.part, told.carton, told.grams, told.why, told.contents
    ),
    "hand-over": _hand_over,
    "close": _close,
    "assemble": lambda act, facility, told: _assemble(act, facility, told, 1),
    "take-apart": lambda act, facility, told: _assemble(act, facility, told, -1),
    "count": _count,
    "correct": _correct,
    "condition": _condition,
}
"""What each kind of act calls."""

KINDS = tuple(_KINDS)


_TEXTS = frozenset(
    {"kind", "code", "place", "source", "owner", "lot", "serial", "advice", "tour", "order", "carton", "why", "to", "proposed"}
)  # fmt: skip
_NUMBERS = frozenset({"pieces", "grams", "pick", "part"})
_MOST = 2**31 - 1


def told_from(given: Mapping[str, Any]) -> Told:
    """An act from what JSON holds; unknown fields are left out. Raises Fault where a field is not what it should be."""
    values: dict[str, Any] = {"kind": ""}
    for name in Told.__slots__:  # type: ignore[attr-defined]  # `value` adds slots
        found = given.get(name)
        if found is not None:
            try:
                values[name] = _field(name, found)
            except (ValueError, TypeError):
                shown = str(found)[:40]
                raise Fault(
                    storage_messages.BAD_FIELD(value=shown, field=name), field=name, value=shown
                ) from None
    return Told(**values)


def _field(name: str, found: Any) -> Any:
    if name in _TEXTS and isinstance(found, str) and "\0" not in found:
        return found
    if name in _NUMBERS and isinstance(found, int) and not isinstance(found, bool) and abs(found) <= _MOST:
        return found
    if name == "damaged" and isinstance(found, bool):
        return found
    if name == "expires_on":
        return found if isinstance(found, date) else date.fromisoformat(found)
    if name == "orders" and isinstance(found, list | tuple):
        return tuple((str(order), str(item), int(pieces)) for order, item, pieces in found)
    if name == "contents" and isinstance(found, list | tuple):
        return tuple((str(sku), int(pieces)) for sku, pieces in found)
    raise ValueError(name)
