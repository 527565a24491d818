"""The SQL of the fleet: tails, outages, changes, allotments; and what is booked on its sectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, text

from qafila.fleet.model import Change, Key, Tail
from qafila.shipping.bookings.written_json import as_rows


def tails(connection: Connection) -> list[Tail]:
    """Tails that were added by hand."""
    return [
        Tail(
            r.registration,
            r.type,
            r.base,
            r.since.isoformat() if r.since else "",
            r.until.isoformat() if r.until else "",
        )
        for r in connection.execute(text("SELECT * FROM fleet_tails ORDER BY registration"))
    ]


def put_tail(connection: Connection, tail: Tail, by: str, at: datetime) -> None:
    """Adds a tail, or changes it."""
    connection.execute(
        text(
            "INSERT INTO fleet_tails (registration, type, base, since, until, by, at) "
            "VALUES (:r, :t, :b, CAST(nullif(:s, '') AS date), CAST(nullif(:u, '') AS date), :by, :at) "
            "ON CONFLICT (registration) DO UPDATE SET type = excluded.type, base = excluded.base, since = excluded.since, "
            "until = excluded.until, by = excluded.by, at = excluded.at"
        ),
        {
            "r": tail.registration,
            "t": tail.type,
            "b": tail.base,
            "s": tail.since,
            "u": tail.until,
            "by": by,
            "at": at,
        },
    )


def outages(connection: Connection, begins: datetime, ends: datetime) -> list[Any]:
    """What is out of use at some instant of a time: rows with outage, kind, subject, begins, ends, because."""
    return list(
        connection.execute(
            text(
                "SELECT outage, kind, subject, begins, ends, because FROM fleet_outages "
                "WHERE lifted IS NULL AND begins < :ends AND ends > :begins ORDER BY begins, outage"
            ),
            {"begins": begins, "ends": ends},
        )
    )


def put_outage(connection: Connection, row: Mapping[str, Any]) -> None:
    """Adds a time in which a tail or a facility is out of use."""
    connection.execute(
        text(
            "INSERT INTO fleet_outages (outage, kind, subject, begins, ends, because, by, at) "
            "VALUES (:outage, :kind, :subject, :begins, :ends, :because, :by, :at)"
        ),
        dict(row),
    )


def lift_outage(connection: Connection, outage: str, at: datetime) -> Any:
    """Ends it, once; the row, or None where there is none that stands."""
    return connection.execute(
        text(
            "UPDATE fleet_outages SET lifted = :at WHERE outage = :o AND lifted IS NULL RETURNING kind, subject, ends"
        ),
        {"o": outage, "at": at},
    ).one_or_none()


def changes(connection: Connection, first: int, last: int) -> dict[Key, Change]:
    """What flies otherwise than planned, of service days from first to last."""
    rows = connection.execute(
        text("SELECT * FROM fleet_changes WHERE service_day BETWEEN :a AND :b"), {"a": first, "b": last}
    )
    return {
        (r.service_id, r.service_day, r.call): Change(
            (r.service_id, r.service_day, r.call), r.tail, r.delay, r.cancelled, r.because
        )
        for r in rows
        if r.tail or r.delay or r.cancelled
    }


def put_change(connection: Connection, change: Change, by: str, at: datetime) -> int:
    """Writes what holds for a sector; returns how often it was changed."""
    service, day, call = change.key
    return int(
        connection.execute(
            text(
                "INSERT INTO fleet_changes AS f (service_id, service_day, call, tail, delay, cancelled, because, by, at) "
                "VALUES (:s, :d, :c, :tail, :delay, :cancelled, :because, :by, :at) "
                "ON CONFLICT (service_id, service_day, call) DO UPDATE SET tail = excluded.tail, delay = excluded.delay, "
                "cancelled = excluded.cancelled, because = excluded.because, number = f.number + 1, by = excluded.by, at = excluded.at "
                "RETURNING number"
            ),
            {
                "s": service,
                "d": day,
                "c": call,
                "tail": change.tail,
                "delay": change.delay,
                "cancelled": change.cancelled,
                "because": change.because,
                "by": by,
                "at": at,
            },
        ).scalar_one()
    )


def version(connection: Connection) -> str:
    """A word that changes with whatever is changed of the schedule, outages or tails."""
    row = connection.execute(
        text(
            "SELECT (SELECT coalesce(sum(number), 0) FROM fleet_changes), (SELECT count(*) + count(lifted) FROM fleet_outages), "
            "(SELECT coalesce(extract(epoch FROM max(at)), 0) FROM fleet_tails)"
        )
    ).one()
    return f"{row[0]}-{row[1]}-{row[2]}"


def lock(connection: Connection) -> None:
    """One at a time changes the schedule; held until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(4040017)"))


