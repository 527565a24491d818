"""What shipping puts on the first screens: what to hand over next, a week's volume, promises kept, what a parcel costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.message import Template, template
from qafila.runtime.accounts.accounts_acting import acting, sending
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.events.store import histories
from qafila.runtime.first_screen import LINES, Amounts, Days, Line, Parts, Tile, Waiting, each_day, mean
from qafila.runtime.week import by_day
from qafila.tracking.promised import Standing, destination_zone, promised
from qafila.tracking.status import status

if TYPE_CHECKING:
    from collections.abc import Iterable

HAND_OVER = template("first.hand_over", "To hand over next")
HAND_OVER_LINE = template("first.hand_over.line", "{parcel} to {city}")
NOTHING_BOOKED = template(
    "first.nothing_booked", "Nothing to hand over. Send a parcel: the price is known before you book."
)
WEEK = template("first.week", "Parcels booked, seven days")
PROMISES = template("first.promises", "Promises kept")
PROMISES_OF = template(
    "first.promises.of",
    "{n} parcels promised within the last 28 days",
    one="{n} parcel promised within the last 28 days",
)
KEPT = template("first.promises.kept", "kept")
BROKEN = template("first.promises.broken", "broken")
OPEN = template("first.promises.open", "not known yet")
COST = template("first.cost", "What a parcel costs")
COST_OF = template("first.cost.of", "mean price of the parcels booked within the last 28 days")
PLANS = template("first.plans", "Plans")
PLAN_READY = template("first.plans.ready", "{name} is ready to be read")
PLAN_FAILED = template("first.plans.failed", "{name} was not finished")
PLAN_RUNS = template("first.plans.runs", "{name} is being made")
PLAN_HOLDS = template("first.plans.holds", "{name} is in place: bookings keep to it")
NO_PLAN = template(
    "first.plans.none", "No plan yet. Give the demand of a week, and see where the network is full."
)

_MOST = 1000  # parcels of which promises are looked up at once
_WHO = ("clerk", "administrator", "dispatcher")


def _whole(actor: Actor) -> bool:
    """Whether it is the hub or a regulator who looks: at everybody's parcels."""
    return actor.kind in (TenantKind.HUB, TenantKind.REGULATOR)


def hand_over(actor: Actor, here: Context) -> Waiting:
    """Parcels that are booked and that nobody has yet, by the cut-off of their first ride."""
    now = here.now()
    with sending(actor) as connection:
        rows = connection.execute(
            text(
                """
                SELECT p.number, b.shipment_id, o.document->'receiver'->>'city' AS city, l.board_by, l.from_facility,
                    count(*) OVER () AS in_all
                FROM bookings b
                JOIN booking_legs l ON (l.merchant_id, l.booking_id) = (b.merchant_id, b.booking_id) AND l.leg = 0
                JOIN parcels p ON (p.merchant_id, p.shipment_id) = (b.merchant_id, b.shipment_id)
                JOIN orders o ON (o.merchant_id, o.order_id) = (b.merchant_id, b.order_id)
                WHERE b.cancelled_at IS NULL AND l.board_by > :now AND NOT EXISTS (
                    SELECT FROM events e WHERE e.subject_kind = 'parcel' AND e.subject_id = p.number
                    AND e.time_kind = 'actual' AND e.type <> 'booked')
                ORDER BY l.board_by, p.number LIMIT :most
                """
            ),
            {"now": now, "most": LINES},
        ).all()
    facilities = here.network.feed.facility
    lines = tuple(
        Line(
            what=HAND_OVER_LINE(parcel=row.number, city=row.city or "–"),
            link=f"/shipments/{row.shipment_id}",
            by=row.board_by.astimezone(UTC),
            zone=facilities[row.from_facility].timezone if row.from_facility in facilities else "UTC",
            state="attention" if row.board_by - now < timedelta(hours=3) else "quiet",
        )
        for row in rows
    )
    return Waiting(
        count=rows[0].in_all if rows else 0,
        lines=lines,
        link="/shipments",
        nothing=NOTHING_BOOKED(),
    )


def week(actor: Actor, here: Context) -> Days:
    """Parcels booked by day (UTC), cancelled ones left out."""
    with acting(actor) if _whole(actor) else sending(actor) as connection:
        counted = by_day(
            connection,
            "SELECT (booked_at AT TIME ZONE 'UTC')::date AS day, count(*) AS n FROM bookings "
            "WHERE cancelled_at IS NULL AND booked_at >= :since GROUP BY 1",
            here.now(),
        )
    return counted or each_day({}, here.now().date())


