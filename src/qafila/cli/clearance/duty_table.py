"""An assessment for people at a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from qafila.core.terminal import Terminal
from qafila.customs.assessment import Assessment, Charge, Consignment


def show(consignment: Consignment, assessment: Assessment) -> None:
    """Lines and total first; then why, by which law, what would have changed it, what to know."""
    console = Terminal(highlight=False)
    many = len(consignment.goods) > 1
    console.print(_table(consignment, assessment, many))
    summary = f"{assessment.percent_in_all} % in all"
    console.print(
        Text.assemble((summary, "bold"), f": {assessment.total.rounded()} on {assessment.customs_value}")
    )
    held = sum(c.amount.amount for c in assessment.charges if c.suspended)
    if held:
        console.print(f"({held:,} {assessment.currency} suspended: due on release from the bonded warehouse)")
    _section(console, "Why", _by_goods([(c, f"{c.code}: {c.why}") for c in assessment.charges], many))
    _section(console, "By which law", [_law(c) for c in assessment.charges])
    _section(console, "What would change it", [str(w.text) for w in assessment.what_if])
    _section(console, "Mind", list(map(str, assessment.warnings)))
    _section(console, "Facts", [f"{k}: {v}" for k, v in assessment.facts.items()])


def _table(consignment: Consignment, assessment: Assessment, many: bool) -> Table:
    title = f"{consignment.sender} → {consignment.destination}, {consignment.on}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    if many:
        table.add_column("goods", justify="right")
    table.add_column("code")
    table.add_column("charge")
    table.add_column("base", justify="right")
    table.add_column("rate")
    table.add_column(assessment.currency, justify="right")
    for c in assessment.charges:
        mark = {"indicative": " ≈", "unknown": " ?"}.get(c.rule.confidence, "")
        amount = f"({c.amount.amount:,})" if c.suspended else f"{c.amount.amount:,}"
        goods = ["all" if c.item is None else str(c.item + 1)] if many else []
        table.add_row(*goods, c.code, f"{c.name}{mark}", f"{c.base.amount:,}", str(c.rate), amount)
    table.add_section()
    total = Text(f"{assessment.total.rounded().amount:,}", "bold")
    unknown = any(c.rule.confidence == "unknown" for c in assessment.charges)
    table.add_row(
        *[""] * many, "", Text("in all, as far as known" if unknown else "in all", "bold"), "", "", total
    )
    said = (
        ["≈ indicative: nobody verified this rate"]
        if any(c.rule.confidence == "indicative" for c in assessment.charges)
        else []
    )
    if said or unknown:
        table.caption = "; ".join([*said, *(["? not known: it is not in the total"] if unknown else [])])
        table.caption_justify = "left"
    return table


def _by_goods(reasons: list[tuple[Charge, str]], many: bool) -> list[str]:
    return [f"goods {c.item + 1}, {text}" if many and c.item is not None else text for c, text in reasons]


def _law(charge: Charge) -> str:
    rule = charge.rule
    days = f"from {rule.valid_from}" + (f" to {rule.valid_to}" if rule.valid_to else "")
    return f"{charge.code}: {rule.legal_basis}. {rule.source} ({rule.confidence}, {days}; {rule.id})"


def _section(console: Console, title: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print(Text(f"\n{title}", "bold"))
    for line in dict.fromkeys(lines):
        console.print(Padding(Text(f"• {line}"), (0, 0, 0, 2)))
