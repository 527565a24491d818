"""Shops are told what changed: each looks at its merchant's free stock once a minute, and hears of what is different."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b

import orjson
from sqlalchemy import Connection

from qafila.runtime.database import administrator
from qafila.storage import store
from qafila.storage.shops import links, shops_files
from qafila.storage.shops.links import Link
from qafila.storage.shops.shopify import Shopify
from qafila.storage.shops.talking import Shop, ShopFailed
from qafila.storage.shops.woocommerce import WooCommerce

log = logging.getLogger(__name__)
EVERY = 55.0  # seconds
_LEASE = 300.0
_REST, _LONGEST = 60.0, 6 * 3600.0
_AT_ONCE = 500
"""SKUs that a shop is told of in one turn; the rest follow in the next."""

_BECAUSE = "shops' keys are for nobody to read; each merchant has given his own at a door"


def tell_due(now: datetime) -> dict[str, int]:
    """Tells every shop that is due. Any number of workers may do it; killed in the middle, it is told again, and the same."""
    told = failed = 0
    while True:
        turn = _turn(now)
        if turn is None:
            return {"told": told, "failed": failed}
        told, failed = told + turn, failed + (not turn)


def tell_one(owner: str, id: str, now: datetime) -> bool:
    """Tells one shop now; whether it heard. Raises NotFound."""
    with administrator(because=_BECAUSE) as connection:
        links.find(connection, owner, id)
    return bool(_turn(now, id))


def _turn(now: datetime, id: str = "") -> bool | None:
    """Tells one shop; None where none is due."""
    with administrator(because=_BECAUSE) as connection:
        claimed = links.claim(connection, now, _LEASE, id)
        if claimed is None:
            return None
        link, secret, inside = claimed
        new = changed(link, _free(connection, link))
    some = dict(sorted(new.items())[:_AT_ONCE])
    try:
        heard = _shop(link, secret, inside).tell(some, _key(link, some)) if some else None
    except (ShopFailed, KeyError, TypeError, AttributeError, ValueError) as failure:
        why = str(failure) if isinstance(failure, ShopFailed) else f"its answer cannot be read: {failure!r}"
        wait = max(getattr(failure, "wait", 0.0), min(_REST * 2**link.failures, _LONGEST))
        log.warning("shop %s (%s) was not told: %s", link.id, link.address, why)
        with administrator(because=_BECAUSE) as connection:
            links.was_not_told(connection, link, why, now, wait)
        return False
    known = dict(link.told) | (heard.pieces if heard else {})
    unknown = sorted((set(link.unknown) - set(some)) | set(heard.unknown if heard else ()))
    known |= {sku: some[sku] for sku in unknown if sku in some}  # asked again when its pieces change
    with administrator(because=_BECAUSE) as connection:
        links.was_told(connection, link, known, unknown, now, 0.0 if len(new) > len(some) else EVERY)
    return True


def changed(link: Link, free: Mapping[str, int]) -> dict[str, int]:
    """What a shop does not know yet; of what is gone it hears zero."""
    now = dict(free) | {sku: 0 for sku in link.told if sku not in free}
    return {sku: n for sku, n in now.items() if link.told.get(sku) != n}


def _free(connection: Connection, link: Link) -> dict[str, int]:
    """Free pieces of every product of the merchant in the warehouses that count."""
    by = shops_files.by_warehouse(connection, link.owner)
    return {
        sku: sum(n for f, n in by.get(sku, {}).items() if not link.facilities or f in link.facilities)
        for sku in store.products(connection, link.owner)
    }


def _shop(link: Link, secret: str, inside: bool) -> Shop:
    if link.shop == "shopify":
        return Shopify(link.address, secret, link.location, inside)
    return WooCommerce(link.address, secret, inside)


def _key(link: Link, pieces: Mapping[str, int]) -> str:
    """The same for the same news after the same state: sent again after a kill, a shop does it once."""
    told = orjson.dumps([link.id, str(link.last_at), dict(pieces)], option=orjson.OPT_SORT_KEYS)
    return blake2b(told, digest_size=16).hexdigest()
