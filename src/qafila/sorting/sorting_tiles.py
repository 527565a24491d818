"""What sorting puts on the first screens: departures that close before all their parcels are sorted."""

from __future__ import annotations

from datetime import UTC, timedelta

from sqlalchemy import text

from qafila.context import Context
from qafila.core.message import template
from qafila.network.naming import place_at
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.first_screen import LINES, Days, Line, Tile, Waiting
from qafila.runtime.week import by_day

CLOSING = template("first.closing", "Departures that close")
CLOSING_LINE = template(
    "first.closing.line",
    "{place}: {n} parcels to {next} are not sorted",
    one="{place}: {n} parcel to {next} is not sorted",
)
CLOSING_NONE = template(
    "first.closing.none", "Every parcel of the departures of the next eight hours is sorted."
)
SORTED = template("first.sorted", "Parcels sorted, seven days")

_HOURS = 8


def closing(actor: Actor, here: Context) -> Waiting | None:
    """Departures of the next hours of which parcels are not sorted yet, the next one first; None where there is no centre."""
    now = here.now()
    with acting(actor) as connection:
        if connection.execute(text("SELECT 1 FROM sort_centres LIMIT 1")).scalar_one_or_none() is None:
            return None
        rows = connection.execute(
            text(
                """
                SELECT e.facility, e.next, min(e.board_by) AS board_by, count(*) AS n, count(*) OVER () AS in_all
                FROM sort_expected e JOIN sort_centres c ON c.facility = e.facility
                WHERE e.board_by > :now AND e.board_by <= :until
                    AND NOT EXISTS (SELECT FROM sort_scans s WHERE s.parcel = e.parcel AND s.facility = e.facility)
                GROUP BY e.facility, e.service, e.day, e.next ORDER BY min(e.board_by), e.facility, e.service LIMIT :most
                """
            ),
            {"now": now, "until": now + timedelta(hours=_HOURS), "most": LINES},
        ).all()
    facilities = here.network.feed.facility
    lines = tuple(
        Line(
            what=CLOSING_LINE(
                place=place_at(r.facility, here.network.feed.facility),
                n=r.n,
                next=place_at(r.next, here.network.feed.facility),
            ),
            link=f"/sorting/{r.facility}",
            by=r.board_by.astimezone(UTC),
            zone=facilities[r.facility].timezone if r.facility in facilities else "UTC",
            state="attention" if r.board_by - now < timedelta(hours=1) else "quiet",
        )
        for r in rows
    )
    return Waiting(count=rows[0].in_all if rows else 0, lines=lines, link="/sorting", nothing=CLOSING_NONE())


def sorted_(actor: Actor, here: Context) -> Days | None:
    """Parcels that went into a chute, by day (UTC); None where none did in the week."""
    with acting(actor) as connection:
        return by_day(
            connection,
            "SELECT (at AT TIME ZONE 'UTC')::date AS day, count(DISTINCT coalesce(nullif(parcel, ''), key)) AS n "
            "FROM sort_scans WHERE at >= :since GROUP BY 1",
            here.now(),
        )


TILES = (
    Tile(name="sorting.closing", title=CLOSING, scope="sorting:work", roles=("dispatcher",), look=closing),
    Tile(
        name="sorting.sorted",
        title=SORTED,
        scope="sorting:work",
        roles=("dispatcher", "picker"),
        look=sorted_,
    ),
)
