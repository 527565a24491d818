"""Weights that cannot be meant: grams under a heading of kilograms, and the reverse."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from qafila.core.message import Message
from qafila.shipping.orders import orders_messages
from qafila.shipping.orders.medians import is_usual, median_of
from qafila.shipping.orders.orders_limits import limits

_HUNDREDFOLD = 100
# a mass or a volume in a title: "100 g", "250ml", "1,5 kg"; not "10 g protein", which is rare and smaller still
_STATED = re.compile(
    r"(?<![\w.,])(\d{1,4}(?:[.,]\d{1,3})?)\s?(kg|g|gr|gram(?:me)?s?|mg|ml|cl|l|lt|litres?|liters?|oz|lb|lbs|غ|غرام|كغ|كلغ|مل|克|公斤|千克|毫升)\b",
    re.I,
)
_GRAMS = {
    "kg": 1000,
    "كغ": 1000,
    "كلغ": 1000,
    "公斤": 1000,
    "千克": 1000,
    "l": 1000,
    "lt": 1000,
    "cl": 10,
    "oz": 28,
    "lb": 454,
    "lbs": 454,
}


def doubtful(
    title: str, category: str, size_mm: tuple[int, int, int] | None, grams: Decimal
) -> Message | None:
    """What contradicts a weight of one piece a hundredfold: its title, its box, or what such goods weigh.

    Args:
        title: of the goods.
        category: of the goods, or empty.
        size_mm: the sides of a piece, where they are known.
        grams: the weight of a piece as it reads.
    """
    stated = _stated(title)
    if stated is not None:
        wrong = grams >= stated * _HUNDREDFOLD or grams * _HUNDREDFOLD <= stated
        return orders_messages.WEIGHT_AGAINST_TITLE(kg=_kg(grams), stated=_kg(stated)) if wrong else None
    median = median_of(category, title)
    if (cm3 := _box(size_mm)) is not None:
        density = grams / cm3
        if density > limits().greatest_density and density > median.density * _HUNDREDFOLD:
            return orders_messages.WEIGHT_AGAINST_BOX(kg=_kg(grams), cm3=f"{cm3:.0f}")
        return None  # the box bears the weight out
    if grams >= median.grams * _HUNDREDFOLD:
        return orders_messages.WEIGHT_AGAINST_KIND(kg=_kg(grams), usual=_kg(Decimal(median.grams)))
    if is_usual(median) and grams * _HUNDREDFOLD <= median.grams:
        return orders_messages.WEIGHT_AGAINST_KIND(kg=_kg(grams), usual=_kg(Decimal(median.grams)))
    return None


def _stated(title: str) -> Decimal | None:
    """The largest mass or volume that a title states, in grams (a millilitre as a gram)."""
    found = _STATED.findall(unicodedata.normalize("NFKC", title))
    masses = [
        Decimal(number.replace(",", "."))
        * (
            Decimal("0.001")
            if unit.lower() == "mg"
            else _GRAMS.get(unit.lower(), 1000 if unit.lower().startswith("lit") else 1)
        )
        for number, unit in found
    ]
    return max(masses, default=None) or None


def _box(size_mm: tuple[int, int, int] | None) -> Decimal | None:
    if size_mm is None:
        return None
    volume = Decimal(size_mm[0] * size_mm[1] * size_mm[2]) / 1000
    return volume if volume > _A_PLACEHOLDER else None


_A_PLACEHOLDER = 8  # cm³: a box of 1 × 1 × 1, with which shops fill fields that they must fill


def _kg(grams: Decimal) -> str:
    return f"{grams / 1000:f} kg" if grams >= 1000 else f"{grams:f} g"
