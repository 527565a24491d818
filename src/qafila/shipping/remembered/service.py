"""What a merchant does with what is saved, each one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from qafila.core.fault import Conflict, NotFound
from qafila.core.identifiers.own import new_id
from qafila.runtime.database import merchant_transaction
from qafila.shipping.orders.order import Address, Order
from qafila.shipping.remembered import remembered_messages as m
from qafila.shipping.remembered import store
from qafila.shipping.remembered.model import (
    DECLARANT,
    RECEIVER,
    SENDER,
    WRITTEN,
    SavedAddress,
    SavedGoods,
    address_of,
    checked_address,
    checked_goods,
)

MOST_ADDRESSES = 5_000
MOST_GOODS = 50_000


def addresses(merchant: str, kind: str | None = None) -> list[SavedAddress]:
    """A merchant's sender profiles and his address book."""
    with merchant_transaction(merchant) as connection:
        return store.addresses(connection, kind)


def usual_sender(merchant: str) -> SavedAddress | None:
    """The profile of who sends where nothing else is said: the usual one, or the only one."""
    found = addresses(merchant, SENDER)
    return found[0] if found and (found[0].usual or len(found) == 1) else None


def address(merchant: str, id: str) -> SavedAddress:
    """One address. Raises NotFound."""
    with merchant_transaction(merchant) as connection:
        found = store.address(connection, id)
    if found is None:
        raise NotFound(m.UNKNOWN(id=id), m.LIST_THEM(), value=id)
    return found


def keep_address(merchant: str, kind: str, label: str, written: Address, usual: bool = False) -> SavedAddress:
    """Keeps an address under a label; one of the same kind and label is replaced.

    Raises:
        Fault: of the fields label, country, city, tax_id. Conflict: there are too many.
    """
    label, clean = checked_address(kind, label, written)
    made = SavedAddress(new_id("adr"), kind, label, clean, usual and kind == SENDER)
    with merchant_transaction(merchant) as connection:
        if store.count(connection, "saved_addresses") >= MOST_ADDRESSES:
            raise Conflict(m.TOO_MANY(most=MOST_ADDRESSES), m.REMOVE_SOME())
        return replace(made, id=store.put_address(connection, merchant, made))


def declarant(tenant: str) -> dict[str, str]:
    """A broker's particulars by the fields of a declaration (`declarant.number` …); empty where none are kept."""
    found = addresses(tenant, DECLARANT)
    if not found:
        return {}
    kept = found[0].address
    told = {
        "name": kept.name or kept.company,
        "number": kept.tax_id,
        "street": kept.line1,
        "postcode": kept.postcode,
        "city": kept.city,
        "country": kept.country,
        "phone": kept.phone,
        "email": kept.email,
    }
    return {f"declarant.{part}": value for part, value in told.items() if value}


def keep_declarant(tenant: str, written: Address) -> None:
    """Keeps a broker's particulars, which are put where a declaration lacks its declarant's. Raises Fault as keep_address."""
    keep_address(tenant, DECLARANT, DECLARANT, written)


def goods(merchant: str, after: str = "", limit: int | None = None) -> list[SavedGoods]:
    """A merchant's goods, by id."""
    with merchant_transaction(merchant) as connection:
        return store.goods(connection, after, limit)


def one_of_goods(merchant: str, id: str) -> SavedGoods:
    """Goods by their id. Raises NotFound."""
    with merchant_transaction(merchant) as connection:
        found = store.one_of_goods(connection, id)
    if found is None:
        raise NotFound(m.UNKNOWN(id=id), m.LIST_THEM(), value=id)
    return found


def keep_goods(merchant: str, some: Sequence[Mapping[str, str]]) -> list[SavedGoods]:
    """Keeps goods, all or none: `sku`, `title`, `hs`, `weight_kg`, `origin` as they were written.

    Those that are known by their article number, or without one by their description, are changed in what is said.

    Raises:
        Fault: of a field; where several are given it is named `2.hs`, counted from 0. Conflict: there are too many.
    """
    made = []
    for number, one in enumerate(some):
        try:
            checked = checked_goods(
                *(one.get(part, "") for part in ("sku", "title", "hs", "weight_kg", "origin"))
            )
        except Exception as fault:
            if len(some) > 1 and hasattr(fault, "field"):
                fault.field = f"{number}.{fault.field}"
            raise
        made.append(replace(checked, id=new_id("gds")))
    with merchant_transaction(merchant) as connection:
        if store.count(connection, "saved_goods") + len(made) > MOST_GOODS:
            raise Conflict(m.TOO_MANY(most=MOST_GOODS), m.REMOVE_SOME())
        ids = store.put_goods(connection, merchant, made)
        found = (store.one_of_goods(connection, id) for id in ids)
        return [one for one in found if one is not None]


def remove(merchant: str, id: str) -> None:
    """Removes an address or goods. Raises NotFound."""
    with merchant_transaction(merchant) as connection:
        if not store.remove(connection, id):
            raise NotFound(m.UNKNOWN(id=id), m.LIST_THEM(), value=id)


def remember(merchant: str, order: Order) -> None:
    """Remembers who sent, who received, and the goods with what was said of them: nothing that was estimated."""
    guessed = {estimate.field for estimate in order.estimates}
    with merchant_transaction(merchant) as connection:
        for kind, party in ((SENDER, order.sender), (RECEIVER, order.receiver)):
            label = party.company or party.name
            if label and store.count(connection, "saved_addresses") < MOST_ADDRESSES:
                kept = address_of({part: getattr(party, part) for part in WRITTEN})
                store.put_address(connection, merchant, SavedAddress(new_id("adr"), kind, label[:200], kept))
        some = [
            SavedGoods(
                new_id("gds"),
                item.sku,
                item.description,
                "" if f"items[{n}].hs" in guessed else item.hs or "",
                None if f"items[{n}].weight_kg" in guessed or item.unit_kg is None else item.unit_kg * 1000,
                "" if f"items[{n}].origin" in guessed else item.origin or "",
            )
            for n, item in enumerate(order.items)
        ]
        store.put_goods(connection, merchant, [one for one in some if one.hs or one.grams or one.origin])
