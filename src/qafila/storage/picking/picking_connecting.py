"""What a tour that is half built can look like at the edge of a column: the states of the exact tour, as tables.

A tour is built from the leftmost column to the rightmost. At the edge of a column only this matters of all that lies
left of it: for each cross aisle whether the way has touched it there, whether an odd or an even number of ways end
there, and which of these ends hang together. Ratliff and Rosenthal (1983) found that for two cross aisles, Roodbergen
and de Koster (2001) for three; the same rule holds for any number (Cambazard and Catusse 2018), so it is written once
and the tables are made by trying every step from the empty state.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NONE, ONCE, TWICE, FROM_LOWER, FROM_UPPER, SPLIT = range(6)
"""How one aisle is walked between two cross aisles: not at all; from end to end once, or twice; in and out again
from its lower end, from its upper end, or from both, which leaves the widest gap out."""

MOST_CROSS_AISLES = 6
"""With more, the tables grow past what is worth keeping (six: 3,033 states; seven: 16,769)."""

_UNTOUCHED, _ODD, _EVEN = range(3)


class Steps(NamedTuple):
    """The tables. A state is a number; 0 is the empty state, 1 says that the tour is closed."""

    vertical: NDArray[np.int32]  # [state, block, how] → state after walking the aisle so, or -1
    touched: NDArray[np.int32]  # [state, cross aisle] → state when the depot lies there, or -1
    ways: NDArray[
        np.int64
    ]  # [state]: the steps to the next column are ways[s] .. ways[s + 1] of the next two
    to: NDArray[np.int32]  # the state at the next column
    walked: NDArray[np.int32]  # how many times the distance between the columns is walked for it
    crossings: NDArray[np.int8]  # [step, cross aisle]: how often each cross aisle is walked in it (0, 1, 2)
    last: NDArray[np.bool_]  # [state]: the tour may end here


def no_steps() -> Steps:
    """The tables of a warehouse with too many cross aisles for any: empty."""
    none = np.zeros((0, 0), np.int32)
    return Steps(
        np.zeros((0, 0, 0), np.int32),
        none,
        np.zeros(0, np.int64),
        none[0:0].reshape(-1),
        none[0:0].reshape(-1),
        np.zeros((0, 0), np.int8),
        np.zeros(0, np.bool_),
    )


_State = tuple[tuple[int, ...], tuple[int, ...]]
"""What touches each cross aisle, and the number of the connected part that it belongs to (0: none)."""

_CLOSED: _State = ((), ())


@cache
def steps(cross_aisles: int) -> Steps:
    """The tables for a number of cross aisles, from 2 to `MOST_CROSS_AISLES`; raises ValueError for others."""
    if not 2 <= cross_aisles <= MOST_CROSS_AISLES:
        raise ValueError(f"{cross_aisles} cross aisles: tables are made for 2 to {MOST_CROSS_AISLES}")
    empty: _State = ((_UNTOUCHED,) * cross_aisles, (0,) * cross_aisles)
    numbers: dict[_State, int] = {empty: 0, _CLOSED: 1}
    found = [empty, _CLOSED]

    def number(state: _State | None) -> int:
        if state is None:
            return -1
        if state not in numbers:
            numbers[state] = len(found)
            found.append(state)
        return numbers[state]

    vertical: list[list[list[int]]] = []
    touched: list[list[int]] = []
    ways, to, walked, crossings = [0], [], [], []
    at = 0
    while at < len(found):
        state = found[at]
        at += 1
        vertical.append(
            [[number(_walk(state, block, how)) for how in range(6)] for block in range(cross_aisles - 1)]
        )
        touched.append([number(_touch(state, cross)) for cross in range(cross_aisles)])
        for crossed, after in _across(state, cross_aisles):
            to.append(number(after))
            walked.append(sum(crossed))
            crossings.append(crossed)
        ways.append(len(to))
    return Steps(
        np.array(vertical, np.int32),
        np.array(touched, np.int32),
        np.array(ways),
        np.array(to, np.int32),
        np.array(walked, np.int32),
        np.array(crossings, np.int8),
        np.array([s == _CLOSED or (_ODD not in s[0] and len(set(s[1]) - {0}) == 1) for s in found]),
    )


def _named(ends: tuple[int, ...], parts: list[int]) -> _State:
    """The state with its parts numbered in the order in which they are met."""
    names: dict[int, int] = {0: 0}
    return ends, tuple(names.setdefault(part, len(names)) for part in parts)


def _walk(state: _State, block: int, how: int) -> _State | None:
    """The state after the aisle was walked between cross aisles `block` and `block + 1`."""
    if how == NONE:
        return state
    if state == _CLOSED:
        return None
    ends, parts = list(state[0]), list(state[1])
    reached = {FROM_LOWER: (block,), FROM_UPPER: (block + 1,)}.get(how, (block, block + 1))
    for end in reached:
        if how == ONCE:
            ends[end] = _EVEN if ends[end] == _ODD else _ODD
        elif ends[end] == _UNTOUCHED:
            ends[end] = _EVEN
        if parts[end] == 0:
            parts[end] = max(parts) + 1
    if how in (ONCE, TWICE):
        joined, other = parts[block], parts[block + 1]
        parts = [joined if part == other else part for part in parts]
    return _named(tuple(ends), parts)


def _touch(state: _State, cross: int) -> _State | None:
    """The state when a point on a cross aisle must be visited: the depot."""
    if state == _CLOSED:
        return None
    ends, parts = list(state[0]), list(state[1])
    if ends[cross] == _UNTOUCHED:
        ends[cross], parts[cross] = _EVEN, max(parts) + 1
    return _named(tuple(ends), parts)


def _across(state: _State, cross_aisles: int) -> list[tuple[tuple[int, ...], _State]]:
    """What can be walked to the next column, by cross aisle, and the state there.

    An odd end must go on once; an even one goes on twice or ends. A part that ends while there are others would
    never be joined to them, so that is no way; if it is the only one the tour is closed.
    """
    none = (0,) * cross_aisles
    if state == _CLOSED:
        return [(none, _CLOSED)]
    choices: list[tuple[int, ...]] = [()]
    for end in state[0]:
        more = {_UNTOUCHED: (0,), _ODD: (1,), _EVEN: (0, 2)}[end]
        choices = [(*done, n) for done in choices for n in more]
    every = set(state[1]) - {0}
    found = []
    for crossed in choices:
        going = {part for part, n in zip(state[1], crossed, strict=True) if n}
        if going != every:
            if len(every) == 1:
                found.append((crossed, _CLOSED))
            continue
        ends = tuple((_UNTOUCHED, _ODD, _EVEN)[n] for n in crossed)
        parts = [part if n else 0 for part, n in zip(state[1], crossed, strict=True)]
        found.append((crossed, _named(ends, parts)))
    return found
