"""The SQL of returns."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.core.money import Money
from qafila.returns.model import Cause, Line, Policy, Return, State, Wish, policy_of

_COLUMNS = (
    "merchant_id, return_id, parcel, number, token, cause, state, wish, facility, language, said, rule, freight, freight_by, refund, "
    "refund_how, refunded_at, currency, exchange_sku, exchange_order, made_at, asked_at, posted_at, arrived_at, inspected_at, closed_at"
)


def _return(row: Any, lines: Sequence[Any]) -> Return:
    def money(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money(amount, row.currency)

    return Return(
        row.merchant_id,
        row.return_id,
        row.parcel,
        row.number,
        row.token,
        Cause(row.cause),
        State(row.state),
        Wish(row.wish),
        row.facility,
        row.language,
        row.said,
        dict(row.rule),
        money(row.freight),
        row.freight_by,
        money(row.refund),
        row.refund_how,
        row.refunded_at,
        row.exchange_sku,
        row.exchange_order,
        row.made_at,
        row.asked_at,
        row.posted_at,
        row.arrived_at,
        row.inspected_at,
        row.closed_at,
        tuple(
            Line(
                x.line,
                x.sku,
                x.description,
                x.hs,
                x.origin,
                x.bought,
                x.asked,
                Money(x.value, x.currency),
                x.found,
                x.grade,
                x.disposal,
                x.place,
                x.note,
                x.deducted,
                x.done_at,
            )
            for x in lines
        ),
    )


def found(
    connection: Connection, where: str, lock: bool = False, limit: int = 200, **values: Any
) -> list[Return]:
    """Returns that meet a condition on `r` (written here in the code, never by a person), the newest first."""
    rows = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM returns r WHERE {where} ORDER BY made_at DESC, number LIMIT :most{' FOR UPDATE' if lock else ''}"
        ),
        {**values, "most": limit},
    ).all()
    lines: dict[str, list[Any]] = {}
    for line in connection.execute(
        text("SELECT * FROM return_lines WHERE return_id = ANY(:r) ORDER BY line"),
        {"r": [row.return_id for row in rows]},
    ):
        lines.setdefault(line.return_id, []).append(line)
    return [_return(row, lines.get(row.return_id, [])) for row in rows]


def one(connection: Connection, id: str, lock: bool = False) -> Return | None:
    """A return by its id, or by the number on its label."""
    return next(iter(found(connection, "return_id = :i OR number = :i", lock, i=id)), None)


def by_token(connection: Connection, token: str, lock: bool = False) -> Return | None:
    """The return of a buyer's link."""
    return next(iter(found(connection, "token = :t", lock, t=token)), None)


def of_parcel(connection: Connection, parcel: str, lock: bool = False) -> list[Return]:
    """All returns of a parcel, the newest first."""
    return found(connection, "parcel = :p", lock, p=parcel)


def queue(connection: Connection, parcel: str) -> None:
    """Whoever makes a return of the same parcel waits until this transaction ends."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:k, 0))"), {"k": f"return|{parcel}"}
    )


def add(connection: Connection, made: Return) -> None:
    """Keeps a return with its lines."""
    connection.execute(
        text(
            "INSERT INTO returns (merchant_id, return_id, parcel, number, token, cause, state, wish, facility, language, said, rule, "
            "freight, freight_by, currency, made_at, asked_at, posted_at) VALUES (:m, :i, :p, :n, :t, :c, :s, :w, :f, :l, :said, "
            "CAST(:rule AS jsonb), :freight, :by, :cur, :made, :asked, :posted)"
        ),
        {
            "m": made.merchant_id,
            "i": made.id,
            "p": made.parcel,
            "n": made.number,
            "t": made.token,
            "c": made.cause.value,
            "s": made.state.value,
            "w": made.wish.value,
            "f": made.facility,
            "l": made.language,
            "said": made.said,
            "rule": orjson.dumps(made.rule).decode(),
            "freight": None if made.freight is None else made.freight.amount,
            "by": made.freight_by,
            "cur": made.lines[0].value.currency,
            "made": made.made_at,
            "asked": made.asked_at,
            "posted": made.posted_at,
        },
    )
    for x in made.lines:
        connection.execute(
            text(
                "INSERT INTO return_lines (merchant_id, return_id, line, sku, description, hs, origin, bought, asked, value, currency) "
                "VALUES (:m, :i, :line, :sku, :d, :hs, :o, :b, :a, :v, :c)"
            ),
            {
                "m": made.merchant_id,
                "i": made.id,
                "line": x.line,
                "sku": x.sku,
                "d": x.description,
                "hs": x.hs,
                "o": x.origin,
                "b": x.bought,
                "a": x.asked,
                "v": x.value.amount,
                "c": x.value.currency,
            },
        )


def change(connection: Connection, id: str, **values: Any) -> None:
    """Changes columns of a return."""
    told = {k: orjson.dumps(v).decode() if k == "rule" else v for k, v in values.items()}
    names = ", ".join(f"{k} = CAST(:{k} AS jsonb)" if k == "rule" else f"{k} = :{k}" for k in told)
    connection.execute(text(f"UPDATE returns SET {names} WHERE return_id = :id"), {**told, "id": id})


def change_line(connection: Connection, id: str, line: int, **values: Any) -> None:
    """Changes columns of a line."""
    names = ", ".join(f"{k} = :{k}" for k in values)
    connection.execute(
        text(f"UPDATE return_lines SET {names} WHERE return_id = :id AND line = :line"),
        {**values, "id": id, "line": line},
    )


def policy(connection: Connection, merchant: str) -> Policy:
    """A merchant's terms for returns; the defaults where he has said none."""
    return policy_of(
        connection.execute(
            text("SELECT document FROM return_policies WHERE merchant_id = :m"), {"m": merchant}
        ).scalar()
    )


