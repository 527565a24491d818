"""The SQL of cash: bags, collections, counts, ways to the bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.core.money import Money


@dataclass(frozen=True, slots=True)
class Bag:
    """A driver's bag, from when it is opened until it is counted."""

    id: str
    tenant: str
    driver: str
    driver_name: str
    station: str
    territory: str
    currency: str
    most: Decimal
    state: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Collection:
    """What came of asking for the cash of one shipment."""

    id: str
    tenant: str  # the merchant
    carrier: str
    shipment_id: str
    order_id: str
    parcel: str
    bag: str | None
    territory: str
    currency: str
    due: Decimal
    kept: Decimal
    short_by: str
    outcome: str
    why: str
    regime: str
    at: datetime
    entry: int | None
    remittance: str | None


@dataclass(frozen=True, slots=True)
class Deposit:
    """Cash on its way to a bank."""

    id: str
    tenant: str  # the merchant whose own bank it goes to; empty: the hub's account for clients' money
    station: str
    station_tenant: str
    carrier: str
    currency: str
    amount: Decimal
    slip: str
    state: str
    credited: Decimal | None
    reference: str
    sent_at: datetime
    banked_at: datetime | None


_BAG = "bag, tenant_id, driver, driver_name, station, territory, currency, most, state, opened_at, closed_at"
_COLLECTION = (
    "collection, tenant_id, carrier, shipment_id, order_id, parcel, bag, territory, currency, due, kept, short_by, outcome, "
    "why, regime, at, entry, remittance"
)
_DEPOSIT = (
    "deposit, tenant_id, station, station_tenant, carrier, currency, amount, slip, state, credited, reference, sent_at, "
    "banked_at"
)


def queue(connection: Connection, *names: str) -> None:
    """Waits until nobody else acts on what is named, and keeps others waiting until the transaction ends."""
    for name in sorted(names):
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:n, 18))"), {"n": name})


def add_bag(connection: Connection, bag: Bag) -> bool:
    """Opens a bag; False where its driver has one open in that currency."""
    return bool(
        connection.execute(
            text(
                "INSERT INTO cash_bags (bag, tenant_id, driver, driver_name, station, territory, currency, most, opened_at) "
                "VALUES (:b, :t, :d, :n, :s, :y, :c, :m, :at) ON CONFLICT DO NOTHING"
            ),
            {
                "b": bag.id,
                "t": bag.tenant,
                "d": bag.driver,
                "n": bag.driver_name,
                "s": bag.station,
                "y": bag.territory,
                "c": bag.currency,
                "m": bag.most,
                "at": bag.opened_at,
            },
        ).rowcount
    )


def open_bag(connection: Connection, tenant: str, driver: str, currency: str) -> Bag | None:
    """The open bag of a driver, locked until the transaction ends."""
    row = connection.execute(
        text(
            f"SELECT {_BAG} FROM cash_bags WHERE tenant_id = :t AND driver = :d AND currency = :c AND state = 'open' "
            "FOR UPDATE"
        ),
        {"t": tenant, "d": driver, "c": currency},
    ).one_or_none()
    return None if row is None else Bag(*row)


def bag(connection: Connection, id: str, lock: bool = False) -> Bag | None:
    """One bag, or None."""
    row = connection.execute(
        text(f"SELECT {_BAG} FROM cash_bags WHERE bag = :b {'FOR UPDATE' if lock else ''}"), {"b": id}
    ).one_or_none()
    return None if row is None else Bag(*row)


def bags(
    connection: Connection,
    station: str = "",
    states: Sequence[str] = ("open", "declared", "recount"),
    driver: str = "",
    limit: int = 200,
) -> list[Bag]:
    """Bags of a station, or of all that who asks may see, the newest first."""
    rows = connection.execute(
        text(
            f"SELECT {_BAG} FROM cash_bags WHERE (:s = '' OR station = :s) AND state = ANY(:states) "
            "AND (:d = '' OR driver = :d) ORDER BY opened_at DESC, bag LIMIT :n"
        ),
        {"s": station, "states": list(states), "d": driver, "n": limit},
    )
    return [Bag(*row) for row in rows]


def set_bag(connection: Connection, id: str, state: str, at: datetime | None = None) -> None:
    """Gives a bag another state; `at` is when it was closed."""
    connection.execute(
        text("UPDATE cash_bags SET state = :s, closed_at = :at WHERE bag = :b"),
        {"s": state, "at": at, "b": id},
    )


def add_collection(
    connection: Connection, made: Collection, tendered: Money | None, change: Money | None
) -> None:
    """Adds a collection. Raises IntegrityError where its shipment has one that brought money."""
    connection.execute(
        text(
            f"INSERT INTO cash_collections ({_COLLECTION}, tendered, change) VALUES (:id, :tenant, :carrier, :shipment_id, "
            ":order_id, :parcel, :bag, :territory, :currency, :due, :kept, :short_by, :outcome, :why, :regime, :at, :entry, "
            ":remittance, :tendered, :change)"
        ),
        {name: getattr(made, name) for name in Collection.__slots__}
        | {"tendered": tendered.amount if tendered else None, "change": change.amount if change else None},
    )


def set_entry(connection: Connection, id: str, entry: int) -> None:
    """Notes by which entry a collection is booked."""
    connection.execute(
        text("UPDATE cash_collections SET entry = :e WHERE collection = :c"), {"e": entry, "c": id}
    )


