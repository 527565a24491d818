"""What became of a file of orders: for a program as JSON, for a person as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from qafila.core.message import Message, as_it_is
from qafila.core.message_json import from_json, to_json
from qafila.core.terminal import plain
from qafila.shipping.orders.order import Problem

_SHOWN = 12
_ROWS_SHOWN = 4  # of those that one reason refused


@dataclass(slots=True)
class Line:
    """One shipment as the summary's table shows it."""

    order_id: str
    parcel: str
    to: str
    way: str
    price: str
    promise: str
    landed_cost: str
    co2e_kg: Decimal
    needs: list[dict[str, Any]] = field(default_factory=list)  # restricted goods: text, document
    to_confirm: list[str] = field(
        default_factory=list
    )  # goods whose HS code is not sure enough to be declared


@dataclass(slots=True)
class Summary:
    """The result of `ship_file`. rows = booked + rejected, always."""

    file: str
    format: str = ""
    encoding: str = ""
    encoding_found: Message = field(default_factory=lambda: as_it_is(""))
    delimiter: str = ""
    rows: int = 0
    booked: int = 0
    rejected: int = 0
    already_booked: int = 0  # rows among the booked ones whose order an earlier run had booked
    estimated: int = 0  # rows among the booked ones with an estimate
    shipments: int = 0
    parcels: int = 0
    seconds: float = 0.0
    estimates: Counter[str] = field(default_factory=Counter)
    reasons: dict[tuple[str, Message, Message], list[Problem]] = field(default_factory=dict)
    freight: dict[str, Decimal] = field(default_factory=dict)  # by currency
    landed: dict[str, Decimal] = field(default_factory=dict)  # by currency
    restricted: int = 0  # parcels that customs release only against a document
    unconfirmed: int = 0  # parcels that are not declared before an HS code is confirmed
    co2e_kg: Decimal = Decimal(0)
    lines: list[Line] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    warnings: list[Message] = field(default_factory=list)

    @property
    def orders_per_second(self) -> float:
        """Shipments a second, over all the time it took."""
        return self.shipments / self.seconds if self.seconds else 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return {
            "file": self.file,
            "format": self.format,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "rows": self.rows,
            "booked": self.booked,
            "rejected": self.rejected,
            "already_booked": self.already_booked,
            "estimated": self.estimated,
            "shipments": self.shipments,
            "parcels": self.parcels,
            "restricted": self.restricted,
            "unconfirmed": self.unconfirmed,
            "seconds": round(self.seconds, 3),
            "orders_per_second": round(self.orders_per_second, 1),
            "estimates": dict(self.estimates.most_common()),
            "reasons": [
                {"field": f, "reason": str(reason), "remedy": str(remedy), "rows": len(found)}
                for (f, reason, remedy), found in self.most_frequent()
            ],
            "freight": {currency: str(amount) for currency, amount in sorted(self.freight.items())},
            "landed_cost": {currency: str(amount) for currency, amount in sorted(self.landed.items())},
            "co2e_wtw_kg": str(self.co2e_kg.quantize(Decimal("0.001"))),
            "files": {name: str(path) for name, path in self.files.items()},
            "warnings": [str(warning) for warning in self.warnings],
        }

    def count_problems(self, problems: Sequence[Problem]) -> None:
        """Groups what was rejected by field and reason; one problem for each rejected row."""
        self.rejected = len(problems)
        for problem in problems:
            self.reasons.setdefault((problem.field, problem.reason, problem.remedy), []).append(problem)

    def most_frequent(self) -> list[tuple[tuple[str, Message, Message], list[Problem]]]:
        """Field, reason and remedy with the problems that have them, one for each row: the most frequent first, then as
        they stand in the file."""
        return sorted(self.reasons.items(), key=lambda one: (-len(one[1]), min(p.row for p in one[1])))

    def told(self) -> dict[str, Any]:
        """As `as_json`, its reasons and warnings as documents of messages: for who says them in another language."""
        reasons = [
            {
                "field": f,
                "heading": found[0].heading,
                "reason": to_json(reason),
                "remedy": to_json(remedy),
                "rows": len(found),
            }
            for (f, reason, remedy), found in self.most_frequent()
        ]
        return self.as_json() | {
            "reasons": reasons,
            "warnings": [to_json(warning) for warning in self.warnings],
        }


