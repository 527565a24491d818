"""What the last mile puts on the first screens: the rounds of the day, and deliveries that wait for somebody."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from qafila.context import Context
from qafila.core.message import template
from qafila.network.naming import place_at
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.first_screen import LINES, Days, Line, Tile, Waiting
from qafila.runtime.week import by_day

ROUNDS = template("first.rounds", "Rounds of today")
ROUND_LINE = template("first.rounds.line", "{vehicle} at {place}: {left} of {stops} stops left")
ROUNDS_NONE = template(
    "first.rounds.none", "No round is planned for today. The dispatcher plans them; they appear here."
)
FAILED = template("first.failed", "Deliveries that failed")
FAILED_LINE = template(
    "first.failed.line", "{place}: {n} parcels go out again", one="{place}: {n} parcel goes out again"
)
FAILED_NONE = template("first.failed.none", "No delivery failed.")
DELIVERED = template("first.delivered", "Parcels delivered, seven days")


def rounds(actor: Actor, here: Context) -> Waiting:
    """The rounds of today that are not over, a driver's own first. Today is by the clock of each station."""
    now, facilities = here.now(), here.network.feed.facility
    with acting(actor) as connection:
        rows = connection.execute(
            text(
                "SELECT r.round_id, r.facility, r.day, r.vehicle, r.state, count(d.parcel) AS stops, "
                "count(d.parcel) FILTER (WHERE d.state IN ('planned', 'out')) AS unvisited FROM rounds r "
                "LEFT JOIN deliveries d ON d.round_id = r.round_id WHERE r.state IN ('planned', 'out') AND r.day BETWEEN :a AND :b "
                "GROUP BY r.round_id ORDER BY r.driver NOT IN (:me, :name), r.state = 'planned', r.facility, r.vehicle LIMIT 1000"
            ),
            {
                "a": now.date() - timedelta(days=1),
                "b": now.date() + timedelta(days=1),
                "me": actor.id,
                "name": actor.name,
            },
        ).all()
    todays = [
        r
        for r in rows
        if r.facility in facilities
        and r.day == now.astimezone(ZoneInfo(facilities[r.facility].timezone)).date()
    ]
    lines = tuple(
        Line(
            what=ROUND_LINE(
                vehicle=r.vehicle,
                place=place_at(r.facility, here.network.feed.facility),
                left=r.unvisited,
                stops=r.stops,
            ),
            link=f"/rounds/{r.facility}/drive/{r.round_id}"
            if actor.may("delivery:drive")
            else f"/rounds/{r.facility}",
            state="moving" if r.state == "out" else "quiet",
        )
        for r in todays[:LINES]
    )
    return Waiting(count=len(todays), lines=lines, link="/rounds", nothing=ROUNDS_NONE())


def failed(actor: Actor, here: Context) -> Waiting:
    """Deliveries that failed and are in no round, by station."""
    with acting(actor) as connection:
        rows = connection.execute(
            text(
                "SELECT facility, count(*) AS n FROM deliveries WHERE state = 'failed' GROUP BY facility "
                "ORDER BY count(*) DESC, facility"
            )
        ).all()
    lines = tuple(
        Line(
            what=FAILED_LINE(place=place_at(r.facility, here.network.feed.facility), n=r.n),
            link=f"/rounds/{r.facility}",
            state="attention",
        )
        for r in rows[:LINES]
    )
    return Waiting(count=sum(r.n for r in rows), lines=lines, link="/rounds", nothing=FAILED_NONE())


def delivered(actor: Actor, here: Context) -> Days | None:
    """Parcels delivered at a door or left where the buyer said, by day (UTC); None where none was in the week."""
    with acting(actor) as connection:
        return by_day(
            connection,
            "SELECT (at AT TIME ZONE 'UTC')::date AS day, count(*) AS n FROM delivery_proofs "
            "WHERE outcome = 'delivered' AND at >= :since GROUP BY 1",
            here.now(),
        )


_HUB = frozenset({TenantKind.HUB})

TILES = (
    Tile(
        name="delivery.rounds",
        title=ROUNDS,
        scope="delivery:drive",
        roles=("driver",),
        look=rounds,
        kinds=_HUB,
    ),
    Tile(
        name="delivery.failed",
        title=FAILED,
        scope="delivery:plan",
        roles=("dispatcher",),
        look=failed,
        kinds=_HUB,
    ),
    Tile(
        name="delivery.delivered",
        title=DELIVERED,
        scope="delivery:drive",
        roles=("driver",),
        look=delivered,
        kinds=_HUB,
    ),
)
