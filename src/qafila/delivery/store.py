"""The last mile's SQL: fleets, rounds, deliveries, proofs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.core.money import Money
from qafila.delivery.model import Delivery, FleetVehicle, State


def put_vehicle(connection: Connection, vehicle: FleetVehicle, own: bool = False) -> None:
    """Adds a vehicle or changes it. One without a carrier keeps the carrier that stands, unless it is said to be the hub's own."""
    connection.execute(
        text(
            "INSERT INTO fleet (facility, vehicle, kind, driver, max_g, max_cm3, max_pieces, from_minute, until_minute, skills, "
            "trips, active, carrier) VALUES (:f, :v, :k, :d, :g, :c, :p, :a, :b, :s, :t, :on, :by) ON CONFLICT (facility, vehicle) DO UPDATE SET "
            "kind = EXCLUDED.kind, driver = EXCLUDED.driver, max_g = EXCLUDED.max_g, max_cm3 = EXCLUDED.max_cm3, max_pieces = "
            "EXCLUDED.max_pieces, from_minute = EXCLUDED.from_minute, until_minute = EXCLUDED.until_minute, skills = "
            "EXCLUDED.skills, trips = EXCLUDED.trips, active = EXCLUDED.active, "
            "carrier = CASE WHEN EXCLUDED.carrier = '' AND NOT :own THEN fleet.carrier ELSE EXCLUDED.carrier END"
        ),
        {
            "f": vehicle.facility,
            "v": vehicle.id,
            "k": vehicle.kind,
            "d": vehicle.driver,
            "g": vehicle.max_g,
            "c": vehicle.max_cm3,
            "p": vehicle.max_pieces,
            "a": vehicle.from_minute,
            "b": vehicle.until_minute,
            "s": sorted(vehicle.skills),
            "t": vehicle.trips,
            "on": vehicle.active,
            "by": vehicle.carrier,
            "own": own,
        },
    )


def vehicles(connection: Connection, facility: str, on: date | None = None) -> list[FleetVehicle]:
    """The fleet of a station; with a day, each with what its driver worked in the four weeks before, less the mean."""
    rows = list(
        connection.execute(
            text(
                "SELECT f.*, coalesce((SELECT sum(work_s) FROM rounds r WHERE (r.facility, r.vehicle) = (f.facility, f.vehicle) "
                "AND r.day < :d AND r.day >= CAST(:d AS date) - 28), 0) AS worked FROM fleet f WHERE facility = :f ORDER BY vehicle"
            ),
            {"f": facility, "d": on},
        )
    )
    active = [r for r in rows if r.active]
    mean = int(sum(r.worked for r in active) / len(active)) if active and on is not None else 0
    return [
        FleetVehicle(
            r.facility,
            r.vehicle,
            r.kind,
            r.driver,
            r.max_g,
            r.max_cm3,
            r.max_pieces,
            r.from_minute,
            r.until_minute,
            frozenset(r.skills),
            r.trips,
            r.active,
            int(r.worked) - mean if on is not None else 0,
            r.carrier,
        )
        for r in rows
    ]


def stations(connection: Connection) -> list[str]:
    """Facilities that have a fleet."""
    return list(connection.execute(text("SELECT DISTINCT facility FROM fleet ORDER BY 1")).scalars())


def planned_here(connection: Connection, facility: str, since: datetime, until: datetime) -> list[str]:
    """Numbers of parcels whose plan brings them from a station to a door within a time."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT subject_id FROM events WHERE subject_kind = 'parcel' AND type = 'out_for_delivery' "
            "AND time_kind = 'planned' AND facility = :f AND time >= :a AND time < :b ORDER BY 1"
        ),
        {"f": facility, "a": since, "b": until},
    )
    return list(rows.scalars())


_DELIVERY = """
    SELECT d.merchant_id, d.parcel, d.facility, d.token, d.code, d.state, d.day, d.attempts, d.slot_from, d.slot_until,
        d.told_from, d.told_until, d.lat, d.lon, d.landmark, d.confirmed_at, d.wish, d.wish_detail, d.point, d.language,
        coalesce(d.round_id, ''), o.document->'cash_on_delivery'->'money'->>'amount',
        o.document->'cash_on_delivery'->'money'->>'currency', o.document->'receiver', p.grams, p.length_mm, p.width_mm, p.height_mm,
        d.gone_why, d.called, d.called_at
    FROM deliveries d
    JOIN parcels p ON (p.merchant_id, p.number) = (d.merchant_id, d.parcel)
    JOIN shipments s ON (s.merchant_id, s.shipment_id) = (p.merchant_id, p.shipment_id)
    JOIN orders o ON (o.merchant_id, o.order_id) = (s.merchant_id, s.order_id)
