"""What a centre's picture shows: each chute with its flow and its fill, and what will miss its departure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from qafila.sorting import store
from qafila.sorting.model import Centre, SortPlan


@dataclass(frozen=True, slots=True)
class ChuteNow:
    """A chute: what it is for, and how many parcels went into it of those that the plan expects."""

    id: str
    zone: str
    stops: tuple[str, ...]  # next stops; several where it is sorted again from here
    why: tuple[str, ...]  # special reasons that send parcels here
    parcels: int
    planned: int

    @property
    def share(self) -> float:
        """Of what the plan expects; over 1 where more came."""
        return self.parcels / self.planned if self.planned else 0.0


@dataclass(frozen=True, slots=True)
class DepartureNow:
    """A departure that closes soon: its parcels, how many are not sorted yet, and whether they can still make it."""

    service: str
    next: str
    board_by: datetime
    parcels: int
    waiting: int
    late: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A centre now."""

    centre: Centre
    plan: SortPlan | None
    figures: Mapping[str, Any]  # of the plan: its costs, bound and gap
    chutes: tuple[ChuteNow, ...]
    departures: tuple[DepartureNow, ...]
    pace: float  # parcels an hour in the last quarter


def picture(connection: Connection, facility: str, now: datetime, hours: float = 8.0) -> Picture:
    """The centre's picture; raises NotFound where it is not set up.

    A departure is late where what waits for it, at the pace of the last quarter of an hour and after all that closes
    before it, is not through in time; so, too, where nothing was sorted in that quarter and it closes within the hour.
    """
    centre = store.centre(connection, facility)
    plan = store.plan_in_place(connection, facility)
    rows = store.plan_rows(connection, facility) if plan is not None else []
    figures: dict[str, Any] = next(
        (r.document for r in rows if plan is not None and r.plan_id == plan.id), {}
    )
    counted: dict[str, int] = {}
    for row in store.chute_counts(connection, facility, now - timedelta(hours=hours), now):
        counted[row.chute] = counted.get(row.chute, 0) + int(row.parcels)
    recent = store.chute_counts(connection, facility, now - timedelta(minutes=15), now)
    pace = 4.0 * sum(int(r.parcels) for r in recent)
    return Picture(
        centre,
        plan,
        figures,
        _chutes(centre, plan, figures.get("flows", {}), counted),
        _departures(
            store.late_ones(connection, facility, now, now + timedelta(hours=hours)), centre, pace, now
        ),
        pace,
    )


def _chutes(
    centre: Centre, plan: SortPlan | None, flows: Mapping[str, int], counted: Mapping[str, int]
) -> tuple[ChuteNow, ...]:
    stops: dict[str, list[str]] = {}
    planned: dict[str, float] = {}
    for to, mine in plan.chutes.items() if plan else ():
        for id in mine:
            stops.setdefault(id, []).append(to)
            planned[id] = planned.get(id, 0) + flows.get(to, 0) / len(mine)
    for group_id, group in plan.groups.items() if plan else ():
        stops[group_id] = list(group)
        planned[group_id] = sum(flows.get(to, 0) for to in group)
    why: dict[str, list[str]] = {}
    for reason, chute in centre.special:
        why.setdefault(chute, []).append(reason)
    zones = {c.id: c.zone for c in centre.chutes}
    ids = [*zones, *(c for c in why if c not in zones)]
    return tuple(
        ChuteNow(
            id,
            zones.get(id, ""),
            tuple(stops.get(id, ())),
            tuple(why.get(id, ())),
            counted.get(id, 0),
            round(planned.get(id, 0)),
        )
        for id in ids
    )


def _departures(rows: list[Any], centre: Centre, pace: float, now: datetime) -> tuple[DepartureNow, ...]:
    found, ahead = [], 0
    for row in rows:  # in the order in which they close
        ahead += int(row.waiting)
        left = (row.board_by - now).total_seconds() / 3600 - centre.around / 60
        late = bool(row.waiting) and (ahead > pace * left if pace else left < 1)
        found.append(
            DepartureNow(row.service, row.next, row.board_by, int(row.parcels), int(row.waiting), late)
        )
    return tuple(found)