def put_policy(connection: Connection, merchant: str, told: Policy, by: str) -> Policy:
    """Keeps a merchant's terms for returns. Raises Fault where they cannot be."""
    kept = told.checked()
    connection.execute(
        text(
            "INSERT INTO return_policies (merchant_id, document, changed_by) VALUES (:m, CAST(:d AS jsonb), :by) "
            "ON CONFLICT (merchant_id) DO UPDATE SET document = EXCLUDED.document, changed_by = EXCLUDED.changed_by, changed_at = now()"
        ),
        {"m": merchant, "d": orjson.dumps(kept.written()).decode(), "by": by},
    )
    return kept


def turned_round(connection: Connection, limit: int = 500) -> list[Any]:
    """Deliveries that turned round and have no return yet: merchant, parcel, facility and the last reason at the door."""
    return list(
        connection.execute(
            text(
                "SELECT d.merchant_id, d.parcel, d.facility, d.language, coalesce((SELECT p.reason FROM delivery_proofs p WHERE "
                "(p.merchant_id, p.parcel) = (d.merchant_id, d.parcel) AND p.outcome = 'failed' ORDER BY attempt DESC LIMIT 1), '') "
                "AS reason FROM deliveries d WHERE d.state = 'returning' AND NOT EXISTS (SELECT FROM returns r WHERE "
                "r.parcel = d.parcel AND r.cause IN ('refused', 'undeliverable')) ORDER BY d.parcel LIMIT :n"
            ),
            {"n": limit},
        )
    )


def moving(connection: Connection, parcels: Sequence[str]) -> list[Return]:
    """Returns of some parcels that are on their way back, or were lost on it; locked."""
    return found(
        connection,
        "r.parcel = ANY(:p) AND r.state IN ('on_way', 'gone')",
        True,
        limit=1000,
        p=list(parcels),
    )


def settled(connection: Connection, id: str) -> bool:
    """Whether what follows from its being gone was done."""
    return bool(
        connection.execute(
            text("SELECT settled_at IS NOT NULL FROM returns WHERE return_id = :i"), {"i": id}
        ).scalar()
    )


def to_settle(connection: Connection, limit: int = 500) -> list[Return]:
    """Returns that are gone, and of which nothing followed yet."""
    return found(connection, "r.state = 'gone' AND r.settled_at IS NULL", limit=limit)


def without_label(connection: Connection, limit: int = 500) -> list[tuple[str, str]]:
    """Merchant and number of booked parcels that have no return label, of merchants who want one beforehand."""
    rows = connection.execute(
        text(
            "SELECT p.merchant_id, p.number FROM return_policies t JOIN parcels p USING (merchant_id) "
            "JOIN shipments s USING (merchant_id, shipment_id) JOIN bookings b USING (merchant_id, booking_id) "
            "WHERE (t.document->>'beforehand')::boolean AND b.cancelled_at IS NULL AND NOT EXISTS "
            "(SELECT FROM returns r WHERE r.parcel = p.number) ORDER BY p.number LIMIT :n"
        ),
        {"n": limit},
    )
    return [(r[0], r[1]) for r in rows]


def token_of_delivery(connection: Connection, parcel: str) -> str:
    """The secret of the buyer's page of the way out; empty where there is none."""
    return str(
        connection.execute(text("SELECT token FROM deliveries WHERE parcel = :p"), {"p": parcel}).scalar()
        or ""
    )
