"""A market in which no place has its name: what is offered may follow from what a place costs and when it departs, not from which it is.

The places keep their nodes, fees, hours and territories, which the published feed has; ids, names and codes are others. An
engine that favours a warehouse or a hub for its own sake answers otherwise here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from qafila.network.timetable import Timetable
from qafila.shipping.offers.blanks import Blanks
from qafila.shipping.offers.offering import Market
from qafila.shipping.orders.order import Address, Order

_KEPT = 4
_known: OrderedDict[int, tuple[Timetable, Market, dict[str, str]]] = OrderedDict()


def market(place: Market) -> tuple[Market, Mapping[str, str]]:
    """The same market without names; and the id that each place has in it, by its own."""
    found = _known.get(id(place.timetable))
    if found is None or found[0] is not place.timetable or found[1].rulebook is not place.rulebook:
        ids = {id: f"place-{n:06d}" for n, id in enumerate(place.timetable.facility_ids)}
        facilities = {
            ids[id]: replace(one, id=ids[id], name=_name(ids[id]), city="", iata="", unlocode="", gln="")
            for id, one in place.facilities.items()
            if id in ids
        }
        nameless = replace(place.timetable, facility_ids=tuple(ids.values()))
        made = Market.of(nameless, facilities, place.rulebook, place.rates, place.foretold)
        found = _known[id(place.timetable)] = (place.timetable, made, ids)
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return replace(found[1], rates=place.rates, answers={}, blanks=Blanks()), found[2]


def order(told: Order, ids: Mapping[str, str]) -> Order:
    """The order between the same places without names."""
    return replace(told, sender=_address(told.sender, ids), receiver=_address(told.receiver, ids))


def _address(one: Address, ids: Mapping[str, str]) -> Address:
    return replace(one, facility_id=ids.get(one.facility_id or "", one.facility_id))


def named(answer: Any, ids: Mapping[str, str], place: Market) -> Any:
    """An answer with the names of places put back."""
    back = {alias: id for id, alias in ids.items()}
    back |= {_name(alias): place.facilities[id].name for id, alias in ids.items() if id in place.facilities}

    def put_back(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: put_back(one) for key, one in value.items()}
        if isinstance(value, list):
            return [put_back(one) for one in value]
        return back.get(value, value) if isinstance(value, str) else value

    return put_back(answer)


def _name(alias: str) -> str:
    return f"The place {alias}"
