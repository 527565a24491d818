"""The ledger's SQL: accounts, entries, lines, balances. Rows are added and read, and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.core.money import minor_units
from qafila.ledger.model import CHART, Account, Draft, Line, Purpose, order


def account_numbers(connection: Connection, accounts: Sequence[Account]) -> dict[Account, int]:
    """The numbers of accounts; those that are new are opened."""
    found: dict[Account, int] = {}
    for account in sorted(set(accounts), key=order):
        named = {"k": account.kind, "o": account.owner, "p": account.purpose, "c": account.currency}
        number = connection.execute(text(_FIND), named).scalar()
        if number is None:
            connection.execute(
                text(
                    "INSERT INTO ledger_accounts (tenant_id, owner_kind, owner, purpose, currency, decimals, guard) "
                    "VALUES (:t, :k, :o, :p, :c, :d, :g) ON CONFLICT DO NOTHING"
                ),
                {
                    **named,
                    "t": account.tenant,
                    "d": minor_units(account.currency),
                    "g": CHART[Purpose(account.purpose)].guard.value,
                },
            )
            number = connection.execute(text(_FIND), named).scalar_one()
        found[account] = int(number)
    return found


_FIND = (
    "SELECT account FROM ledger_accounts "
    "WHERE owner_kind = :k AND owner = :o AND purpose = :p AND currency = :c"
)


def add_entry(connection: Connection, draft: Draft, print_: bytes) -> int | None:
    """Adds the head of an entry; None where its key is there already (which waits until that one is booked)."""
    return connection.execute(
        text(
            "INSERT INTO ledger_entries (key, kind, fingerprint, at, by, by_tenant, subject, reverses, told) "
            "VALUES (:key, :kind, :f, :at, :by, :t, :s, :r, CAST(:told AS jsonb)) "
            "ON CONFLICT (key) DO NOTHING RETURNING entry"
        ),
        {
            "key": draft.key,
            "kind": draft.kind,
            "f": print_,
            "at": draft.at,
            "by": draft.by.name,
            "t": draft.by.tenant,
            "s": draft.subject,
            "r": draft.reverses,
            "told": orjson.dumps(dict(draft.told), default=str).decode(),
        },
    ).scalar()


def add_lines(connection: Connection, entry: int, lines: Sequence[Line]) -> None:
    """Adds the lines of an entry, in their order. The database refuses what makes a guarded account pass zero."""
    numbers = account_numbers(connection, [line.account for line in lines])
    for n, line in enumerate(sorted(lines, key=lambda one: numbers[one.account])):
        connection.execute(
            text(
                "INSERT INTO ledger_lines (entry, line, account, tenant_id, currency, decimals, amount, subject) "
                "SELECT :e, :n, a.account, a.tenant_id, a.currency, a.decimals, :amount, :s "
                "FROM ledger_accounts a WHERE a.account = :a"
            ),
            {"e": entry, "n": n, "a": numbers[line.account], "amount": line.amount, "s": line.subject},
        )


def by_key(connection: Connection, key: str) -> tuple[int, bytes] | None:
    """Number and fingerprint of the entry with a key."""
    row = connection.execute(
        text("SELECT entry, fingerprint FROM ledger_entries WHERE key = :k"), {"k": key}
    ).one_or_none()
    return None if row is None else (int(row.entry), bytes(row.fingerprint))


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it stands in the ledger, with the lines that who asks may see."""

    number: int
    key: str
    kind: str
    at: datetime
    subject: str
    reverses: int | None
    told: dict[str, Any]
    lines: tuple[Line, ...]


