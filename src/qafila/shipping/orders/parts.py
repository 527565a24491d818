"""Parts of an order: what lies in one of its parcels, and shares of an amount that come out even."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from qafila.core.money import Money, minor_units
from qafila.network.timetable import Goods
from qafila.shipping.orders.order import Address, Box, Estimate, Order

_OF_ITEM = re.compile(r"items\[(\d+)\](\..+)")


def in_box(order: Order, box: Box) -> Order:
    """The order as if it were what lies in one of its parcels: its items and pieces, their weight and size."""
    return replace(
        with_contents(order, box.contents),
        grams=box.grams,
        length_mm=box.length_mm,
        width_mm=box.width_mm,
        height_mm=box.height_mm,
        goods=box.goods,
        parcels=(),
    )


def with_contents(order: Order, contents: Sequence[tuple[int, int]]) -> Order:
    """The order with these pieces of its items alone, and with what was estimated of them.

    Args:
        order: the order.
        contents: index into its items, and how many pieces.
    """
    place = {item: n for n, (item, _) in enumerate(contents)}
    return replace(
        order,
        items=tuple(replace(order.items[item], quantity=pieces) for item, pieces in contents),
        estimates=tuple(_estimates(order.estimates, place)),
    )


def sent_from(order: Order, items: Sequence[int], sender: Address) -> Order:
    """What one facility sends of an order: some of its items, and their part of each parcel by weight.

    Args:
        order: the whole.
        items: indexes into its items, all pieces of each.
        sender: the facility's address.
    """
    place = {item: n for n, item in enumerate(items)}
    boxes = [_with(order, box, place) for box in order.boxes if any(n in place for n, _ in box.contents)]
    largest = max(boxes, key=lambda box: box.cm3)
    goods = Goods.NONE
    for box in boxes:
        goods |= box.goods
    return replace(
        with_contents(order, [(n, order.items[n].quantity) for n in items]),
        sender=sender,
        grams=sum(box.grams for box in boxes),
        length_mm=largest.length_mm,
        width_mm=largest.width_mm,
        height_mm=largest.height_mm,
        goods=goods,
        parcels=tuple(boxes) if len(boxes) > 1 else (),
    )


def _with(order: Order, box: Box, place: Mapping[int, int]) -> Box:
    """A parcel with those of its items alone that have a place in the part."""
    weight = {n: (order.items[n].unit_kg or Decimal(0)) * pieces for n, pieces in box.contents}
    kept = tuple((place[n], pieces) for n, pieces in box.contents if n in place)
    if len(kept) == len(box.contents):
        return replace(box, contents=kept)
    whole = sum(weight.values())
    mine = sum(kg for n, kg in weight.items() if n in place)
    share = float(mine / whole) if whole else len(kept) / len(box.contents)
    sides = [max(20, round(mm * share ** (1 / 3))) for mm in (box.length_mm, box.width_mm, box.height_mm)]
    return Box(kept, max(1, round(box.grams * share)), sides[0], sides[1], sides[2], box.goods)


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
