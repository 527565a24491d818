"""What goes with parcels from network to network: the order in the form that `POST /offers` takes, sent from where they are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from qafila.context import Context
from qafila.core.identifiers.own import new_id
from qafila.openness import openness_recording
from qafila.shipping.orders.order import Address, Box, Order

FORMAT = "qafila-handover/1"


def document(
    context: Context, order: Order, parcels: Sequence[tuple[str, Box]], facility: str, to: str, whole: bool
) -> bytes:
    """The document of parcels that leave together.

    Args:
        context: the network and the clock.
        order: what was booked.
        parcels: those that leave, by number, each with what lies in it.
        facility: where they are.
        to: who takes them, in words.
        whole: whether these are all of the order's: cash is collected once, for all of them.
    """
    place = context.network.feed.facility[facility]
    numbers = [number for number, _ in parcels]
    return json.dumps(
        {
            "format": FORMAT,
            "id": new_id("hnd"),
            "from": openness_recording.keys().signer.name,
            "to": to,
            "parcel": numbers[0],
            "parcels": numbers,
            "facility": {
                "id": place.id,
                "name": place.name,
                "city": place.city,
                "country": place.country,
                "unlocode": place.unlocode,
                "gln": place.gln,
            },
            "at": context.now().isoformat(),
            "order": _as_asked(order, parcels, place.city, place.country, whole),
        },
        ensure_ascii=False,
        indent=1,
    ).encode()


def _as_asked(
    order: Order, parcels: Sequence[tuple[str, Box]], city: str, country: str, whole: bool
) -> dict[str, Any]:
    sender = {
        **_address(order.sender),
        "city": city,
        "country": country,
        "line1": "",
        "line2": "",
        "postcode": "",
        "region": "",
    }
    pieces: dict[int, int] = {}
    for _, box in parcels:
        for item, count in box.contents:
            pieces[item] = pieces.get(item, 0) + count
    place = {item: n for n, item in enumerate(sorted(pieces))}
    all_pieces = sum(item.quantity for item in order.items)
    cash = order.cash_on_delivery if whole else None
    return {
        "id": parcels[0][0],
        "sender": sender,
        "receiver": _address(order.receiver),
        "items": [_item(order, n, pieces[n], all_pieces) for n in sorted(pieces)],
        "parcels": [
            {
                "items": [{"item": place[item], "quantity": count} for item, count in box.contents],
                "weight_kg": f"{box.grams / 1000:.3f}",
                "length_cm": f"{box.length_mm / 10:.1f}",
                "width_cm": f"{box.width_mm / 10:.1f}",
                "height_cm": f"{box.height_mm / 10:.1f}",
            }
            for _, box in parcels
        ],
        "insured": order.insured,
        "taxes_paid_by": order.taxes_paid_by,
        "trade": order.trade,
        "note": order.note,
        "cash_on_delivery": None
        if cash is None
        else {"amount": f"{cash.money.amount:f}", "currency": cash.money.currency},
    }


def _item(order: Order, index: int, quantity: int, all_pieces: int) -> dict[str, Any]:
    item = order.items[index]
    kg = item.unit_kg if item.unit_kg is not None else order.grams / 1000 / all_pieces
    return {
        "title": item.description,
        "quantity": quantity,
        "hs": item.hs or "",
        "origin": item.origin or "",
        "unit_value": {"amount": f"{item.unit_value.amount:f}", "currency": item.unit_value.currency},
        "weight_kg": f"{max(float(kg), 0.001):.3f}",
        "category": item.category,
    }


def _address(one: Address) -> dict[str, str]:
    return {
        name: getattr(one, name)
        for name in (
            "country",
            "city",
            "name",
            "company",
            "line1",
            "line2",
            "region",
            "postcode",
            "phone",
            "email",
            "tax_id",
        )
    }
