"""Takes rows of a file as far as complete orders, in a world of a few towns: no network, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from qafila.context import Rules
from qafila.core.message import as_it_is
from qafila.core.money import exchange_rates
from qafila.customs.rulebook import rulebook
from qafila.shipping.orders.completing import Prices, complete, fill_prices
from qafila.shipping.orders.grouping import group
from qafila.shipping.orders.normalising import Ways, normalise
from qafila.shipping.orders.order import Address, Order, Problem
from qafila.shipping.orders.order_draft import Draft
from qafila.shipping.orders.orders_figures import notation_of
from qafila.shipping.orders.orders_stations import Located, Unlocated, Whereabouts
from qafila.shipping.orders.reading import Sheet, read_bytes

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_TOWNS = {("MA", "fès"): "Africa/Casablanca", ("MA", "agadir"): "Africa/Casablanca", ("CN", "yiwu"): "Asia/Shanghai",
          ("FR", "lyon"): "Europe/Paris", ("AE", "dubai"): "Asia/Dubai"}  # fmt: skip


class FewTowns(Whereabouts):
    """Five towns, each with a station of its own."""

    def __init__(self) -> None:
        pass

    def find(self, address: Address, collect: bool) -> Located | Unlocated:
        zone = _TOWNS.get((address.country, address.city.casefold()))
        if zone is None:
            return Unlocated(
                "city", address.city, as_it_is("No town of this name is known."), as_it_is("Perhaps Fès?")
            )
        station = f"DS-{address.country}-{address.city.upper()}"
        return Located(replace(address, facility_id=station), address.city, zone, 0.0)


def ways(sheet: Sheet, **changes: object) -> Ways:
    """How the rows of a sheet are understood, at NOW."""
    cells = (row.get(name) for row in sheet.good for name in ("unit_price", "weight_kg", "length_cm"))
    plain = Ways(
        NOW,
        FewTowns(),
        notation_of(cells),
        Rules(rulebook(), exchange_rates()),
        sender=Address("MA", "Fès"),
        sender_rule="the hub",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def drafts_of(data: bytes | str, **changes: object) -> tuple[list[Draft], list[Problem], Sheet]:
    """Drafts with their prices, and all problems on the way."""
    sheet = read_bytes(data.encode() if isinstance(data, str) else data)
    raws, problems = group(sheet)
    found = [*sheet.problems, *problems]
    drafts: list[Draft] = []
    for raw in raws:
        made = normalise(raw, ways(sheet, **changes))
        if isinstance(made, Draft):
            drafts.append(made)
        else:
            found += made
    prices = Prices(drafts)
    priced: list[Draft] = []
    for draft in drafts:
        missing = fill_prices(draft, prices)
        found += missing
        if not missing:
            priced.append(draft)
    return priced, found, sheet


def orders_of(data: bytes | str, **changes: object) -> tuple[list[Order], list[Problem]]:
    """Complete orders, and all problems on the way."""
    drafts, problems, _ = drafts_of(data, **changes)
    orders: list[Order] = []
    for draft in drafts:
        made = complete(draft, None, exchange_rates())
        if isinstance(made, Order):
            orders.append(made)
        else:
            problems += made
    return orders, problems
