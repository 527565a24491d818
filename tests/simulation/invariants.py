"""What must be true after every run, asked of the database by SQL. A new floor adds its own here."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text

from qafila.openness import recording
from qafila.openness.auditing import audit
from qafila.openness.sequencing import folder
from qafila.storage import shelving
from tests.simulation.actors import World

NOTHING: dict[str, str] = {
    "the room taken on a departure is that of its standing legs, and no more than there is": """
        WITH standing AS (
            SELECT l.service_id, l.service_day, call, sum(b.grams) AS g, sum(b.cm3) AS v
            FROM booking_legs l JOIN bookings b USING (merchant_id, booking_id), unnest(l.calls) AS call
            WHERE b.cancelled_at IS NULL GROUP BY 1, 2, 3)
        SELECT * FROM capacity c FULL JOIN standing s USING (service_id, service_day, call)
        WHERE coalesce(c.taken_g, 0) <> coalesce(s.g, 0) OR coalesce(c.taken_cm3, 0) <> coalesce(s.v, 0)
           OR c.taken_g > c.total_g""",
    "an order has one standing booking": """
        SELECT merchant_id, order_id FROM bookings WHERE cancelled_at IS NULL GROUP BY 1, 2 HAVING count(*) > 1""",
    "each booking has one shipment and each shipment a parcel": """
        SELECT b.booking_id FROM bookings b LEFT JOIN shipments s USING (merchant_id, booking_id)
        LEFT JOIN parcels p ON (p.merchant_id, p.shipment_id) = (s.merchant_id, s.shipment_id)
        GROUP BY 1 HAVING count(DISTINCT s.shipment_id) <> 1 OR count(p.number) = 0""",
    "each parcel's history begins with one booking": """
        SELECT p.number FROM parcels p LEFT JOIN events e ON e.subject_kind = 'parcel' AND e.subject_id = p.number
             AND e.type = 'booked' AND e.time_kind = 'actual'
        GROUP BY 1 HAVING count(e.event_id) <> 1""",
    "what is cancelled is told once, and nothing else is": """
        SELECT p.number FROM parcels p JOIN shipments s USING (merchant_id, shipment_id)
        JOIN bookings b USING (merchant_id, booking_id)
        LEFT JOIN events e ON e.subject_kind = 'parcel' AND e.subject_id = p.number AND e.type = 'cancelled'
        GROUP BY 1, b.cancelled_at HAVING count(e.event_id) <> (b.cancelled_at IS NOT NULL)::int""",
    "nothing is cancelled after the carrier took it": """
        SELECT c.subject_id FROM events c JOIN events k ON (k.subject_kind, k.subject_id) = (c.subject_kind, c.subject_id)
        WHERE c.type = 'cancelled' AND k.type = 'collected' AND k.seq < c.seq""",
    "a webhook is handed each event of its kinds once": """
        SELECT e.seq FROM webhook_endpoints w JOIN events e ON e.merchant_id = w.merchant_id
             AND e.type = ANY(w.event_types) AND e.time_kind = 'actual' AND e.seq > w.since
        LEFT JOIN webhook_messages m ON (m.merchant_id, m.endpoint_id, m.position) = (w.merchant_id, w.endpoint_id, e.seq)
        GROUP BY 1, w.endpoint_id HAVING count(m.message_id) <> 1""",
    "a key asked for one webhook": """
        SELECT merchant_id FROM webhook_endpoints GROUP BY 1 HAVING count(*) > 1""",
    "a decision to book is in the log once": """
        SELECT b.booking_id FROM bookings b LEFT JOIN log_entries l
             ON l.kind = 'shipping.booking' AND l.subject = b.booking_id AND l.tenant_id = b.merchant_id
        GROUP BY 1 HAVING count(l.entry_id) <> 1""",
    "a cancellation is in the log once": """
        SELECT b.booking_id FROM bookings b LEFT JOIN log_entries l
             ON l.kind = 'shipping.cancellation' AND l.subject = b.booking_id AND l.tenant_id = b.merchant_id
        GROUP BY 1, b.cancelled_at HAVING count(l.entry_id) <> (b.cancelled_at IS NOT NULL)::int""",
    "every entry of the ledger is balanced": """
        SELECT entry FROM ledger_lines GROUP BY entry, currency HAVING sum(amount) <> 0""",
}
"""By what it says: a query that finds nothing."""


def broken(connection: Connection, world: World) -> list[str]:
    """Each invariant that does not hold, with the rows that break it."""
    found = list(world.surprises)
    for said, query in NOTHING.items():
        rows = connection.execute(text(query)).all()
        if rows:
            found.append(f"{said}: {[tuple(row) for row in rows[:3]]}")
    for check in (_answers_stand, _stock, _log):
        found += check(connection, world)
    return found


def _answers_stand(connection: Connection, world: World) -> list[str]:
    """What a client was answered is in the database."""
    rows = connection.execute(
        text("SELECT idempotency_key, booking_id, cancelled_at IS NOT NULL FROM bookings")
    ).all()
    there = {key: (id, gone) for key, id, gone in rows}
    found = [f"{key} was booked as {id} and is not there" for key, (id, _) in world.booked.items()
             if there.get(key, ("", False))[0] != id]  # fmt: skip
    gone = {id for id, cancelled in there.values() if cancelled}
    found += [f"{id} was answered as cancelled and stands" for id in world.cancelled - gone]
    events: set[str] = set(
        connection.execute(text("SELECT subject_id FROM events WHERE type = 'collected'")).scalars()
    )
    found += [f"{parcel} was answered as collected and is not" for parcel in world.collected - events]
    hooks: set[str] = set(connection.execute(text("SELECT endpoint_id FROM webhook_endpoints")).scalars())
    return found + [f"webhook {id} was answered and is not there" for id in world.hooks - hooks]


def _stock(connection: Connection, _: World) -> list[str]:
    return [f"stock is not the sum of its movements: {row}" for row in shelving.audit(connection)]


def _log(connection: Connection, _: World) -> list[str]:
    return [str(finding.said) for finding in audit(connection, folder(), recording.keys().keys)]


Check = Callable[[Connection, World], list[str]]