_LEGS = """
    SELECT l.merchant_id, l.booking_id, b.shipment_id, l.parcel, l.leg, l.service_id, l.service_day, l.calls, l.from_facility,
        l.to_facility, l.board_by, coalesce(l.grams, b.grams) AS grams, coalesce(l.cm3, b.cm3) AS cm3,
        coalesce(l.parcels, CASE WHEN l.parcel = '' THEN b.parcels ELSE 1 END) AS parcels,
        n.service_id AS next_service, n.service_day AS next_day, n.calls[1] AS next_call, n.board_by AS next_board_by,
        o.document->'itinerary'->'legs' AS offered
    FROM booking_legs l
    JOIN bookings b ON (b.merchant_id, b.booking_id) = (l.merchant_id, l.booking_id) AND b.cancelled_at IS NULL
    LEFT JOIN parcels p ON l.parcel <> '' AND (p.merchant_id, p.number) = (l.merchant_id, l.parcel)
    JOIN offers o ON (o.merchant_id, o.offer_id) = (l.merchant_id, coalesce(p.offer_id, b.offer_id))
    LEFT JOIN booking_legs n ON (n.merchant_id, n.booking_id, n.parcel, n.leg) = (l.merchant_id, l.booking_id, l.parcel, l.leg + 1)
"""


class LegOn(NamedTuple):
    """A leg of a standing booking, or of one of its parcels that goes its own way (`parcel`), with the leg that follows."""

    merchant_id: str
    booking_id: str
    shipment_id: str
    parcel: str
    leg: int
    service_id: str
    service_day: int
    calls: tuple[int, ...]
    from_facility: str
    to_facility: str
    depart: datetime
    arrive: datetime
    ready_at: datetime
    grams: int
    cm3: int
    parcels: int
    next_key: Key | None
    next_board_by: datetime | None


def legs_on(connection: Connection, services: Sequence[str], first: int, last: int) -> list[LegOn]:
    """Legs of standing bookings on services, of service days from first to last."""
    rows = connection.execute(
        text(f"{_LEGS} WHERE l.service_id = ANY(:services) AND l.service_day BETWEEN :first AND :last"),
        {"services": list(services), "first": first, "last": last},
    )
    return [_leg(row) for row in rows]


def _leg(row: Any) -> LegOn:
    offered = as_rows(row.offered)[row.leg]
    depart, arrive, ready = (
        datetime.fromisoformat(offered[name]) for name in ("depart", "arrive", "ready_at")
    )
    following = None if row.next_service is None else (row.next_service, row.next_day, row.next_call)
    return LegOn(
        row.merchant_id,
        row.booking_id,
        row.shipment_id,
        row.parcel,
        row.leg,
        row.service_id,
        row.service_day,
        tuple(row.calls),
        row.from_facility,
        row.to_facility,
        depart,
        arrive,
        ready,
        int(row.grams),
        int(row.cm3),
        int(row.parcels),
        following,
        row.next_board_by,
    )


def parcels_of(connection: Connection, legs: Sequence[LegOn]) -> dict[tuple[str, str, str], list[str]]:
    """The numbers of the parcels that ride on legs, by merchant, booking and `parcel` of the leg."""
    found: dict[tuple[str, str, str], list[str]] = {}
    together: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for leg in legs:
        key = leg.merchant_id, leg.booking_id, leg.parcel
        if leg.parcel:
            found[key] = [leg.parcel]
        else:
            together.setdefault((leg.merchant_id, leg.shipment_id), []).append(key)
    rows = connection.execute(
        text(
            "SELECT merchant_id, shipment_id, number FROM parcels WHERE offer_id IS NULL AND (merchant_id, shipment_id) IN "
            "(SELECT unnest(CAST(:m AS text[])), unnest(CAST(:s AS text[]))) ORDER BY position"
        ),
        {"m": [m for m, _ in together], "s": [s for _, s in together]},
    )
    for merchant, shipment, number in rows:
        for key in set(together[merchant, shipment]):
            found.setdefault(key, []).append(number)
    return found


