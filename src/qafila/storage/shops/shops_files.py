"""Free stock as the files that shops import: Shopify's inventory CSV and WooCommerce's product CSV.

Columns after Shopify's help page "Exporting or importing inventory with a CSV file" and WooCommerce's "Product CSV
Importer and Exporter", read November 2026; only the columns that stock needs are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import Connection, text

from qafila.storage import scanning, storage_messages, store
from qafila.storage.model import Product


def by_warehouse(connection: Connection, owner: str) -> dict[str, dict[str, int]]:
    """[SKU][warehouse]: free pieces that may leave."""
    found = connection.execute(
        text(
            "SELECT s.sku, s.facility, sum(s.pieces - s.reserved) AS free FROM stock s JOIN places p USING (facility, place) "
            "LEFT JOIN lots l ON (l.merchant_id, l.sku, l.lot) = (s.merchant_id, s.sku, s.lot) WHERE s.merchant_id = :o AND "
            "s.condition = 'good' AND p.kind IN ('pick', 'reserve') AND coalesce(l.held, '') = '' GROUP BY 1, 2 ORDER BY 1, 2"
        ),
        {"o": owner},
    )
    free: dict[str, dict[str, int]] = {}
    for row in found:
        free.setdefault(row.sku, {})[row.facility] = int(row.free)
    return free


def rows(connection: Connection, owner: str, shop: str) -> list[list[str]]:
    """Head and rows of the file. Raises Unknown for a shop that is none of ours."""
    if shop not in _FORMS:
        raise scanning.Unknown(
            storage_messages.NO_SHOP(shop=shop[:40], known=", ".join(_FORMS)), field="shop", value=shop[:40]
        )
    free = by_warehouse(connection, owner)
    return list(_FORMS[shop](store.products(connection, owner), free))


def _shopify(products: dict[str, Product], free: dict[str, dict[str, int]]) -> Iterable[list[str]]:
    yield ["Handle", "Title", "SKU", "HS Code", "COO", "Location", "Available"]
    for sku, product in products.items():
        handle = "-".join(product.title.casefold().split())
        for facility, pieces in free.get(sku, {}).items():
            yield [handle, product.title, sku, product.hs, product.origin, facility, str(pieces)]


def _woocommerce(products: dict[str, Product], free: dict[str, dict[str, int]]) -> Iterable[list[str]]:
    yield ["SKU", "Name", "In stock?", "Stock"]
    for sku, product in products.items():
        pieces = sum(free.get(sku, {}).values())
        yield [sku, product.title, "1" if pieces else "0", str(pieces)]


_FORMS: dict[str, Callable[[dict[str, Product], dict[str, dict[str, int]]], Iterable[list[str]]]] = {
    "shopify": _shopify,
    "woocommerce": _woocommerce,
}