"""

_RECEIVER = ("name", "company", "line1", "line2", "city", "postcode", "region", "country", "phone", "email")


def _pair(first: datetime | None, last: datetime | None) -> tuple[datetime, datetime] | None:
    return None if first is None or last is None else (first.astimezone(UTC), last.astimezone(UTC))


def _delivery(row: Sequence[Any]) -> Delivery:
    (
        merchant,
        parcel,
        facility,
        token,
        code,
        state,
        day,
        attempts,
        slot_from,
        slot_until,
        told_from,
        told_until,
        lat,
        lon,
        landmark,
        confirmed,
        wish,
        detail,
        point,
        language,
        round_id,
        cash,
        currency,
        receiver,
        grams,
        length,
        width,
        height,
        gone,
        called,
        called_at,
    ) = row
    return Delivery(
        merchant,
        parcel,
        facility,
        token,
        code,
        State(state),
        day,
        attempts,
        _pair(slot_from, slot_until),
        _pair(told_from, told_until),
        None if lat is None else (lat, lon),
        landmark,
        None if confirmed is None else confirmed.astimezone(UTC),
        wish,
        detail,
        point,
        language,
        round_id,
        Money(Decimal(cash), currency) if cash else None,
        {name: str(receiver.get(name) or "") for name in _RECEIVER},
        int(grams),
        (length, width, height),
        gone,
        called,
        None if called_at is None else called_at.astimezone(UTC),
    )


def deliveries(connection: Connection, where: str, lock: bool = False, **values: Any) -> list[Delivery]:
    """Deliveries that meet a condition on `d` (written here in the code, never by a person), by place and number."""
    ending = " FOR UPDATE OF d" if lock else ""
    rows = connection.execute(text(f"{_DELIVERY} WHERE {where} ORDER BY d.place, d.parcel{ending}"), values)
    return [_delivery(tuple(row)) for row in rows]


def delivery(connection: Connection, parcel: str, lock: bool = False) -> Delivery | None:
    """The delivery of a parcel."""
    return next(iter(deliveries(connection, "d.parcel = :p", lock, p=parcel)), None)


def by_token(connection: Connection, token: str, lock: bool = False) -> Delivery | None:
    """The delivery of a buyer's link."""
    return next(iter(deliveries(connection, "d.token = :t", lock, t=token)), None)


