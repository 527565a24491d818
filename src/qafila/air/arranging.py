"""A plan rearranged by hand: where each ULD is put, held to the rules that the engine keeps, and what it then costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qafila.air import air_messages as say
from qafila.air.flight import Flight, LoadPlan
from qafila.air.positions import Stand, Weighed, stand
from qafila.core.message import Message


@dataclass(frozen=True, slots=True)
class Arranged:
    """A plan with other positions, what is wrong with it (the leg's number and why), and its balance."""

    plan: LoadPlan
    wrong: tuple[tuple[int, Message], ...]


def weighed(flight: Flight, plan: LoadPlan) -> list[Weighed]:
    """The ULDs of a plan as positions see them."""
    number = {segment.name: n for n, segment in enumerate(flight.segments)}
    return [Weighed(u.type, number[u.segment], u.weight) for u in plan.ulds]


def places(plan: LoadPlan) -> dict[int, str]:
    """The position of each ULD on its first leg."""
    found: dict[int, str] = {}
    for leg in plan.stands:
        for name, uld in leg.items():
            found.setdefault(uld, name)
    return found


def arrange(flight: Flight, plan: LoadPlan, at: Mapping[int, str]) -> Arranged:
    """The plan with ULDs at other positions.

    Args:
        flight: aircraft, legs, segments.
        plan: what was built up; ULDs that `at` does not name stay where they are.
        at: the position of ULDs by their number, on all of their legs.

    Returns:
        The plan with balance and costs anew, and all that is wrong with it: two at one position, one that does not fit or is too
        heavy there, positions that overlap, limits, the envelope on each leg.
    """
    ulds = weighed(flight, plan)
    known = {p.name: p for p in flight.aircraft.positions}
    legs: list[dict[str, int]] = []
    wrong: list[tuple[int, Message]] = []
    for number, before in enumerate(plan.stands):
        here: dict[str, int] = {}
        stands = {uld: name for name, uld in before.items()}
        for uld in sorted(stands):
            name = at.get(uld, stands[uld])
            if name not in known:
                wrong.append((number, say.NO_SUCH_POSITION(uld=f"U{uld + 1}", position=name[:20])))
            elif name in here:
                wrong.append(
                    (number, say.TAKEN(position=name, uld=f"U{uld + 1}", other=f"U{here[name] + 1}"))
                )
            else:
                here[name] = uld
        legs.append(here)
        wrong += [(number, m) for m in _seats(flight, ulds, here)]
    placed = stand(flight, ulds, legs)
    wrong += _balance(flight, placed)
    costs = replace(plan.costs, fuel=placed.fuel, handling=placed.handling)
    made = replace(plan, stands=placed.legs, costs=costs, arms=placed.arms, lateral=placed.lateral, gap=0.0)
    return Arranged(made, tuple(wrong))


def _seats(flight: Flight, ulds: Sequence[Weighed], here: Mapping[str, int]) -> list[Message]:
    """What is wrong with who stands where on one leg."""
    craft = flight.aircraft
    known = {p.name: p for p in craft.positions}
    found: list[Message] = []
    for name, uld in sorted(here.items()):
        one, place = ulds[uld], known[name]
        if one.type not in place.takes:
            found.append(say.DOES_NOT_TAKE(position=name, type=one.type))
        if one.weight > place.most + 1e-6:
            found.append(
                say.HEAVY_THERE(
                    uld=f"U{uld + 1}", weight=round(one.weight), position=name, most=round(place.most)
                )
            )
    for pair in craft.overlaps:
        both = sorted(pair & here.keys())
        if len(both) == 2:
            found.append(say.OVERLAP(one=both[0], other=both[1]))
    for limit in craft.limits:
        load = sum(ulds[u].weight for n, u in here.items() if not limit.positions or n in limit.positions)
        if load > limit.most + 1e-6:
            found.append(say.LIMIT_PASSED(limit=limit.name, load=round(load), most=round(limit.most)))
    return found


def _balance(flight: Flight, placed: Stand) -> list[tuple[int, Message]]:
    craft = flight.aircraft
    return [
        (n, say.OUT_OF_BALANCE(arm=round(arm), forward=round(craft.forward), aft=round(craft.aft)))
        for n, arm in enumerate(placed.arms)
        if not craft.forward - 1e-6 <= arm <= craft.aft + 1e-6
    ]
