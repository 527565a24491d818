"""The planner's use cases: a demand file in, a plan's folder out; and a plan, disrupted, into the next."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from qafila.network import installed
from qafila.network.model import Feed
from qafila.network.timetable import COST_UNIT, Timetable
from qafila.planning import demand as demands
from qafila.planning import plan_check, plan_folder, planning_files
from qafila.planning.consolidation import BAG_PRICE, consolidate
from qafila.planning.facility_rates import rates
from qafila.planning.found import Effort, Progress
from qafila.planning.graph import Graph, build
from qafila.planning.holding import HOLDS, hold
from qafila.planning.plan import Plan, completed, conclude
from qafila.planning.planning_messages import NOT_AS_CLAIMED
from qafila.planning.planning_problem import Prices, Problem, pose
from qafila.planning.pricing import LocalPricer, Pricer
from qafila.planning.rows import RowProblem, nothing_left
from qafila.planning.search import search

CHECK_SECONDS = 10.0
"""How long those who are left over are looked at once more; `qafila plan check` looks at all of them."""
DAYS_AFTER = 10
"""Days of timetable after the last release, unless it is said how many."""

LONGEST = 120
"""Days of timetable at most."""

YEARS = (1971, 2199)
"""Releases in other years are mistyped."""


@dataclass(frozen=True, slots=True)
class Network:
    """A feed and its timetable over the horizon of a plan."""

    feed: Feed
    timetable: Timetable


@dataclass(frozen=True, slots=True)
class Request:
    """What a plan is asked with."""

    prices: Prices = field(default_factory=Prices)
    effort: Effort = field(default_factory=Effort)
    max_transfers: int | None = None  # of a way at most, where a row does not say; None: no limit
    hold: bool = True  # parcels wait for fuller bags where that pays
    beside: Callable[[Graph], Graph] = lambda graph: graph  # takes off the capacities what others use
    make_pricer: Callable[[Problem], Pricer] = LocalPricer
    report: Callable[[Progress], None] = lambda _: None
    stopped: Callable[[], bool] = lambda: False
    kept_in: Path | None = (
        None  # the folder in which the best plan so far is kept for who goes on after a kill
    )


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What came of it: the plan, its summary, and the rows of the demand that could not be planned."""

    plan: Plan
    summary: dict[str, Any]
    problems: tuple[RowProblem, ...] = ()


def network(
    given: installed.Network, today: date, start: date | None, days: int | None, demand: Path | None = None
) -> Network:
    """A network compiled over the days that the demand needs.

    It begins with the week of `start`, else of the densest days of the demand, else of `today`. Raises DemandError.
    """
    first, last = densest(releases(demand)) if demand is not None else (None, None)
    begin = start or first or today
    begin -= timedelta(days=begin.weekday())
    length = days or min(max((last - begin).days + 1 if last else 7, 1) + DAYS_AFTER, LONGEST)
    return Network(given.feed, given.timetable(begin, length))


def releases(demand: Path) -> list[date]:
    """The days of release that the rows of a demand file state, as far as they can be read."""
    try:
        if demand.suffix.lower() in {".parquet", ".pq"}:
            table = pl.read_parquet(demand)
        else:
            table = pl.read_csv(demand, infer_schema=False, truncate_ragged_lines=True)
    except (pl.exceptions.PolarsError, OSError):
        return []  # the reader of the demand says what is wrong with it
    names = {c.strip().lower().lstrip("\ufeff"): c for c in table.columns}
    if "release" not in names:
        return []
    days: list[date] = []
    for value, rows in table[names["release"]].value_counts().iter_rows():
        try:
            instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        except ValueError:
            continue
        if YEARS[0] <= instant.year <= YEARS[1]:
            instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
            days += [instant.astimezone(UTC).date()] * rows
    return sorted(days)


def densest(days: list[date]) -> tuple[date | None, date | None]:
    """The first and the last of those days that lie in one timetable, as many as can: a year mistyped in one row
    does not stretch it over all between."""
    most, first = 0, 0
    low = 0
    for high, day in enumerate(days):
        while (day - days[low]).days > LONGEST - DAYS_AFTER - 7:
            low += 1
        if high + 1 - low > most:
            most, first = high + 1 - low, low
    return (days[first], days[first + most - 1]) if days else (None, None)


