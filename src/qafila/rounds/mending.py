"""Plans made better with the exact times, breaks with them: stops are taken out near each other and put back.

Slack induction by string removals (Christiaens and Vanden Berghe 2020) in small: strings of neighbouring stops leave
their routes, and come back where they cost least. What is left out takes part, so that a day with breaks that the
search did not know of finds room for what fell out of it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np

from qafila.rounds.board import Board
from qafila.rounds.model import LOAD

Going = Callable[[], bool]
_STRING = 8
_BLINK = 0.01


def fill(board: Board, dice: random.Random | None = None) -> None:
    """Puts what is left out where it costs least, what is worth most first; what fits nowhere stays out."""
    waiting = sorted(board.left, key=lambda s: (-board.day.stops[s].worth, board.day.stops[s].latest, s))
    if dice is not None and dice.random() < 0.5:
        dice.shuffle(waiting)
    for stop in waiting:
        best = None
        for number in range(len(board.routes)):
            if dice is not None and dice.random() < _BLINK:
                continue
            more, where, how = board.fits(stop, number)
            if where >= 0 and (best is None or more < best[0]):
                best = (more, number, where, how)
        if best is not None and best[0] < board.day.stops[stop].worth:
            board.insert(stop, *best[1:])


def mend(board: Board, going: Going, seed: int = 0) -> None:
    """Makes routes cheaper until it may not go on: a change is kept if all that it leaves costs less, or, as long as it
    is warm, a little more.

    Args:
        board: the routes; they hold the best that was found.
        going: whether to go on.
        seed: of the random choices.
    """
    if not board.day.stops:
        return
    dice = random.Random(seed)
    fill(board)
    best = now = board.total()
    kept = _copy(board)
    warmth = 0.01 * best / max(1, len(board.day.stops))
    while going():
        away = _string(board, dice)
        before = _copy(board)
        board.take_out(away)
        fill(board, dice)
        total = board.total()
        if total < now - warmth * math.log(max(dice.random(), 1e-9)):
            now = total
            if total < best:
                best, kept = total, _copy(board)
        else:
            _restore(board, before)
        warmth *= 0.999
    _restore(board, kept)


def _string(board: Board, dice: random.Random) -> set[int]:
    """Stops near one that is chosen by chance: of each route near it, some that follow each other."""
    placed = [s for r in board.routes for s in r if s != LOAD]
    if not placed:
        return set()
    seed = dice.choice(sorted(board.left)) if board.left and dice.random() < 0.3 else dice.choice(placed)
    metres = board.day.travel[0].metres
    place = board.stops.place
    nearest = np.argsort(metres[place[seed], place[placed]], kind="stable")
    away: set[int] = set()
    touched: set[int] = set()
    most = dice.randint(1, max(2, min(20, len(placed))))
    routes = {s: n for n, r in enumerate(board.routes) for s in r if s != LOAD}
    for index in nearest:
        near = placed[index]
        if len(away) >= most:
            break
        if routes[near] in touched:
            continue
        touched.add(routes[near])
        route = board.routes[routes[near]]
        length = dice.randint(1, min(_STRING, len(route)))
        at = route.index(near)
        first = max(0, at - dice.randint(0, length - 1))
        away |= {s for s in route[first : first + length] if s != LOAD}
    return away


Kept = tuple[list[list[int]], list[int], set[int]]


def _copy(board: Board) -> Kept:
    return [list(r) for r in board.routes], list(board.costs), set(board.left)


def _restore(board: Board, kept: Kept) -> None:
    board.routes, board.costs, board.left = [list(r) for r in kept[0]], list(kept[1]), set(kept[2])
