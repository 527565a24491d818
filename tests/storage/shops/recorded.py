"""Shops written from their public specifications: what they answer to the requests that we make, and what they keep."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN, KEYS = "shpat_0123456789abcdef", "ck_0123456789:cs_abcdef0123"


@dataclass
class Shop:
    """A shop's stock, and every request that reached it."""

    stock: dict[str, int]  # by SKU
    variations: dict[str, int] = field(default_factory=dict)  # of WooCommerce: SKU and its parent's id
    not_here: set[str] = field(default_factory=set)  # of Shopify: SKUs that the location does not keep
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)  # answers by idempotency key
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    languages: int = 1  # of WooCommerce: products that have one SKU
    set: list[int] = field(default_factory=list)  # of WooCommerce: ids whose stock was set
    fail: Callable[[int], tuple[int, dict[str, str], object] | None] = lambda n: None
    url: str = ""

    def ids(self) -> dict[str, int]:
        """An id for each SKU."""
        return {sku: 100 + n for n, sku in enumerate(self.stock)}


def shopify(shop: Shop, path: str, headers: Any, told: Any) -> tuple[int, object]:
    """GraphQL Admin API 2026-04."""
    if path != "/admin/api/2026-04/graphql.json":
        return 404, {"errors": "Not Found"}
    if headers.get("x-shopify-access-token") != TOKEN:
        return 401, {"errors": "[API] Invalid API key or access token"}
    ids, variables = shop.ids(), told["variables"]
    if "inventorySetQuantities" in told["query"]:
        assert "@idempotent(key: $key)" in told["query"]
        if variables["key"] in shop.keys:
            return 200, shop.keys[variables["key"]]
        given = variables["input"]
        assert (given["name"], given["reason"]) == ("available", "correction")
        assert len(given["quantities"]) <= 250
        sku_of = {f"gid://shopify/InventoryItem/{id}": sku for sku, id in ids.items()}
        errors = []
        for n, one in enumerate(given["quantities"]):
            assert one["locationId"] == "gid://shopify/Location/7"
            assert one["changeFromQuantity"] is None
            if sku_of[one["inventoryItemId"]] in shop.not_here:
                errors.append({"code": "ITEM_NOT_STOCKED_AT_LOCATION", "field": ["input", "quantities", str(n), "locationId"],
                               "message": "The quantity couldn't be set because it isn't stocked there"})  # fmt: skip
        if not errors:  # all of it or nothing
            shop.stock |= {sku_of[one["inventoryItemId"]]: one["quantity"] for one in given["quantities"]}
        answer = {"data": {"inventorySetQuantities": {"userErrors": errors}}}
        shop.keys[variables["key"]] = answer
        return 200, answer
    if "productVariants" in told["query"]:
        wanted = [
            s.replace('\\"', '"').replace("\\\\", "\\")
            for s in re.findall(r'sku:"((?:[^"\\]|\\.)*)"', variables["q"])
        ]
        # its search is by words and without case: what it finds is more than what was asked for
        found = [
            sku for sku in shop.stock if any(w.casefold().split("-")[0] in sku.casefold() for w in wanted)
        ]
        begin = int(variables["after"] or 0)
        page = found[begin : begin + 2]
        nodes = [
            {"sku": sku, "inventoryItem": {"id": f"gid://shopify/InventoryItem/{ids[sku]}"}} for sku in page
        ]
        more = begin + 2 < len(found)
        return 200, {
            "data": {
                "productVariants": {
                    "nodes": nodes,
                    "pageInfo": {"hasNextPage": more, "endCursor": str(begin + 2)},
                }
            }
        }
    return 200, {"data": {"location": {"id": "gid://shopify/Location/7"}}}


def woocommerce(shop: Shop, path: str, headers: Any, told: Any) -> tuple[int, object]:
    """REST API wc/v3."""
    if headers.get("authorization") != "Basic " + base64.b64encode(KEYS.encode()).decode():
        return 401, {"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list resources."}
    parts, ids = urlsplit(path), shop.ids()
    at = parts.path.removeprefix("/wp-json/wc/v3/")
    if at == "products":
        query = parse_qs(parts.query)
        wanted = query["sku"][0].split(",")
        size, page = int(query.get("per_page", ["10"])[0]), int(query.get("page", ["1"])[0])
        assert 1 <= size <= 100
        found = [
            {
                "id": ids[sku] + 1000 * twin,
                "sku": sku,
                "type": "variation" if sku in shop.variations else "simple",
                "parent_id": shop.variations.get(sku, 0),
            }
            for sku in wanted
            if sku in shop.stock
            for twin in range(shop.languages)
        ]
        return 200, found[size * (page - 1) : size * page]
    batch = re.fullmatch(r"products/(?:(\d+)/variations/)?batch", at)
    assert batch is not None
    assert len(told["update"]) <= 100
    done: list[dict[str, Any]] = []
    for one in told["update"]:
        sku = next(s for s, id in ids.items() if id == one["id"] % 1000)
        if int(batch[1] or 0) != shop.variations.get(sku, 0):
            done.append(
                {
                    "id": one["id"],
                    "error": {"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID."},
                }
            )
            continue
        assert one["manage_stock"] is True
        shop.stock[sku] = one["stock_quantity"]
        shop.set.append(one["id"])
        done.append({"id": one["id"], "sku": sku, "stock_quantity": one["stock_quantity"]})
    return 200, {"update": done}


@contextmanager
def serving(shop: Shop, answers: Callable[[Shop, str, Any, Any], tuple[int, object]]) -> Iterator[Shop]:
    """The shop as a server of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or "null")
            shop.asked.append((self.command, self.path, told))
            failure = shop.fail(len(shop.asked))
            if failure is None:
                status, body = answers(shop, self.path, self.headers, told)
                failure = (status, {}, body)
            status, more, body = failure
            sent = json.dumps(body).encode()
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shop.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
