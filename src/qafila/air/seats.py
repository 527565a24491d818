"""Which position a ULD is built for while loads are still sought: what is free, and how heavy it may become there."""

from __future__ import annotations

from qafila.air.flight import Flight


class Seats:
    """Positions taken and kg on board, by leg; kept up to date as ULDs come and go."""

    def __init__(self, flight: Flight) -> None:
        self.flight = flight
        craft = flight.aircraft
        self.at = {p.name: n for n, p in enumerate(craft.positions)}
        self.conflicts: list[list[int]] = [[] for _ in craft.positions]
        for pair in craft.overlaps:
            ends = [self.at[name] for name in pair if name in self.at]
            if len(ends) == 2:
                self.conflicts[ends[0]].append(ends[1])
                self.conflicts[ends[1]].append(ends[0])
        everywhere = frozenset(self.at)
        self.limits_of: list[list[int]] = [[] for _ in craft.positions]
        for number, limit in enumerate(craft.limits):
            for name in limit.positions or everywhere:
                if name in self.at:
                    self.limits_of[self.at[name]].append(number)
        self.legs = [flight.legs_of(s.name) for s in flight.segments]
        self.load = [[0.0] * len(craft.limits) for _ in flight.legs]
        self.taken = [[0] * len(craft.positions) for _ in flight.legs]

    def free(self, uld_type: str, segment: int) -> list[int]:
        """Positions that take this type and are free on all legs of the segment."""
        found = []
        for n, position in enumerate(self.flight.aircraft.positions):
            if uld_type in position.takes and all(
                not self.taken[leg][n] and not any(self.taken[leg][c] for c in self.conflicts[n])
                for leg in self.legs[segment]
            ):
                found.append(n)
        return found

    def most(self, position: int, segment: int) -> float:
        """The kg that a ULD may weigh here now, tare included."""
        limits = self.flight.aircraft.limits
        most = self.flight.aircraft.positions[position].most
        for leg in self.legs[segment]:
            for number in self.limits_of[position]:
                most = min(most, limits[number].most - self.load[leg][number])
        return most

    def slack(self) -> float:
        """The share of the aircraft's whole payload that is still free, on its fullest leg."""
        left = 1.0
        for number, limit in enumerate(self.flight.aircraft.limits):
            if not limit.positions:
                left = min(left, *(1 - load[number] / limit.most for load in self.load), 1.0)
        return left

    def free_weight(self, segment: int) -> float:
        """The kg of the aircraft's whole payload that a segment could still use."""
        return min(
            (
                limit.most - self.load[leg][number]
                for number, limit in enumerate(self.flight.aircraft.limits)
                if not limit.positions
                for leg in self.legs[segment]
            ),
            default=float("inf"),
        )

    def take(self, position: int, segment: int, weight: float, sign: int = 1) -> None:
        """Put a ULD here, or with sign -1 take it away."""
        for leg in self.legs[segment]:
            self.taken[leg][position] += sign
            for number in self.limits_of[position]:
                self.load[leg][number] += sign * weight
