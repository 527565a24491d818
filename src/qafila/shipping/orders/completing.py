"""Completes what a merchant left out and may be completed: each estimate says its rule.

Weights, sizes, HS codes, origins and the marks of dangerous goods may be estimated. A customs value is
never invented: where a price is missing, the same goods elsewhere in the file may tell it, nothing else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import orjson

from qafila.core.message import Message
from qafila.core.money import ExchangeRates, Money
from qafila.network.network_places import country_code
from qafila.network.timetable import Goods
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.goods_words import flags_of, flags_of_code
from qafila.shipping.orders.medians import Median, median_of
from qafila.shipping.orders.order import Box, Estimate, Item, Order, Problem
from qafila.shipping.orders.order_draft import Draft, DraftItem, DraftParcel
from qafila.shipping.orders.orders_cash import settled
from qafila.shipping.orders.orders_limits import limits
from qafila.shipping.orders.parcelling import Kind, Most, divide, fits, laid_together


@dataclass(frozen=True, slots=True)
class Proposal:
    """An HS code for goods: empty where they are described too vaguely. It is no estimate, and needs no rule, where
    somebody confirmed it for these very goods."""

    hs: str
    rule: Message | None = None
    confidence: float | None = None  # 0 to 1


Classify = Callable[[DraftItem], Proposal]
"""Proposes an HS code for goods."""


class Prices:
    """What the file itself tells of the value of goods: by article number, else by the very same title."""

    def __init__(self, drafts: Iterable[Draft]) -> None:
        self._told: dict[str, set[Money]] = {}
        for draft in drafts:
            for item in draft.items:
                if item.unit_value is not None:
                    for key in _keys(item):
                        self._told.setdefault(key, set()).add(item.unit_value)

    def of(self, item: DraftItem) -> tuple[Money, Message] | None:
        """The value of the same goods elsewhere in the file, where all who tell it agree."""
        for key in _keys(item):
            told = self._told.get(key, set())
            if len(told) == 1:
                return next(iter(told)), m.SAME_ARTICLE() if key.startswith("sku:") else m.SAME_TITLE()
        return None


def _keys(item: DraftItem) -> list[str]:
    return ([f"sku:{item.sku.casefold()}"] if item.sku else []) + [f"title:{item.title.casefold()}"]


@dataclass(slots=True)
class _Packed:
    """What is known of one kind of goods once its gaps are filled; mm and g for one piece."""

    item: Item
    grams: Decimal
    size_mm: tuple[int, int, int]
    goods: Goods


def fill_prices(draft: Draft, prices: Prices) -> list[Problem]:
    """Fills in the prices that the file itself tells, in place; the problems are those that it does not."""
    problems: list[Problem] = []
    for number, item in enumerate(draft.items):
        if item.unit_value is not None:
            continue
        told = prices.of(item)
        if told is None:
            problems.append(
                Problem(item.row, "unit_price", "", m.NO_PRICE(), m.WRITE_PRICE_AND_CURRENCY(), draft.id)
            )
        else:
            item.unit_value, rule = told
            draft.estimates.append(Estimate(f"items[{number}].unit_value", str(item.unit_value), rule))
    return problems


def complete(draft: Draft, classify: Classify | None, rates: ExchangeRates) -> Order | list[Problem]:
    """The order, its gaps filled, or why it cannot be taken. Every item has its value by now."""
    estimates = list(draft.estimates)
    packed = [_fill(n, item, draft, classify, estimates) for n, item in enumerate(draft.items)]
    currency = packed[0].item.unit_value.currency
    if any(p.item.unit_value.currency != currency for p in packed):
        return [Problem(draft.rows[0], "currency", "", m.SEVERAL_CURRENCIES(), m.SAME_CURRENCY(), draft.id)]
    boxes = _boxes(packed, draft, estimates)
    problems = _too_much(draft, packed, boxes, rates)
    cash = None if draft.cash is None else settled(draft.cash, currency)
    if isinstance(cash, tuple):
        problems.append(Problem(draft.rows[0], *cash, draft.id))
    if problems or isinstance(cash, tuple):
        return problems
    goods = Goods.NONE
    for box in boxes:
        goods |= box.goods
    largest = boxes[0] if len(boxes) == 1 else max(boxes, key=lambda box: box.cm3)
    return Order(
        id=draft.id,
        rows=draft.rows,
        sender=draft.sender,
        receiver=draft.receiver,
        items=tuple(p.item for p in packed),
        grams=sum(box.grams for box in boxes),
        length_mm=largest.length_mm,
        width_mm=largest.width_mm,
        height_mm=largest.height_mm,
        ready=draft.ready,
        rule=draft.rule,
        promise_by=draft.promise_by,
        goods=goods,
        insured=draft.insured,
        trade=draft.trade,
        taxes_paid_by=draft.taxes_paid_by,
        preference=draft.preference,
        note=draft.note,
        estimates=tuple(estimates),
        service_class=draft.service_class,
        cash_on_delivery=cash,
        parcels=tuple(boxes) if len(boxes) > 1 else (),
    )


def _fill(
    number: int,
    item: DraftItem,
    draft: Draft,
    classify: Classify | None,
    estimates: list[Estimate],
) -> _Packed:
    if item.unit_value is None:
        raise ValueError(f"item {number} of order {draft.id} has no value: call fill_prices first")

    def estimate(field: str, value: str, rule: Message, confidence: float | None = None) -> None:
        estimates.append(Estimate(f"items[{number}].{field}", value, rule, confidence))

    median = median_of(item.category, item.title)
    grams = item.grams
    if grams is None:
        grams = Decimal(median.grams)
        estimate("weight_kg", f"{grams / 1000:f}", m.MEDIAN_WEIGHT(kind=median.kind, source=median.source))
    size = item.size_mm
    if size is not None and grams / _cm3(size) > limits().greatest_density:
        estimate_rule = m.TOO_SMALL(size=_cm(size), kg=grams / 1000, rule=_by_density(median))
        size = _size_for(grams, median)
        estimate("size_cm", _cm(size), estimate_rule)
    elif size is not None and item.grams is not None and grams / _cm3(size) < limits().least_density:
        rule = m.TOO_LIGHT(kg=grams / 1000, size=_cm(size), rule=_by_density(median))
        grams = Decimal(round(_cm3(size) * median.density))
        estimate("weight_kg", f"{grams / 1000:f}", rule)
    elif size is None:
        size = _size_for(grams, median)
        estimate("size_cm", _cm(size), _by_density(median))
    hs = item.hs
    if hs is None and classify is not None:
        proposal = classify(item)
        hs = proposal.hs or None
        if proposal.rule:
            estimate("hs", proposal.hs, proposal.rule, proposal.confidence)
    origin = item.origin
    if origin is None:
        origin, rule = _origin(item, draft.sender.country)
        estimate("origin", origin, rule)
    goods, words = flags_of(item.title, item.attributes, item.category)
    for name, word in words.items():
        estimate("goods", name, m.HAS_WORD(word=word))
    by_code, prefix = flags_of_code(hs or "")
    if by_code & ~goods and not (by_code is Goods.LITHIUM_BUILT_IN and goods & Goods.LITHIUM):
        goods |= by_code
        estimate("goods", by_code.name or "", m.BY_CODE(prefix=prefix))
    filled = Item(
        item.title,
        item.quantity,
        item.unit_value,
        (grams / 1000).quantize(Decimal("0.00001")).normalize(),
        item.sku,
        hs,
        origin,
        item.category,
        item.attributes,
    )
    return _Packed(filled, grams, size, goods)


def _by_density(median: Median) -> Message:
    return m.BY_DENSITY(kind=median.kind, density=median.density, source=median.source)


def _cm3(size: tuple[int, int, int]) -> Decimal:
    return Decimal(max(1, size[0] * size[1] * size[2])) / 1000


def _cm(size: tuple[int, int, int]) -> str:
    return " × ".join(f"{Decimal(side) / 10:f}" for side in size) + " cm"


def _size_for(grams: Decimal, median: Median) -> tuple[int, int, int]:
    """A box in the proportions 3 : 2 : 1 that holds a weight at the usual density; at least 6 × 4 × 2 cm."""
    short = float(max(grams, Decimal(7)) / median.density * 1000 / 6) ** (1 / 3)
    return max(60, round(3 * short)), max(40, round(2 * short)), max(20, round(short))


_ORIGIN_KEYS = ("origin", "country of origin", "made in", "产地", "原产地", "بلد المنشأ", "pays d'origine")


def _origin(item: DraftItem, sender: str) -> tuple[str, Message]:
    try:
        attributes = orjson.loads(item.attributes)
    except orjson.JSONDecodeError:
        pairs = (part.split(":", 1) for part in re.split(r"[|;\n]", item.attributes) if ":" in part)
        attributes = {key.strip(): value for key, value in pairs}
    if isinstance(attributes, dict):
        for key, written in attributes.items():
            if key.strip().casefold() in _ORIGIN_KEYS:
                code = country_code(re.sub(r"\(.*?\)", "", str(written)))
                if code:
                    return code, m.SAID_BY_ATTRIBUTE(key=key.strip(), value=str(written).strip())
    return sender, m.ORIGIN_OF_SENDER()


def _boxes(packed: list[_Packed], draft: Draft, estimates: list[Estimate]) -> list[Box]:
    """The parcels of an order: as the merchant said; else one, or as many as the limits of a parcel ask for."""
    kinds = [Kind(p.grams, p.size_mm, p.item.quantity) for p in packed]
    everything = {n: kind.pieces for n, kind in enumerate(kinds)}
    if draft.parcels:
        divided = [one.contents for one in draft.parcels]
    elif (len(packed) == 1 and packed[0].item.quantity == 1) or fits(kinds, everything, _ordinary()):
        divided = [everything]
    else:
        divided = divide(kinds, _ordinary())
        rule = m.DIVIDED(kg=limits().oversize_weight, cm=limits().oversize_longest_side)
        estimates.append(Estimate("parcels", str(len(divided)), rule))
    boxes = []
    for n, contents in enumerate(divided):
        said = draft.parcels[n] if draft.parcels else None
        name = f"parcels[{n}].parcel_size" if len(divided) > 1 else "parcel_size"
        boxes.append(_box(packed, contents, said, name, estimates))
    return boxes


@cache
def _ordinary() -> Most:
    """What travels like any other parcel: beyond it a parcel is oversize and goes by its own ways."""
    return Most(limits().oversize_weight * 1000, int(limits().oversize_longest_side * 10))


def _box(
    packed: list[_Packed],
    contents: Mapping[int, int],
    said: DraftParcel | None,
    name: str,
    estimates: list[Estimate],
) -> Box:
    pieces = sum(contents.values())
    grams = sum((packed[n].grams * count for n, count in contents.items()), start=Decimal(0))
    if said is not None and said.grams is not None:
        grams = said.grams
    if said is not None and said.size_mm is not None:
        a, b, c = sorted(said.size_mm, reverse=True)
    else:
        a, b, c = laid_together([(packed[n].size_mm, count) for n, count in contents.items()])
        if pieces > 1:
            estimates.append(Estimate(name, _cm((a, b, c)), m.LAID_TOGETHER(pieces=pieces)))
    goods = Goods.NONE
    for n in contents:
        goods |= packed[n].goods
    if grams > _ordinary().grams or a > _ordinary().longest_mm:
        goods |= Goods.OVERSIZE
    return Box(tuple(contents.items()), max(1, math.ceil(grams)), a, b, c, goods)


def _too_much(draft: Draft, packed: list[_Packed], boxes: list[Box], rates: ExchangeRates) -> list[Problem]:
    problems = []
    row = draft.rows[0]
    if len(boxes) > limits().shipment_parcels:
        reason = m.TOO_MANY_PARCELS(parcels=len(boxes), most=limits().shipment_parcels)
        problems.append(Problem(row, "parcel", str(len(boxes)), reason, m.SPLIT(), draft.id))
    heaviest = max(boxes, key=lambda box: box.grams)
    if heaviest.grams > limits().parcel_weight * 1000:
        kg = Decimal(heaviest.grams) / 1000
        reason = m.PARCEL_TOO_HEAVY(kg=round(kg, 1), most=limits().parcel_weight)
        problems.append(Problem(row, "weight_kg", f"{kg:f}", reason, m.MORE_PARCELS(), draft.id))
    longest = max(box.length_mm for box in boxes)
    if longest > limits().parcel_longest_side * 10:
        cm = Decimal(longest) / 10
        reason = m.PARCEL_TOO_LONG(cm=cm, most=limits().parcel_longest_side)
        problems.append(Problem(row, "length_cm", f"{cm:g}", reason, m.MORE_PARCELS(), draft.id))
    total = sum(
        (p.item.unit_value * p.item.quantity for p in packed), start=packed[0].item.unit_value * Decimal(0)
    )
    worth = rates.convert(total, "EUR", draft.ready.date())
    if worth.amount > limits().declared_value:
        reason = m.WORTH_TOO_MUCH(value=worth)
        remedy = m.CHECK_PRICE(limit=Money(Decimal(limits().declared_value), "EUR"))
        problems.append(Problem(row, "unit_price", str(total), reason, remedy, draft.id))
    return problems
