"""The policies: who gets how much of what is scarce. Each returns parcels on each way, float64 [C], within the room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from qafila.openness.fairness.shortage import Floats, Shortage

_TIE = 1e-7  # shares closer than this are the same


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as data.

    Attributes:
        name: one of `POLICIES`.
        share: for `guaranteed_share` the part of every scarce resource that small firms come first for; for `auction`
            the part that is sold to the highest bids. Not used by the others.
    """

    name: str
    share: float = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """What a policy gives.

    Attributes:
        x: parcels on each way, float64 [C].
        paid: what an auction took in, in the currency; 0 for others.
    """

    x: Floats
    paid: float = 0.0


def allocate(short: Shortage, policy: Policy) -> Allocation:
    """What a policy gives. Raises KeyError for a policy that there is not, ValueError for a share beyond 0 to 1."""
    if not 0.0 <= policy.share <= 1.0:
        raise ValueError(f"a share is from 0 to 1, not {policy.share}")
    return POLICIES[policy.name](short, policy)


def first_come(short: Shortage, policy: Policy) -> Allocation:
    """Whoever asks first takes the cheapest ways that have room, whole parcels."""
    return Allocation(_in_turn(short, short.room.copy()))


def _in_turn(short: Shortage, room: Floats, x: Floats | None = None) -> Floats:
    """Requests in their order, each on its cheapest ways; `room` is used up, `x` is what went before."""
    x = np.zeros(len(short.who)) if x is None else x
    ways = np.lexsort((short.cost, short.arrival[short.who]))
    left = short.parcels - short.served(x)
    columns = short.uses.tocsc()
    for c in ways:
        rows = columns.indices[columns.indptr[c] : columns.indptr[c + 1]]
        need = columns.data[columns.indptr[c] : columns.indptr[c + 1]]
        fits = np.min(room[rows] / need) if len(rows) else np.inf
        amount = np.floor(min(left[short.who[c]], fits + 1e-9))
        if amount > 0 and short.cost[c] < short.penalty[short.who[c]]:
            x[c] += amount
            left[short.who[c]] -= amount
            room[rows] -= need * amount
    return x


def proportional(short: Shortage, policy: Policy) -> Allocation:
    """Each scarce resource is divided by what merchants would take of it; what one leaves goes to the others at least cost."""
    cheapest = _cheapest(short)
    wanted = _by_merchant(short, cheapest)
    total = wanted.sum(axis=1)
    scarce = total > short.room * (1 + 1e-12)
    quota = np.full(wanted.shape, np.inf)
    quota[scarce] = (short.room[scarce] / total[scarce])[:, None] * wanted[scarce]
    first = _cheapest_within(short, own_room=quota)
    return Allocation(_cheapest_within(short, least=short.served(first)))


def max_min(short: Shortage, policy: Policy) -> Allocation:
    """Lexicographic: the least share of any merchant as high as it can be, then the next least, and so on.

    Who cannot have more than the common share without taking from those who have no more is fixed there; the others
    are raised on. Of the allocations with these shares the cheapest is taken.
    """
    asked = short.asked()
    free = set(np.flatnonzero(asked > 0).tolist())
    least = np.zeros(len(asked))
    while free:
        level = _raised(short, least, free)
        for m in free:
            least[m] = level
        stuck = {m for m in free if _most(short, least, m) <= level + _TIE}
        if not stuck:  # rounding: the one with the least head room is as good as stuck
            stuck = {min(free, key=lambda m: _most(short, least, m))}
        free -= stuck
    return Allocation(_cheapest_within(short, shares=np.maximum(least - _TIE, 0.0)))


def guaranteed_share(short: Shortage, policy: Policy) -> Allocation:
    """Small firms come first for a part of every scarce resource; what they leave of it goes to all at least cost."""
    part = short.room * policy.share
    large = ~short.small[short.merchant][short.who]
    first = _cheapest_within(short, room=part, barred=large)
    return Allocation(_cheapest_within(short, least=short.served(first)))


def auction(short: Shortage, policy: Policy) -> Allocation:
    """A capped part of every scarce resource goes to the highest bids, at the price at which demand meets it.

    The rest, and what is not sold, goes first come, first served, to what is still asked for.
    """
    part = short.room * policy.share
    worth = short.bid[short.who] - short.cost
    solved = _solve(-worth, *_limits(short, part), _at_most(short))
    sold = np.floor(solved.x + 1e-9)
    price = -np.asarray(solved.ineqlin.marginals)[: len(part)]
    paid = float(price @ np.asarray(short.uses @ sold))
    room = short.room - np.asarray(short.uses @ sold)
    return Allocation(_in_turn(short, room, sold), paid)


POLICIES: dict[str, Callable[[Shortage, Policy], Allocation]] = {
    "first_come": first_come,
    "proportional": proportional,
    "max_min": max_min,
    "guaranteed_share": guaranteed_share,
    "auction": auction,
}
"""Every policy by its name, as the published terms have it (`capacity.allocation`)."""


# The linear programs -----------------------------------------------------------------------------


