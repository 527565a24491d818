"""The papers of a shipment: invoice, packing list, CN22 or CN23, origin declaration, EUR.1 data sheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from qafila.context import Rules
from qafila.core.money import ExchangeRates, Money
from qafila.network.model import Facility
from qafila.network.network_places import country_name
from qafila.runtime.language import DEFAULT, LANGUAGES, render
from qafila.runtime.settings import settings
from qafila.shipping.orders.declared import declared_hs
from qafila.shipping.orders.order import Address, Item, Order
from qafila.shipping.orders.parts import in_box, shares
from qafila.shipping.papers.barcodes import s10_svg
from qafila.shipping.papers.binding import joined
from qafila.shipping.papers.labels import BookedShipment, address_lines, kilograms, printable
from qafila.shipping.papers.typesetting import typeset_many, typeset_papers

# letter post: Universal Postal Convention Regulations, 17-104 and 17-105
_LETTER_GRAMS, _LETTER_SIDES_MM, _LETTER_LONGEST_MM = 2_000, 900, 600
"""Letters of a description on a CN22 or CN23; the invoice has more of them."""
# longer than any column is wide, without a hyphen; Chinese breaks between any two signs
_ENDLESS = re.compile(r"[^\s\u2010\u0590-\u08ff\u2e80-\uffef-]{25,}")
_PIECE = 14  # letters that the narrowest column takes


def documents_pdf(
    parcels: Sequence[BookedShipment],
    facilities: Mapping[str, Facility],
    rules: Rules,
    executor: Executor | None = None,
) -> bytes:
    """All papers of all parcels as one PDF, parcel by parcel."""
    records = [record for parcel in parcels for record in papers(parcel, facilities, rules)]
    return joined(typeset_many(typeset_papers, records, executor))


def papers(parcel: BookedShipment, facilities: Mapping[str, Facility], rules: Rules) -> list[dict[str, Any]]:
    """The records of a shipment's papers, in the order in which they are printed.

    Always one invoice, with the origin declaration where a preference is claimed and the value allows one;
    over a border a CN22 or CN23 for each parcel, and the EUR.1 data sheet where the value needs the certificate; a
    packing list for trade and wherever there are several kinds of goods or parcels.
    """
    order, legs = parcel.order, parcel.offer.itinerary.legs
    ends = [facilities[f].territory for f in (legs[0].from_facility, legs[-1].to_facility) if f in facilities]
    crosses = len(set(ends)) != 1
    origin, proof = _origin(parcel, rules) if crosses else (None, "")
    facts = {**_facts(parcel, rules.rates), "origin": origin if proof == "origin_declaration" else None}
    reached = {
        "sender": [*facts["sender"], *_reached(order.sender)],
        "receiver": [*facts["receiver"], *_reached(order.receiver)],
    }
    made = [{**facts, **reached, "kind": "invoice"}]
    if order.trade == "b2b" or len(order.items) > 1 or order.parcels:
        made.append({**facts, "items": _packed(parcel, facts["items"]), "kind": "packing"})
    if crosses:
        made += _customs_forms(parcel, facts, rules.rates)
    if proof == "eur1":
        made.append({**facts, "origin": origin, "kind": "eur1"})
    return made


def _packed(shipment: BookedShipment, items: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows of a packing list: of several parcels each with its number, size and weight, then what lies in it."""
    order = shipment.order
    if not order.parcels:
        return items
    rows = []
    for n, (number, box) in enumerate(zip(shipment.numbers, order.parcels, strict=True)):
        head = f"{shipment.part(n)} · {number} · {_sides(box.length_mm, box.width_mm, box.height_mm)}"
        rows.append({"description": head, "hs": "", "quantity": "", "net": kilograms(box.grams)})
        inside = in_box(order, box)
        net = _net_kg(inside)
        rows += [_item(inside, i, item, net) for i, item in enumerate(inside.items)]
    return rows


