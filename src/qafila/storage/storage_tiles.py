"""What storage puts on the first screens: tours to walk, orders to release, places to count."""

from __future__ import annotations

from datetime import UTC, timedelta

from sqlalchemy import text

from qafila.context import Context
from qafila.core.message import template
from qafila.network.naming import place_at
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.first_screen import LINES, Days, Line, Tile, Waiting
from qafila.runtime.week import by_day

TOURS = template("first.tours", "Tours to walk")
TOUR_LINE = template("first.tours.line", "{tour} at {place}: {stops} stops")
TOURS_NONE = template(
    "first.tours.none", "No tour is open. The supervisor releases orders; they become tours here."
)
RELEASE = template("first.release", "Orders to release")
RELEASE_LINE = template("first.release.line", "{place}: {n} orders", one="{place}: {n} order")
RELEASE_NONE = template("first.release.none", "No order waits to be released.")
COUNTS = template("first.counts", "Places to count")
COUNT_LINE = template("first.counts.line", "{where} at {place}: {sku}")
COUNTS_NONE = template("first.counts.none", "No count is in doubt.")
PICKED = template("first.picked", "Pieces picked, seven days")


def _zone(here: Context, facility: str) -> str:
    found = here.network.feed.facility.get(facility)
    return found.timezone if found else "UTC"


def tours(actor: Actor, here: Context) -> Waiting:
    """Tours that are open or being walked, those of the picker himself first."""
    with acting(actor) as connection:
        rows = connection.execute(
            text(
                "SELECT t.tour, t.facility, t.state, t.released_at, count(p.pick) AS stops, count(*) OVER () AS in_all "
                "FROM tours t LEFT JOIN picks p ON p.tour = t.tour AND p.state = 'reserved' "
                "WHERE t.state IN ('open', 'walking') GROUP BY t.tour "
                "ORDER BY t.picker <> :me, t.released_at, t.tour LIMIT :most"
            ),
            {"me": actor.name, "most": LINES},
        ).all()
    lines = tuple(
        Line(
            what=TOUR_LINE(
                tour=r.tour, place=place_at(r.facility, here.network.feed.facility), stops=r.stops
            ),
            link=f"/storage/{r.facility}/scan?job=pick&tour={r.tour}",
            by=r.released_at.astimezone(UTC),
            zone=_zone(here, r.facility),
            state="moving" if r.state == "walking" else "quiet",
        )
        for r in rows
    )
    return Waiting(count=rows[0].in_all if rows else 0, lines=lines, link="/storage", nothing=TOURS_NONE())


def to_release(actor: Actor, here: Context) -> Waiting:
    """Orders whose goods are reserved, by warehouse and the next cut-off."""
    with acting(actor) as connection:
        rows = connection.execute(
            text(
                "SELECT facility, count(*) AS n, min(cut_off) AS cut_off FROM outbound WHERE state = 'reserved' "
                "GROUP BY facility ORDER BY min(cut_off) NULLS LAST, facility"
            )
        ).all()
    now = here.now()
    lines = tuple(
        Line(
            what=RELEASE_LINE(place=place_at(r.facility, here.network.feed.facility), n=r.n),
            link=f"/storage/{r.facility}",
            by=r.cut_off.astimezone(UTC) if r.cut_off else None,
            zone=_zone(here, r.facility),
            state="attention" if r.cut_off and r.cut_off - now < timedelta(hours=3) else "quiet",
        )
        for r in rows[:LINES]
    )
    return Waiting(count=sum(r.n for r in rows), lines=lines, link="/storage", nothing=RELEASE_NONE())


def counts(actor: Actor, here: Context) -> Waiting:
    """Places whose stock is doubted."""
    with acting(actor) as connection:
        rows = connection.execute(
            text(
                "SELECT facility, place, sku, count(*) OVER () AS in_all FROM counts WHERE state IN ('open', 'again') "
                "ORDER BY facility, place, sku LIMIT :most"
            ),
            {"most": LINES},
        ).all()
    lines = tuple(
        Line(
            what=COUNT_LINE(where=r.place, place=place_at(r.facility, here.network.feed.facility), sku=r.sku),
            link=f"/storage/{r.facility}/scan?job=count",
        )
        for r in rows
    )
    return Waiting(count=rows[0].in_all if rows else 0, lines=lines, link="/storage", nothing=COUNTS_NONE())


def picked(actor: Actor, here: Context) -> Days | None:
    """Pieces fetched by day (UTC)."""
    with acting(actor) as connection:
        return by_day(
            connection,
            "SELECT (at AT TIME ZONE 'UTC')::date AS day, sum(pieces) AS n FROM stock_movements "
            "WHERE reason = 'pick' AND at >= :since GROUP BY 1",
            here.now(),
        )


_HOUSES = frozenset({TenantKind.HUB, TenantKind.MERCHANT, TenantKind.STATION})

TILES = (
    Tile(
        name="storage.tours", title=TOURS, scope="storage:work", roles=("picker",), look=tours, kinds=_HOUSES
    ),
    Tile(
        name="storage.release",
        title=RELEASE,
        scope="storage:manage",
        roles=("dispatcher",),
        look=to_release,
        kinds=_HOUSES,
    ),
    Tile(
        name="storage.counts",
        title=COUNTS,
        scope="storage:work",
        roles=("picker",),
        look=counts,
        kinds=_HOUSES,
    ),
    Tile(
        name="storage.picked",
        title=PICKED,
        scope="storage:work",
        roles=("picker",),
        look=picked,
        kinds=_HOUSES,
    ),
)