def correct(connection: Connection, id: str, why: str) -> None:
    """Marks a collection as corrected: its entry is reversed, and the shipment can be collected for anew."""
    connection.execute(
        text("UPDATE cash_collections SET outcome = 'corrected', why = :w WHERE collection = :c"),
        {"w": why, "c": id},
    )


def collection(connection: Connection, id: str, lock: bool = False) -> Collection | None:
    """One collection, or None."""
    row = connection.execute(
        text(
            f"SELECT {_COLLECTION} FROM cash_collections WHERE collection = :c {'FOR UPDATE' if lock else ''}"
        ),
        {"c": id},
    ).one_or_none()
    return None if row is None else Collection(*row)


def refused(connection: Connection, parcel: str) -> bool:
    """Whether it is noted that a buyer did not pay for a parcel."""
    return bool(
        connection.execute(
            text("SELECT EXISTS (SELECT FROM cash_collections WHERE parcel = :p AND outcome = 'refused')"),
            {"p": parcel},
        ).scalar()
    )


def standing(connection: Connection, shipment_id: str) -> Collection | None:
    """The collection of a shipment that has brought money, or None."""
    row = connection.execute(
        text(
            f"SELECT {_COLLECTION} FROM cash_collections WHERE shipment_id = :s AND outcome IN ('collected', 'short')"
        ),
        {"s": shipment_id},
    ).one_or_none()
    return None if row is None else Collection(*row)


def collections(
    connection: Connection, tenant: str = "", bag: str = "", limit: int = 500, since: datetime | None = None
) -> list[Collection]:
    """Collections of a merchant or a bag, or all that who asks may see, the newest first."""
    rows = connection.execute(
        text(
            f"SELECT {_COLLECTION} FROM cash_collections WHERE (:t = '' OR tenant_id = :t) AND (:b = '' OR bag = :b) "
            "AND (CAST(:s AS timestamptz) IS NULL OR at >= :s) ORDER BY at DESC, collection LIMIT :n"
        ),
        {"t": tenant, "b": bag, "n": limit, "s": since},
    )
    return [Collection(*row) for row in rows]


def add_count(connection: Connection, bag: Bag, says: dict[str, Any], sign: str, at: datetime) -> int:
    """Keeps the driver's count; returns its number in the bag."""
    return int(
        connection.execute(
            text(
                "INSERT INTO cash_counts (bag, n, tenant_id, driver_says, driver_sign, declared_at) "
                "SELECT :b, coalesce(max(n), 0) + 1, :t, CAST(:s AS jsonb), :sign, :at FROM cash_counts WHERE bag = :b "
                "RETURNING n"
            ),
            {"b": bag.id, "t": bag.tenant, "s": orjson.dumps(says).decode(), "sign": sign, "at": at},
        ).scalar_one()
    )


def close_count(
    connection: Connection,
    bag: str,
    n: int,
    says: dict[str, Any],
    sign: str,
    at: datetime,
    expected: Decimal,
    outcome: str,
) -> None:
    """Keeps the station's count beside the driver's, and what came of it."""
    connection.execute(
        text(
            "UPDATE cash_counts SET station_says = CAST(:s AS jsonb), station_sign = :sign, received_at = :at, "
            "expected = :e, outcome = :o WHERE bag = :b AND n = :n"
        ),
        {
            "b": bag,
            "n": n,
            "s": orjson.dumps(says).decode(),
            "sign": sign,
            "at": at,
            "e": expected,
            "o": outcome,
        },
    )


def counts(connection: Connection, bag: str) -> list[Any]:
    """The counts of a bag as rows, the newest first."""
    return list(
        connection.execute(text("SELECT * FROM cash_counts WHERE bag = :b ORDER BY n DESC"), {"b": bag})
    )


def add_deposit(connection: Connection, made: Deposit) -> None:
    """Notes that cash is on its way."""
    connection.execute(
        text(
            "INSERT INTO cash_deposits (deposit, tenant_id, station, station_tenant, carrier, currency, amount, slip, "
            "sent_at) VALUES (:id, :tenant, :station, :station_tenant, :carrier, :currency, :amount, :slip, :sent_at)"
        ),
        {name: getattr(made, name) for name in Deposit.__slots__},
    )


def deposit(connection: Connection, id: str, lock: bool = False) -> Deposit | None:
    """One deposit, or None."""
    row = connection.execute(
        text(f"SELECT {_DEPOSIT} FROM cash_deposits WHERE deposit = :d {'FOR UPDATE' if lock else ''}"),
        {"d": id},
    ).one_or_none()
    return None if row is None else Deposit(*row)


def deposits(connection: Connection, station: str = "", state: str = "", limit: int = 100) -> list[Deposit]:
    """Deposits of a station, or all that who asks may see, the newest first."""
    rows = connection.execute(
        text(
            f"SELECT {_DEPOSIT} FROM cash_deposits WHERE (:s = '' OR station = :s) AND (:state = '' OR state = :state) "
            "ORDER BY sent_at DESC, deposit LIMIT :n"
        ),
        {"s": station, "state": state, "n": limit},
    )
    return [Deposit(*row) for row in rows]


def banked(
    connection: Connection, id: str, credited: Money, counterfeit: Money, reference: str, at: datetime
) -> None:
    """Notes what the bank has credited."""
    connection.execute(
        text(
            "UPDATE cash_deposits SET state = 'banked', credited = :c, counterfeit = :f, reference = :r, banked_at = :at "
            "WHERE deposit = :d"
        ),
        {"d": id, "c": credited.amount, "f": counterfeit.amount, "r": reference, "at": at},
    )
