"""A fair share of work between drivers: as even as a stated extra cost allows, past weeks counted in.

First whole rounds change hands between vehicles that stand for each other: the longest goes to who worked least so
far. Then stops move from who works more than the mean to who works less, as long as the sum of squares falls and the
whole costs no more than allowed.
"""

from __future__ import annotations

import numpy as np

from qafila.rounds.board import Board, tidy
from qafila.rounds.mending import Going
from qafila.rounds.model import LOAD, Plan, Route, Vehicle
from qafila.rounds.timing import work_of

_LONGEST_MOVE = 3


def loads_of(plan: Plan, vehicles: tuple[Vehicle, ...]) -> dict[str, int]:
    """Seconds of work of each driver who has a claim on a share, with what he worked more or less before."""
    today = {r.vehicle: r.work for r in plan.rounds}
    return {v.id: v.before + today.get(v.id, 0) for v in vehicles if not v.spare}


def spread(loads: dict[str, int]) -> float:
    """The standard deviation of loads, in seconds."""
    return float(np.std(list(loads.values()))) if loads else 0.0


class _Shares:
    """The work of each vehicle on a table."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.counted = [n for n, v in enumerate(board.day.vehicles) if not v.spare]
        self.work = [self.of(n, r) for n, r in enumerate(board.routes)]

    def of(self, number: int, route: Route) -> int:
        vehicle = self.board.day.vehicles[number]
        travel = self.board.day.travel[vehicle.kind]
        found = work_of(
            np.array(route, dtype=np.int64), self.board.stops, self.board.rides[number], travel.seconds
        )
        return vehicle.before + int(found)

    def squares(self, changed: dict[int, int]) -> float:
        """The sum of squares from the mean, with the work of some vehicles changed."""
        work = [changed.get(n, self.work[n]) for n in self.counted]
        mean = sum(work) / len(work)
        return sum((w - mean) ** 2 for w in work)


def share(board: Board, dearer: float, going: Going) -> None:
    """Evens the work out.

    Args:
        board: the routes; they stay possible, and nothing that is served falls out.
        dearer: by which part the whole may cost more: 0.02 is 2 %.
        going: whether to go on.
    """
    shares = _Shares(board)
    if len(shares.counted) < 2:
        return
    most = int(sum(board.costs) * (1 + dearer))
    _exchange(board, shares)
    while going() and _move(board, shares, most, going):
        pass
    _exchange(board, shares)


def _exchange(board: Board, shares: _Shares) -> None:
    """Rounds change hands within each group of vehicles that stand for each other."""
    groups: dict[Vehicle, list[int]] = {}
    for number in shares.counted:
        groups.setdefault(board.day.vehicles[number].like, []).append(number)
    for members in groups.values():
        today = {n: shares.work[n] - board.day.vehicles[n].before for n in members}
        by_work = sorted(members, key=lambda n: (-today[n], n))
        by_past = sorted(members, key=lambda n: (board.day.vehicles[n].before, n))
        taken = [(board.routes[n], board.costs[n], today[n]) for n in by_work]
        for number, (route, cost, work) in zip(by_past, taken, strict=True):
            board.routes[number], board.costs[number] = route, cost
            shares.work[number] = board.day.vehicles[number].before + work


def _move(board: Board, shares: _Shares, most: int, going: Going) -> bool:
    """The first move of some stops from one vehicle to another that evens the work out; False where there is none."""
    mean = sum(shares.work[n] for n in shares.counted) / len(shares.counted)
    heavy = sorted((n for n in shares.counted if shares.work[n] > mean), key=lambda n: -shares.work[n])
    light = sorted((n for n in shares.counted if shares.work[n] < mean), key=lambda n: shares.work[n])
    now = shares.squares({})
    for giver in heavy:
        for taker in light:
            if not going():
                return False
            best: tuple[float, Route, Route, dict[int, int]] | None = None
            for kept, moved in _pieces(board.routes[giver]):
                found = _given(board, shares, giver, taker, kept, moved, most)
                if found is not None and found[0] < (best[0] if best else now - 1):
                    best = found
            if best is not None:
                board.put(giver, best[1])
                board.put(taker, best[2])
                for number, work in best[3].items():
                    shares.work[number] = work
                return True
    return False


def _pieces(route: Route) -> list[tuple[Route, Route]]:
    """Each run of up to three stops of a route, with what is left of it."""
    found = []
    for first in range(len(route)):
        for length in range(1, _LONGEST_MOVE + 1):
            piece = route[first : first + length]
            if len(piece) == length and LOAD not in piece:
                found.append((tidy(route[:first] + route[first + length :]), piece))
    return found


def _given(
    board: Board, shares: _Shares, giver: int, taker: int, kept: Route, moved: Route, most: int
) -> tuple[float, Route, Route, dict[int, int]] | None:
    """What becomes of the squares when some stops change hands; None where that cannot be done."""
    cost = board.cost(giver, kept)
    if cost < 0:
        return None
    before = board.routes[taker], board.costs[taker]
    try:
        for stop in moved:
            _, where, how = board.fits(stop, taker)
            if where < 0:
                return None
            board.insert(stop, taker, where, how)
        dearer = cost - board.costs[giver] + board.costs[taker] - before[1]
        if sum(board.costs) - board.costs[taker] + before[1] + dearer > most:
            return None
        new = list(board.routes[taker])
        work = {giver: shares.of(giver, kept), taker: shares.of(taker, new)}
        return shares.squares(work), kept, new, work
    finally:
        board.routes[taker], board.costs[taker] = before
