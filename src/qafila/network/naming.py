"""The name of a facility as a value that can be said in every language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from qafila.core.message import Choice, Message, Place, Template, Value
from qafila.network import network_messages as m
from qafila.network.model import Facility, Kind

_NAMES: dict[Kind, tuple[Template, ...]] = {
    Kind.DELIVERY_STATION: (m.DELIVERY_STATION,),
    Kind.SORTING_CENTRE: (m.SORTING_CENTRE,),
    Kind.WAREHOUSE: (m.WAREHOUSE,),
    Kind.CUSTOMS_OFFICE: (m.CUSTOMS_OFFICE,),
    Kind.PICKUP_POINT: (m.PICKUP_POINT,),
    Kind.AIRPORT: (m.INTERNATIONAL_AIRPORT, m.AIRPORT),
    Kind.PORT: (m.PORT,),
    Kind.RAIL_TERMINAL: (m.RAIL_TERMINAL,),
}
"""How feeds name facilities of a kind: by their place, or by a person, and the kind."""


@lru_cache(maxsize=65_536)
def place_of(facility: Facility) -> Place:
    """A facility as a place in a message: its name, and the same made of words where it is named by its kind."""
    return place_named(facility.id, facility.name, facility.kind)


def place_at(id: str, facilities: Mapping[str, Facility]) -> Place:
    """A facility known by its id, as a place in a message; by the id alone where the network has it no more."""
    known = facilities.get(id)
    return Place(id, id) if known is None else place_of(known)


def place_named(id: str, name: str, kind: Kind) -> Place:
    """A place of a kind, of which no facility is made yet, in the same way."""
    return Place(id, name, _said(name, kind))


def name_for(kind: Kind, town: str) -> str:
    """What a facility that has no name of its own is called in a feed."""
    return _NAMES[kind][-1].english.replace("{place}", town)


def named(message: Message, facilities: Mapping[str, Facility]) -> Message:
    """A message in which places that are known by their ids alone, as the router knows them, have their names."""
    values = {name: _named(v, facilities) for name, v in message.values.items()}
    return message if values == message.values else Message(message.template, values)


def _named(v: Value, facilities: Mapping[str, Facility]) -> Value:
    if isinstance(v, Place):
        known = facilities.get(v.id)
        return v if known is None else place_of(known)
    if isinstance(v, Message):
        return named(v, facilities)
    if isinstance(v, Choice):
        return Choice(tuple(_named(item, facilities) for item in v.items), v.every)
    return v


def _said(name: str, of: Kind) -> Message | None:
    number = ""
    head, _, last = name.rpartition(" ")
    if last.isdecimal():
        name, number = head, last
    for named in _NAMES.get(of, ()):
        kind = named.english.removeprefix("{place}")
        if name.endswith(kind):
            said = named(place=name.removesuffix(kind))
            return m.NUMBERED(name=said, number=number) if number else said
    return None
