"""The SQL of carriers that joined."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, text

from qafila.carriers.adapter import Label


@dataclass(frozen=True, slots=True)
class State:
    """A line to a carrier's system, as its people and the hub see it."""

    carrier: str
    adapter: str
    address: str
    read_at: datetime | None
    trouble: str
    refused: int
    refusal: str


@dataclass(frozen=True, slots=True)
class Consigned:
    """A parcel that was given to a carrier, or waits for it."""

    carrier: str
    parcel: str
    state: str
    reference: str
    why: str
    at: datetime


# -- feeds


def owned(connection: Connection, carrier: str) -> Mapping[str, Collection[str]]:
    """The ids that a carrier brought, by file. As the operator."""
    found: Mapping[str, Collection[str]] | None = connection.execute(
        text("SELECT brought FROM carrier_feeds WHERE tenant_id = :t"), {"t": carrier}
    ).scalar()
    return found or {}


def own(connection: Connection, carrier: str, ids: Mapping[str, Collection[str]], now: datetime) -> None:
    """Notes what a carrier brought, beside what it brought before. As the operator."""
    before = owned(connection, carrier)
    after = {name: sorted({*before.get(name, ()), *ids.get(name, ())}) for name in {*before, *ids}}
    connection.execute(
        text(
            "INSERT INTO carrier_feeds (tenant_id, brought, at) VALUES (:t, CAST(:b AS jsonb), :now) "
            "ON CONFLICT (tenant_id) DO UPDATE SET brought = excluded.brought, at = excluded.at"
        ),
        {"t": carrier, "b": orjson.dumps(after).decode(), "now": now},
    )


# -- lines


def connect(
    connection: Connection, carrier: str, adapter: str, address: str, secret: str, inside: bool, since: int
) -> None:
    """Sets a carrier's line; one to another system begins anew. As the house."""
    connection.execute(
        text(
            "INSERT INTO carrier_lines (tenant_id, adapter, address, secret, inside, since) "
            "VALUES (:t, :a, :at, :s, :i, :since) ON CONFLICT (tenant_id) DO UPDATE SET secret = excluded.secret, "
            "inside = excluded.inside, trouble = '', adapter = excluded.adapter, address = excluded.address, after = "
            "CASE WHEN (carrier_lines.adapter, carrier_lines.address) = (excluded.adapter, excluded.address) "
            "THEN carrier_lines.after ELSE '' END"
        ),
        {"t": carrier, "a": adapter, "at": address, "s": secret, "i": inside, "since": since},
    )


def disconnect(connection: Connection, carrier: str) -> bool:
    """Ends a line; False where there was none. As the house."""
    return bool(
        connection.execute(text("DELETE FROM carrier_lines WHERE tenant_id = :t"), {"t": carrier}).rowcount
    )


def lines(connection: Connection) -> list[Row[Any]]:
    """Every line of a carrier that is not suspended, with its secret. As the house."""
    return list(
        connection.execute(
            text(
                "SELECT l.tenant_id, t.name, adapter, address, secret, inside, since, after FROM carrier_lines l "
                "JOIN tenants t USING (tenant_id) WHERE t.suspended_at IS NULL AND t.kind = 'carrier' ORDER BY 1"
            )
        )
    )


def states(connection: Connection) -> list[State]:
    """The lines that the connection's role sees."""
    rows = connection.execute(
        text(
            "SELECT tenant_id, adapter, address, read_at, trouble, refused, refusal FROM carrier_lines ORDER BY 1"
        )
    )
    return [State(*row) for row in rows]


def was_read(connection: Connection, carrier: str, now: datetime, trouble: str) -> None:
    """Notes whether a carrier's system could be reached. As the house."""
    connection.execute(
        text("UPDATE carrier_lines SET read_at = :now, trouble = :why WHERE tenant_id = :t"),
        {"t": carrier, "now": now, "why": trouble[:500]},
    )


def advance(connection: Connection, carrier: str, since: int) -> None:
    """Notes up to which event bookings were looked through. As the house."""
    connection.execute(
        text("UPDATE carrier_lines SET since = :s WHERE tenant_id = :t"), {"t": carrier, "s": since}
    )


def heard(connection: Connection, carrier: str, after: str, refused: int, refusal: str) -> None:
    """Notes up to where its events were read, and how many could not be recorded. As the house."""
    connection.execute(
        text(
            "UPDATE carrier_lines SET after = :a, refused = refused + :n, "
            "refusal = CASE WHEN :n > 0 THEN :why ELSE refusal END WHERE tenant_id = :t"
        ),
        {"t": carrier, "a": after, "n": refused, "why": refusal[:500]},
    )


