"""What tracking puts on the first screens: parcels that need somebody, and those whose end is not told yet."""

from __future__ import annotations

from datetime import UTC, timedelta
from itertools import islice

from sqlalchemy import text

from qafila.context import Context
from qafila.core.message import template
from qafila.runtime.accounts.accounts_acting import acting, sending
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.first_screen import LINES, Line, Tile, Waiting
from qafila.tracking.questions_open import overdue

STUCK = template("first.stuck", "Parcels that need you")
STUCK_LINE = template("first.stuck.line", "{parcel}")
MISSED = template("first.stuck.missed", "missed its connection: book it on")
SILENT = template("first.stuck.silent", "silent for longer than planned: ask where it is")
ALL_MOVES = template("first.stuck.none", "Every parcel moves as planned.")
OUT = template("first.out", "Out for delivery, outcome not reported")
OUT_LINE = template("first.out.line", "{parcel}")
OUT_NONE = template(
    "first.out.none",
    "No parcel is out for delivery. A parcel is counted here until its outcome is reported.",
)

_MOST = 100  # parcels looked at; beyond that it says so many and more


def stuck(actor: Actor, here: Context) -> Waiting:
    """Parcels that missed a connection or are silent past their plan: the hub's people see everybody's."""
    whole = actor.kind is TenantKind.HUB
    with acting(actor) if whole else sending(actor) as connection:
        found = list(islice(overdue(connection, here.now()), _MOST))
    facilities = here.network.feed.facility
    found.sort(key=lambda s: (s.missed is None, -(s.overdue or timedelta()).total_seconds()))
    lines = tuple(
        Line(
            what=STUCK_LINE(parcel=seen.parcel),
            link=f"/t/{seen.parcel}" if whole else f"/shipments?q={seen.parcel}",
            by=seen.last.time.astimezone(UTC) if seen.last else None,
            zone=facilities[seen.facility].timezone if seen.facility in facilities else "UTC",
            state="stop" if seen.missed else "attention",
            why=MISSED() if seen.missed else SILENT(),
        )
        for seen in found[:LINES]
    )
    return Waiting(count=len(found), lines=lines, link="/shipments", nothing=ALL_MOVES())


def out(actor: Actor, here: Context) -> Waiting:
    """Parcels that this organisation took out for delivery within two days and of which nothing was told since."""
    with acting(actor) as connection:
        rows = connection.execute(
            text(
                """
                SELECT e.subject_id, max(e.time) AS since, count(*) OVER () AS in_all FROM events e
                WHERE e.subject_kind = 'parcel' AND e.time_kind = 'actual' AND e.type = 'out_for_delivery'
                    AND e.tenant = :mine AND e.time > :since
                    AND NOT EXISTS (SELECT FROM events n WHERE n.subject_kind = 'parcel' AND n.subject_id = e.subject_id
                        AND n.time_kind = 'actual' AND n.time > e.time)
                GROUP BY e.subject_id ORDER BY since LIMIT :most
                """
            ),
            {"mine": actor.tenant, "since": here.now() - timedelta(days=2), "most": LINES},
        ).all()
    lines = tuple(
        Line(
            what=OUT_LINE(parcel=r.subject_id),
            link=f"/t/{r.subject_id}",
            by=r.since.astimezone(UTC),
            state="moving",
        )
        for r in rows
    )
    return Waiting(count=rows[0].in_all if rows else 0, lines=lines, nothing=OUT_NONE())


_SENDERS = frozenset({TenantKind.MERCHANT, TenantKind.HUB})
_CARRIERS = frozenset({TenantKind.CARRIER, TenantKind.STATION, TenantKind.HUB})

TILES = (
    Tile(
        name="tracking.stuck",
        title=STUCK,
        scope="events:read",
        roles=("dispatcher", "clerk", "administrator"),
        look=stuck,
        kinds=_SENDERS,
    ),
    Tile(
        name="tracking.out",
        title=OUT,
        scope="events:write",
        roles=("driver", "dispatcher"),
        look=out,
        kinds=_CARRIERS,
    ),
)
