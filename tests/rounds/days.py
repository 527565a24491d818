"""Small days of chance for tests, and what is true of them by trying everything."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from qafila.rounds.model import LOAD, Day, Doing, Plan, Rest, Stop, Travel, Vehicle
from qafila.rounds.timing import cost_of, ride_of, stops_of

MINUTE = 60
HOUR = 3600


def day_of_chance(seed: int, stops: int = 5, vehicles: int = 2, rest: bool = False, trips: int = 1) -> Day:
    """A day in a square of 30 by 30 minutes, with windows, loads, pick-ups, skills and a part that is ready late."""
    dice = np.random.default_rng(seed)
    xy = dice.uniform(0, 30, (stops + 1, 2))
    minutes = np.ceil(np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2))).astype(np.int64)
    travel = Travel(minutes * 700, minutes * MINUTE)
    made = []
    for place in range(1, stops + 1):
        begin = int(dice.integers(0, 5)) * HOUR
        made.append(
            Stop(
                f"S{place}",
                place,
                (int(dice.integers(0, 4)),),
                (int(dice.integers(0, 3)),),
                begin,
                begin + int(dice.integers(1, 4)) * HOUR,
                int(dice.integers(2, 12)) * MINUTE,
                int(dice.integers(0, 2)) * HOUR,
                frozenset({"cold"} if dice.random() < 0.2 else ()),
                worth=20_000,
            )
        )
    fleet = tuple(
        Vehicle(
            f"V{n}",
            0,
            0,
            (7,),
            latest=9 * HOUR,
            most=8 * HOUR,
            skills=frozenset({"cold"} if n == 0 else ()),
            fixed=500,
            metre=100,
            second=50,
            trips=trips,
            reload=10 * MINUTE,
            rest=Rest(3 * HOUR, 30 * MINUTE) if rest else None,
        )
        for n in range(vehicles)
    )
    return Day(tuple(made), fleet, (travel,))


def cheapest(day: Day) -> int:
    """The least that a day can cost, what is left out at its worth, by trying every order of every choice."""
    arrays = stops_of(day)
    best_of: list[dict[frozenset[int], int]] = []
    for vehicle in day.vehicles:
        ride, travel = ride_of(day, vehicle), day.travel[vehicle.kind]
        served = [i for i, s in enumerate(day.stops) if day.may(vehicle, s)]
        found = {frozenset(): 0}
        for count in range(1, len(served) + 1):
            for order in itertools.permutations(served, count):
                for route in trips_of(order, vehicle.trips):
                    cost = int(
                        cost_of(np.array(route, dtype=np.int64), arrays, ride, travel.metres, travel.seconds)
                    )
                    if cost >= 0:
                        found[frozenset(order)] = min(found.get(frozenset(order), 1 << 60), cost)
        best_of.append(found)
    best = 1 << 60
    for chosen in itertools.product(*(f.items() for f in best_of)):
        sets = [s for s, _ in chosen]
        if sum(map(len, sets)) != len(frozenset().union(*sets)):
            continue
        left = set(range(len(day.stops))) - frozenset().union(*sets)
        best = min(best, sum(c for _, c in chosen) + sum(day.stops[s].worth for s in left))
    return best


def trips_of(order: tuple[int, ...], most: int) -> list[list[int]]:
    """An order of stops cut into at most so many trips, in every way."""
    found = []
    for cuts in range(min(most, len(order))):
        for places in itertools.combinations(range(1, len(order)), cuts):
            route: list[int] = []
            for at, stop in enumerate(order):
                route += [LOAD, stop] if at in places else [stop]
            found.append(route)
    return found


def flaws(day: Day, plan: Plan) -> list[str]:
    """What a plan does not keep, found by walking it with nothing of the engine's own reckoning."""
    found = []
    stops = {s.id: s for s in day.stops}
    seen = [s for r in plan.rounds for s in r.stops]
    once = [s for s in seen if not s.startswith("fetch:")]  # two may fetch goods from one that fell out
    if len(once) != len(set(once)) or set(seen) | set(plan.left) != set(stops) or set(seen) & set(plan.left):
        found.append("each stop is served once or left with a reason")
    for made in plan.rounds:
        vehicle = next(v for v in day.vehicles if v.id == made.vehicle)
        travel = day.travel[vehicle.kind]
        here, time, metres, rested = vehicle.start, made.points[0].begins, 0, made.points[0].begins
        if vehicle.at is not None:  # he has been on his way already
            rested = min(rested, vehicle.earliest - vehicle.awake)
        trips = [[]]
        for point in made.points:
            trips += [[]] if point.doing is Doing.LOAD else []
            trips[-1] += [point.stop] if point.doing is Doing.STOP else []
        resting = 0
        for point in made.points[1:]:
            if point.doing is Doing.REST:
                found += [] if point.ends - point.begins >= vehicle.rest.seconds else ["a rest is short"]
                found += [] if point.begins >= time else ["a rest overlaps"]
                first = (
                    point.begins == made.points[0].begins
                )  # he should have rested before: at least he does at once
                if point.begins - rested > vehicle.rest.after and not first:
                    found.append(f"{vehicle.id} rests too late")
                resting += point.ends - point.begins
                rested = point.ends
                continue
            there = vehicle.ends
            if point.doing is Doing.STOP:
                there = stops[point.stop].place
            elif point.doing is Doing.LOAD:
                there = vehicle.begins
            metres += int(travel.metres[here, there])
            rode = int(travel.seconds[here, there])
            if point.begins < time + rode + resting or point.begins < rested:
                found.append(f"{point.stop or point.doing} begins before anybody can be there")
            if point.doing is Doing.STOP:
                stop = stops[point.stop]
                if not stop.earliest <= point.begins <= stop.latest:
                    found.append(f"{stop.id} is outside of its window")
                if point.ends - point.begins != stop.service:
                    found.append("service")
                if not day.may(vehicle, stop):
                    found.append(f"{vehicle.id} may not serve {stop.id}")
            if vehicle.rest and point.ends - rested > vehicle.rest.after:
                found.append(f"{vehicle.id} goes on without a rest for {point.ends - rested} s")
            here, time, resting = there, point.ends, 0
        ready = [max((stops[s].ready for s in t), default=0) for t in trips]
        leaves = [made.points[0].begins] + [p.ends for p in made.points if p.doing is Doing.LOAD]
        if any(r > at for r, at in zip(ready, leaves, strict=True)):
            found.append("goods were not ready")
        for names in trips:
            load = np.sum(
                [padded(stops[s].leaves, day.loads) for s in names] or [np.zeros(day.loads)], axis=0
            )
            for name in [None, *names]:
                if name:
                    load = load + padded(stops[name].takes, day.loads) - padded(stops[name].leaves, day.loads)
                if np.any(load > padded(vehicle.capacity, day.loads)):
                    found.append(f"{vehicle.id} is too full")
        if len(trips) > vehicle.trips or time > vehicle.latest or made.points[0].begins < vehicle.earliest:
            found.append(f"{vehicle.id}: trips or hours")
        if (
            made.seconds != time - made.points[0].begins
            or made.seconds > vehicle.most
            or metres != made.metres
        ):
            found.append(f"{vehicle.id}: seconds or metres")
        if made.cost != vehicle.fixed + (metres * vehicle.metre + made.seconds * vehicle.second) // 1000:
            found.append(f"{vehicle.id}: cost")
    return found


def padded(values: tuple[int, ...], loads: int) -> np.ndarray:
    """A load with a number for each kind."""
    return np.array([*values, *[0] * (loads - len(values))])


def without(day: Day, vehicle: str) -> Day:
    """The day without a vehicle."""
    return replace(day, vehicles=tuple(v for v in day.vehicles if v.id != vehicle))