def plan(demand: Path, out: Path, where: Network, request: Request) -> Answer:
    """Plan a demand file and write the folder, whole or not at all. Raises DemandError when nothing in it can be planned,
    and OSError where it cannot be written."""
    problem, problems = posed(demand, where, request)
    with plan_folder.writing(out) as place:
        answer = solve(problem, place, replace(request, kept_in=out))
        reject(problems, place)
        summary = answer.summary | {"rejected": len(problems)}
        write_summary(place, summary)
    return Answer(answer.plan, summary, tuple(problems))


def posed(demand: Path, where: Network, request: Request) -> tuple[Problem, list[RowProblem]]:
    """What a demand file asks of a network, and its rows that cannot be planned. Raises DemandError when none can."""
    commodities, problems = demands.read(demand, where.timetable, where.feed)
    if not len(commodities):
        raise demands.DemandError(nothing_left(problems), value=str(demand))
    if request.max_transfers is not None:
        most = np.where(commodities.limits > 0, commodities.limits, request.max_transfers + 1)
        commodities = replace(commodities, most_rides=most.astype(np.int32))
    graph = request.beside(build(where.timetable, rates(where.feed, where.timetable)))
    return pose(graph, commodities, request.prices), problems


def reject(problems: list[RowProblem], out: Path) -> None:
    """Write which rows could not be planned, if any."""
    if problems:
        pl.DataFrame([p.cells() for p in problems]).write_csv(out / "rejected.csv")


def solve(problem: Problem, out: Path, request: Request, row_price: Any = None) -> Answer:
    """Plan a problem and write the folder."""
    pricer = request.make_pricer(problem)
    if request.kept_in is None:
        found = search(problem, request.effort, pricer, row_price, request.report, request.stopped)
    else:
        keeper = plan_folder.Keeper(request.kept_in, problem)
        if (before := keeper.read()) is not None:
            row_price = before.row_price
        found = search(
            problem, request.effort, pricer, row_price, request.report, request.stopped, before, keeper.keep
        )
        keeper.keep(found.pool, found.whole, found.row_price, at_once=True)
    return written(conclude(found, pricer), out, request)


def written(planned: Plan, out: Path, request: Request) -> Answer:
    """Let parcels wait for fuller bags where that is asked for, and write the folder."""
    done, holds = hold(planned) if request.hold else (planned, pl.DataFrame(schema=HOLDS))
    before, after = consolidate(planned), consolidate(done)
    bags_saved = before.count - after.count
    cost = (done.total - planned.total) / COST_UNIT
    if len(holds):  # what was held made room
        done = completed(done, held=True)
        after = consolidate(done)
    summary = planning_files.summary(done) | {
        "consolidation": after.summary()
        | {
            "bag_price": BAG_PRICE,
            "bags_before_holding": before.count,
            "bags_if_merchants_were_kept_apart": before.apart,
            "parcels_held": int(holds["parcels"].sum()),
            "holding_cost": cost,
            "holding_lateness": float(holds["lateness"].sum()),
            "saved_by_holding": BAG_PRICE * bags_saved - cost,
        }
    }
    planning_files.write(done, out)
    for name, table in (("bags", after.bags), ("ulds", after.ulds), ("holds", holds)):
        table.write_parquet(out / f"{name}.parquet")
    write_summary(out, summary)
    return Answer(_left_over(done, out, summary), summary)


def _left_over(done: Plan, out: Path, summary: dict[str, Any]) -> Plan:
    """Looks once more at who is left over, and says so in the summary; a remark where somebody has a way with room."""
    count = int(np.count_nonzero(done.unserved > 0))
    told: dict[str, Any] = {"left_over": count, "looked_at": 0, "with_room": [], "undecided": []}
    summary["no_room"] = told
    if count:
        checked = plan_check.left_over(out, CHECK_SECONDS)
        told |= {
            "looked_at": checked.looked_at,
            "with_room": [one.id for one in checked.with_room],
            "undecided": list(checked.undecided),
        }
        if checked.with_room:
            said = NOT_AS_CLAIMED(count=len(checked.with_room), id=checked.with_room[0].id)
            done = replace(done, remarks=(*done.remarks, said))
            summary["remarks"] = planning_files.remarks(done)
    write_summary(out, summary)
    return done


def write_summary(folder: Path, summary: dict[str, Any]) -> None:
    """Replace plan.json by a summary that says more."""
    plan_folder.replace_text(folder / "plan.json", json.dumps(summary, indent=1, ensure_ascii=False))
