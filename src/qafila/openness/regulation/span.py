"""What figures are about: a span of time, the log up to a size, and where departures leave from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from qafila.core.values import value
from qafila.network.model import Feed

Departures = Mapping[str, tuple[str, int]]
"""Where a departure `service/day/call` leaves from, and its payload in grams; without those that the network has not."""


@value
class Span:
    """What figures are made of.

    Attributes:
        since: the first instant, aware.
        until: the first instant behind it.
        size: entries of the log that count: those of a published checkpoint.
        now: when it is asked: what is overdue is so at this instant.
        country: the hub's own (ISO 3166 alpha-2), from which exports are counted.
    """

    since: datetime
    until: datetime
    size: int
    now: datetime
    country: str


@dataclass(frozen=True, slots=True)
class Rooms:
    """The room of departures by the published feed."""

    feed: Feed

    def departures(self, wanted: Iterable[str]) -> dict[str, tuple[str, int]]:
        """The facility and the grams of departures, by `service/day/call`; those not in this network are left out."""
        grams = {(one.service, one.sequence): one.kg for one in self.feed.capacities}
        found = {}
        for one in set(wanted):
            service, _, call = one.rsplit("/", 2)
            calls = self.feed.service_calls.get(service, ())
            if not call.isdecimal() or int(call) >= len(calls):
                continue
            at = calls[int(call)]
            kg = grams.get((service, at.sequence), grams.get((service, None)))
            if kg:
                found[one] = (at.facility, round(kg * 1000))
        return found