_BOXES = text(
    """
    SELECT p.number, p.merchant_id, p.grams, p.length_mm, p.width_mm, p.height_mm,
        coalesce(CAST(coalesce(CAST(o.document AS jsonb)->'parcels'->(p.position - 1)->>'goods', CAST(o.document AS jsonb)->>'goods')
            AS integer), 0) AS goods,
        coalesce((
            SELECT CASE h.type WHEN 'customs_held' THEN 'customs' ELSE 'recall' END FROM events h
            WHERE h.subject_kind = 'parcel' AND h.subject_id = p.number AND h.time_kind = 'actual'
                AND h.type IN ('customs_held', 'recalled', 'cancelled')
                AND NOT EXISTS (
                    SELECT FROM events l WHERE l.subject_kind = 'parcel' AND l.subject_id = p.number AND l.time_kind = 'actual'
                        AND (l.time, l.seq) > (h.time, h.seq)
                        AND CASE WHEN h.type = 'customs_held' THEN l.type = 'customs_released' AND coalesce(
                                l.details->>'declaration' = h.details->>'declaration', h.details->>'declaration' IS NULL)
                            ELSE l.type = 'recall_ended' END)
            ORDER BY h.type <> 'customs_held' LIMIT 1
        ), '') AS hold
    FROM parcels p
    JOIN shipments s ON (s.merchant_id, s.shipment_id) = (p.merchant_id, p.shipment_id)
    JOIN orders o ON (o.merchant_id, o.order_id) = (s.merchant_id, s.order_id)
    WHERE p.number = ANY(:numbers) ORDER BY p.number
    """
)


def boxes(connection: Connection, numbers: Sequence[str]) -> list[Any]:
    """Parcels with weight, sides, what is special about their goods (`Goods`), and who keeps them back (`hold`).

    A hold lasts until what it is for is let go: another declaration's release, or the end of a recall, lifts no hold of customs.
    """
    return list(connection.execute(_BOXES, {"numbers": list(numbers)})) if numbers else []


_KEYED = "service_id text, service_day integer, call smallint"
# what is not for sale of each departure, beside what is taken and reserved; the row is made where there is none yet
_HOLD = text(
    f"""
    INSERT INTO capacity AS c (service_id, service_day, call, total_g, total_cm3, held_g, held_cm3)
    SELECT k.service_id, k.service_day, k.call, k.total_g, k.total_cm3, k.held_g + a.grams, k.held_cm3 + a.cm3
    FROM json_to_recordset(CAST(:rows AS json)) AS k ({_KEYED}, total_g bigint, total_cm3 bigint, held_g bigint, held_cm3 bigint)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(grams), 0) AS grams, coalesce(sum(cm3), 0) AS cm3 FROM fleet_allotments f
        WHERE (f.service_id, f.service_day, f.call) = (k.service_id, k.service_day, k.call)
    ) a
    ORDER BY 1, 2, 3
    ON CONFLICT (service_id, service_day, call) DO UPDATE SET held_g = excluded.held_g, held_cm3 = excluded.held_cm3
    """
)


def hold(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Holds room of departures back: what each row says, and what allotments have. Runs as the operator."""
    told = list(rows)
    if told:
        connection.execute(_HOLD, {"rows": orjson.dumps(told).decode()})


class Room(NamedTuple):
    """The ledger's row of a departure, each in grams and cm³: in all, taken by bookings, reserved by plans, held back."""

    total: tuple[int, int]
    taken: tuple[int, int]
    reserved: tuple[int, int]
    held: tuple[int, int]

    @property
    def free(self) -> tuple[int, int]:
        """What is for nobody yet."""
        grams, cm3 = (self.total[n] - self.taken[n] - self.reserved[n] - self.held[n] for n in (0, 1))
        return grams, cm3


def room(connection: Connection, key: Key) -> Room:
    """The room of a departure, its row locked; none where the ledger has no row of it."""
    row = connection.execute(
        text(
            "SELECT total_g, total_cm3, taken_g, taken_cm3, reserved_g, reserved_cm3, held_g, held_cm3 FROM capacity "
            "WHERE (service_id, service_day, call) = (:s, :d, :c) FOR NO KEY UPDATE"
        ),
        {"s": key[0], "d": key[1], "c": key[2]},
    ).one_or_none()
    n = [0] * 8 if row is None else [int(one) for one in row]
    return Room((n[0], n[1]), (n[2], n[3]), (n[4], n[5]), (n[6], n[7]))


def ledger(connection: Connection, first: int, last: int) -> dict[Key, Any]:
    """The ledger's rows of service days from first to last: total, taken, reserved, held."""
    rows = connection.execute(
        text("SELECT * FROM capacity WHERE service_day BETWEEN :a AND :b"), {"a": first, "b": last}
    )
    return {(r.service_id, r.service_day, r.call): r for r in rows}
