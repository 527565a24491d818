"""The hourly re-plan: what was booked meanwhile is absorbed, what did not come is given up, the rest is
planned anew and put in place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from qafila.planning import plan_folder, planning_job, reopening
from qafila.planning.disruption import affected, afresh, closures
from qafila.planning.graph import Graph
from qafila.runtime.database import administrator
from qafila.shipping.plans import reservations
from qafila.shipping.plans.booked_load import RETURNED, STANDING, UNSEEN, Came, beside, came, load, ridden
from qafila.shipping.plans.reservations import Placed


class NoPlanInPlace(LookupError):
    """No plan's reservations hold."""


_WHY = "plans are of everybody's goods, and the house makes them by itself every hour, whoever asked first"


@dataclass(frozen=True, slots=True)
class Absorbed:
    """What an hour changed: parcels of the plan that were booked, and that did not come in time."""

    bookings: int
    as_planned: int  # bookings that took the place of a planned parcel
    did_not_come: int  # planned parcels whose departure has left without them
    cancelled: int  # bookings whose room is free again


def beside_bookings(graph: Graph) -> Graph:
    """The graph with what stands booked taken off its capacities."""
    with administrator(_WHY) as connection:
        return beside(graph, load(graph, ridden(connection, graph.timetable, STANDING)))


def reserve(folder: Path, name: str, now: datetime) -> Placed:
    """Puts a plan's reservations in place of the former plan's. Raises NotAPlan."""
    wanted = reservations.of_plan(folder, now)
    with administrator(_WHY) as connection:
        return reservations.put_in_place(connection, name, wanted, now)


def hourly(
    root: Path,
    name: str,
    request: planning_job.Request,
    now: datetime,
    disruptions: Sequence[str] = (),
) -> tuple[dict[str, Any], Absorbed, Placed]:
    """Plans anew, into `root/name`, what the plan in place still has to do, and puts that in place.

    A booking takes the place of a planned parcel of its class, origin and destination, if there is one; its
    load is taken off the capacities in any case. Raises NoPlanInPlace, NotAPlan, BadDisruption.
    """
    with administrator(_WHY) as connection:
        before = reservations.in_place(connection)
        if before is None:
            raise NoPlanInPlace("no plan is in place; `qafila plan reserve PLAN` puts one")
    kept = reopening.read(root / before.plan)
    with administrator(_WHY) as connection:  # one look at the bookings: what comes later is for the next hour
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        news, gone, used = _look(connection, kept.problem.graph)
    minute = kept.problem.graph.timetable.minute(now)
    rest, as_planned = absorb(kept, news)
    rest, absent = give_up(rest, minute)
    graph = beside(rest.problem.graph, used)
    closed, peaks = closures(graph.timetable, tuple(disruptions))
    rest = replace(rest, problem=replace(rest.problem, graph=graph))
    problem, former = afresh(rest, closed, peaks, minute, request.prices.move_per_parcel)
    out = root / name
    with plan_folder.writing(out) as place:
        answer = planning_job.solve(problem, place, request, kept.row_price)
        affected(answer.plan, former).write_parquet(place / "affected.parquet")
    told = Absorbed(len(news), as_planned, absent, len(gone))
    summary = answer.summary | {
        "hourly": {
            "from": before.plan,
            "at": now.isoformat(),
            "bookings": told.bookings,
            "as_planned": told.as_planned,
            "did_not_come": told.did_not_come,
            "cancelled": told.cancelled,
        }
    }
    planning_job.write_summary(out, summary)
    wanted = reservations.of_plan(out, now)
    with administrator(_WHY) as connection:
        placed = reservations.put_in_place(
            connection,
            name,
            wanted,
            now,
            [(b.merchant_id, b.booking_id) for b in news],
            [(b.merchant_id, b.booking_id) for b in gone],
        )
    return summary, told, placed


def _look(connection: Connection, graph: Graph) -> tuple[list[Came], list[Came], NDArray[np.float64]]:
    """Bookings made and cancelled since the plan in place saw them, and the load that both come to."""
    t = graph.timetable
    used = load(graph, ridden(connection, t, UNSEEN)) - load(graph, ridden(connection, t, RETURNED))
    return came(connection, UNSEEN), came(connection, RETURNED), used


def absorb(kept: reopening.Kept, news: Sequence[Came]) -> tuple[reopening.Kept, int]:
    """The plan without those parcels of which a booking took the place, and how many they are.

    Of the planned parcels of its class between its two facilities each of a booking is the one that departs next
    after its own cut-off or, where there is none, the last before it.
    """
    t, d = kept.problem.graph.timetable, kept.problem.demand
    node_place = np.asarray(t.node_facility)
    depart = np.asarray(t.segment_depart)[np.asarray(t.ride_first_segment)]
    paths: dict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
    for p, k in enumerate(kept.who.tolist()):
        ends = t.facility_ids[node_place[d.origin[k]]], t.facility_ids[node_place[d.destination[k]]]
        paths[(d.service_class[k], *ends)].append((int(depart[kept.rides[kept.ptr[p]]]), p))
    parcels = kept.parcels.copy()
    for some in paths.values():
        some.sort()
    absorbed = 0
    for one in news:
        for _ in range(one.parcels):
            open_ = [
                (leaves, p)
                for leaves, p in paths.get((one.service_class, one.origin, one.destination), ())
                if parcels[p]
            ]
            if open_:
                minute = t.minute(one.board_by)
                parcels[next((p for leaves, p in open_ if leaves >= minute), open_[-1][1])] -= 1
                absorbed += 1
    return _with(kept, parcels), absorbed


def give_up(kept: reopening.Kept, minute: int) -> tuple[reopening.Kept, int]:
    """The plan without the parcels whose first departure has left: nobody booked them, they did not come."""
    t = kept.problem.graph.timetable
    depart = np.asarray(t.segment_depart)[np.asarray(t.ride_first_segment)]
    late = depart[kept.rides[kept.ptr[:-1]]] < minute
    return _with(kept, np.where(late, 0, kept.parcels)), int(kept.parcels[late].sum())


def _with(kept: reopening.Kept, parcels: NDArray[np.int64]) -> reopening.Kept:
    """The same plan with other numbers of parcels; ways without any are left out."""
    used = np.flatnonzero(parcels > 0)
    length = np.diff(kept.ptr)
    return replace(
        kept,
        who=kept.who[used],
        ptr=np.concatenate([[0], np.cumsum(length[used])]).astype(np.int64),
        rides=kept.rides[np.repeat(parcels > 0, length)],
        parcels=parcels[used],
    )
