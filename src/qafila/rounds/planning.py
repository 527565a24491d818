"""A day planned: searched, mended where there are breaks or something is left out, and shared fairly.

Large days are cut: what is searched at a time is an area of neighbouring rounds, and areas that touch are searched again
with other borders, as often as there is time (`dividing.py`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from qafila.rounds import rounds_dividing
from qafila.rounds.board import Board
from qafila.rounds.crew import Submit, crew
from qafila.rounds.mending import mend
from qafila.rounds.model import Day, Plan, Route
from qafila.rounds.rounds_searching import Until, asked, search
from qafila.rounds.rounds_sharing import loads_of, share, spread

CUT = 150
"""From so many stops on, parts of a day are searched beside each other."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to try.

    Attributes:
        seconds: the most that it may take.
        workers: processes; 1 plans in this one.
        steps: rounds of search without anything better after which it ends, too; with it (and one worker) the same day
            gives the same plan, as long as the seconds do not end it first. 0: the seconds alone count.
        seed: of what is left to chance.
        dearer: by which part of the cost fairness may make the day dearer; 0: routes are only dealt out fairly.
        optional: stops may be left out at what they are worth.
        cpu: seconds are those of each process's own work: to measure where others use the machine, too.
    """

    seconds: float = 30.0
    workers: int = 1
    steps: int = 0
    seed: int = 0
    dearer: float = 0.02
    optional: bool = True
    cpu: bool = False

    @property
    def clock(self) -> Callable[[], float]:
        """What the seconds are told by, in each process."""
        return time.process_time if self.cpu else time.monotonic


class _Going:
    """Goes on for some seconds, or some steps."""

    def __init__(self, seconds: float, steps: int, clock: Callable[[], float]) -> None:
        self._clock, self._end, self._steps, self._done = clock, clock() + max(0.0, seconds), steps, 0

    def __call__(self) -> bool:
        self._done += 1
        return (not self._steps or self._done <= self._steps) and self._clock() < self._end


def plan(day: Day, effort: Effort) -> Plan:
    """Plans a day.

    Args:
        day: stops, vehicles and travel; with `xy`, days of more than some hundred stops are cut by area.
        effort: how long, in how many processes.

    Returns:
        Rounds that can be done, breaks in them, and what is left out with its reason.
    """
    if not day.stops or not day.vehicles:
        return Board.of(day, [[] for _ in day.vehicles]).plan()
    clock = effort.clock
    end = clock() + effort.seconds
    routes = _searched(day, effort)
    board = Board.of(day, routes)
    total = sum(board.costs)
    if board.left or any(v.rest for v in day.vehicles) or len(day.stops) <= _SMALL:
        left = max(0.1 * effort.seconds, end - clock()) * (0.6 if effort.dearer else 0.9)
        mend(board, _Going(left, _mending_steps(effort), clock), effort.seed)
    if len([v for v in day.vehicles if not v.spare]) > 1:
        board = _shared(day, board, max(total, sum(board.costs)), effort, end, clock)
    return board.plan()


_SMALL = 60


def _mending_steps(effort: Effort) -> int:
    return max(50, effort.steps // 4) if effort.steps else 0


def _searched(day: Day, effort: Effort) -> list[Route]:
    seconds = effort.seconds * (
        0.92 if len(day.stops) > _SMALL and not any(v.rest for v in day.vehicles) else 0.6
    )
    if effort.workers < 2 or len(day.stops) < CUT:
        given = asked(day, effort.optional)
        return search(given, Until(seconds, effort.steps, effort.clock), effort.seed)
    with crew(effort.workers) as submit:
        return _together(day, effort, seconds, submit)


def _together(day: Day, effort: Effort, seconds: float, submit: Submit) -> list[Route]:
    """Several searches of the whole for a part of the time, then the parts of the best beside each other."""
    end = time.monotonic() + seconds
    if len(day.stops) > _ONE_SEARCH and day.xy is not None:
        first = rounds_dividing.begun(day, effort, effort.workers * seconds * _BEGUN, submit)
        if first is not None:
            left = effort.workers * seconds * (1 - _BEGUN)
            return rounds_dividing.improved(day, first, end, left, effort, submit)
    whole = [submit(_whole, day, effort, seconds * _WHOLE, effort.seed + n) for n in range(effort.workers)]
    routes = min((w.result() for w in whole), key=lambda found: found[0])[1]
    return rounds_dividing.improved(day, routes, end, effort.workers * seconds * (1 - _WHOLE), effort, submit)


_WHOLE = 0.4
_ONE_SEARCH = 1500
"""Stops above which a day is begun by areas: a search of the whole would still be at its first steps when time is over."""
_BEGUN = 0.4


def _whole(day: Day, effort: Effort, seconds: float, seed: int) -> tuple[int, list[Route]]:
    """The routes of one search of a whole day, with their cost; for a process of its own."""
    return rounds_dividing.valued(
        day, search(asked(day, effort.optional), Until(seconds, 0, effort.clock), seed)
    )


def _shared(
    day: Day, board: Board, cost: int, effort: Effort, end: float, clock: Callable[[], float]
) -> Board:
    """The work evened out: where moving stops does not get far, the search is asked for shorter days."""
    allowed = cost * (1 + effort.dearer)
    left = max(0.05 * effort.seconds, end - clock())
    share(board, effort.dearer, _Going(left / 2, effort.steps * 4, clock))
    best = board
    if not effort.dearer or len(day.stops) > _LARGEST_CAP:
        return best
    counted = [v for v in day.vehicles if not v.spare]
    plan_now = best.plan()
    loads = loads_of(plan_now, tuple(counted))
    mean, longest = sum(loads.values()) / len(loads), max((r.seconds for r in plan_now.rounds), default=0)
    for part in (0.25, 0.5, 0.75):
        seconds = (end - clock()) / (4 - 4 * part + 1)
        if seconds <= 0.05 or spread(loads) < _EVEN * mean:
            break
        cap = math.ceil(mean + (longest - mean) * part)
        given = asked(day, effort.optional, cap)
        tried = Board.of(day, search(given, Until(seconds, effort.steps, clock), effort.seed))
        if any(v.rest for v in day.vehicles) or tried.left - best.left:
            mend(tried, _Going(seconds / 4, _mending_steps(effort), clock), effort.seed)
        share(
            tried,
            max(0.0, allowed / max(1, sum(tried.costs)) - 1),
            _Going(seconds / 4, effort.steps * 4, clock),
        )
        even = loads_of(tried.plan(), tuple(counted))
        better = len(tried.left) <= len(best.left) and sum(tried.costs) <= allowed
        if better and spread(even) < spread(loads):
            best, loads = tried, even
    return best


_EVEN = 0.03
_LARGEST_CAP = 400


def cost_limit(effort: Effort) -> Effort:
    """The same effort without regard to fairness: the cheapest day that is found."""
    return replace(effort, dearer=0.0)
