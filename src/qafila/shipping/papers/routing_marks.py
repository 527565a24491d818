"""What a sorter reads on a label: the three-level routing code in large type, and the GS1 transport elements beside it.

The first level is the country and the centre that serves the last station, the second the station (or the point's
station), the third the area of its round: the postcode, or the pick-up point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from qafila.core.identifiers import gs1, gs1_elements, s10
from qafila.core.identifiers import identifier_messages as m
from qafila.core.identifiers.errors import InvalidNumber
from qafila.network.model import Facility, Kind
from qafila.network.timetable import Goods
from qafila.runtime.settings import settings

_HUBS = frozenset({Kind.SORTING_CENTRE, Kind.AIRPORT, Kind.PORT, Kind.RAIL_TERMINAL, Kind.CUSTOMS_OFFICE})
_KEPT = 4  # networks of one process
_known: list[tuple[Mapping[str, Facility], dict[str, str]]] = []


def short_codes(facilities: Mapping[str, Facility]) -> Mapping[str, str]:
    """Three letters or a few more for each facility: the IATA or UN/LOCODE code where it has one, else made of its id; no two
    hubs of a country have the same, and no two stations. In the order of the feed: who adds a facility adds it at the end."""
    for known, codes in _known:
        if known is facilities:
            return codes
    made: dict[str, str] = {}
    taken: set[tuple[str, bool, str]] = set()
    coded = [f for f in facilities.values() if f.iata or f.unlocode]
    for one in (*coded, *(f for f in facilities.values() if not (f.iata or f.unlocode))):
        for code in _candidates(one):
            slot = one.country, one.kind in _HUBS, code
            if slot not in taken:
                taken.add(slot)
                made[one.id] = code
                break
    _known.append((facilities, made))
    del _known[:-_KEPT]
    return made


def _candidates(one: Facility) -> Iterator[str]:
    yield from filter(None, (one.iata, one.unlocode[2:]))
    letters = re.sub(r"[^A-Z0-9]", "", re.sub(r"^[A-Z]+-(?:[A-Z]{2}-)?", "", one.id.upper())) or "X"
    yield letters[:3]
    for n in range(2, len(letters)):
        yield letters[:2] + letters[n]
    for length in range(4, len(letters) + 1):
        yield letters[:length]
    n = 1
    while True:
        yield f"{letters[:3]}{n}"
        n += 1


def three_levels(way: list[str], facilities: Mapping[str, Facility], postcode: str) -> tuple[str, str, str]:
    """The routing code of a way that ends with the last facility which handles the parcel.

    Args:
        way: facilities in order.
        facilities: the network's, by id.
        postcode: of the door; empty where the parcel is fetched.
    """
    codes = short_codes(facilities)
    known = [f for f in way if f in facilities]
    if not known:
        return "", way[-1] if way else "", ""
    last = facilities[known[-1]]
    area = re.sub(r"[^0-9A-Z]", "", postcode.upper())[:8]
    at = len(known) - 1
    if last.kind is Kind.PICKUP_POINT:
        area = codes[last.id]
        at = max(0, at - 1)
    station = facilities[known[at]]
    hub = next((facilities[f] for f in reversed(known[:at]) if facilities[f].kind in _HUBS), station)
    return f"{last.country}-{codes[hub.id]}", codes[station.id], area


_SERVICES = "CH"
"""First letters of S10 numbers that a parcel of the hub may have: parcels and e-commerce."""


def sscc_of(number: str, prefix: str) -> str:
    """The SSCC of a parcel: its S10 number's serial under the hub's GS1 company prefix of 7 digits, so that each is found from
    the other. The two letters are in the extension digit and in the digit before the serial.

    Raises InvalidNumber where the number's first letter is none of a parcel.
    """
    plain = s10.parse(number)
    if plain[0] not in _SERVICES:
        raise InvalidNumber(m.NO_SSCC(number=number), value=number)
    letters = _SERVICES.index(plain[0]) * 26 + ord(plain[1]) - ord("A")
    body = f"{letters // 10}{prefix}{letters % 10}{plain[2:10]}"
    return body + str(gs1.check_digit(body))


def elements(
    number: str, levels: tuple[str, str, str], country: str, postcode: str, service: str, goods: Goods
) -> dict[str, str]:
    """The transport elements of a parcel (GS1 Scan4Transport); empty where no company prefix is set, or the number is another
    network's."""
    prefix = settings().gs1_prefix
    if not prefix:
        return {}
    try:
        sscc = sscc_of(number, prefix)
    except InvalidNumber:
        return {}
    return gs1_elements.transport(
        sscc,
        route="-".join(filter(None, levels)),
        country=country,
        postcode=postcode,
        service=service,
        dangerous=bool(goods & ~(Goods.PERISHABLE | Goods.OVERSIZE)),
    )