def promises(actor: Actor, here: Context) -> Parts | None:
    """Of what was promised for the last 28 days: kept, broken, not known; what was cancelled or comes back left out."""
    now = here.now()
    with acting(actor) if _whole(actor) else sending(actor) as connection:
        rows = connection.execute(
            text(
                "SELECT p.number, b.promise_by FROM bookings b JOIN parcels p ON (p.merchant_id, p.shipment_id) = "
                "(b.merchant_id, b.shipment_id) WHERE b.cancelled_at IS NULL AND b.promise_by BETWEEN :since AND :now "
                "ORDER BY b.promise_by DESC LIMIT :most"
            ),
            {"since": now - timedelta(days=28), "now": now, "most": _MOST},
        ).all()
        standings = _standings(connection, here, [(r.number, r.promise_by) for r in rows])
    if not standings:
        return None
    kept, broken = (
        standings.count(Standing.KEPT),
        standings.count(Standing.BROKEN) + standings.count(Standing.LATE),
    )
    return Parts(
        parts=(
            (KEPT(), kept, "done"),
            (BROKEN(), broken, "stop"),
            (OPEN(), len(standings) - kept - broken, "quiet"),
        ),
        of=PROMISES_OF(n=len(standings)),
    )


def _standings(
    connection: Connection, here: Context, promised_by: Iterable[tuple[str, datetime]]
) -> list[Standing]:
    by = dict(promised_by)
    now, facilities = here.now(), here.network.feed.facility
    found = []
    for number, events in histories(connection, list(by)).items():
        told = promised(
            by[number].astimezone(UTC), status(events, now), destination_zone(events, facilities), now
        )
        if told is not None:
            found.append(told.standing)
    return found


def cost(actor: Actor, here: Context) -> Amounts | None:
    """The mean price of a parcel, by currency."""
    with acting(actor) if _whole(actor) else sending(actor) as connection:
        rows = connection.execute(
            text(
                "SELECT currency, sum(price) AS total, count(*) AS n FROM bookings WHERE cancelled_at IS NULL "
                "AND booked_at >= :since GROUP BY currency ORDER BY n DESC LIMIT 3"
            ),
            {"since": here.now() - timedelta(days=28)},
        ).all()
    found = tuple(mean(Decimal(row.total), row.n, row.currency.strip()) for row in rows)
    return Amounts(amounts=found, of=COST_OF()) if found else None


_PLAN_SAYS: dict[str, tuple[Template, str]] = {
    "done": (PLAN_READY, "attention"), "failed": (PLAN_FAILED, "stop"), "interrupted": (PLAN_FAILED, "stop"),
    "waiting": (PLAN_RUNS, "moving"), "running": (PLAN_RUNS, "moving"),
}  # fmt: skip


def plans(actor: Actor, here: Context) -> Waiting:
    """Plans that are ready, under way or failed, and the one that is in place."""
    from qafila.shipping.plans import kept_plans, reservations  # engines, for a planner only

    with acting(actor) as connection:
        holding = reservations.in_place(connection)
    every = kept_plans.every()
    lines = []
    for plan in every[:LINES]:
        says, state = _PLAN_SAYS.get(plan.state, (PLAN_RUNS, "quiet"))
        if holding is not None and holding.plan == plan.name:
            says, state = PLAN_HOLDS, "done"
        lines.append(Line(what=says(name=plan.name), link=f"/plan/{plan.name}", state=state))
    return Waiting(count=len(every), lines=tuple(lines), link="/plan", nothing=NO_PLAN())


_SENDERS = frozenset({TenantKind.MERCHANT, TenantKind.HUB})

TILES = (
    Tile(
        name="shipping.hand_over",
        title=HAND_OVER,
        scope="bookings:read",
        roles=("clerk", "administrator"),
        look=hand_over,
        kinds=_SENDERS,
    ),
    Tile(name="shipping.plans", title=PLANS, scope="plans:read", roles=("planner",), look=plans),
    Tile(name="shipping.week", title=WEEK, scope="bookings:read", roles=(*_WHO, "regulator"), look=week),
    Tile(
        name="shipping.promises",
        title=PROMISES,
        scope="bookings:read",
        roles=(*_WHO, "regulator"),
        look=promises,
    ),
    Tile(
        name="shipping.cost", title=COST, scope="bookings:read", roles=("clerk", "administrator"), look=cost
    ),
    # plans show every merchant's flows, and whoever may read them may see how much goes, too
    Tile(name="shipping.all_week", title=WEEK, scope="plans:read", roles=("planner",), look=week),
    Tile(name="shipping.all_promises", title=PROMISES, scope="plans:read", roles=("planner",), look=promises),
    Tile(name="shipping.all_cost", title=COST, scope="plans:read", roles=("planner",), look=cost),
)
