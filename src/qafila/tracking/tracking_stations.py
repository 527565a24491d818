"""What a station may report: what happens at its own places, and what becomes of parcels that come to them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from qafila.core.message import Choice
from qafila.runtime.accounts import accounts_places
from qafila.runtime.events.envelope import Reporter, SubjectKind
from qafila.tracking import store
from qafila.tracking import tracking_messages as say
from qafila.tracking.tracking_report import Flaw, Report


def elsewhere(
    connection: Connection, reports: Sequence[Report], numbers: Sequence[str | None]
) -> dict[int, Flaw]:
    """What is wrong with reports of stations, by their place in the list.

    Args:
        connection: as a partner.
        reports: of whomever; those of others are left alone.
        numbers: the parcel of each report, None where there is none.
    """
    asked = [n for n, r in enumerate(reports) if r.source.role == Reporter.STATION and r.source.tenant]
    own = {
        tenant: accounts_places.of(connection, tenant)
        for tenant in {reports[n].source.tenant or "" for n in asked}
    }
    nowhere = sorted({number for n in asked if reports[n].facility is None and (number := numbers[n])})
    calls = store.places(connection, nowhere) if nowhere else {}
    found: dict[int, Flaw] = {}
    for n in asked:
        told, mine = reports[n], own[reports[n].source.tenant or ""]
        named = [told.facility, told.subject if told.kind is SubjectKind.FACILITY else None]
        if not mine:
            found[n] = Flaw("facility", told.facility or "", say.NO_PLACE_YET(), say.HUB_ADDS_IT())
        elif strange := next((one for one in named if one is not None and one not in mine), None):
            remedy = say.ONLY_OF_ITS_PLACES(places=Choice(tuple(mine[:5])))
            found[n] = Flaw("facility", strange, say.NOT_HERE(), remedy)
        elif not any(named) and not calls.get(numbers[n] or "", set()) & set(mine):
            found[n] = Flaw("facility", "", say.NEVER_HERE(), say.SAY_WHERE())
    return found