# -- consignments


def await_turn(connection: Connection, rows: Sequence[tuple[str, str, str]], now: datetime) -> None:
    """Notes parcels that are to be given to carriers: merchant, carrier, parcel; once. As the house."""
    if rows:
        connection.execute(
            text(
                "INSERT INTO carrier_consignments (merchant_id, carrier, parcel, state, at) "
                "SELECT m, c, p, 'waits', :now FROM unnest(CAST(:m AS text[]), CAST(:c AS text[]), CAST(:p AS text[])) "
                "AS r (m, c, p) ON CONFLICT DO NOTHING"
            ),
            {"m": [r[0] for r in rows], "c": [r[1] for r in rows], "p": [r[2] for r in rows], "now": now},
        )


def cancelled(connection: Connection, parcels: Sequence[str], now: datetime) -> None:
    """Notes that parcels will not come: what waits is over, what was given is to be taken back. As the house."""
    connection.execute(
        text(
            "UPDATE carrier_consignments SET at = :now, state = CASE state WHEN 'given' THEN 'withdrawing' ELSE 'withdrawn' END "
            "WHERE parcel = ANY(:p) AND state IN ('waits', 'given')"
        ),
        {"p": list(parcels), "now": now},
    )


def waiting(connection: Connection, carrier: str, state: str, limit: int) -> list[tuple[str, str, str]]:
    """Parcels of a carrier in a state, the oldest first: merchant, parcel, reference. As the house."""
    rows = connection.execute(
        text(
            "SELECT merchant_id, parcel, reference FROM carrier_consignments WHERE carrier = :c AND state = :s "
            "ORDER BY at, parcel LIMIT :n"
        ),
        {"c": carrier, "s": state, "n": limit},
    )
    return [tuple(row) for row in rows]


def unlabelled(
    connection: Connection, carrier: str, since: datetime, limit: int
) -> list[tuple[str, str, str]]:
    """Parcels that a carrier has and since an instant, of which no label came yet. As the house."""
    rows = connection.execute(
        text(
            "SELECT merchant_id, parcel, reference FROM carrier_consignments WHERE carrier = :c AND state = 'given' "
            "AND label IS NULL AND at > :since ORDER BY at, parcel LIMIT :n"
        ),
        {"c": carrier, "since": since, "n": limit},
    )
    return [tuple(row) for row in rows]


def settle(
    connection: Connection,
    carrier: str,
    parcel: str,
    state: str,
    reference: str = "",
    why: str = "",
    label: Label | None = None,
) -> None:
    """Notes what became of a consignment. As the house."""
    connection.execute(
        text(
            "UPDATE carrier_consignments SET state = :s, reference = CASE WHEN :r <> '' THEN :r ELSE reference END, why = :why, "
            "label_kind = coalesce(:kind, label_kind), label = coalesce(:label, label) WHERE carrier = :c AND parcel = :p"
        ),
        {
            "c": carrier,
            "p": parcel,
            "s": state,
            "r": reference,
            "why": why,
            "kind": label and label.kind,
            "label": label and label.content,
        },
    )


def by_reference(connection: Connection, carrier: str, references: Sequence[str]) -> dict[str, str]:
    """The parcels of a carrier's own numbers. As the house."""
    rows = connection.execute(
        text("SELECT reference, parcel FROM carrier_consignments WHERE carrier = :c AND reference = ANY(:r)"),
        {"c": carrier, "r": list(references)},
    )
    return {reference: parcel for reference, parcel in rows}  # noqa: C416  # a row is no pair for the type checker


def consigned(connection: Connection, parcel: str) -> list[Consigned]:
    """To which carriers' systems a parcel was given, as the connection's role sees it."""
    rows = connection.execute(
        text(
            "SELECT carrier, parcel, state, reference, why, at FROM carrier_consignments WHERE parcel = :p ORDER BY at, carrier"
        ),
        {"p": parcel},
    )
    return [Consigned(*row) for row in rows]


def label_of(connection: Connection, parcel: str) -> Label | None:
    """The carrier's label of a parcel; of several carriers that of the first on the way. As its merchant."""
    row = connection.execute(
        text(
            "SELECT label_kind, label FROM carrier_consignments WHERE parcel = :p AND label IS NOT NULL "
            "AND state = 'given' ORDER BY at LIMIT 1"
        ),
        {"p": parcel},
    ).one_or_none()
    return None if row is None else Label(row.label_kind, bytes(row.label))