def _customs_forms(
    shipment: BookedShipment, facts: dict[str, Any], rates: ExchangeRates
) -> list[dict[str, Any]]:
    """The CN22 or CN23 of each parcel: what lies in it, and its share of the freight by weight."""
    order, languages = shipment.order, _postal(facts["languages"])
    boxes = order.boxes
    freight = []
    if order.parcels:
        price = rates.convert(shipment.offer.price, order.value.currency, shipment.booked_on)
        freight = shares(price, [box.grams for box in boxes])
    made = []
    for n, (number, box) in enumerate(zip(shipment.numbers, boxes, strict=True)):
        own = facts
        if order.parcels:
            inside = in_box(order, box)
            net = _net_kg(inside)
            own = {
                **facts,
                "number": number,
                "freight": str(freight[n]),
                "goods_total": str(inside.value),
                "items": [_item(inside, i, item, net) for i, item in enumerate(inside.items)],
                "net": f"{sum(net):.3f} kg",
                "gross": kilograms(box.grams),
                "comments": " · ".join(part for part in (shipment.part(n), facts["comments"]) if part),
            }
        kind = _form(in_box(order, box) if order.parcels else order, shipment.booked_on, rates)
        made.append({**own, "languages": languages, "kind": kind})
        if kind == "cn23":
            made[-1]["bars"] = s10_svg(number)
    return made


def _origin(parcel: BookedShipment, rules: Rules) -> tuple[dict[str, str] | None, str]:
    """What the proof of origin says, and which proof the value needs: "" where none is claimed or serves."""
    order = parcel.order
    agreement = rules.rulebook.agreements.get(order.preference) if order.preference else None
    if agreement is None:
        return None, ""
    importing = order.receiver.country
    proof = agreement.proof_for(order.value, importing, parcel.booked_on, rules.rates)
    language = languages_for(importing)[0]
    country, destination = (
        country_name(code, language) for code in (order.items[0].origin or order.sender.country, importing)
    )
    facts = {
        "agreement": render(agreement.name, LANGUAGES.get(language, DEFAULT)),
        "country": country,
        "destination": destination,
        "between": f"{country} – {destination}",
    }
    return facts, proof.kind if proof else ""


def _reached(address: Address) -> list[str]:
    """How a party of an invoice is reached and known to authorities: phone, e-mail, its number with that number's name."""
    known = {"MA": "ICE", "CN": "USCC", "TR": "VKN"}.get(address.country, "Tax id / EORI")
    number = f"{known} {address.tax_id}" if address.tax_id else ""
    return [breakable(printable(line)) for line in (address.phone, address.email, number) if line]


def _reference(address: Address) -> str:
    """A party's number and how it is reached, on one line."""
    return printable(" ".join(part for part in (address.tax_id, address.phone, address.email) if part))


def _form(order: Order, on: date, rates: ExchangeRates) -> str:
    """CN22 for what goes as letter post, by weight and size and within the value that the post sets; else CN23."""
    sides = (order.length_mm, order.width_mm, order.height_mm)
    if order.grams > _LETTER_GRAMS or sum(sides) > _LETTER_SIDES_MM or max(sides) > _LETTER_LONGEST_MM:
        return "cn23"
    limit = settings().cn22_limit_sdr
    value = rates.convert(order.value, "XDR", on)
    return "cn23" if limit is not None and value.amount > limit else "cn22"


