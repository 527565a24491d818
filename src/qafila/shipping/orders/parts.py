"""Parts of an order: what lies in one of its parcels, and shares of an amount that come out even."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from qafila.core.money import Money, minor_units
from qafila.shipping.orders.order import Box, Estimate, Order

_OF_ITEM = re.compile(r"items\[(\d+)\](\..+)")


def in_box(order: Order, box: Box) -> Order:
    """The order as if it were what lies in one of its parcels: its items and pieces, their weight and size."""
    return replace(
        with_contents(order, box.contents), grams=box.grams, length_mm=box.length_mm, width_mm=box.width_mm,
        height_mm=box.height_mm, goods=box.goods, parcels=(),
    )  # fmt: skip


def with_contents(order: Order, contents: Sequence[tuple[int, int]]) -> Order:
    """The order with these pieces of its items alone, and with what was estimated of them.

    Args:
        order: the order.
        contents: index into its items, and how many pieces.
    """
    place = {item: n for n, (item, _) in enumerate(contents)}
    return replace(
        order, items=tuple(replace(order.items[item], quantity=pieces) for item, pieces in contents),
        estimates=tuple(_estimates(order.estimates, place)),
    )  # fmt: skip


def _estimates(estimates: Sequence[Estimate], place: dict[int, int]) -> Iterator[Estimate]:
    for one in estimates:
        if (of := _OF_ITEM.fullmatch(one.field)) is None:
            yield one
        elif int(of[1]) in place:
            yield replace(one, field=f"items[{place[int(of[1])]}]{of[2]}")


def shares(total: Money, weights: Sequence[int | Decimal]) -> list[Money]:
    """An amount divided by weights, each share to the coin; together they are the amount, rounded.

    Args:
        total: what is divided.
        weights: of the shares; all zero divides evenly.
    """
    by = [Decimal(w) for w in weights] if any(weights) else [Decimal(1)] * len(weights)
    coin, whole = Decimal(1).scaleb(-minor_units(total.currency)), sum(by)
    given, summed, made = Decimal(0), Decimal(0), []
    for weight in by:
        summed += weight
        until = (total.rounded().amount * summed / whole).quantize(coin, rounding=ROUND_HALF_UP)
        made.append(Money(until - given, total.currency))
        given = until
    return made
