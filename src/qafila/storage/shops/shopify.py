"""Shopify's GraphQL Admin API, version 2026-04: inventory items by SKU, `inventorySetQuantities` with an idempotency key.

After shopify.dev, read November 2026: quantities are set as they are (`changeFromQuantity: null`), the mutation takes 250 of
them at most and is done whole or not at all, and since 2026-04 it wants the directive `@idempotent`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qafila.storage.shops.talking import ShopFailed, Told, ask_once, batched, patiently

VERSION = "2026-04"
_SOUGHT = 40
_SET = 250

_FIND = """query ($q: String!, $after: String) { productVariants(first: 250, query: $q, after: $after) {
  nodes { sku inventoryItem { id } } pageInfo { hasNextPage endCursor } } }"""
_PLACE = "query { location { id } }"
_MUTATE = """mutation ($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { code field message } } }"""


@dataclass(frozen=True, slots=True)
class Shopify:
    """A shop of Shopify."""

    address: str
    token: str
    location: str = ""
    inside: bool = False

    def tell(self, pieces: Mapping[str, int], key: str) -> Told:
        """Sets what is available at the location. Raises ShopFailed."""
        items = dict(self._items(list(pieces)))
        place = self._place()
        known = {sku: n for sku, n in pieces.items() if sku in items}
        unknown = [sku for sku in pieces if sku not in items]
        for number, some in enumerate(batched(sorted(known), _SET)):
            unknown += self._set(list(some), known, items, place, f"{key}-{number}")
        return Told({sku: n for sku, n in known.items() if sku not in unknown}, unknown)

    def _set(
        self, skus: list[str], pieces: Mapping[str, int], items: Mapping[str, str], place: str, key: str
    ) -> list[str]:
        """Sets some; returns those that the location does not keep."""
        left_out: list[str] = []
        for attempt in range(2):
            if not skus:
                return left_out
            quantities = [
                {
                    "inventoryItemId": items[sku],
                    "locationId": place,
                    "quantity": pieces[sku],
                    "changeFromQuantity": None,
                }
                for sku in skus
            ]
            told = {
                "name": "available",
                "reason": "correction",
                "quantities": quantities,
                "referenceDocumentUri": f"urn:x-qafila:stock:{key}",
            }
            answer = self._ask(_MUTATE, {"input": told, "key": f"{key}-{attempt}"})
            errors = answer["inventorySetQuantities"]["userErrors"]
            if not errors:
                return left_out
            wrong = {n for n in map(_number, errors) if n is not None and n < len(skus)}
            if attempt or len(wrong) < len({tuple(e.get("field") or ()) for e in errors}):
                raise ShopFailed("; ".join(str(e.get("message", "")) for e in errors)[:300])
            left_out += [skus[n] for n in sorted(wrong)]
            skus = [sku for n, sku in enumerate(skus) if n not in wrong]
        return left_out

    def _items(self, skus: Sequence[str]) -> Iterator[tuple[str, str]]:
        """SKU and inventory item of each variant that there is."""
        for some in batched(skus, _SOUGHT):
            wanted = set(some)
            quoted = (sku.replace("\\", "\\\\").replace('"', '\\"') for sku in some)
            sought = " OR ".join(f'sku:"{sku}"' for sku in quoted)
            after = None
            while True:
                found = self._ask(_FIND, {"q": sought, "after": after})["productVariants"]
                for node in found["nodes"]:
                    if node["sku"] in wanted:  # its search finds words; only the same SKU counts
                        yield node["sku"], node["inventoryItem"]["id"]
                if not found["pageInfo"]["hasNextPage"]:
                    break
                after = found["pageInfo"]["endCursor"]

    def _place(self) -> str:
        if self.location.isdecimal():
            return f"gid://shopify/Location/{self.location}"
        if self.location:
            return self.location
        return str(self._ask(_PLACE, {})["location"]["id"])

    def _ask(self, query: str, variables: Mapping[str, Any]) -> Any:
        return patiently(lambda: self._once(query, variables))

    def _once(self, query: str, variables: Mapping[str, Any]) -> Any:
        answer = ask_once(
            "POST",
            f"{self.address}/admin/api/{VERSION}/graphql.json",
            {"x-shopify-access-token": self.token},
            {"query": query, "variables": variables},
            self.inside,
        )
        errors = answer.get("errors") if isinstance(answer, dict) else ["no answer"]
        if errors:
            listed = errors if isinstance(errors, list) else [errors]
            busy = any(
                isinstance(e, dict) and e.get("extensions", {}).get("code") == "THROTTLED" for e in listed
            )
            said = "; ".join(str(e.get("message", e)) if isinstance(e, dict) else str(e) for e in listed)
            raise ShopFailed(said[:300], _refilled(answer) if busy else 0.0)
        return answer["data"]


def _refilled(answer: Mapping[str, Any]) -> float:
    """Seconds until a throttled shop has points enough for the query that it refused, by what it says of its costs."""
    cost = (answer.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    missing = float(cost.get("requestedQueryCost") or 0) - float(status.get("currentlyAvailable") or 0)
    rate = float(status.get("restoreRate") or 0)
    return max(0.5, missing / rate) if rate > 0 else 5.0


def _number(error: Mapping[str, Any]) -> int | None:
    """Which of the quantities an error is about: its field is ["input", "quantities", "3", …]."""
    return next((int(part) for part in error.get("field") or () if str(part).isdecimal()), None)
