"""A merchant's shop that is told of free stock: its address, its key, and what it was told last."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Connection, Row, text

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.values import value
from qafila.runtime.database import administrator
from qafila.storage import storage_messages

SHOPS = ("shopify", "woocommerce")
MOST = 20
"""Shops of one merchant."""


@value
class NewLink:
    """A shop to be told of stock.

    Attributes:
        shop: shopify or woocommerce.
        address: its web address, https://….
        secret: of Shopify the Admin API access token; of WooCommerce consumer key and secret, `ck_…:cs_…`.
        location: of Shopify, which of its locations the pieces lie at; empty: its first one.
        facilities: warehouses whose stock counts; none named: all.
        inside: whether the address may lie in the hub's own network.
    """

    shop: str
    address: str
    secret: str
    location: str = ""
    facilities: tuple[str, ...] = ()
    inside: bool = False


@value
class Link:
    """A shop as its merchant sees it; its key is for nobody to read."""

    id: str
    owner: str
    shop: str
    address: str
    location: str
    facilities: tuple[str, ...]
    told: Mapping[str, int]
    unknown: tuple[str, ...]
    failures: int
    last_error: str
    last_at: datetime | None


_SEEN = (
    "link_id, merchant_id, shop, address, location, facilities, told, unknown, failures, last_error, last_at"
)


def keep(owner: str, new: NewLink) -> str:
    """Keeps a shop with its key, in a transaction of its own, and returns its id. Raises what `add` raises."""
    with administrator(
        because="a shop's key is for nobody to read; its merchant gives it here"
    ) as connection:
        return add(connection, owner, new)


def add(connection: Connection, owner: str, new: NewLink) -> str:
    """Keeps a shop, and returns its id. As the tables' owner: keys are written by nobody else.

    Raises Fault for what is no shop, address or key, Conflict where the shop is here already.
    """
    if new.shop not in SHOPS:
        raise Fault(
            storage_messages.NO_SHOP(shop=new.shop[:40], known=", ".join(SHOPS)),
            field="shop",
            value=new.shop[:40],
        )
    parts = urlsplit(new.address.strip())
    plain = parts.scheme == "http" and new.inside
    if (
        not (parts.scheme == "https" or plain)
        or not parts.hostname
        or parts.username
        or parts.query
        or parts.fragment
    ):
        raise Fault(
            storage_messages.SHOP_ADDRESS(),
            storage_messages.SHOP_ADDRESS_FORM(),
            field="address",
            value=new.address[:80],
        )
    form = r"\S{8,200}" if new.shop == "shopify" else r"[^\s:]{4,100}:[^\s:]{4,100}"
    if not re.fullmatch(form, new.secret) or not new.secret.isascii():
        raise Fault(storage_messages.SHOP_KEY(), storage_messages.SHOP_KEY_FORM(), field="secret")
    if len(every(connection, owner)) >= MOST:
        raise Conflict(storage_messages.SHOPS_MANY(most=MOST), field="address")
    id = new_id("shp")
    made = connection.execute(
        text(
            "INSERT INTO shop_links (merchant_id, link_id, shop, address, location, facilities, secret, inside) "
            "VALUES (:o, :id, :s, :a, :l, :f, :k, :i) ON CONFLICT (merchant_id, shop, address, location) DO NOTHING"
        ),
        {
            "o": owner,
            "id": id,
            "s": new.shop,
            "a": new.address.strip().rstrip("/"),
            "l": new.location.strip(),
            "f": list(new.facilities),
            "k": new.secret,
            "i": new.inside,
        },
    ).rowcount
    if not made:
        raise Conflict(
            storage_messages.SHOP_EXISTS(address=new.address[:80]), field="address", value=new.address[:80]
        )
    return id


def every(connection: Connection, owner: str = "") -> Sequence[Link]:
    """The shops of a merchant, or (owner "") all that the role may see, the oldest first."""
    rows = connection.execute(
        text(f"SELECT {_SEEN} FROM shop_links WHERE :o = '' OR merchant_id = :o ORDER BY made_at, link_id"),
        {"o": owner},
    )
    return [_link(row) for row in rows]


def find(connection: Connection, owner: str, id: str) -> Link:
    """A shop of a merchant. Raises NotFound."""
    found = next((link for link in every(connection, owner) if link.id == id), None)
    if found is None:
        raise NotFound(storage_messages.NO_LINK(id=id[:80]), field="id", value=id[:80])
    return found


def remove(connection: Connection, owner: str, id: str) -> None:
    """Forgets a shop and its key. Raises NotFound."""
    gone = connection.execute(
        text("DELETE FROM shop_links WHERE merchant_id = :o AND link_id = :id"), {"o": owner, "id": id}
    ).rowcount
    if not gone:
        raise NotFound(storage_messages.NO_LINK(id=id[:80]), field="id", value=id[:80])


def claim(
    connection: Connection, now: datetime, seconds: float, id: str = ""
) -> tuple[Link, str, bool] | None:
    """A shop that is due, with its key and whether it may lie inside; whoever claims it has it for so many seconds."""
    row = connection.execute(
        text(
            f"UPDATE shop_links SET due_at = :now + make_interval(secs => :lease) WHERE link_id = (SELECT link_id FROM "
            "shop_links WHERE (due_at <= :now AND :id = '') OR link_id = :id ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) "
            f"RETURNING {_SEEN}, secret, inside"
        ),
        {"now": now, "lease": seconds, "id": id},
    ).one_or_none()
    return None if row is None else (_link(row), row.secret, row.inside)


def was_told(
    connection: Connection,
    link: Link,
    told: Mapping[str, int],
    unknown: Sequence[str],
    now: datetime,
    again: float,
) -> None:
    """Notes what a shop was told, and asks for the next look in some seconds."""
    connection.execute(
        text(
            "UPDATE shop_links SET told = CAST(:t AS jsonb), unknown = :u, failures = 0, last_error = '', last_at = :now, "
            "due_at = :now + make_interval(secs => :again) WHERE link_id = :id"
        ),
        {
            "t": orjson.dumps(dict(told)).decode(),
            "u": list(unknown),
            "now": now,
            "again": again,
            "id": link.id,
        },
    )


def was_not_told(connection: Connection, link: Link, error: str, now: datetime, again: float) -> None:
    """Notes why a shop could not be told."""
    connection.execute(
        text(
            "UPDATE shop_links SET failures = failures + 1, last_error = :e, last_at = :now, "
            "due_at = :now + make_interval(secs => :again) WHERE link_id = :id"
        ),
        {"e": error[:300], "now": now, "again": again, "id": link.id},
    )


def _link(row: Row[tuple[object, ...]]) -> Link:
    return Link(
        row.link_id,
        row.merchant_id,
        row.shop,
        row.address,
        row.location,
        tuple(row.facilities),
        row.told,
        tuple(row.unknown),
        row.failures,
        row.last_error,
        row.last_at,
    )
