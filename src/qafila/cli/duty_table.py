"""An assessment for people at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from qafila.customs.assessment import Assessment, Consignment

_MARK = {"official": "", "secondary": "", "indicative": " [yellow]≈[/]"}


def show(consignment: Consignment, assessment: Assessment) -> None:
    """Lines, total, why, what would have changed it, what to know."""
    console = Console(highlight=False)
    items = len(consignment.goods) > 1
    table = Table(
        title=f"{consignment.sender} → {consignment.destination}, {consignment.on}", title_justify="left"
    )
    for name in ["goods"] * items + ["code", "charge", "base", "rate", assessment.currency, "source"]:
        table.add_column(name, justify="right" if name in ("goods", "base", assessment.currency) else "left")
    for c in assessment.charges:
        number = ["all" if c.item is None else str(c.item + 1)] * items
        amount = f"({c.amount.amount:,})" if c.suspended else f"{c.amount.amount:,}"
        until = f" to {c.rule.valid_to}" if c.rule.valid_to else ""
        source = f"{c.rule.legal_basis}; {c.rule.confidence}, from {c.rule.valid_from}{until}"
        table.add_row(
            *number, c.code, c.name + _MARK[c.rule.confidence], f"{c.base.amount:,}", c.rate, amount, source
        )
    table.add_section()
    table.add_row(*[""] * items, "", "[bold]in all[/]", "", f"[bold]{assessment.percent_in_all} %[/]",
                  f"[bold]{assessment.total.amount:,}[/]", f"of a customs value of {assessment.customs_value}")  # fmt: skip
    console.print(table)
    console.print(
        f"[bold]{assessment.percent_in_all} % in all[/]: {assessment.total} on {assessment.customs_value}"
    )
    if any(c.rule.confidence == "indicative" for c in assessment.charges):
        console.print("[yellow]≈ indicative: nobody verified this rate[/]")
    _section(console, "Why", [f"{c.code}: {c.why}" for c in assessment.charges])
    _section(console, "What would change it", [w.text for w in assessment.what_if])
    _section(console, "Mind", list(assessment.warnings))
    _section(console, "Facts", [f"{k}: {v}" for k, v in assessment.facts.items()])


def _section(console: Console, title: str, lines: list[str]) -> None:
    if lines:
        console.print(f"[bold]{title}[/]")
        for line in lines:
            console.print(f"  • {line}", markup=False)