def begin(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Begins deliveries: merchant_id, parcel, facility, token, code, language, day, made_at. Those begun before stay, and go to
    the facility where the parcel is now."""
    made = list(rows)
    if made:
        connection.execute(
            text(
                "INSERT INTO deliveries (merchant_id, parcel, facility, token, code, language, made_at) VALUES (:merchant_id, "
                ":parcel, :facility, :token, :code, :language, :made_at) ON CONFLICT (merchant_id, parcel) DO UPDATE SET "
                "facility = CASE WHEN deliveries.state IN ('open', 'failed') THEN EXCLUDED.facility ELSE deliveries.facility END"
            ),
            made,
        )


def change(connection: Connection, parcel: str, **values: Any) -> None:
    """Sets columns of a delivery (names from this code alone)."""
    said = ", ".join(f"{name} = :{name}" for name in values)
    connection.execute(
        text(f"UPDATE deliveries SET {said} WHERE parcel = :parcel"), values | {"parcel": parcel}
    )


def settled(connection: Connection, parcel: str) -> bool:
    """Whether what follows from its being gone was done."""
    return bool(
        connection.execute(
            text("SELECT settled_at IS NOT NULL FROM deliveries WHERE parcel = :p"), {"p": parcel}
        ).scalar()
    )


def gone_among(connection: Connection, parcels: Sequence[str]) -> list[str]:
    """Those of some parcels that are gone."""
    if not parcels:
        return []
    rows = connection.execute(
        text("SELECT parcel FROM deliveries WHERE state = 'gone' AND parcel = ANY(:p)"), {"p": list(parcels)}
    )
    return list(rows.scalars())


def to_settle(connection: Connection, most: int = 500) -> list[str]:
    """Parcels that are gone, and of which nothing followed yet."""
    rows = connection.execute(
        text(
            "SELECT parcel FROM deliveries WHERE facility IN (SELECT facility FROM fleet) AND state = 'gone' AND settled_at IS NULL ORDER BY parcel LIMIT :n"
        ),
        {"n": most},
    )
    return list(rows.scalars())


def merchants_of(connection: Connection, parcels: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Merchant and country of the receiver of each parcel whose booking stands."""
    rows = connection.execute(
        text(
            "SELECT p.number, p.merchant_id, o.document->'receiver'->>'country' FROM parcels p JOIN shipments s USING (merchant_id, "
            "shipment_id) JOIN bookings b USING (merchant_id, booking_id) JOIN orders o ON (o.merchant_id, o.order_id) = "
            "(s.merchant_id, s.order_id) WHERE p.number = ANY(:p) AND b.cancelled_at IS NULL"
        ),
        {"p": list(parcels)},
    )
    return {number: (merchant, country or "") for number, merchant, country in rows}


def put_round(connection: Connection, row: Mapping[str, Any]) -> None:
    """Writes a round: round_id, facility, day, vehicle, driver, plan, work_s, made_at."""
    connection.execute(
        text(
            "INSERT INTO rounds (round_id, facility, day, vehicle, driver, plan, work_s, made_at, carrier) VALUES (:round_id, :facility, :day, "
            ":vehicle, :driver, CAST(:plan AS jsonb), :work_s, :made_at, coalesce((SELECT carrier FROM fleet "
            "WHERE (facility, vehicle) = (:facility, :vehicle)), ''))"
        ),
        {**row, "plan": orjson.dumps(row["plan"]).decode()},
    )


def change_round(connection: Connection, id: str, **values: Any) -> None:
    """Sets columns of a round (names from this code alone)."""
    if "plan" in values:
        values["plan"] = orjson.dumps(values["plan"]).decode()
    said = ", ".join(f"{n} = CAST(:{n} AS jsonb)" if n == "plan" else f"{n} = :{n}" for n in values)
    connection.execute(text(f"UPDATE rounds SET {said} WHERE round_id = :id"), values | {"id": id})


def round_row(connection: Connection, id: str, lock: bool = False) -> Any:
    """A round, or None."""
    return connection.execute(
        text(f"SELECT * FROM rounds WHERE round_id = :id{' FOR UPDATE' if lock else ''}"), {"id": id}
    ).one_or_none()


def rounds(connection: Connection, facility: str, day: date) -> list[Any]:
    """The rounds of a station on a day, with how many stops they have and how many are over."""
    return list(
        connection.execute(
            text(
                "SELECT r.*, (SELECT count(*) FROM deliveries d WHERE d.round_id = r.round_id) AS stops, (SELECT count(*) FROM "
                "deliveries d WHERE d.round_id = r.round_id AND d.state NOT IN ('planned', 'out')) AS over FROM rounds r WHERE facility "
                "= :f AND day = :d ORDER BY vehicle, made_at"
            ),
            {"f": facility, "d": day},
        )
    )


def drop_planned(connection: Connection, facility: str, day: date) -> None:
    """Takes back the rounds of a day that have not begun: their deliveries are open again."""
    ids = "SELECT round_id FROM rounds WHERE facility = :f AND day = :d AND state = 'planned'"
    connection.execute(
        text(
            f"UPDATE deliveries SET state = CASE WHEN attempts > 0 THEN 'failed' ELSE 'open' END, round_id = NULL, place = 0 WHERE round_id IN ({ids})"
        ),
        {"f": facility, "d": day},
    )
    connection.execute(
        text("DELETE FROM rounds WHERE facility = :f AND day = :d AND state = 'planned'"),
        {"f": facility, "d": day},
    )


def add_proof(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keeps what shows the outcome of an attempt."""
    connection.execute(
        text(
            "INSERT INTO delivery_proofs (merchant_id, parcel, attempt, outcome, reason, left_at, name, signature, photo, by_code, "
            "collected, currency, lat, lon, by, at) VALUES (:merchant_id, :parcel, :attempt, :outcome, :reason, :left_at, :name, "
            ":signature, :photo, :by_code, :collected, :currency, :lat, :lon, :by, :at)"
        ),
        dict(row),
    )


def proofs(connection: Connection, parcel: str) -> list[Any]:
    """What was kept of the attempts of a parcel, in order."""
    return list(
        connection.execute(
            text("SELECT * FROM delivery_proofs WHERE parcel = :p ORDER BY attempt"), {"p": parcel}
        )
    )