def print_summary(summary: Summary, console: Console) -> None:
    """What happened, for a person: how many, at what price, what was refused and why, where the files are."""
    console.print(
        f"[bold]{summary.rows:,} rows[/]: [green]{summary.booked:,} booked[/]"
        + (f" ({summary.already_booked:,} of them before)" if summary.already_booked else "")
        + (f", [red]{summary.rejected:,} rejected[/]" if summary.rejected else ", none rejected")
        + f", in {summary.seconds:.1f} s"
    )
    console.print(
        f"Read as {_NAMES.get(summary.format, summary.format)}, {summary.encoding} ({summary.encoding_found}), "
        f"cells parted by {_MARKS.get(summary.delimiter, summary.delimiter)}.",
        style="dim",
        highlight=False,
    )
    for warning in summary.warnings:
        console.print(f"[yellow]![/] {plain(warning)}", highlight=False)
    if summary.lines:
        console.print(_shipments(summary, min(console.width, _WIDEST)))
    if summary.reasons:
        console.print(_rejections(summary))
    if summary.estimates:
        said = ", ".join(f"{name} {n:,}" for name, n in summary.estimates.most_common())
        console.print(
            f"Estimated in {summary.estimated:,} rows, each with its rule: {said}.", highlight=False
        )
    for name, path in summary.files.items():
        console.print(f"  [bold]{name}[/]  {path}", highlight=False, soft_wrap=True)


_NAMES = {"plain": "an orders file", "shopify": "a Shopify export", "woocommerce": "a WooCommerce export"}
_WIDEST = 110
"""Columns of the table of shipments in a wide terminal: farther away nobody finds the price of a line."""
_MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def _shipments(summary: Summary, width: int) -> Table:
    """Two lines for a parcel, so that eighty columns hold what a person asks: which, where, when, how much."""
    table = Table(
        title=f"Booked: {summary.parcels:,} parcels",
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        padding=(0, 1),
        pad_edge=False,
        width=width,
        expand=True,  # the second column takes what the others leave
    )
    table.add_column("Order\nparcel", no_wrap=True)
    table.add_column("To\nway", overflow="ellipsis", no_wrap=True, ratio=1)
    table.add_column("Price\nlanded cost", justify="right", no_wrap=True)
    table.add_column("Promise\nCO2e", justify="right", no_wrap=True)
    for line in summary.lines[:_SHOWN]:
        table.add_row(
            f"{plain(line.order_id)}\n[dim]{line.parcel}[/]",
            f"{plain(line.to)}\n[dim]{plain(line.way)}[/]",
            f"{line.price}\n[dim]{line.landed_cost}[/]",
            f"{line.promise}\n[dim]{line.co2e_kg:.3f} kg[/]",
        )
        # what is to do stands in the column that gives way, so that the price keeps its place
        for need in line.needs:
            said = f"{from_json(need['document'])}: {from_json(need['text'])}"
            table.add_row("", f"[yellow]![/] needs {plain(said)}")
        for goods in line.to_confirm:
            table.add_row("", f"[yellow]![/] confirm the HS code: {plain(goods)}")
    hidden = summary.shipments - min(len(summary.lines), _SHOWN)
    if hidden:
        table.add_row(f"[dim]… {hidden:,} more[/]", "[dim]in shipments.csv[/]", "", "")
    table.add_section()
    sums = [("freight", _sums(summary.freight)), ("landed cost", _sums(summary.landed))]
    for name, amounts in sums:
        table.add_row("In all" if name == "freight" else "", name, amounts, "", style="bold")
    table.add_row("", "CO2e, well to wheel", "", f"{summary.co2e_kg:.1f} kg", style="bold")
    return table


def _sums(amounts: dict[str, Decimal]) -> str:
    return "\n".join(f"{amount:,.2f} {currency}" for currency, amount in sorted(amounts.items()))


def _rows_said(rows: list[int]) -> str:
    first = sorted(rows)[:_ROWS_SHOWN]
    more = f"\nand {len(rows) - len(first):,} more" if len(rows) > len(first) else ""
    return ", ".join(f"{row}" for row in first) + more


def _rejections(summary: Summary) -> Table:
    rows = "row" if summary.rejected == 1 else "rows"
    table = Table(title=f"Rejected: {summary.rejected:,} {rows}", title_justify="left", title_style="bold")
    table.add_column("Row", justify="right")
    table.add_column("Field")
    table.add_column("Why")
    table.add_column("What to do")
    for (name, reason, remedy), found in summary.most_frequent()[:_SHOWN]:
        column = found[0].heading or name
        table.add_row(_rows_said([p.row for p in found]), plain(column), plain(reason), plain(remedy))
    hidden = len(summary.reasons) - _SHOWN
    if hidden > 0:
        table.add_row("…", "", f"{hidden:,} more reasons in rejected.csv", "", style="dim")
    return table
