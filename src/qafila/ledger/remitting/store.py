"""The SQL of remittances."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Remittance:
    """So much to a merchant: what was collected and what else is owed, less fees, their tax and open invoices."""

    id: str
    tenant: str
    currency: str
    until: datetime
    collected: Decimal
    brought: Decimal
    fee: Decimal
    tax: Decimal
    set_off: Decimal
    net: Decimal
    state: str  # draft, void, sent, paid, returned
    regime: str
    document: dict[str, Any]
    made_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    reference: str


_COLUMNS = (
    "remittance, tenant_id, currency, until, collected, brought, fee, tax, set_off, net, state, regime, document, made_at, "
    "sent_at, ended_at, reference"
)


def owed_to(connection: Connection) -> list[tuple[str, str, Decimal]]:
    """Merchants to whom something is owed, by currency: tenant, currency, and how much, above zero."""
    rows = connection.execute(
        text(
            "SELECT a.owner, a.currency, -sum(l.amount) AS owed FROM ledger_accounts a JOIN ledger_lines l USING (account) "
            "WHERE a.purpose = 'owed' GROUP BY a.account HAVING sum(l.amount) < 0 ORDER BY a.owner, a.currency"
        )
    )
    return [(r.owner, r.currency, r.owed) for r in rows]


def waiting(connection: Connection, tenant: str, currency: str) -> Decimal:
    """What is owed to a merchant and not counted yet: it lies in drivers' bags."""
    return Decimal(
        connection.execute(
            text(
                "SELECT coalesce(sum(c.kept), 0) FROM cash_collections c JOIN cash_bags b USING (bag) "
                "WHERE c.tenant_id = :t AND c.currency = :c AND c.regime = 'through_us' "
                "AND c.outcome IN ('collected', 'short') AND b.state NOT IN ('handed_over', 'stolen')"
            ),
            {"t": tenant, "c": currency},
        ).scalar_one()
    )


@dataclass(frozen=True, slots=True)
class Ready:
    """A collection that can be remitted."""

    collection: str
    order_id: str
    parcel: str
    at: datetime
    due: Decimal
    kept: Decimal
    outcome: str
    territory: str


def ready(connection: Connection, tenant: str, currency: str, until: datetime) -> list[Ready]:
    """Collections of a merchant that are counted and not remitted yet, by when they were made; locked."""
    rows = connection.execute(
        text(
            "SELECT c.collection, c.order_id, c.parcel, c.at, c.due, c.kept, c.outcome, c.territory "
            "FROM cash_collections c JOIN cash_bags b USING (bag) WHERE c.tenant_id = :t AND c.currency = :c "
            "AND c.regime = 'through_us' AND c.outcome IN ('collected', 'short') AND c.remittance IS NULL AND c.at < :u "
            "AND b.state IN ('handed_over', 'stolen') ORDER BY c.at, c.collection FOR UPDATE OF c"
        ),
        {"t": tenant, "c": currency, "u": until},
    )
    return [Ready(*row) for row in rows]


def add(connection: Connection, made: Remittance) -> None:
    """Keeps a draft. Raises IntegrityError where the merchant has one in that currency."""
    connection.execute(
        text(
            f"INSERT INTO remittances ({_COLUMNS}) VALUES (:id, :tenant, :currency, :until, :collected, :brought, :fee, :tax, "
            ":set_off, :net, :state, :regime, CAST(:written AS jsonb), :made_at, :sent_at, :ended_at, :reference)"
        ),
        {name: getattr(made, name) for name in Remittance.__slots__ if name != "document"}
        | {"written": orjson.dumps(made.document, default=str).decode()},
    )


def take(connection: Connection, remittance: str, collections: list[str]) -> None:
    """Gives collections to a remittance."""
    connection.execute(
        text("UPDATE cash_collections SET remittance = :r WHERE collection = ANY(:c)"),
        {"r": remittance, "c": collections},
    )


def give_back(connection: Connection, remittance: str) -> None:
    """Takes the collections of a draft out of it."""
    connection.execute(
        text("UPDATE cash_collections SET remittance = NULL WHERE remittance = :r"), {"r": remittance}
    )


def draft_of(connection: Connection, tenant: str, currency: str) -> Remittance | None:
    """The draft of a merchant in a currency, or None."""
    row = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM remittances WHERE tenant_id = :t AND currency = :c AND state = 'draft'"
        ),
        {"t": tenant, "c": currency},
    ).one_or_none()
    return None if row is None else Remittance(*row)


def one(connection: Connection, id: str, lock: bool = False) -> Remittance | None:
    """A remittance, or None."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM remittances WHERE remittance = :r {'FOR UPDATE' if lock else ''}"),
        {"r": id},
    ).one_or_none()
    return None if row is None else Remittance(*row)


def listed(connection: Connection, tenant: str = "", state: str = "", limit: int = 100) -> list[Remittance]:
    """Remittances of a merchant, or of all that who asks may see, the newest first; void ones are left out."""
    rows = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM remittances WHERE (:t = '' OR tenant_id = :t) AND state <> 'void' "
            "AND (:s = '' OR state = :s) ORDER BY made_at DESC, remittance LIMIT :n"
        ),
        {"t": tenant, "s": state, "n": limit},
    )
    return [Remittance(*row) for row in rows]


def set_state(connection: Connection, id: str, state: str, at: datetime, reference: str = "") -> None:
    """Gives a remittance another state: `sent` notes when it was sent, the others when it ended."""
    column = "sent_at" if state == "sent" else "ended_at"
    connection.execute(
        text(f"UPDATE remittances SET state = :s, {column} = :at, reference = :ref WHERE remittance = :r"),
        {"s": state, "at": at, "ref": reference, "r": id},
    )
