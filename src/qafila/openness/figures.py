"""The regulator's figures, computed from the log and the openings of its commitments alone.

Each is a plain count over entries, so that whoever has the log and the openings can compute it again; docs/openness.md
says how. What was erased is counted as such and is in no figure.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from qafila.openness import store
from qafila.openness.fairness.preference import Comparison, compare, matched


@dataclass(slots=True)
class Figures:
    """The figures of a span of time.

    Attributes:
        entries: entries by kind.
        erased: entries of which a value was erased.
        hhi_volume: Herfindahl-Hirschman index of booked parcels over merchants, 0 to 10,000; None without bookings.
        hhi_capacity: the same of booked grams times departures.
        own_share: part of booked parcels of the operator's own sellers.
        price_dispersion: coefficient of variation of prices for like shipments (same rides, same weight), mean over
            such groups of two and more; None where there are none.
        refusals: by reason as far as it is open.
        exports: bookings from the hub's own country to another; `imports` the other way.
        imports: see `exports`.
        preference: each class of merchants against the others.
    """

    entries: Counter[str] = field(default_factory=Counter)
    erased: int = 0
    hhi_volume: float | None = None
    hhi_capacity: float | None = None
    own_share: float | None = None
    price_dispersion: float | None = None
    refusals: Counter[str] = field(default_factory=Counter)
    exports: int = 0
    imports: int = 0
    preference: list[Comparison] = field(default_factory=list)


def figures(connection: Connection, country: str, since: datetime | None = None) -> Figures:
    """The figures since an instant.

    Args:
        connection: as a regulator or the operator.
        country: the hub's own (ISO 3166 alpha-2), from which exports are counted.
        since: None for all.
    """
    kinds = {id: str(kind) for id, kind in connection.execute(text("SELECT tenant_id, kind FROM tenants"))}
    made = Figures()
    parcels: Counter[str] = Counter()
    grams: Counter[str] = Counter()
    offers: list[dict[str, Any]] = []
    entries = list(store.entries(connection, since=since))
    for at in range(0, len(entries), 1000):
        some = entries[at : at + 1000]
        opened = store.openings(connection, [one.entry_id for one in some])
        for entry in some:
            made.entries[entry.kind] += 1
            rows = opened.get(entry.entry_id, [])
            made.erased += any(row.value is None for row in rows)
            values = {row.field: json.loads(row.value) for row in rows if row.value is not None}
            said = json.loads(entry.entry)["said"]
            owner = entry.owner or ""
            if entry.kind == "shipping.booking" and "room" in values:
                parcels[owner] += 1
                grams[owner] += values["room"]["grams"] * len(values["room"]["departures"])
                made.exports += said["from"] == country != said["to"]
                made.imports += said["to"] == country != said["from"]
            if entry.kind == "shipping.refusal":
                made.refusals[_reason(values)] += 1
            if (
                entry.kind in ("shipping.offers", "shipping.refusal")
                and {"inputs", "answer", "order"} <= values.keys()
            ):
                offers.append(
                    {
                        **values,
                        "class": kinds.get(owner, "merchant"),
                        "refused": entry.kind.endswith("refusal"),
                    }
                )
    made.hhi_volume, made.hhi_capacity = _hhi(parcels), _hhi(grams)
    if parcels:
        made.own_share = sum(n for owner, n in parcels.items() if kinds.get(owner, "") == "hub") / sum(
            parcels.values()
        )
    made.price_dispersion = _dispersion(offers)
    made.preference = _preference(offers)
    return made


def _reason(values: Mapping[str, Any]) -> str:
    if isinstance(values.get("answer"), dict):
        return str(values["answer"]["field"])
    return str(values["why"][0]["field"]) if values.get("why") else "erased"


def _hhi(of: Mapping[str, int]) -> float | None:
    total = sum(of.values())
    return float(sum((100 * n / total) ** 2 for n in of.values())) if total else None


def _cells(offers: Iterable[Mapping[str, Any]]) -> list[tuple[tuple[Any, ...], float]]:
    """Prices with what makes them alike: rides, weight, currency."""
    return [
        ((tuple(way["rides"]), one["order"]["grams"], way["currency"]), float(way["price"]))
        for one in offers if not one["refused"] for way in one["answer"]
    ]  # fmt: skip


def _dispersion(offers: Iterable[Mapping[str, Any]]) -> float | None:
    alike: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    for cell, price in _cells(offers):
        alike[cell].append(price)
    spread = [float(np.std(prices) / np.mean(prices)) for prices in alike.values() if len(prices) > 1]
    return float(np.mean(spread)) if spread else None


def _preference(offers: list[dict[str, Any]]) -> list[Comparison]:
    """Acceptance, price, promise and waiting by class, each against like requests where there are any."""
    if not offers:
        return []

    def first(one: Mapping[str, Any], get: Any) -> float:
        return float("nan") if one["refused"] else float(get(one["answer"][0]))

    def days(one: Mapping[str, Any], way: Mapping[str, Any]) -> float:
        asked = datetime.fromisoformat(one["inputs"]["asked"])
        return (datetime.fromisoformat(way["arrival"]) - asked).total_seconds() / 86400

    def alike(one: Mapping[str, Any]) -> tuple[Any, ...]:
        order = one["order"]
        return order["sender"]["facility_id"], order["receiver"]["facility_id"], order["grams"], order["rule"]

    cells = [alike(one) for one in offers]
    price = np.array([first(one, lambda way: way["price"]) for one in offers])
    delay = np.array([first(one, lambda way, one=one: days(one, way)) for one in offers])
    answered = ~np.isnan(price)
    whole = [cell if ok else ("refused", n) for n, (cell, ok) in enumerate(zip(cells, answered, strict=True))]
    measures = {
        "accepted": answered.astype(np.float64),
        "price": matched(np.where(answered, price, 0.0), whole),
        "days": matched(np.where(answered, delay, 0.0), whole),
        "waited_ms": np.array([float(one["inputs"].get("waited_ms", 0)) for one in offers]),
    }
    return compare(measures, [one["class"] for one in offers])
