"""Which orders have no way at all: asked of many at once, in a fraction of what their offers take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qafila.network.timetable import Timetable
from qafila.routing.border_masks import law, unlawful
from qafila.routing.earliest import earliest
from qafila.routing.in_town import in_town
from qafila.routing.index import NEVER, horizon
from qafila.routing.itinerary import Answer, Query
from qafila.routing.refusal import refuse
from qafila.routing.room_left import Room
from qafila.shipping.offers.offering import Market, NoOffer, no_way, query
from qafila.shipping.orders.order import Order

_AT_ONCE = 400
"""Orders that share one view of the room: it keeps a mask of the rides for every other set of full departures."""


def without_way(
    orders: Sequence[Order], market: Market, left: Mapping[int, tuple[int, int]]
) -> dict[int, NoOffer]:
    """For each order, by its place, that no service takes to its end: why, as an offer would be refused.

    `left` is that of Room. One search from an origin at a minute serves all destinations of the orders that
    are alike in goods, borders and the departures that are full for them; it looks for the earliest arrival
    alone.
    """
    found: dict[int, NoOffer] = {}
    for start in range(0, len(orders), _AT_ONCE):
        some = orders[start : start + _AT_ONCE]
        refused = _unreached(
            [query(order, market) for order in some], market.timetable, Room(market.timetable, left)
        )
        found |= {start + n: no_way(some[n], answer, market) for n, answer in refused.items()}
    return found


def _unreached(queries: Sequence[Query], t: Timetable, room: Room) -> dict[int, Answer]:
    """The answers of those queries, by their place, that have no itinerary."""
    around = {n for n, q in enumerate(queries) if in_town(t, q)}  # in to the facility, and out again
    asked = {n: replace(q, destinations=_facility(t, q)) if n in around else q for n, q in enumerate(queries)}
    minutes = _arrivals(asked, t, room)
    back = {
        n: replace(queries[n], origins=_facility(t, queries[n]), ready=minutes[n])
        for n in around
        if minutes[n] != NEVER
    }
    asked |= back
    minutes |= _arrivals(back, t, room)
    refused: dict[int, Answer] = {}
    of: dict[object, Answer] = {}
    for n, q in asked.items():
        if minutes[n] != NEVER:
            continue
        full = room.closed(q.grams, q.cm3)
        alike = (q.origins, q.destinations, q.ready, q.goods, id(full))
        if alike not in of:
            of[alike] = Answer((), refuse(t, q, full, law(t, q.origins, q.destinations)))
        refused[n] = of[alike]
    return refused


def _facility(t: Timetable, asked: Query) -> tuple[int]:
    return (int(t.node_facility[asked.origins[0]]),)


def _arrivals(queries: Mapping[int, Query], t: Timetable, room: Room) -> dict[int, int]:
    """The earliest minute of each query; NEVER where there is no way."""
    alike: defaultdict[object, list[int]] = defaultdict(list)
    for n, q in queries.items():
        full = room.closed(q.grams, q.cm3)
        alike[q.origins, q.ready, q.goods, law(t, q.origins, q.destinations), id(full)].append(n)
    minutes: dict[int, int] = {}
    for group in alike.values():
        q = queries[group[0]]
        if not 0 <= q.ready <= horizon(t):
            minutes |= dict.fromkeys(group, int(NEVER))
            continue
        closed, borders = room.closed(q.grams, q.cm3), law(t, q.origins, q.destinations)
        if borders is not None:
            against = unlawful(t, borders)
            closed = against if closed is None else closed | against
        ends = sorted({node for n in group for node in queries[n].destinations})
        soonest, _ = earliest(t, q.origins, q.ready, q.goods, q.avoid_modes, closed, ends)
        minutes |= {n: min(int(soonest[node]) for node in queries[n].destinations) for n in group}
    return minutes
