"""What must be true after every run, asked of the database by SQL. A new floor adds its own here."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text

from qafila.ledger import posting
from qafila.openness import openness_recording
from qafila.openness.auditing import audit
from qafila.openness.sequencing import folder
from qafila.sorting import units_store
from qafila.storage import shelving
from tests.simulation.actors import World
from tests.simulation.floors import BAGS

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
    "what is delivered has one proof and is told once, and nothing else is": """
        SELECT d.parcel FROM deliveries d
        LEFT JOIN events e ON e.subject_kind = 'parcel' AND e.subject_id = d.parcel AND e.type = 'delivered'
             AND e.time_kind = 'actual'
        LEFT JOIN delivery_proofs p ON (p.merchant_id, p.parcel, p.outcome) = (d.merchant_id, d.parcel, 'delivered')
        GROUP BY 1, d.state HAVING count(DISTINCT e.event_id) <> (d.state = 'delivered')::int
            OR count(DISTINCT p.attempt) <> (d.state = 'delivered')::int""",
    "the cash of a shipment is collected once, and what is delivered is paid for": """
        SELECT d.parcel FROM deliveries d LEFT JOIN cash_collections c ON c.parcel = d.parcel AND c.outcome = 'collected'
        GROUP BY 1, d.state HAVING count(c.collection) <> (d.state = 'delivered')::int""",
    "in a bag lies what was collected into it, until it is handed over": """
        SELECT b.bag, b.state, inside.amount, paid.amount FROM cash_bags b
        LEFT JOIN LATERAL (SELECT sum(kept) AS amount FROM cash_collections WHERE bag = b.bag) paid ON true
        LEFT JOIN LATERAL (SELECT sum(l.amount) AS amount FROM ledger_accounts a JOIN ledger_lines l USING (account)
                           WHERE a.purpose = 'bag' AND a.owner LIKE b.bag || '%') inside ON true
        WHERE coalesce(inside.amount, 0) <> CASE WHEN b.state = 'handed_over' THEN 0 ELSE coalesce(paid.amount, 0) END""",
    "a bag has two signatures or is not handed over": """
        SELECT b.bag FROM cash_bags b LEFT JOIN cash_counts c ON c.bag = b.bag AND c.outcome IN ('agreed', 'settled')
        GROUP BY 1 HAVING count(c.n) <> (b.state = 'handed_over')::int""",
    "an act on a bag of parcels is done once": """
        SELECT tenant, key FROM unit_acts GROUP BY 1, 2 HAVING count(*) > 1""",
}
"""By what it says: a query that finds nothing."""


def broken(connection: Connection, world: World) -> list[str]:
    """Each invariant that does not hold, with the rows that break it."""
    found = list(world.surprises)
    for said, query in NOTHING.items():
        rows = connection.execute(text(query)).all()
        if rows:
            found.append(f"{said}: {[tuple(row) for row in rows[:3]]}")
    for check in (_answers_stand, _stock, _log, _books, _nested):
        found += check(connection, world)
    return found


def _answers_stand(connection: Connection, world: World) -> list[str]:
    """What a client was answered is in the database."""
    rows = connection.execute(
        text("SELECT idempotency_key, booking_id, cancelled_at IS NOT NULL FROM bookings")
    ).all()
    there = {key: (id, gone) for key, id, gone in rows}
    found = [
        f"{key} was booked as {id} and is not there"
        for key, (id, _) in world.booked.items()
        if there.get(key, ("", False))[0] != id
    ]
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
    return [str(finding.said) for finding in audit(connection, folder(), openness_recording.keys().keys)]


def _books(connection: Connection, _: World) -> list[str]:
    return [f"the ledger does not add up: {flaw}" for flaw in posting.audit(connection)]


def _nested(connection: Connection, _: World) -> list[str]:
    """A parcel lies where the last act put it, and in no other bag."""
    inside: dict[str, list[str]] = {}
    for bag in BAGS:
        for parcel in units_store.contents(connection, bag):
            inside.setdefault(parcel, []).append(bag)
    last = connection.execute(
        text(
            "SELECT DISTINCT ON (child) child, unit FROM unit_acts WHERE act = 'load' ORDER BY child, at DESC, seq DESC"
        )
    ).all()
    return [
        f"{parcel} lies in {inside.get(parcel)}, not in {unit}"
        for parcel, unit in last
        if inside.get(parcel) != [unit]
    ]


Check = Callable[[Connection, World], list[str]]
