"""Why there is no itinerary: the constraint that binds, and what would lift it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from qafila.core.message import Choice, Place, Term, Value
from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing import routing_messages as m
from qafila.routing.border_masks import Law, unlawful
from qafila.routing.earliest import earliest
from qafila.routing.index import NEVER
from qafila.routing.itinerary import Query, Refusal

_GOODS = {
    Goods.LITHIUM: m.LITHIUM,
    Goods.LITHIUM_BUILT_IN: m.LITHIUM_BUILT_IN,
    Goods.LIQUID_FLAMMABLE: m.LIQUID_FLAMMABLE,
    Goods.AEROSOL: m.AEROSOL,
    Goods.MAGNETIC: m.MAGNETIC,
    Goods.PERISHABLE: m.PERISHABLE,
    Goods.OVERSIZE: m.OVERSIZE,
    Goods.OTHER_DANGEROUS: m.OTHER_DANGEROUS,
}


def refuse(
    timetable: Timetable,
    query: Query,
    full: NDArray[np.bool_] | None,
    law: Law | None = None,
) -> Refusal:
    """The constraint that keeps `query` from every destination.

    Constraints are lifted one at a time, the easiest first (the date, the full departures, the modes to
    avoid, the goods), then together; the first that opens a way is the one that binds. What is left when
    all are lifted is the network itself. `full` are rides without room; what the law of borders closes
    stays closed while the others are lifted.
    """
    t = timetable
    against = None if law is None else unlawful(t, law)
    closed = full if against is None else against if full is None else full | against
    a, b = _names(t, query.origins), _names(t, query.destinations)
    last_call = int(t.ride_board_by.max()) if t.rides else 0
    if not t.rides:
        return Refusal("horizon", m.NO_SERVICE_FROM(day=t.instant(0).date()), m.ASK_WITHIN_CALENDARS())
    if not 0 <= query.ready <= last_call:
        first, last = t.instant(0), t.instant(last_call)
        return Refusal(
            "horizon",
            m.OUTSIDE_TIMETABLE(first=first.date(), last=last.date(), ready=t.instant(query.ready)),
            m.ASK_WITHIN_TIMETABLE(last=last),
        )

    def arrival(
        goods: Goods = query.goods,
        avoid: frozenset[Mode] = query.avoid_modes,
        shut: NDArray[np.bool_] | None = closed,
    ) -> int | None:
        minute, _ = earliest(t, query.origins, query.ready, goods, avoid, shut, query.destinations)
        soonest = int(min(minute[d] for d in query.destinations))
        return None if soonest == NEVER else soonest

    late = arrival()
    if late is not None:
        when = t.instant(late)
        assert query.latest is not None
        return Refusal(
            "latest",
            m.NOTHING_BY_THEN(latest=t.instant(query.latest), arrival=when),
            m.ALLOW_LATER(arrival=when),
        )
    if full is not None and (found := arrival(shut=against)) is not None:
        return Refusal("capacity", m.FULL(a=a, b=b), m.WITH_ROOM(arrival=t.instant(found)))
    for mode in sorted(query.avoid_modes):
        if (found := arrival(avoid=query.avoid_modes - {mode})) is not None:
            return Refusal(
                "mode",
                m.ONLY_BY_MODE(a=a, b=b, mode=_mode(mode)),
                m.ALLOW_MODE(mode=_mode(mode), arrival=t.instant(found)),
            )
    for kind in _kinds(query.goods):
        path = _path(t, query, query.goods & ~kind, against)
        if path:
            return _goods(t, query, kind, path)
    free = _path(t, query, Goods.NONE, against)
    if free:
        return _goods(t, query, query.goods, free)
    if arrival(goods=Goods.NONE, avoid=frozenset(), shut=against) is not None:
        return Refusal("several", m.SEVERAL(a=a, b=b), m.ALLOW_MORE())
    if against is not None and (found := arrival(goods=Goods.NONE, avoid=frozenset(), shut=None)) is not None:
        return Refusal("customs", m.THIRD_TERRITORY(a=a, b=b), m.GO_UNDER_BOND())
    return Refusal(
        "unreachable",
        m.UNREACHABLE(a=a, b=b, ready=t.instant(query.ready).date(), end=t.instant(last_call).date()),
        m.CHOOSE_SERVED(),
    )


def _kinds(goods: Goods) -> Iterable[Goods]:
    return (kind for kind in Goods if kind & goods)


def _path(t: Timetable, query: Query, goods: Goods, closed: NDArray[np.bool_] | None) -> list[int]:
    """Rides of the earliest way for other goods, with nothing else lifted but capacity."""
    minute, via = earliest(
        t, query.origins, query.ready, goods, query.avoid_modes, closed, query.destinations
    )
    node = min(query.destinations, key=lambda d: int(minute[d]))
    rides: list[int] = []
    while via[node] >= 0:
        rides.append(int(via[node]))
        node = int(t.ride_from[via[node]])
    return rides[::-1]


def _goods(t: Timetable, query: Query, kind: Goods, path: list[int]) -> Refusal:
    what = Choice(tuple(_GOODS[k]() for k in _kinds(kind)), every=True)
    rides = tuple(
        m.RIDE(
            origin=_names(t, [int(t.ride_from[r])]),
            destination=_names(t, [int(t.ride_to[r])]),
            mode=_mode(Mode(t.ride_mode[r])),
        )
        for r in path
        if int(t.ride_forbids[r]) & int(kind)
    )
    return Refusal(
        "goods",
        m.NOT_THESE_GOODS(
            a=_names(t, query.origins),
            b=_names(t, query.destinations),
            goods=what,
            rides=Choice(rides[:3], every=True),
        ),
        m.WITHOUT_THESE_GOODS(goods=what, arrival=t.instant(int(t.ride_ready_at[path[-1]]))),
    )


def _mode(mode: Mode) -> Term:
    return Term("mode", mode.name.lower())


def _names(t: Timetable, nodes: Iterable[int]) -> Value:
    """The facilities of some nodes, by their ids: the router knows no names, see network.naming."""
    ids = list(dict.fromkeys(t.facility_ids[t.node_facility[n]] for n in nodes))
    places = Choice(tuple(Place(id, id) for id in ids[:3]), every=True)
    return m.MORE_PLACES(places=places, n=len(ids) - 3) if len(ids) > 3 else places
