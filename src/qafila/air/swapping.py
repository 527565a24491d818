"""Positions made cheaper by exchange: two ULDs change places, or one goes to a free place, as long as it pays.

It begins from positions that keep to all weights and needs no solver, so there is always an answer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from qafila.air.flight import Flight
from qafila.air.positions import Stand, Weighed, price, stand
from qafila.air.seats import Seats


def improve(flight: Flight, ulds: Sequence[Weighed], places: dict[int, str], seconds: float) -> Stand:
    """The best positions that exchanges lead to.

    Args:
        flight: its aircraft and legs.
        ulds: what is on board.
        places: where each stands at first; weights and overlaps must be kept.
        seconds: how long to go on.
    """
    until = time.monotonic() + seconds
    seats = Seats(flight)
    at = {u: seats.at[name] for u, name in places.items()}
    for u, seat in at.items():
        seats.take(seat, ulds[u].segment, ulds[u].weight)
    best = stand(flight, ulds, places, 1.0)
    least = price(best)
    better = True
    while better and time.monotonic() < until:
        better = False
        for u in sorted(at):
            others: list[int | None] = [v for v in at if v > u and ulds[v].type == ulds[u].type]
            for v, seat in [(v, at[v]) for v in others if v is not None] + [
                (None, seat) for seat in seats.free(ulds[u].type, ulds[u].segment)
            ]:
                tried = {u: seat} if v is None else {u: seat, v: at[u]}
                if not _settle(seats, ulds, at, tried):
                    continue
                now = {**at, **tried}
                found = stand(
                    flight, ulds, {n: flight.aircraft.positions[s].name for n, s in now.items()}, 1.0
                )
                if price(found) < least - 1e-6:
                    best, least, better = found, price(found), True
                    at = now
                    continue
                for n, s in tried.items():
                    seats.take(s, ulds[n].segment, ulds[n].weight, -1)
                for n in tried:
                    seats.take(at[n], ulds[n].segment, ulds[n].weight)
            if time.monotonic() >= until:
                break
    return best


def _settle(seats: Seats, ulds: Sequence[Weighed], at: dict[int, int], tried: dict[int, int]) -> bool:
    """Take ULDs to other seats if they are free and bear them; if not, all is as before."""
    for n in tried:
        seats.take(at[n], ulds[n].segment, ulds[n].weight, -1)
    done: list[tuple[int, int]] = []
    for n, seat in tried.items():
        one = ulds[n]
        if seat not in seats.free(one.type, one.segment) or seats.most(seat, one.segment) < one.weight:
            for m, taken in done:
                seats.take(taken, ulds[m].segment, ulds[m].weight, -1)
            for m in tried:
                seats.take(at[m], ulds[m].segment, ulds[m].weight)
            return False
        seats.take(seat, one.segment, one.weight)
        done.append((n, seat))
    return True
