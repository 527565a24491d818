"""From rows to orders as they stand in the file: which rows belong together, and which repeat each other."""

from __future__ import annotations

from dataclasses import dataclass

from qafila.core.message import Term
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.line_items import Unreadable, unpack
from qafila.shipping.orders.order import Problem
from qafila.shipping.orders.reading import Row, Sheet

_LONGEST_ID = 100  # characters
_ITEM_FIELDS = frozenset(
    {"title", "attributes", "category", "sku", "hs", "goods_origin", "quantity", "unit_price", "line_total", "line_subtotal", "list_price",
     "line_discount", "weight_kg", "weight_g", "length_cm", "width_cm", "height_cm", "needs_shipping", "line_fulfilment",
     "refunded_quantity", "line", "parcel", "parcel_weight_kg", "parcel_length_cm", "parcel_width_cm", "parcel_height_cm",
     "line_items", "sender_company", "note"}
)  # fmt: skip


_AGREE = frozenset({"country", "city", "currency", "line1", "cash_on_delivery"})
"""What each row of an order says alike where it says it."""


@dataclass(frozen=True, slots=True)
class RawOrder:
    """An order in the file's own words: what is said once, and its items."""

    id: str
    rows: tuple[int, ...]
    cells: dict[str, str]
    lines: tuple[Row, ...]  # an item each; `number` is the row in which it stands
    format: str = "plain"  # the kind of file that it comes from: the words of shops differ

    def get(self, field: str) -> str:
        """A cell that is said once for the order; empty where it is not given."""
        return self.cells.get(field, "")


def group(sheet: Sheet) -> tuple[list[RawOrder], list[Problem]]:
    """The orders of a sheet by their first row, and every row that can be in none.

    In a plain file one row is one order, unless it has a column `line` or `parcel`: an id that comes again with the
    same cells is a repetition (the first is kept), with other cells a conflict (none is kept). A Shopify
    or WooCommerce export gives each item a row: what is said once may stand in any of them, must not
    differ between them, and a row that is refused takes its whole order with it. A row without an id and without a
    destination belongs to the order before it, in a plain file too.
    """
    by_id: dict[str, list[Row]] = {}
    problems: list[Problem] = []
    one_row_each = sheet.layout.format == "plain" and not {"line", "parcel"} & sheet.layout.positions.keys()
    joined: set[str] = set()  # orders of a plain file to which a row without an id belongs
    refused = {p.order_id: p for p in reversed(sheet.problems) if p.order_id}
    lost: dict[str, Problem] = {}  # orders of which a row without an id cannot be read
    previous = ""
    every: list[Row | Problem] = [*sheet.good, *sheet.problems]
    for row in sorted(every, key=_number):
        if isinstance(row, Problem):
            if not row.order_id and previous:  # it may be the order's: nothing of it is sent alone
                lost.setdefault(previous, row)
            previous = row.order_id or previous
            continue
        order_id = row.get("order_id")
        if not order_id and not (row.get("city") or row.get("line1")) and previous:
            order_id = previous  # a row of goods under an order belongs to it
            joined.add(order_id)
        if not order_id:
            problems.append(Problem(row.number, "order_id", "", m.NO_ORDER_ID(), m.GIVE_ORDER_ID()))
            continue
        if len(order_id) > _LONGEST_ID:
            reason, remedy = m.LONG_ORDER_ID(length=len(order_id)), m.SHORTER_ORDER_ID(most=_LONGEST_ID)
            problems.append(Problem(row.number, "order_id", order_id[:_LONGEST_ID] + "…", reason, remedy))
            continue
        by_id.setdefault(order_id, []).append(row)
        previous = order_id
    orders: list[RawOrder] = []
    for order_id, rows in by_id.items():
        if one_row_each and order_id not in joined and order_id not in lost:
            made = _single(order_id, rows)
        elif order_id in refused or order_id in lost:
            made = _followers(order_id, rows, refused.get(order_id) or lost[order_id])
        else:
            made = _several(order_id, rows, sheet.layout.format)
        for one in made:
            if isinstance(one, Problem):
                problems.append(one)
            else:
                orders.append(one)
    return orders, problems


def _number(row: Row | Problem) -> int:
    return row.row if isinstance(row, Problem) else row.number


def _single(order_id: str, rows: list[Row]) -> list[RawOrder | Problem]:
    first, *others = rows
    if any(other.cells != first.cells for other in others):
        numbers = ", ".join(str(r.number) for r in rows[:8]) + (" …" if len(rows) > 8 else "")
        return [
            Problem(
                row.number,
                "order_id",
                order_id,
                m.SAME_ID(rows=numbers),
                m.OWN_ID_OR_LINE(),
                order_id,
            )
            for row in rows
        ]
    return [
        RawOrder(order_id, (first.number,), first.cells, (first,)),
        *_repetitions(order_id, first, others),
    ]


def _repetitions(order_id: str, first: Row, others: list[Row]) -> list[Problem]:
    return [
        Problem(
            row.number,
            "order_id",
            order_id,
            m.REPEATED(row=str(first.number)),
            m.NOTHING_TO_DO(),
            order_id,
        )
        for row in others
    ]


def _several(order_id: str, rows: list[Row], kind: str) -> list[RawOrder | Problem]:
    once: dict[str, str] = {}
    for row in rows:
        for field, value in row.cells.items():
            if field in _ITEM_FIELDS or field.startswith("line_items") or not value:
                if value and field in {"note", "sender_company", "line_items"}:
                    once.setdefault(field, value)
                continue
            if once.setdefault(field, value) != value and field in _AGREE:
                return [
                    Problem(
                        r.number,
                        field,
                        r.get(field),
                        m.DISAGREE(field=Term("field", field), one=once[field], other=value),
                        m.ONE_PLACE(),
                        order_id,
                    )
                    for r in rows
                ]
    kept: list[Row] = []
    repeated: list[RawOrder | Problem] = []
    for row in rows:
        twin = next((k for k in kept if k.cells == row.cells and row.get("city")), None)
        if twin is not None:
            repeated += _repetitions(order_id, twin, [row])
        else:
            kept.append(row)
    try:
        lines = tuple(line for row in kept for line in _lines(row))
    except Unreadable as error:
        return [
            Problem(
                r.number, "line_items", r.get("line_items")[:120], error.message, m.EXPORT_ITEMS(), order_id
            )
            for r in rows
        ]
    return [RawOrder(order_id, tuple(r.number for r in kept), once, lines, kind), *repeated]


def _lines(row: Row) -> list[Row]:
    packed = [v for f, v in row.cells.items() if v and (f == "line_items" or f.startswith("line_items_"))]
    if not packed:
        return [row]
    return [Row(row.number, cells) for cell in dict.fromkeys(packed) for cells in unpack(cell)]


def _followers(order_id: str, rows: list[Row], cause: Problem) -> list[RawOrder | Problem]:
    return [
        Problem(
            row.number,
            cause.field,
            cause.value,
            m.ROW_REFUSED(row=str(cause.row), reason=cause.reason),
            cause.remedy,
            order_id,
        )
        for row in rows
    ]