def entry(connection: Connection, number: int) -> Entry | None:
    """One entry with its lines, or None."""
    head = connection.execute(
        text("SELECT entry, key, kind, at, subject, reverses, told FROM ledger_entries WHERE entry = :e"),
        {"e": number},
    ).one_or_none()
    if head is None:
        return None
    rows = connection.execute(
        text(
            "SELECT a.owner_kind, a.owner, a.purpose, a.currency, a.tenant_id, l.amount, l.subject "
            "FROM ledger_lines l JOIN ledger_accounts a USING (account) WHERE l.entry = :e ORDER BY l.line"
        ),
        {"e": number},
    )
    lines = tuple(
        Line(Account(r.owner_kind, r.owner, r.purpose, r.currency, r.tenant_id), r.amount, r.subject)
        for r in rows
    )
    return Entry(
        head.entry, head.key, head.kind, head.at, head.subject, head.reverses, dict(head.told), lines
    )


def balance(connection: Connection, account: Account, until: datetime | None = None) -> Decimal:
    """What is on an account: above zero a debit, below a credit; zero where there is none.

    Args:
        until: only what happened before then.
    """
    return Decimal(
        connection.execute(
            text(
                "SELECT coalesce(sum(l.amount), 0) FROM ledger_lines l JOIN ledger_accounts a USING (account) "
                "JOIN ledger_entries e USING (entry) "
                "WHERE a.owner_kind = :k AND a.owner = :o AND a.purpose = :p AND a.currency = :c "
                "AND (CAST(:u AS timestamptz) IS NULL OR e.at < :u)"
            ),
            {"k": account.kind, "o": account.owner, "p": account.purpose, "c": account.currency, "u": until},
        ).scalar_one()
    )


@dataclass(frozen=True, slots=True)
class Balance:
    """An account and what is on it."""

    account: Account
    amount: Decimal
    lines: int


def balances(connection: Connection, tenant: str | None = None, purpose: str = "") -> list[Balance]:
    """Every account that is not empty, or was used, in the order of the chart; of one tenant where it is named."""
    rows = connection.execute(
        text(
            "SELECT a.owner_kind, a.owner, a.purpose, a.currency, a.tenant_id, sum(l.amount) AS amount, count(*) AS n "
            "FROM ledger_accounts a JOIN ledger_lines l USING (account) "
            "WHERE (CAST(:t AS text) IS NULL OR a.tenant_id = :t) AND (:p = '' OR a.purpose = :p) "
            "GROUP BY a.account ORDER BY a.currency, a.owner_kind, a.owner"
        ),
        {"t": tenant, "p": purpose},
    )
    found = [
        Balance(Account(r.owner_kind, r.owner, r.purpose, r.currency, r.tenant_id), r.amount, r.n)
        for r in rows
    ]
    place = {purpose.value: n for n, purpose in enumerate(CHART)}
    return sorted(found, key=lambda b: (b.account.currency, place[b.account.purpose], b.account.owner))


@dataclass(frozen=True, slots=True)
class Booked:
    """A line of an account's statement."""

    entry: int
    at: datetime
    kind: str
    subject: str
    purpose: str
    currency: str
    amount: Decimal


def lines_of(
    connection: Connection,
    tenant: str,
    purposes: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 500,
) -> list[Booked]:
    """The lines on a tenant's accounts, the newest first."""
    rows = connection.execute(
        text(
            "SELECT l.entry, e.at, e.kind, coalesce(nullif(l.subject, ''), e.subject) AS subject, a.purpose, l.currency, "
            "l.amount FROM ledger_lines l JOIN ledger_accounts a USING (account) JOIN ledger_entries e USING (entry) "
            "WHERE l.tenant_id = :t AND (:some = false OR a.purpose = ANY(:p)) "
            "AND (CAST(:s AS timestamptz) IS NULL OR e.at >= :s) AND (CAST(:u AS timestamptz) IS NULL OR e.at < :u) "
            "ORDER BY e.at DESC, l.entry DESC, l.line LIMIT :n"
        ),
        {"t": tenant, "some": bool(purposes), "p": list(purposes), "s": since, "u": until, "n": limit},
    )
    return [Booked(*row) for row in rows]