def _solve(cost: Floats, over: csr_array, limit: Floats, bounds: Floats) -> Any:
    program: Any = linprog
    limits = np.column_stack([np.zeros(len(cost)), bounds])
    solved = program(cost, A_ub=over, b_ub=limit, bounds=limits, method="highs")
    if solved.x is None:
        raise ArithmeticError(f"a program that has an answer was not solved: {solved.message}")
    return solved


def _at_most(short: Shortage) -> Floats:
    """[C] parcels that a way could take at most."""
    return short.parcels[short.who]


def _owners(short: Shortage) -> csr_array:
    """[K, C] whose way it is."""
    return csr_array(
        (np.ones(len(short.who)), (short.who, np.arange(len(short.who)))),
        (len(short.merchant), len(short.who)),
    )


def _shares(short: Shortage) -> csr_array:
    """[M, C] what a parcel on a way adds to its merchant's share."""
    asked = short.asked()
    merchant = short.merchant[short.who]
    worth = 1.0 / np.where(asked[merchant] > 0, asked[merchant], 1.0)
    return csr_array((worth, (merchant, np.arange(len(merchant)))), (len(asked), len(merchant)))


def _limits(short: Shortage, room: Floats) -> tuple[csr_array, Floats]:
    """No more than the room, and no more of a request than is asked for."""
    return csr_array(vstack([short.uses, _owners(short)])), np.concatenate([room, short.parcels])


def _by_merchant(short: Shortage, x: Floats) -> Floats:
    """[R, M] what each merchant takes of each resource."""
    taken = np.zeros((len(short.room), len(short.merchants)))
    for m in range(len(short.merchants)):
        taken[:, m] = short.uses @ np.where(short.merchant[short.who] == m, x, 0.0)
    return taken


def _cheapest(short: Shortage) -> Floats:
    """Everybody on its cheapest way, whatever the room."""
    order = np.lexsort((short.cost, short.who))
    first = order[np.unique(short.who[order], return_index=True)[1]]
    x = np.zeros(len(short.who))
    x[first] = short.parcels[short.who[first]]
    return x


def _cheapest_within(
    short: Shortage,
    *,
    room: Floats | None = None,
    own_room: Floats | None = None,
    least: Floats | None = None,
    shares: Floats | None = None,
    barred: Any = None,
) -> Floats:
    """The least cost, parcels that stay behind at their penalty.

    Args:
        room: of each resource, [R]; all of it if not given.
        own_room: of each resource for each merchant, [R, M].
        least: parcels of each request that go at least, [K].
        shares: of each merchant that go at least, [M].
        barred: ways that are not to be used, bool [C].
    """
    over, limit = _limits(short, short.room if room is None else room)
    parts, limits = [over], [limit]
    if own_room is not None:
        for m in range(len(short.merchants)):
            bound = np.flatnonzero(np.isfinite(own_room[:, m]))
            mine = csr_array(
                (
                    np.where(short.merchant[short.who] == m, 1.0, 0.0),
                    (np.arange(len(short.who)), np.arange(len(short.who))),
                )
            )
            parts.append(csr_array(short.uses[bound] @ mine))
            limits.append(own_room[bound, m])
    if least is not None:
        parts.append(-_owners(short))
        limits.append(-np.maximum(least - 1e-7, 0.0))
    if shares is not None:
        parts.append(-_shares(short))
        limits.append(-shares)
    bounds = np.where(barred, 0.0, _at_most(short)) if barred is not None else _at_most(short)
    solved = _solve(
        short.cost - short.penalty[short.who], csr_array(vstack(parts)), np.concatenate(limits), bounds
    )
    return np.maximum(np.asarray(solved.x), 0.0)


def _raised(short: Shortage, least: Floats, free: set[int]) -> float:
    """The highest share that all of `free` can have together, the others keeping theirs."""
    over, limit = _limits(short, short.room)
    shares = _shares(short)
    wide = csr_array(vstack([over, -shares]))
    level = np.zeros(wide.shape[0])
    level[over.shape[0] + np.array(sorted(free))] = 1.0
    fixed = np.where(np.isin(np.arange(len(least)), sorted(free)), 0.0, least - _TIE / 10)
    bound = np.concatenate([limit, -np.maximum(fixed, 0.0)])
    matrix = (
        csr_array(np.column_stack([wide.toarray(), level]))
        if wide.shape[1] < 200
        else _with_column(wide, level)
    )
    solved = _solve(
        np.concatenate([np.zeros(wide.shape[1]), [-1.0]]),
        matrix,
        bound,
        np.concatenate([_at_most(short), [1.0]]),
    )
    return float(solved.x[-1])


def _with_column(wide: csr_array, column: Floats) -> csr_array:
    from scipy.sparse import hstack

    return csr_array(hstack([wide, csr_array(column[:, None])]))


def _most(short: Shortage, least: Floats, merchant: int) -> float:
    """The highest share that one merchant can have while all others keep theirs."""
    over, limit = _limits(short, short.room)
    shares = _shares(short)
    kept = np.maximum(least - _TIE / 10, 0.0)
    kept[merchant] = 0.0
    goal = -np.asarray(shares[[merchant]].toarray())[0]
    solved = _solve(goal, csr_array(vstack([over, -shares])), np.concatenate([limit, -kept]), _at_most(short))
    return float(-solved.fun)
