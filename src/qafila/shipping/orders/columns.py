"""Which column of a file is which field: three kinds of export, recognised by their header.

The spellings are a data file (facts/order-columns.csv); letters' case, spaces and punctuation do not
count, so `Unit Price`, `unit_price` and `UNIT-PRICE` are one.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from qafila.core.fault import Fault
from qafila.core.message import Choice
from qafila.shipping.orders import orders_messages as m


class FileRefused(Fault):
    """A file that cannot be read as orders at all."""


@dataclass(frozen=True, slots=True)
class Column:
    """A field of an order and the headings under which a kind of file gives it."""

    field: str
    need: str  # required, optional, "one line item"
    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file's header means: its kind, and the position of each field that it has."""

    format: str  # plain, shopify, woocommerce
    positions: dict[str, int]
    ignored: tuple[str, ...]  # headings that mean nothing to us
    repeated: tuple[str, ...] = ()  # headings that stand over several columns, of which the first is read
    headings: dict[str, str] = field(default_factory=dict)  # each field's column as the file calls it

    def heading(self, name: str) -> str:
        """The column that a problem is about, as the file calls it; empty where the file has none such."""
        ours = name.replace("destination_", "").replace("origin_", "sender_")
        return self.headings.get(name) or self.headings.get(ours, "")


FORMATS = {"plain": m.ORDERS_FILE, "shopify": m.SHOPIFY, "woocommerce": m.WOOCOMMERCE}
"""What each kind of file is called."""


@cache
def formats() -> dict[str, tuple[Column, ...]]:
    """The kinds of file and their columns."""
    found: dict[str, list[Column]] = {}
    with (files("qafila") / "facts" / "order-columns.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            spellings = tuple(row["spellings"].split("|"))
            found.setdefault(row["format"], []).append(Column(row["field"], row["need"], spellings))
    return {name: tuple(columns) for name, columns in found.items()}


def squashed(heading: str) -> str:
    """A heading without case, accents, spaces and punctuation."""
    bare = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(c for c in bare if c.isalnum())


def layout_of(header: list[str]) -> Layout:
    """The layout of a header. Raises FileRefused naming the columns that are missing and their spellings."""
    best: tuple[int, int, str, dict[str, int], list[Column]] | None = None
    squashed_header = [squashed(h) for h in header]
    for name, columns in formats().items():
        positions = _positions(columns, squashed_header)
        missing = _missing(columns, positions)
        # a store's export has a signature that a plain file lacks, so it goes first where both fit
        signature = {"shopify": "title", "woocommerce": "country", "plain": "title"}[name] in positions
        rank = (0 if signature else 1, len(missing), name, positions, missing)
        if best is None or rank[:2] < best[:2] or (rank[:2] == best[:2] and signature and best[2] == "plain"):
            best = rank
    assert best is not None
    _, _, name, positions, missing = best
    if missing:
        wanted = tuple(m.COLUMN(field=c.field, spellings=", ".join(c.spellings[:6])) for c in missing)
        seen = ", ".join(h.strip()[:40] or "(blank)" for h in header[:12]) + (
            " …" if len(header) > 12 else ""
        )
        raise FileRefused(
            m.COLUMNS_MISSING(format=FORMATS[name](), n=len(missing), columns=Choice(wanted, every=True)),
            m.FIRST_LINE(headings=seen),
        )
    used = set(positions.values())
    ignored = tuple(h for i, h in enumerate(header) if i not in used and h.strip())
    read = {squashed_header[i] for i in used}
    repeated = tuple(dict.fromkeys(h for h in ignored if squashed(h) in read))
    headings = {field: header[i].strip() for field, i in positions.items()}
    return Layout(name, positions, ignored, repeated, headings)


def _positions(columns: tuple[Column, ...], header: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column in columns:
        for spelling in column.spellings:
            if spelling.endswith("#"):  # numbered columns: line_item_1, line_item_2 …
                numbered = re.compile(re.escape(squashed(spelling)) + r"(\d+)")
                for position, heading in enumerate(header):
                    if match := numbered.fullmatch(heading):
                        found.setdefault(column.field, position)
                        found[f"{column.field}_{match[1]}"] = position
            elif squashed(spelling) in header:
                found[column.field] = header.index(squashed(spelling))
                break
    return found


def _missing(columns: tuple[Column, ...], positions: dict[str, int]) -> list[Column]:
    missing = [c for c in columns if c.need == "required" and c.field not in positions]
    by_line = [c for c in columns if c.need == "one line item"]
    if by_line and "line_items" not in positions:
        if any(name in positions for name in ("unit_price", "line_total", "line_subtotal", "list_price")):
            wanted = {"title", "quantity"}
        else:
            wanted = {"title", "quantity", "unit_price"}
        missing += [c for c in by_line if c.field in wanted and c.field not in positions]
    return missing
