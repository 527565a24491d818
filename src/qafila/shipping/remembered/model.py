"""Saved addresses and goods: what they are, what may be saved, and how an order's gaps are filled from them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from qafila.core import figures
from qafila.core.fault import Fault
from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.identifiers.traders import parse_trader_number
from qafila.core.message import Country, Message
from qafila.core.values import value
from qafila.customs import nomenclature
from qafila.customs.hs_codes import digits_of
from qafila.network.network_places import country_code
from qafila.shipping.orders.columns import formats, squashed
from qafila.shipping.orders.order import Address, Estimate
from qafila.shipping.orders.order_draft import Draft
from qafila.shipping.orders.orders_limits import limits
from qafila.shipping.remembered import remembered_messages as m

SENDER, RECEIVER, DECLARANT = "sender", "receiver", "declarant"
"""`declarant`: the broker himself, as he stands in declarations; a tenant keeps one."""
WRITTEN = (
    "country", "city", "name", "company", "line1", "line2", "region", "postcode", "phone", "email", "tax_id",
)  # fmt: skip
"""What a saved address keeps of an address: what its owner wrote, nothing that was found out."""
LONGEST = 200


@value
class SavedAddress:
    """A sender profile or an entry of the address book.

    Attributes:
        kind: `sender` or `receiver`.
        label: under which its merchant knows it; one of each kind has it.
        usual: whether it is the sender where an order names none. At most one of a merchant is.
    """

    id: str
    kind: str
    label: str
    address: Address
    usual: bool = False


@value
class SavedGoods:
    """What holds for one piece of some goods; None or empty where nothing is kept."""

    id: str
    sku: str
    title: str
    hs: str = ""
    grams: Decimal | None = None
    origin: str = ""  # ISO 3166 alpha-2

    @property
    def keys(self) -> tuple[str, ...]:
        """By what they are found in an order."""
        return tuple(
            key for key in (f"sku:{folded(self.sku)}", f"title:{folded(self.title)}") if key[-1] != ":"
        )


def folded(text: str) -> str:
    """A name as it is compared: without case, accents and surplus spaces."""
    bare = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


class Known:
    """The saved goods of a merchant, found by article number or else by description."""

    def __init__(self, goods: Iterable[SavedGoods]) -> None:
        self._by_key: dict[str, SavedGoods] = {}
        told: dict[str, set[tuple[str, Decimal | None, str]]] = {}
        for one in goods:
            for key in one.keys:
                self._by_key[key] = one
                told.setdefault(key, set()).add((one.hs, one.grams, one.origin))
        for key, answers in told.items():
            if len(answers) > 1:  # two articles of one description: it says not which is meant
                del self._by_key[key]

    def __bool__(self) -> bool:
        return bool(self._by_key)

    def of(self, sku: str, title: str) -> tuple[SavedGoods, Message] | None:
        """The goods of an item, and the rule by which they are its."""
        if sku and (found := self._by_key.get(f"sku:{folded(sku)}")):
            return found, m.BY_SKU(sku=sku)
        if found := self._by_key.get(f"title:{folded(title)}"):
            return found, m.BY_TITLE(title=found.title)
        return None


def fill(draft: Draft, known: Known, profiles: Iterable[SavedAddress] = ()) -> None:
    """Fills what an order does not say from what its merchant saved, in place; each filling says so.

    A saved HS code counts as said, not as proposed: its merchant vouched for it.
    """
    for number, item in enumerate(draft.items):
        answer = known.of(item.sku, item.title)
        if answer is None:
            continue
        goods, rule = answer
        told = []
        if item.hs is None and goods.hs:
            item.hs = goods.hs
            told.append(("hs", goods.hs))
        if item.grams is None and goods.grams is not None:
            item.grams = goods.grams
            told.append(("weight_kg", f"{goods.grams / 1000:f}"))
        if item.origin is None and goods.origin:
            item.origin = goods.origin
            told.append(("origin", goods.origin))
        draft.estimates += [Estimate(f"items[{number}].{field}", said, rule) for field, said in told]
    _name_sender(draft, profiles)


def _name_sender(draft: Draft, profiles: Iterable[SavedAddress]) -> None:
    """A sender of whom only the town was said is the merchant's own of that town, where there is one alone."""
    sender = draft.sender
    if sender.name or sender.company or sender.line1:
        return
    same = [
        p
        for p in profiles
        if p.address.country == sender.country and folded(p.address.city) == folded(sender.city)
    ]
    if len(same) != 1:
        return
    (profile,) = same
    draft.sender = named(sender, profile.address)
    draft.estimates.append(Estimate("sender", profile.label, m.OF_PROFILE(label=profile.label)))


