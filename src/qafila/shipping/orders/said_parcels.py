"""What a merchant says goes into which parcel: a column of a file; whether pieces and parcels come out even."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from qafila.core.figures import NotAFigure
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.items import size_of
from qafila.shipping.orders.order_draft import DraftItem, DraftParcel
from qafila.shipping.orders.orders_figures import is_blank
from qafila.shipping.orders.orders_limits import limits
from qafila.shipping.orders.reading import Row
from qafila.shipping.orders.understanding import Findings, Ways

_LONGEST_NAME = 40
_SIDES = ("parcel_length_cm", "parcel_width_cm", "parcel_height_cm")
_SAID_ONCE = ("parcel_weight_kg", *_SIDES)
FIELDS = frozenset({"parcel", *_SAID_ONCE})
"""The cells that tell of parcels."""


def parcels_of(
    lines: Sequence[Row], items: Sequence[DraftItem], ways: Ways, found: Findings
) -> list[DraftParcel]:
    """The parcels that the rows of an order name, in the order in which they are first named; none where none is.

    Args:
        lines: the rows, an item each.
        items: what of them is sent; each knows its row.
        ways: how figures are written.
        found: takes what is wrong.
    """
    name_of = {line.number: line.get("parcel") for line in lines}
    if all(is_blank(name) for name in name_of.values()):
        return []
    boxes: dict[str, DraftParcel] = {}
    for n, item in enumerate(items):
        name = name_of.get(item.row, "")
        if is_blank(name):
            found.refuse("parcel", name, m.PARCEL_MISSING(), m.SAY_PARCEL(), item.row)
        elif len(name) > _LONGEST_NAME:
            found.refuse(
                "parcel", name, m.PARCEL_LONG_NAME(length=len(name)), m.PARCEL_SHORT_NAME(), item.row
            )
        else:
            boxes.setdefault(name, DraftParcel(item.row, {})).contents[n] = item.quantity
    for name, box in boxes.items():
        said = _once([line for line in lines if line.get("parcel") == name], found)
        box.grams = _grams(said, box.row, ways, found)
        box.size_mm = size_of(Row(box.row, said), ways, found, _SIDES)
    return list(boxes.values())


def boxes_of(rows: Sequence[Row], ways: Ways, found: Findings) -> list[DraftParcel]:
    """The parcels of an order of one kind of goods, each told by a row: its pieces, and its weight and sides if known.

    Args:
        rows: a parcel each; the cell `quantity` says how many pieces it holds.
        ways: how figures are written.
        found: takes what is wrong, by the parcel's row.
    """
    boxes = []
    for row in rows:
        written = row.get("quantity")
        try:
            number = ways.notation.number(written)
        except NotAFigure as error:
            reason = m.NO_PIECES() if is_blank(written) else error.message
            found.refuse("parcel_pieces", written, reason, m.PARCEL_SAY_PIECES(), row.number)
            continue
        if number < 1 or number != int(number):
            reason = m.NO_PIECES() if number < 1 else m.WHOLE_PIECES()
            found.refuse("parcel_pieces", written, reason, m.PARCEL_SAY_PIECES(), row.number)
            continue
        size = size_of(row, ways, found, _SIDES)
        boxes.append(
            DraftParcel(row.number, {0: int(number)}, _grams(row.cells, row.number, ways, found), size)
        )
    return boxes


def _once(lines: Sequence[Row], found: Findings) -> dict[str, str]:
    """What the rows of one parcel say of it: once, or the same each time."""
    said: dict[str, str] = {}
    for line in lines:
        for name in _SAID_ONCE:
            cell = line.get(name)
            if not is_blank(cell) and said.setdefault(name, cell) != cell:
                reason = m.PARCEL_WEIGHTS_DIFFER(one=said[name], other=cell)
                found.refuse(name, cell, reason, m.PARCEL_ONCE(), line.number)
    return said


def _grams(said: Mapping[str, str], row: int, ways: Ways, found: Findings) -> Decimal | None:
    written = said.get("parcel_weight_kg", "")
    if is_blank(written):
        return None
    try:
        grams = ways.notation.grams(written, "kg")
    except NotAFigure as error:
        found.refuse("parcel_weight_kg", written, error.message, m.PARCEL_WRITE_WEIGHT(), row)
        return None
    if grams < 0:
        found.refuse("parcel_weight_kg", written, m.NEGATIVE_WEIGHT(), m.PARCEL_WRITE_WEIGHT(), row)
    elif grams > limits().parcel_weight * 1000:
        reason = m.PARCEL_TOO_HEAVY(kg=grams / 1000, most=limits().parcel_weight)
        found.refuse("parcel_weight_kg", written, reason, m.MORE_PARCELS(), row)
    return grams or None  # zero says that nobody weighed it
