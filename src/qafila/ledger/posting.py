"""Booking: an entry is written once by its key, whole or not at all, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import TypeVar

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.values import value
from qafila.ledger import ledger_messages as m
from qafila.ledger import store
from qafila.ledger.model import By, Draft, Line, NotThere, Posted, checked, reversed_lines
from qafila.runtime.answered.keys import same
from qafila.runtime.database import Role, acting_as
from qafila.runtime.database.connection import as_the_house
from qafila.runtime.database.patience import patiently

_T = TypeVar("_T")


def post(connection: Connection, draft: Draft) -> Posted:
    """Books an entry in the caller's transaction; booked before under its key, it is not booked again.

    Whoever the transaction acts as, the entry is booked as the house: nobody else may write in the ledger.

    Raises:
        Unbalanced: the lines are no entry.
        KeyReused: the key stands for another entry.
        NotThere: a bag, a safe or a wallet would hold less than nothing. Nothing of the entry is left in the transaction.
    """
    lines = checked(draft.lines)
    print_ = fingerprint(draft, lines)
    with as_the_house(connection):
        try:
            with connection.begin_nested():
                entry = store.add_entry(connection, draft, print_)
                if entry is not None:
                    store.add_lines(connection, entry, lines)
        except IntegrityError as error:
            raise _told(error) from error
        if entry is None:
            known = store.by_key(connection, draft.key)
            assert known is not None  # entries are never taken away
            same(draft.key, known[1], print_)
            return Posted(known[0], False)
    return Posted(entry, True)


def reverse(connection: Connection, number: int, key: str, at: datetime, by: By, why: str) -> Posted:
    """Books the opposite of an entry: the correction, after which what should have been booked can be.

    Raises:
        NotFound: there is no such entry.
        Conflict: it was reversed already.
        Fault: no reason is given.
    """
    if not why.strip():
        raise Fault(m.SAY_WHY(), field="why")
    with as_the_house(connection):
        found = store.entry(connection, number)
        if found is None:
            raise NotFound(m.NO_ENTRY(entry=str(number)), field="entry", value=str(number))
        taken = connection.execute(
            text("SELECT key FROM ledger_entries WHERE reverses = :e"), {"e": number}
        ).scalar()
    if taken is not None and taken != key:
        raise Conflict(m.REVERSED_ALREADY(entry=str(number)), field="entry", value=str(number))
    return post(
        connection,
        Draft(
            key=key,
            kind="reversed",
            lines=reversed_lines(found.lines),
            at=at,
            by=by,
            subject=found.subject,
            reverses=number,
            told={"why": why.strip()[:500]},
        ),
    )


def fingerprint(draft: Draft, lines: tuple[Line, ...]) -> bytes:
    """What tells one entry from another: kind, subject and amounts. Who books it again, and when, does not count."""
    said = [
        draft.kind,
        draft.subject,
        draft.reverses,
        [
            [a.kind, a.owner, a.purpose, a.currency, f"{line.amount.normalize():f}"]
            for line in lines
            for a in (line.account,)
        ],
    ]
    return blake2b(orjson.dumps(said), digest_size=16).digest()  # as entries of before have it


def _told(error: IntegrityError) -> Exception:
    """What a broken rule of the database means to people; the error itself where it is none of ours."""
    diag = getattr(error.orig, "diag", None)
    rule = getattr(diag, "constraint_name", "") or ""
    if rule == "never_past_zero":
        account = str(getattr(diag, "message_detail", "") or "")
        return NotThere(m.NOT_THERE(account=account), m.COUNT_AGAIN(), field="amount")
    return error


def transact(do: Callable[[Connection], _T], role: Role = Role.OPERATOR, tenant: str = "") -> _T:
    """Does something in a transaction of its own, and again where PostgreSQL asks to begin anew.

    Args:
        do: may be called several times; what it books is booked once, by its keys.
        role: as whom it acts; entries are booked as the house in any case.
    """

    def once() -> _T:
        with acting_as(role, tenant) as connection:
            return do(connection)

    return patiently(once)


@value
class Flaw:
    """Something in the ledger that cannot be: what, where, and by how much."""

    what: str  # unbalanced, guarded, trial
    where: str
    amount: Decimal


def audit(connection: Connection) -> list[Flaw]:
    """Adds the whole ledger up anew, by other ways than it is booked; empty where everything is in order.

    Every entry must add up to zero, every currency over all accounts too, every guarded balance be the sum of its lines.
    """
    found = [
        Flaw("unbalanced", f"{r.entry} {r.currency}", r.amount)
        for r in connection.execute(
            text(
                "SELECT entry, currency, sum(amount) AS amount FROM ledger_lines GROUP BY entry, currency "
                "HAVING sum(amount) <> 0 ORDER BY entry LIMIT 100"
            )
        )
    ]
    found += [
        Flaw("trial", r.currency, r.amount)
        for r in connection.execute(
            text(
                "SELECT currency, sum(amount) AS amount FROM ledger_lines GROUP BY currency HAVING sum(amount) <> 0"
            )
        )
    ]
    found += [
        Flaw("guarded", f"{r.owner_kind}:{r.owner}:{r.purpose} {r.currency}", r.kept - r.summed)
        for r in connection.execute(
            text(
                "SELECT a.owner_kind, a.owner, a.purpose, a.currency, coalesce(b.balance, 0) AS kept, "
                "coalesce(s.summed, 0) AS summed FROM ledger_accounts a LEFT JOIN ledger_balances b USING (account) "
                "LEFT JOIN (SELECT account, sum(amount) AS summed FROM ledger_lines GROUP BY account) s USING (account) "
                "WHERE a.guard <> '' AND coalesce(b.balance, 0) <> coalesce(s.summed, 0)"
            )
        )
    ]
    return found
