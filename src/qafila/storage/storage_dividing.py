"""The lines of an order as several warehouses can send them: which sets each has, and lines that no single one has whole.

A line is torn only where it must be: then as few warehouses as can be give pieces of it, each all that it has but the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, islice

from qafila.shipping.orders.order import Box, Order

_TEARS = 12
"""Ways to tear an order's lines that are compared at most."""

Have = Sequence[Mapping[str, int]]
"""[warehouse][SKU] free pieces."""


def ways(order: Order, have: Have) -> Iterator[Order]:
    """The order, or, where some lines must be torn, the order with these lines as several, in each of the ways."""
    yield from islice(_ways(order, have, 0), _TEARS)


def _ways(order: Order, have: Have, line: int) -> Iterator[Order]:
    while line < len(order.items):
        item = order.items[line]
        if max((some.get(item.sku, 0) for some in have), default=0) < item.quantity:
            break
        line += 1
    else:
        yield order
        return
    item = order.items[line]
    for amounts in _amounts(item.quantity, [some.get(item.sku, 0) for some in have]):
        yield from _ways(torn(order, line, amounts), have, line + 1)


def _amounts(wanted: int, have: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Amounts that together are what is wanted: of as few warehouses as can be, each all that it has but one."""
    some = [n for n, pieces in enumerate(have) if pieces > 0]
    seen = set()
    for count in range(2, len(some) + 1):
        for chosen in combinations(some, count):
            total = sum(have[n] for n in chosen)
            if total < wanted:
                continue
            for last in chosen:
                rest = wanted - (total - have[last])
                amounts = tuple(sorted((*(have[n] for n in chosen if n != last), rest), reverse=True))
                if rest > 0 and amounts not in seen:
                    seen.add(amounts)
                    yield amounts
        if seen:
            return


def torn(order: Order, line: int, amounts: Sequence[int]) -> Order:
    """The order with one line as several: the first in its place, the others at the end."""
    items = list(order.items)
    items[line] = replace(items[line], quantity=amounts[0])
    items += [replace(order.items[line], quantity=amount) for amount in amounts[1:]]
    numbers = [line, *range(len(order.items), len(items))]
    left = list(amounts)
    boxes = []
    for box in order.boxes:
        contents: list[tuple[int, int]] = []
        for n, pieces in box.contents:
            if n != line:
                contents.append((n, pieces))
                continue
            for k, number in enumerate(numbers):
                taken = min(pieces, left[k])
                if taken:
                    contents.append((number, taken))
                    left[k] -= taken
                    pieces -= taken
        boxes.append(Box(tuple(contents), box.grams, box.length_mm, box.width_mm, box.height_mm, box.goods))
    estimates = [
        *order.estimates,
        *(
            replace(one, field=one.field.replace(f"items[{line}]", f"items[{number}]"))
            for one in order.estimates
            for number in numbers[1:]
            if one.field.startswith(f"items[{line}].")
        ),
    ]
    return replace(
        order, items=tuple(items), parcels=tuple(boxes) if order.parcels else (), estimates=tuple(estimates)
    )


def original(order: Order, torn_: Order, items: Sequence[int]) -> tuple[int, ...]:
    """Indexes into the order's own items, of indexes into the items of the torn one."""
    found: dict[int, None] = {}
    for n in items:
        if n < len(order.items):
            found[n] = None
        else:  # a torn line's other part: the line of the same goods that got smaller
            same = torn_.items[n]
            whole = next(
                m
                for m, item in enumerate(order.items)
                if replace(item, quantity=same.quantity) == same and torn_.items[m].quantity != item.quantity
            )
            found[whole] = None
    return tuple(found)


def sendable(order: Order, have: Have, most: int) -> list[list[int]]:
    """[warehouse]: the sets of lines that it can send, as bits.

    All of them, as long as they are no more than `most` together. Else lines that the same warehouses have stay together,
    and beyond that warehouses that have least of the order are left out.
    """
    lines = range(len(order.items))
    can = [
        sum(1 << n for n in lines if some.get(order.items[n].sku, 0) >= order.items[n].quantity)
        for some in have
    ]
    if sum(1 << mask.bit_count() for mask in can) <= most:
        return [
            _subsets(order, [1 << n for n in lines if mask >> n & 1], some)
            for mask, some in zip(can, have, strict=True)
        ]
    groups: dict[tuple[bool, ...], int] = {}
    for n in lines:
        key = tuple(bool(mask >> n & 1) for mask in can)
        groups[key] = groups.get(key, 0) | 1 << n
    found: list[list[int]] = []
    room = most
    for mask, some in zip(can, have, strict=True):
        bits = [group for group in groups.values() if group & mask == group]
        while bits and 1 << len(bits) > max(room, 2):
            bits = _joined(bits)
        found.append(_subsets(order, bits, some) if room > 0 else [])
        room -= len(found[-1])
    return found


def _joined(bits: list[int]) -> list[int]:
    """The same with its two smallest groups as one."""
    smallest = sorted(bits, key=lambda group: (group.bit_count(), group))
    return [smallest[0] | smallest[1], *smallest[2:]]


def _subsets(order: Order, bits: Sequence[int], some: Mapping[str, int]) -> list[int]:
    """Every set of these groups of lines for which there is enough."""
    found = [0]
    for group in bits:
        found += [chosen | group for chosen in found if not chosen & group]
    return [chosen for chosen in found if chosen and _enough(order, chosen, some)]


def _enough(order: Order, chosen: int, some: Mapping[str, int]) -> bool:
    left = dict(some)
    for n, item in enumerate(order.items):
        if chosen >> n & 1:
            left[item.sku] = left.get(item.sku, 0) - item.quantity
            if left[item.sku] < 0:
                return False
    return True