def _facts(parcel: BookedShipment, rates: ExchangeRates) -> dict[str, Any]:
    order, offer = parcel.order, parcel.offer
    languages = languages_for(order.receiver.country)
    goods = order.value
    freight = rates.convert(offer.price, goods.currency, parcel.booked_on)
    insurance = sum(
        (line.amount for line in offer.landed_cost if line.kind == "insurance"),
        start=Money(Decimal(0), offer.price.currency),
    )
    insurance = rates.convert(insurance, goods.currency, parcel.booked_on)
    net = _net_kg(order)
    terms = "DDP" if order.taxes_paid_by == "sender" else "DAP"
    return {
        "languages": languages,
        "rtl": languages[0] == "ar",
        "number": parcel.number + (f" + {len(parcel.numbers) - 1}" if order.parcels else ""),
        "packages": str(len(parcel.numbers)),
        "order_id": printable(order.id),
        "date": parcel.booked_on.isoformat(),
        "terms": f"{terms} {printable(order.receiver.city)} (Incoterms 2020)",
        "sender": [breakable(line) for line in address_lines(order.sender)],
        "receiver": [breakable(line) for line in address_lines(order.receiver)],
        "sender_reference": _reference(order.sender),
        "importer_reference": _reference(order.receiver),
        "items": [_item(order, i, item, net) for i, item in enumerate(order.items)],
        "goods_total": str(goods),
        "freight": str(freight),
        "insurance": str(insurance),
        "total": str((goods + freight + insurance).rounded()),
        "dimensions": "" if order.parcels else _sides(order.length_mm, order.width_mm, order.height_mm),
        "net": f"{sum(net):.3f} kg",
        "gross": kilograms(order.grams),
        "proposed": bool(order.estimates),
        "category": "sale" if order.trade in ("b2c", "b2b") else "gift",
        "comments": printable(order.note),
        "licence": "",
        "certificate": "",
    }


def _sides(*mm: int) -> str:
    return " × ".join(f"{side / 10:g}" for side in mm) + " cm"


def _item(order: Order, index: int, item: Item, net: list[Decimal]) -> dict[str, str]:
    completed = {e.field for e in order.estimates}
    star = {f: "*" if f"items[{index}].{f}" in completed else "" for f in ("hs", "origin", "unit_value")}
    hs = declared_hs(order, index)
    return {
        "description": breakable(printable(item.description)),
        "hs": (f"{hs[:4]}.{hs[4:6]}" + (f".{hs[6:]}" if hs[6:] else "") if hs else "")
        + (star["hs"] if hs else ""),
        "origin": country_name(item.origin or order.sender.country, languages_for(order.receiver.country)[0])
        + star["origin"],
        "quantity": str(item.quantity),
        "unit_value": _each(item) + star["unit_value"],
        "value": str(item.unit_value * item.quantity),
        "net": f"{net[index]:.3f} kg",
    }


def _each(item: Item) -> str:
    """The value of one piece, with as many decimals as it takes for pieces × value to be the line's total."""
    total = (item.unit_value * item.quantity).rounded()
    for more in (0, 2, 4):
        coin = Decimal(1).scaleb(total.rounded().amount.as_tuple().exponent - more)  # type: ignore[operator]  # an amount is finite: its exponent is a number
        each = item.unit_value.amount.quantize(coin)
        if Money(each * item.quantity, total.currency).rounded() == total:
            return f"{each:f} {total.currency}"
    return str(item.unit_value)


def _net_kg(order: Order) -> list[Decimal]:
    """Net weight by item: as declared where every item has one, else the gross weight shared by pieces."""
    if all(item.unit_kg is not None for item in order.items):
        return [(item.unit_kg or Decimal(0)) * item.quantity for item in order.items]
    pieces = sum(item.quantity for item in order.items)
    return [Decimal(order.grams * item.quantity) / 1000 / pieces for item in order.items]


def languages_for(country: str) -> list[str]:
    """The languages in which a destination reads its papers; English where none is on record."""
    return _languages().get(country, ["en"])


def breakable(line: str) -> str:
    """A line whose endless words (25 letters or more) may be broken every 14 of them: else they would run over the
    figures beside them, for no column is so wide."""

    def pieces(found: re.Match[str]) -> str:
        word = found[0]
        return "\u200b".join(word[i : i + _PIECE] for i in range(0, len(word), _PIECE))

    return _ENDLESS.sub(pieces, line)


def _postal(languages: list[str]) -> list[str]:
    """The languages of a CN form: one of the postal union's is always among them."""
    if len(languages) > 1 or languages == ["fr"]:
        return languages
    return [*languages, "fr"]


@cache
def _languages() -> dict[str, list[str]]:
    with (files("qafila") / "facts" / "document-languages.csv").open(encoding="utf-8") as lines:
        return {row["country"]: row["languages"].split() for row in csv.DictReader(lines)}
