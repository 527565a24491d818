"""What is kept for a merchant, in the form for one parcel: chosen from lists, filled into the fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qafila.core.fault import NotFound
from qafila.runtime.accounts.model import Actor
from qafila.shipping.remembered import service
from qafila.shipping.remembered.model import RECEIVER, SENDER, folded

CHOSEN = ("sender_profile", "receiver_profile", "goods_saved")
"""Ids of what was chosen: they may stand in an address, for they name nobody."""
LISTED = 200
NOTHING: dict[str, Any] = {"senders": [], "receivers": [], "saved_goods": []}
"""For whom nothing is kept."""


def choices(actor: Actor) -> dict[str, Any]:
    """What may be chosen from: `senders`, `receivers`, `saved_goods`."""
    if not actor.may("saved:read"):
        return NOTHING
    addresses = service.addresses(actor.tenant)
    return {
        "senders": [one for one in addresses if one.kind == SENDER][:LISTED],
        "receivers": [one for one in addresses if one.kind == RECEIVER][:LISTED],
        "saved_goods": service.goods(actor.tenant, limit=LISTED),
    }


def places_and_goods(actor: Actor, fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of the first form that what was chosen fills: towns, countries, goods."""
    told: dict[str, str] = {}
    for name, prefix in (("sender_profile", "sender_"), ("receiver_profile", "")):
        if (address := _address(actor, fields.get(name, ""))) is not None:
            told |= {f"{prefix}city": address.address.city, f"{prefix}country": address.address.country}
    try:
        goods = (
            service.one_of_goods(actor.tenant, fields["goods_saved"]) if fields.get("goods_saved") else None
        )
    except NotFound:
        goods = None
    if goods is not None:
        kg = "" if goods.grams is None else f"{(goods.grams / 1000).normalize():f}"
        told |= {
            "title": goods.title or goods.sku,
            "hs": goods.hs,
            "weight_kg": kg,
            "goods_origin": goods.origin,
        }
    return {name: value for name, value in told.items() if value}


def parties(actor: Actor, fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of the second form: who sends and who receives. Without a choice the sender is the merchant's own of
    that town, where he has one there."""
    if not actor.may("saved:read"):
        return {}
    sender = _address(actor, fields.get("sender_profile", ""))
    if sender is None:
        town, country = folded(fields.get("sender_city", "")), fields.get("sender_country", "")
        own = [s for s in service.addresses(actor.tenant, SENDER) if s.address.country == country]
        own = [s for s in own if folded(s.address.city) == town]
        sender = own[0] if len(own) == 1 else None
    told: dict[str, str] = {}
    for address, prefix in ((sender, "sender_"), (_address(actor, fields.get("receiver_profile", "")), "")):
        if address is not None:
            for part in ("name", "company", "line1", "postcode", "phone", "email"):
                told[f"{prefix}{part}"] = getattr(address.address, part)
            told[f"{prefix}name"] = told[f"{prefix}name"] or address.address.company
    return {name: value for name, value in told.items() if value}


def _address(actor: Actor, id: str) -> Any:
    if not id or not actor.may("saved:read"):
        return None
    try:
        return service.address(actor.tenant, id)
    except NotFound:
        return None
