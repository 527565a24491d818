"""WooCommerce's REST API, `wc/v3`: products and variations by SKU, their stock in batches of a hundred.

After woocommerce.github.io/woocommerce-rest-api-docs and the plugin's own controllers, read November 2026: `sku` takes several
with commas and finds variations too; a variation is changed under its parent; in a batch each product has its own error.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from qafila.storage.shops.talking import ShopFailed, Told, ask, batched

_SOUGHT = 50
_SET = 100
_PAGE = 100


@dataclass(frozen=True, slots=True)
class WooCommerce:
    """A shop of WooCommerce."""

    address: str
    keys: str  # consumer key and secret: ck_…:cs_…
    inside: bool = False

    def tell(self, pieces: Mapping[str, int], key: str) -> Told:
        """Sets the stock of products and variations. Raises ShopFailed."""
        found = self._found([sku for sku in pieces if "," not in sku])
        unknown = [sku for sku in pieces if sku not in found]
        groups: dict[int, list[tuple[str, int]]] = {}
        for sku, named in found.items():
            for id, parent in named:
                groups.setdefault(parent, []).append((sku, id))
        refused: list[str] = []
        for parent, members in sorted(groups.items()):
            path = f"products/{parent}/variations/batch" if parent else "products/batch"
            for some in batched(members, _SET):
                update = [{"id": id, "manage_stock": True, "stock_quantity": pieces[sku]} for sku, id in some]
                answer = self._ask("POST", path, {"update": update})
                done = answer.get("update") if isinstance(answer, dict) else None
                if not isinstance(done, list):
                    raise ShopFailed("the shop did not say what it changed")
                by_id = {one.get("id"): one for one in done if isinstance(one, dict)}
                refused += [sku for sku, id in some if id not in by_id or "error" in by_id[id]]
        told = {sku: pieces[sku] for sku in found if sku not in refused}
        return Told(told, [*unknown, *refused])

    def _found(self, skus: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
        """By SKU: the id of each product or variation, and of its parent (0: none). A shop in several languages has a product
        for each, all with one SKU."""
        found: dict[str, list[tuple[int, int]]] = {}
        for some in batched(skus, _SOUGHT):
            page = 1
            while True:
                asked = {
                    "sku": ",".join(some),
                    "per_page": f"{_PAGE}",
                    "page": f"{page}",
                    "orderby": "id",
                    "_fields": "id,sku,type,parent_id",
                }
                listed = self._ask("GET", f"products?{urlencode(asked)}")
                for one in listed:
                    if one.get("sku") in some:
                        parent = int(one.get("parent_id") or 0) if one.get("type") == "variation" else 0
                        found.setdefault(one["sku"], []).append((int(one["id"]), parent))
                if len(listed) < _PAGE:
                    break
                page += 1
        return found

    def _ask(self, method: str, path: str, told: object | None = None) -> Any:
        keys = base64.b64encode(self.keys.encode()).decode()
        return ask(
            method,
            f"{self.address}/wp-json/wc/v3/{path}",
            {"authorization": f"Basic {keys}"},
            told,
            self.inside,
        )
