"""Why there is no itinerary: the constraint that binds, and what would lift it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from qafila.network.timetable import Goods, Mode, Timetable
from qafila.routing.border_masks import Law, unlawful
from qafila.routing.earliest import earliest
from qafila.routing.index import NEVER
from qafila.routing.itinerary import Query, Refusal

_GOODS_NAMES = {
    Goods.LITHIUM: "lithium batteries",
    Goods.LITHIUM_BUILT_IN: "lithium batteries in equipment",
    Goods.LIQUID_FLAMMABLE: "flammable liquids",
    Goods.AEROSOL: "aerosols",
    Goods.MAGNETIC: "magnetic goods",
    Goods.PERISHABLE: "perishable goods",
    Goods.OVERSIZE: "oversize parcels",
    Goods.OTHER_DANGEROUS: "dangerous goods",
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
    places = f"{_names(t, query.origins)} and {_names(t, query.destinations)}"
    last_call = int(t.ride_board_by.max()) if t.rides else 0
    if not t.rides:
        return Refusal(
            "horizon",
            f"No service of the network runs from {t.instant(0):%Y-%m-%d} on.",
            "Ask for goods that are ready while its calendars run, or load a feed that covers that date.",
        )
    if not 0 <= query.ready <= last_call:
        first, last = t.instant(0), t.instant(last_call)
        return Refusal(
            "horizon",
            f"The timetable covers departures from {first:%Y-%m-%d} to {last:%Y-%m-%d}; the goods are ready at "
            f"{t.instant(query.ready):%Y-%m-%d %H:%M} UTC.",
            f"Ask for goods that are ready by {last:%Y-%m-%d %H:%M} UTC, or load a feed that covers that date.",
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
        when = f"{t.instant(late):%Y-%m-%d %H:%M} UTC"
        assert query.latest is not None
        return Refusal(
            "latest",
            f"Nothing arrives by {t.instant(query.latest):%Y-%m-%d %H:%M} UTC: the first that can be boarded arrives on {when}.",
            f"Allow arrival until {when}, or have the goods ready earlier.",
        )
    if full is not None and (found := arrival(shut=against)) is not None:
        return Refusal(
            "capacity",
            f"Every way between {places} has a departure without room for this parcel.",
            f"With room it would arrive on {t.instant(found):%Y-%m-%d %H:%M} UTC: send a lighter or smaller "
            "parcel, or wait for space that is given back.",
        )
    for mode in sorted(query.avoid_modes):
        if (found := arrival(avoid=query.avoid_modes - {mode})) is not None:
            return Refusal(
                "mode",
                f"Every way between {places} uses {mode.name.lower()}, which is to be avoided.",
                f"Allow {mode.name.lower()}: arrival on {t.instant(found):%Y-%m-%d %H:%M} UTC.",
            )
    for kind in _kinds(query.goods):
        path = _path(t, query, query.goods & ~kind, against)
        if path:
            return _goods(t, query, kind, path)
    free = _path(t, query, Goods.NONE, against)
    if free:
        return _goods(t, query, query.goods, free)
    if arrival(goods=Goods.NONE, avoid=frozenset(), shut=against) is not None:
        return Refusal(
            "several",
            f"Between {places} the goods, the modes to be avoided and full departures together leave no way.",
            "Allow more modes, or ship the restricted goods apart.",
        )
    if against is not None and (found := arrival(goods=Goods.NONE, avoid=frozenset(), shut=None)) is not None:
        return Refusal(
            "customs",
            f"Every way between {places} would have to be released, and duty paid, in a third territory.",
            "Add a service that carries goods under bond through that territory, or send the goods in two parts.",
        )
    return Refusal(
        "unreachable",
        f"No services join {places} between {t.instant(query.ready):%Y-%m-%d} and the end of the timetable on "
        f"{t.instant(last_call):%Y-%m-%d}.",
        "Choose a facility that is served, or add a service to the network.",
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
    what = " and ".join(_GOODS_NAMES[k] for k in _kinds(kind))
    legs = [r for r in path if int(t.ride_forbids[r]) & int(kind)]
    where = ", ".join(
        f"{Mode(t.ride_mode[r]).name.lower()} {_names(t, [int(t.ride_from[r])])} → {_names(t, [int(t.ride_to[r])])}"
        for r in legs[:3]
    )
    arrival = t.instant(int(t.ride_ready_at[path[-1]]))
    return Refusal(
        "goods",
        f"No way between {_names(t, query.origins)} and {_names(t, query.destinations)} takes {what}: "
        f"the way for other goods uses {where}.",
        f"Without {what} the parcel arrives on {arrival:%Y-%m-%d %H:%M} UTC; or add a service that takes them.",
    )


def _names(t: Timetable, nodes: Iterable[int]) -> str:
    ids = dict.fromkeys(t.facility_ids[t.node_facility[n]] for n in nodes)
    names = list(ids)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
