"""Positions made cheaper by exchange: two ULDs change places, or one goes to a free place, for good or from a stop on.

It begins from positions that keep to all weights and needs no solver, so there is always an answer. A ULD that is moved
at a stop is taken out and put in again, which costs handling and may save more fuel on the legs that follow.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from qafila.air.flight import Flight
from qafila.air.positions import Stand, Weighed, price, stand

Legs = list[dict[str, int]]


def improve(flight: Flight, ulds: Sequence[Weighed], legs: Sequence[dict[str, int]], seconds: float) -> Stand:
    """The best positions that exchanges lead to.

    Args:
        flight: its aircraft and legs.
        ulds: what is on board.
        legs: where each stands at first, by leg and position; weights and overlaps must be kept.
        seconds: how long to go on.
    """
    until = time.monotonic() + seconds
    best = stand(flight, ulds, legs, 1.0)
    least = price(best)
    better = True
    while better:
        better = False
        for tried in _neighbours(flight, ulds, best):
            if time.monotonic() >= until:
                return best
            found = stand(flight, ulds, tried, 1.0)
            if price(found) < least - 1e-6 and all(allowed(flight, ulds, leg) for leg in tried):
                best, least, better = found, price(found), True
                break
    return best


def allowed(flight: Flight, ulds: Sequence[Weighed], leg: dict[str, int]) -> bool:
    """Whether ULDs may stand like this on a leg: types, weights, limits, and none on two positions that overlap."""
    craft = flight.aircraft
    place = {p.name: p for p in craft.positions}
    for name, u in leg.items():
        if ulds[u].type not in place[name].takes or ulds[u].weight > place[name].most:
            return False
    if any(pair <= leg.keys() for pair in craft.overlaps):
        return False
    return all(
        sum(ulds[u].weight for name, u in leg.items() if not limit.positions or name in limit.positions)
        <= limit.most + 1e-6
        for limit in craft.limits
    )


def _neighbours(flight: Flight, ulds: Sequence[Weighed], now: Stand) -> Iterator[Legs]:
    """All exchanges of a ULD with what stands elsewhere, from its first leg or from a later one on."""
    place = {p.name: p for p in flight.aircraft.positions}
    for start in range(len(flight.legs)):
        for old, u in list(now.legs[start].items()):
            for name, at in place.items():
                if name == old or ulds[u].type not in at.takes or ulds[u].weight > at.most:
                    continue
                other = now.legs[start].get(name)
                if other is not None and (other < u or ulds[other].type not in place[old].takes):
                    continue  # every pair comes once
                exchanged = _exchanged(now, start, u, name)
                if exchanged is not None:
                    yield exchanged


def _exchanged(now: Stand, start: int, u: int, name: str) -> Legs | None:
    """ULD `u` at position `name` from leg `start` on, and whatever stands there where `u` stood.

    None where a third one comes to stand on either of the two positions at a later stop.
    """
    legs: Legs = [dict(leg) for leg in now.legs]
    old = next(place for place, n in legs[start].items() if n == u)
    other = legs[start].get(name)
    for leg in legs[start:]:
        was = {n: place for place, n in leg.items()}
        if was.get(u) == old:
            del leg[old]
        if other is not None and was.get(other) == name:
            del leg[name]
        if was.get(u) == old:
            leg[name] = u
        if other is not None and was.get(other) == name:
            leg[old] = other
        if len(leg) < len(was):
            return None
    return legs
