"""Orders and offers as JSON documents: nothing is lost, and what earlier versions wrote is read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from operator import attrgetter
from typing import Any

import orjson
from pydantic import TypeAdapter

from qafila.core.message import Message
from qafila.core.message_json import to_json
from qafila.core.money import Money
from qafila.customs.assessment import Assessment, Charge, Rule, WhatIf
from qafila.routing.itinerary import Itinerary, Leg
from qafila.shipping.offers.offer import CostLine, Offer, Promise, Restricted
from qafila.shipping.orders.order import Order

_ORDER: TypeAdapter[Order] = TypeAdapter(Order)
_OFFER: TypeAdapter[Offer] = TypeAdapter(Offer)


def order_document(order: Order) -> bytes:
    """An order as JSON: every field, decimals as text, instants in ISO 8601. Offers are bound to it by `digest`."""
    return orjson.dumps(order, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY)


def offer_document(offer: Offer) -> bytes:
    """An offer as JSON, like an order's; its lists are tables, which name their fields once, in their first row."""
    told = _fields(offer)
    if offer.forms is None:
        told |= _shared(offer)
        legs: Any = _table(offer.itinerary.legs)
    else:  # what it shares with the same offer to others is written once
        written = offer.forms.get(_DOCUMENT)
        if written is None:
            parts = _shared(offer) | {"legs": _table(offer.itinerary.legs)}
            written = {name: orjson.Fragment(_dumped(part)) for name, part in parts.items()}
            offer.forms[_DOCUMENT] = written
        legs = written["legs"]
        told |= {name: part for name, part in written.items() if name != "legs"}
    told["itinerary"] = _fields(offer.itinerary) | {"legs": legs}
    return _dumped(told)


_DOCUMENT = "document"


def _shared(offer: Offer) -> dict[str, Any]:
    """What an offer has in common with the same offer to others, as it stands in a document."""
    return {
        "landed_cost": _table(offer.landed_cost),
        "assessment": _fields(offer.assessment) | {"charges": _table(offer.assessment.charges)},
        "promise": offer.promise,
        "why": offer.why,
        "restrictions": offer.restrictions,
    }


def _dumped(told: object) -> bytes:
    return orjson.dumps(told, default=_lean, option=_LEAN)


_LEAN = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_DATACLASS


_PARTS = (Offer, Itinerary, Leg, Promise, CostLine, Restricted, Assessment, Charge, Rule, WhatIf)
_NAMES = {kind: tuple(field.name for field in fields(kind) if field.compare) for kind in _PARTS}
_VALUES = {kind: attrgetter(*names) for kind, names in _NAMES.items()}


def _fields(value: Any) -> dict[str, Any]:
    kind = type(value)
    return dict(zip(_NAMES[kind], _VALUES[kind](value), strict=True))


def _table(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    if not rows:
        return []
    kind = type(rows[0])
    return [_NAMES[kind], *map(_VALUES[kind], rows)]


def _plain(value: object) -> object:
    if isinstance(value, Message):
        return to_json(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _lean(value: object) -> object:
    """As `_plain`; dataclasses too, of which orjson reads each field by its name."""
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    return _fields(value) if type(value) in _NAMES else _plain(value)


def order_from(stored: Mapping[str, Any]) -> Order:
    """The order that a document describes."""
    return _ORDER.validate_python(stored)


def offer_from(stored: Mapping[str, Any]) -> Offer:
    """The offer that a document describes."""
    itinerary, assessment = stored["itinerary"], stored["assessment"]
    return _OFFER.validate_python(
        {
            **stored,
            "itinerary": {**itinerary, "legs": as_rows(itinerary["legs"])},
            "landed_cost": as_rows(stored["landed_cost"]),
            "assessment": {**assessment, "charges": as_rows(assessment["charges"])},
        }
    )


def offer_to_book(stored: Mapping[str, Any]) -> Offer:
    """The offer that a document describes as far as a booking asks: its way, price, promise and time. What it says of duty, law and
    reasons is left out, for reading that takes longer than all the rest of a booking's own work.
    """
    return offer_from(
        {
            **stored,
            "landed_cost": (),
            "assessment": {**stored["assessment"], "charges": (), "what_if": (), "warnings": (), "facts": {}},
            "why": None,
            "restrictions": (),
        }
    )


def as_rows(table: Sequence[Any]) -> Sequence[Any]:
    """The rows of a table, each with the names of its fields. Lists that are none are of before there were tables."""
    if not table or isinstance(table[0], dict):
        return table
    names, *rows = table
    return [dict(zip(names, row, strict=True)) for row in rows]


def digest(order_document: bytes) -> str:
    """What tells one content of an order from another, as a bytea in JSON."""
    return f"\\x{hashlib.sha256(order_document).hexdigest()}"