def named(address: Address, saved: Address) -> Address:
    """An address with what a saved one knows of it and it does not say itself."""
    missing = {
        part: getattr(saved, part)
        for part in WRITTEN
        if part not in ("country", "city") and not getattr(address, part)
    }
    return replace(address, **missing)


def address_of(parts: Mapping[str, Any]) -> Address:
    """An address of what was written of it, by the names of WRITTEN; what is not there is empty."""
    told: dict[str, Any] = {part: parts.get(part, "") for part in WRITTEN}
    return Address(**told)


def checked_address(kind: str, label: str, written: Address) -> tuple[str, Address]:
    """The label and the address as they are kept.

    Raises:
        Fault: of the fields label, country, city, tax_id, or of one that is too long.
    """
    label = " ".join(label.split())
    if not label:
        raise Fault(m.NO_LABEL(), m.GIVE_LABEL(), field="label")
    clean = {part: " ".join(str(getattr(written, part)).split()) for part in WRITTEN}
    for name, text in {"label": label, **clean}.items():
        if len(text) > LONGEST:
            raise Fault(m.TOO_LONG(most=LONGEST), m.SHORTEN(), field=name, value=text[:40])
    code = country_code(clean["country"])
    if code is None:
        raise Fault(
            m.NO_COUNTRY(text=clean["country"]), m.GIVE_COUNTRY(), field="country", value=clean["country"]
        )
    if not clean["city"]:
        raise Fault(m.NO_TOWN(), m.GIVE_TOWN(), field="city")
    if clean["tax_id"]:
        try:
            parse_trader_number(code, clean["tax_id"])
        except InvalidNumber:
            raise Fault(
                m.NO_NUMBER(text=clean["tax_id"], country=Country(code)),
                m.GIVE_NUMBER(),
                field="tax_id",
                value=clean["tax_id"],
            ) from None
    return label, address_of({**clean, "country": code})


def columns_of(headings: Iterable[str]) -> dict[str, str]:
    """Which heading of a file of goods is which part of them: by our own names, or as a file of orders calls them.

    Returns:
        sku, title, hs, weight_kg or origin, by heading; what is none of them is left out.
    """
    parts = {"sku": "sku", "title": "title", "hs": "hs", "weight_kg": "weight_kg", "goods_origin": "origin"}
    spelt = {squashed("origin"): "origin"}
    for column in formats()["plain"]:
        if column.field in parts:
            spelt |= {squashed(spelling): parts[column.field] for spelling in column.spellings}
    return {heading: spelt[squashed(heading)] for heading in headings if squashed(heading) in spelt}


def checked_goods(sku: str, title: str, hs: str, weight_kg: str, origin: str) -> SavedGoods:
    """Goods as they are kept, without an id yet.

    Raises:
        Fault: of the fields title, hs, weight_kg, origin, or of one that is too long.
    """
    sku, title = " ".join(sku.split()), " ".join(title.split())
    if not sku and not title:
        raise Fault(m.NO_GOODS(), m.GIVE_GOODS(), field="title")
    for name, text in (("sku", sku), ("title", title)):
        if len(text) > 500:
            raise Fault(m.TOO_LONG(most=500), m.SHORTEN(), field=name, value=text[:40])
    code = ""
    if hs.strip():
        read = digits_of(hs)
        code = read.text if read else ""
        fits = code.isascii() and code.isdigit() and 6 <= len(code) <= 10
        if not fits or nomenclature.fault(code) is not None:
            raise Fault(m.NO_HS(text=hs[:40]), m.GIVE_HS(), field="hs", value=hs[:40])
    grams = None
    if weight_kg.strip():
        most = limits().parcel_weight
        try:
            grams = figures.number(weight_kg) * 1000
        except figures.NotAFigure as odd:
            remedy = m.GIVE_WEIGHT(most=most)
            raise Fault(odd.message, remedy, field="weight_kg", value=weight_kg[:40]) from None
        if not grams.is_finite() or not 1 <= grams <= most * 1000:
            remedy = m.GIVE_WEIGHT(most=most)
            raise Fault(m.NO_WEIGHT(text=weight_kg[:40]), remedy, field="weight_kg", value=weight_kg[:40])
    country = ""
    if origin.strip():
        found = country_code(origin)
        if found is None:
            raise Fault(m.NO_COUNTRY(text=origin[:40]), m.GIVE_COUNTRY(), field="origin", value=origin[:40])
        country = found
    return SavedGoods("", sku, title, code, grams, country)
