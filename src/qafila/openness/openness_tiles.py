"""What the open hub puts on the first screens: what the log took in, and the reports of whoever supervises."""

from __future__ import annotations

from qafila.context import Context
from qafila.core.message import template
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.first_screen import LINES, Days, Line, Tile, Waiting, each_day
from qafila.runtime.week import by_day

ENTRIES = template("first.entries", "Decisions in the public log, seven days")
REPORTS = template("first.reports", "Your reports")
REPORT_LINE = template("first.reports.line", "Asked for {when}")
REPORTS_NONE = template(
    "first.reports.none",
    "No report yet. Ask for one: every figure twice, from the database and from the log.",
)


def entries(actor: Actor, here: Context) -> Days:
    """Entries by day (UTC)."""
    with acting(actor) as connection:
        counted = by_day(
            connection,
            "SELECT (decided_at AT TIME ZONE 'UTC')::date AS day, count(*) AS n FROM log_entries "
            "WHERE decided_at >= :since GROUP BY 1",
            here.now(),
        )
    return counted or each_day({}, here.now().date())


def reports(actor: Actor, here: Context) -> Waiting:
    """The newest reports."""
    from qafila.openness.regulation import regulation_asking  # read by whoever audits

    with acting(actor) as connection:
        found = regulation_asking.newest(connection)
    lines = tuple(
        Line(what=REPORT_LINE(when=at), link=f"/oversight/{id}", by=at, state=_LOOKS.get(state, "moving"))
        for id, state, at in found[:LINES]
    )
    return Waiting(count=len(found), lines=lines, link="/oversight", nothing=REPORTS_NONE())


_LOOKS = {"done": "done", "failed": "stop"}
_WATCHING = frozenset({TenantKind.HUB, TenantKind.REGULATOR})

TILES = (
    Tile(
        name="openness.reports",
        title=REPORTS,
        scope="audit:read",
        roles=("regulator", "compliance"),
        look=reports,
        kinds=_WATCHING,
    ),
    Tile(
        name="openness.entries",
        title=ENTRIES,
        scope="audit:read",
        roles=("regulator", "compliance"),
        look=entries,
        kinds=_WATCHING,
    ),
)
