"""On the way back and at the warehouse: handed in, arrived, inspected by scan; what becomes of the goods.

Goods go back to stock through the storage floor's own acts, each under a key of the return's line: killed in the middle and
done again, nothing is put back twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.figures import NotAFigure, number
from qafila.core.values import value
from qafila.returns import returns_goods, returns_happenings, store
from qafila.returns import returns_messages as m
from qafila.returns.model import TURNED, Cause, Disposal, Line, Return, State, grades, number_of
from qafila.returns.returns_asking import begun, happened
from qafila.runtime.answered.acts import Act
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events.envelope import Source
from qafila.runtime.events.events_types import EVENT_TYPES
from qafila.storage import putting_away, storage_receiving
from qafila.storage import store as stock
from qafila.storage.model import Goods
from qafila.storage.storage_acting import perform
from qafila.storage.storage_receiving import Received


def scanned(connection: Connection, code: str, lock: bool = False) -> Return:
    """The return that a code means: of a return label, or of a parcel that comes back itself.

    Raises Fault where it is no such code, NotFound where nothing comes back by it.
    """
    parcel, n = number_of(code)
    if n:
        found = store.one(connection, f"{parcel}-R{n}", lock)
    else:
        known = store.of_parcel(connection, parcel, lock)
        moving = [r for r in known if r.state not in (State.OFFERED, State.VOID)]
        open_ = [r for r in moving if r.state is not State.CLOSED]
        found = next(iter(open_ or moving), None)
    if found is None or found.state is State.VOID:
        raise NotFound(m.NO_RETURN(code=code[:60]), m.MAKE_ONE(), field="code", value=code[:60])
    return found


def hand_in(context: Context, act: Act, source: Source, code: str, facility: str) -> dict[str, Any]:
    """The buyer gives it to a driver or at a counter: it is on its way.

    A label that nobody had asked for is asked for by this, where the law or the seller still allow it; else it travels all the
    same, and whoever inspects it decides.

    Raises Fault, NotFound, and Conflict where it is over.
    """

    def do(connection: Connection) -> dict[str, Any]:
        given = scanned(connection, code, lock=True)
        if given.state not in (State.OFFERED, State.ASKED):
            raise _wrong(given)
        _way(connection, context, given, act.at, source, facility)
        return {"return": given.number, "state": State.ON_WAY.value}

    return perform(act, "return-hand-in", facility, {"code": code}, do)


def _way(
    connection: Connection, context: Context, given: Return, at: datetime, source: Source, facility: str
) -> None:
    values: dict[str, Any] = {"state": State.ON_WAY.value, "posted_at": at}
    if given.state is State.OFFERED:
        of = returns_goods.sent(connection, context, given.parcel)
        left = returns_goods.left(connection, given.parcel, of, given.id)
        for line in given.lines:
            store.change_line(connection, given.id, line.line, asked=left[line.line])
        values |= {
            "asked_at": at,
            "freight": returns_goods.freight(context, of, given.lines, at).amount,
            "freight_by": "buyer",
        }
    store.change(connection, given.id, **values)
    happened(
        connection,
        given,
        EVENT_TYPES["returning"],
        at,
        source,
        facility,
        {"reason": given.cause.value, "return": given.number},
    )


def arrive(context: Context, act: Act, source: Source, code: str, facility: str) -> dict[str, Any]:
    """It is read at the warehouse. A buyer's parcel that nobody had scanned before is handed in by this, too.

    Raises Fault, NotFound, and Conflict where it was inspected already.
    """

    def do(connection: Connection) -> dict[str, Any]:
        given = scanned(connection, code, lock=True)
        if given.state in (State.OFFERED, State.ASKED):
            _way(connection, context, given, act.at, source, facility)
        elif given.state not in (State.ON_WAY, State.GONE) and not _found(given):
            raise _wrong(given)
        store.change(connection, given.id, state=State.ARRIVED.value, arrived_at=act.at, facility=facility)
        happened(
            connection,
            given,
            EVENT_TYPES["returned"],
            act.at,
            source,
            facility,
            {"reason": given.cause.value, "return": given.number},
        )
        now = returns_goods.again(connection, given.id)
        return {
            "return": given.number,
            "state": now.state.value,
            "lines": [_expected(line) for line in now.lines],
        }

    return perform(act, "return-arrive", facility, {"code": code}, do)


def _found(given: Return) -> bool:
    """Whether it was closed as lost, and never came."""
    return given.state is State.CLOSED and given.arrived_at is None


def _expected(line: Line) -> dict[str, Any]:
    return {"line": line.line, "sku": line.sku, "description": line.description, "asked": line.asked}


def _wrong(given: Return) -> Conflict:
    state = m.STATES[given.state]()
    return Conflict(
        m.WRONG_STATE(number=given.number, state=state), m.LOOK_AGAIN(), field="code", value=given.number
    )


@value
class Seen:
    """What an inspector found of a line.

    Attributes:
        disposal: what becomes of it; empty: by the rule of its grade.
        place: the shelf it is put on; empty: it waits at the dock, and a place is proposed.
        deducted: what is taken off the refund for its state, at most what the grade says; None: exactly that.
    """

    line: int
    found: int
    grade: str
    disposal: str = ""
    place: str = ""
    lot: str = ""
    serial: str = ""
    note: str = ""
    deducted: Decimal | None = None


def inspect(
    context: Context, act: Act, source: Source, code: str, facility: str, dock: str, seen: Sequence[Seen]
) -> dict[str, Any]:
    """What came is inspected line by line; what is fit for it goes back to stock.

    Args:
        context: the network and the clock.
        act: who inspects, when, and the key.
        source: as whom it is told.
        code: what was scanned.
        facility: the warehouse.
        dock: where goods that go back to stock come in.
        seen: each line that was found; lines that are left out were not in the parcel.

    Returns:
        each line with its disposal, and where what goes to stock was put or is proposed to go.

    Raises:
        Fault: a grade, disposal, number of pieces or deduction cannot be, or goods cannot go back to stock.
        NotFound: nothing comes back by this code.
        Conflict: it did not arrive, or was inspected already.
    """
    with acting_as(Role(act.by.role), act.by.tenant) as connection:
        given = scanned(connection, code)
        if given.state not in (State.ARRIVED, State.INSPECTED):
            raise _wrong(given)
        told = [_checked(connection, given, facility, one) for one in seen]
    put: dict[int, str] = {}
    for one in told:
        if one.disposal == Disposal.STOCK and one.found:
            put[one.line] = _to_stock(act, given, facility, dock, one)

    def do(connection: Connection) -> dict[str, Any]:
        now = scanned(connection, given.number, lock=True)
        if now.state is not State.ARRIVED:
            raise _wrong(now)
        by_line = {one.line: one for one in told}
        for line in now.lines:
            one = by_line.get(line.line)
            values: dict[str, Any] = (
                {"found": 0}
                if one is None
                else {
                    "found": one.found,
                    "grade": one.grade,
                    "disposal": one.disposal if one.found else "",
                    "place": put.get(line.line, ""),
                    "note": one.note.strip()[:500],
                    "deducted": one.deducted,
                    "done_at": act.at if line.line in put else None,
                }
            )
            store.change_line(connection, now.id, line.line, **values)
        store.change(connection, now.id, state=State.INSPECTED.value, inspected_at=act.at)
        happened(
            connection,
            now,
            returns_happenings.INSPECTED,
            act.at,
            source,
            facility,
            {"return": now.number, "found": sum(one.found for one in told)},
        )
        closed(connection, now.id, act.at)  # what was refunded as lost and then found
        return {
            "return": now.number,
            "state": State.INSPECTED.value,
            "lines": [
                {
                    "line": one.line,
                    "found": one.found,
                    "grade": one.grade,
                    "disposal": one.disposal,
                    "place": put.get(one.line, ""),
                }
                for one in told
            ],
        }

    asked = {
        "code": given.number,
        "seen": [[x.line, x.found, x.grade, x.disposal, x.lot, x.serial] for x in seen],
    }
    return perform(act, "return-inspect", facility, asked, do)


def _checked(connection: Connection, given: Return, facility: str, one: Seen) -> Seen:
    lines = {line.line: line for line in given.lines}
    if one.line not in lines:
        raise Fault(m.NO_LINE(number=given.number, line=one.line), field="line", value=str(one.line))
    line = lines[one.line]
    if not 0 <= one.found <= line.bought:
        raise Fault(
            m.MANY_FOUND(line=one.line, found=one.found, bought=line.bought),
            m.COUNT_AGAIN(),
            field="found",
            value=str(one.found),
        )
    grade = grades().get(one.grade)
    if grade is None:
        raise Fault(
            m.NO_GRADE(grade=one.grade[:40]),
            m.USE(known=", ".join(grades())),
            field="grade",
            value=one.grade[:40],
        )
    if one.disposal and one.disposal not in set(Disposal):
        raise Fault(
            m.NO_DISPOSAL(disposal=one.disposal[:40]),
            m.USE(known=", ".join(Disposal)),
            field="disposal",
            value=one.disposal[:40],
        )
    known = _known(connection, given, facility, line)
    disposal = one.disposal or (
        grade.disposal if grade.disposal is not Disposal.STOCK or known else Disposal.MERCHANT
    )
    if disposal == Disposal.STOCK and not known:
        raise Fault(
            m.NO_STOCK_HERE(description=line.description, facility=facility),
            m.NO_STOCK_WHY(),
            field="disposal",
            value=disposal,
        )
    most = (line.value * one.found * (grade.deducted / 100)).rounded()
    if given.cause in TURNED:
        most = most * 0  # nobody used it: the buyer never had it
    deducted = most.amount if one.deducted is None else one.deducted
    if not deducted.is_finite() or deducted < 0 or deducted > most.amount:
        raise Fault(
            m.SAY_DEDUCTED(amount=str(deducted), most=most),
            m.LESS_DEDUCTED(),
            field="deducted",
            value=str(deducted),
        )
    return replace(one, disposal=str(disposal), deducted=deducted)


def _known(connection: Connection, given: Return, facility: str, line: Line) -> bool:
    return bool(
        line.sku
        and stock.warehouse(connection, facility) is not None
        and stock.products(connection, given.merchant_id, [line.sku])
    )


def _to_stock(act: Act, given: Return, facility: str, dock: str, one: Seen) -> str:
    """Receives goods at the dock and puts them where it was said; returns the place."""
    line = next(x for x in given.lines if x.line == one.line)
    own = replace(act, key=f"return:{given.id}:{one.line}")
    got = storage_receiving.receive(
        own, facility, given.merchant_id, "", dock, Received(line.sku, one.found, one.lot, one.serial)
    )
    place = one.place or str(got["put_at"] or "")
    if not place or place == dock:
        return dock
    held = Goods(given.merchant_id, line.sku, one.lot, one.serial)
    putting_away.put_away(
        replace(own, key=f"{own.key}:away"), facility, dock, place, held, one.found, str(got["put_at"] or "")
    )
    return place


def dispose(act: Act, source: Source, id: str, line: int, note: str = "") -> dict[str, Any]:
    """Goods were handed to the merchant, or destroyed; `note` says to whom, or by which record.

    Raises NotFound, Fault where there is no such line, Conflict where it is done, or goes to stock.
    """

    def do(connection: Connection) -> dict[str, Any]:
        given = store.one(connection, id, lock=True)
        if given is None:
            raise NotFound(m.NO_RETURN(code=id[:60]), field="return", value=id[:60])
        one = next((x for x in given.lines if x.line == line), None)
        if one is None:
            raise Fault(m.NO_LINE(number=given.number, line=line), field="line", value=str(line))
        if one.done_at is not None or one.disposal not in (Disposal.MERCHANT, Disposal.DESTROY):
            raise Conflict(m.DONE_ALREADY(description=one.description), field="line", value=str(line))
        told = " · ".join(t for t in (one.note, note.strip()[:500]) if t)
        store.change_line(connection, given.id, line, done_at=act.at, note=told)
        closed(connection, given.id, act.at)
        return {"return": given.number, "line": line, "disposal": one.disposal}

    return perform(act, "return-dispose", "", {"return": id, "line": line, "note": note}, do)


def closed(connection: Connection, id: str, at: datetime) -> bool:
    """Closes a return whose goods and money are where they belong; returns whether it is closed."""
    given = returns_goods.again(connection, id)
    if given.state is State.CLOSED:
        return True
    over = given.state in (State.INSPECTED, State.GONE) and given.refund_how != ""
    over = over and all(line.done_at or not line.found for line in given.lines)
    over = over and (given.refunded_at is not None or given.refund_how == "nothing_paid")
    if over:
        store.change(connection, id, state=State.CLOSED.value, closed_at=at)
    return over


def turn_round(context: Context, limit: int = 500) -> list[str]:
    """Begins the return of each parcel that turned round at the door, by the merchant's terms; returns their numbers.

    What nobody takes goes back, is destroyed where it is, or goes back only where the goods are worth more than the way.
    """
    made = []
    now = context.now()
    with acting_as(Role.OPERATOR) as connection:
        for row in store.turned_round(connection, limit):
            store.queue(connection, row.parcel)
            known = store.of_parcel(connection, row.parcel)
            if any(r.cause in TURNED for r in known):
                continue
            of = returns_goods.sent(connection, context, row.parcel)
            cause = Cause.REFUSED if row.reason in ("refused", "no_cash", "damaged") else Cause.UNDELIVERABLE
            given = begun(
                connection, context, of, row.parcel, cause, State.ON_WAY, row.language, len(known) + 1
            )
            cost = returns_goods.freight(context, of, given.lines, now, turned=True)
            policy = store.policy(connection, of.owner)
            worth = of.inside.value.rounded()
            gone = policy.undelivered == "destroy" or (
                policy.undelivered == "worth"
                and worth.currency == cost.currency
                and worth.amount < cost.amount
            )
            for other in known:
                if other.state is State.OFFERED:
                    store.change(connection, other.id, state=State.VOID.value)
            rule = {"basis": "own terms", "undelivered": policy.undelivered, "country": of.country}
            given = replace(
                given,
                rule=rule,
                freight=None if gone else cost,
                freight_by="" if gone else "merchant",
                asked_at=now,
                posted_at=now,
                facility=row.facility if gone else given.facility,
            )
            store.add(connection, given)
            if gone:
                _abandoned(connection, given, now)
            made.append(given.number)
    return made


def _abandoned(connection: Connection, given: Return, now: datetime) -> None:
    for line in given.lines:
        store.change_line(
            connection,
            given.id,
            line.line,
            found=line.bought,
            grade="unfit",
            disposal=Disposal.DESTROY.value,
            deducted=0,
        )
    store.change(connection, given.id, state=State.INSPECTED.value, arrived_at=now, inspected_at=now)


def told_from(lines: Sequence[Mapping[str, Any]]) -> list[Seen]:
    """What was found, of values that JSON or a form holds. Raises Fault where one is not what it should be."""
    seen = []
    for n, one in enumerate(lines):
        try:
            deducted = one.get("deducted")
            seen.append(
                Seen(
                    int(one["line"]),
                    int(one["found"]),
                    str(one.get("grade") or "as_new"),
                    str(one.get("disposal") or ""),
                    str(one.get("place") or "").strip()[:80],
                    str(one.get("lot") or "").strip()[:80],
                    str(one.get("serial") or "").strip()[:80],
                    str(one.get("note") or ""),
                    None if deducted in (None, "") else number(str(deducted)),
                )
            )
        except (KeyError, TypeError, ValueError, NotAFigure):
            raise Fault(m.NO_PIECES(), m.CHOOSE(), field=f"lines[{n}]", value=str(dict(one))[:80]) from None
    return seen
