"""What a scanner keeps, so that it names chutes while there is no connection: what is expected here, by chute.

It knows less than the centre: nothing of what was booked, held or called back since, and it corrects no misread number.
What it was told is judged anew when its scans are sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from qafila.sorting.model import Centre, Expected, SortPlan

MOST = 60_000
"""Parcels that a scanner keeps: those whose departures close first."""


def shelf(
    centre: Centre, plan: SortPlan | None, expected: Iterable[Expected], now: datetime
) -> dict[str, Any]:
    """What a scanner keeps.

    Args:
        expected: parcels on their way through the centre.
        now: the instant of which it speaks.

    Returns:
        `at`; `around`, minutes from induction into a departure; `special`, the chute of each reason; `stops`, the chutes
        of each next stop, none where the plan has none; `parcels`, by number: the index of its stop, the minute since
        1970 at which its departure takes no more, and, where it is held, the reason.
    """
    stops: dict[str, int] = {}
    chutes: list[list[str]] = []
    grouped = {to: chute for chute, all in plan.groups.items() for to in all} if plan is not None else {}
    parcels: dict[str, list[Any]] = {}
    coming = sorted(
        (one for one in expected if one.board_by > now - timedelta(hours=12)), key=lambda one: one.board_by
    )
    for one in coming[:MOST]:
        to = one.next or centre.facility
        if to not in stops:
            stops[to] = len(chutes)
            own = list(plan.chutes.get(to, ())) if plan is not None else []
            chutes.append(own or ([grouped[to]] if to in grouped else []))
        told: list[Any] = [stops[to], int(one.board_by.timestamp() // 60)]
        parcels[one.parcel] = [*told, one.held] if one.held else told
    unknown = dict(centre.special)["unknown"]
    return {
        "at": now.isoformat(),
        "around": centre.around,
        "stops": chutes,
        "parcels": parcels,
        "special": {"unknown": unknown, **dict(centre.special)},
    }
