"""`qafila customs classify` and `decide`: HS candidates for titles, and decisions to learn from."""

from __future__ import annotations

import csv
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from qafila.cli.chassis.command_acting import operator, signed

if TYPE_CHECKING:
    from qafila.customs.classification import Decision, Memory, Suggestion

REFUSED, USAGE, IMPOSSIBLE = 1, 2, 3
LOCAL = "local"  # this machine's own merchant, as qafila.shipping.merchants has it


def classify(
    title: str = typer.Argument(
        "", help="What the seller calls the goods, in English, French, Arabic or Chinese."
    ),
    attributes: str = typer.Option(
        "", "--attributes", help='JSON object or text, e.g. \'{"Material": "Cotton"}\'.'
    ),
    category: str = typer.Option("", "--category", help="The shop's category path, e.g. 'Jewelry > Rings'."),
    sku: str = typer.Option("", "--sku", help="SKU: a confirmed decision on it is answered at once."),
    file: Path | None = typer.Option(
        None, "--csv", help="Orders file (order_id, title, attributes, category)."
    ),
    decisions: Path | None = typer.Option(
        None,
        "--decisions",
        help="Past decisions, CSV or JSON: sku or order_id, title, attributes, category, hs6.",
    ),
    decisions_hs: Path | None = typer.Option(
        None, "--decisions-hs", help="The codes of those decisions, when they are in a file of their own."
    ),
    merchant: str = typer.Option(
        LOCAL,
        "--merchant",
        help="Merchant whose confirmed decisions count where no file is given; '' for nobody's.",
    ),
    language: str = typer.Option("en", "--language", help="Language of the question: en, fr, ar or zh."),
    as_json: bool = typer.Option(False, "--json", help="Machine output: an object, or an array with --csv."),
) -> None:
    """Suggest five HS subheadings with confidence and evidence, and what to ask where it is vague.

    With --csv, one result a row in the file's order: order_id, candidates (hs6, confidence, …), question.
    Exit code 1 when a row could not be used.
    """
    if bool(title) == bool(file):
        typer.echo("Give a TITLE, or --csv FILE: one of the two.", err=True)
        raise typer.Exit(USAGE)
    from qafila.customs.classification import classifier

    memory, problems = _memory(decisions, decisions_hs, merchant)
    if file is None:
        found = classifier().suggest(title, attributes, category, sku or None, memory)
        if as_json:
            typer.echo(
                json.dumps(
                    {"sku": sku or None, "title": title, **result(found, language)}, ensure_ascii=False
                )
            )
        else:
            _show(title, found, language)
    else:
        problems += _whole_file(file, memory, language, as_json)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(REFUSED)


def decide(
    sku: str = typer.Argument(..., help="SKU of the goods."),
    hs: str = typer.Argument(..., help="The confirmed code, 6 to 10 digits."),
    file: Path | None = typer.Option(
        None,
        "--decisions",
        help="Add it to this decisions file (CSV) instead of the database; made if it is not there.",
    ),
    merchant: str = typer.Option(LOCAL, "--merchant", help="Merchant whose goods they are."),
    title: str = typer.Option("", "--title", help="Title: like goods learn from it."),
    attributes: str = typer.Option("", "--attributes"),
    category: str = typer.Option("", "--category"),
    by: str = typer.Option(
        "", "--by", help="For whom it is confirmed: noted beside the user of this machine."
    ),
) -> None:
    """Confirm the classification of an SKU: it answers for the SKU from now on and teaches on like goods.

    It is kept for the merchant: `classify`, the desk, the API and `qafila ship` go by it. With --decisions it
    goes into a file instead, for `classify --decisions`.
    """
    from qafila.customs import nomenclature

    digits = "".join(c for c in hs if c.isdigit())
    if len(digits) < 6 or digits[:6] not in nomenclature.texts():
        typer.echo(
            f"hs {hs!r} is not a subheading of {nomenclature.EDITION}: give six digits or more", err=True
        )
        raise typer.Exit(REFUSED)
    if file is None:
        _record(merchant, sku, digits[:6], title, attributes, category, by)
        typer.echo(f"{sku}: {digits[:6]} {nomenclature.text(digits[:6])}")
        return
    names = ["sku", "title", "attributes", "category", "hs6", "by", "on"]
    new = not file.exists()
    with file.open("a", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        if new:
            writer.writerow(names)
        writer.writerow([sku, title, attributes, category, digits[:6], by, date.today().isoformat()])
    typer.echo(f"{sku}: {digits[:6]} {nomenclature.text(digits[:6])}")


def result(found: Suggestion, language: str = "en") -> dict[str, Any]:
    """A suggestion as plain data, its evidence and question in a language."""
    from qafila.runtime.language import plainly, preferred

    return {
        "candidates": plainly(found.candidates, preferred(language)),
        "question": _asked(found, language) or None,
        "abstained": found.abstained,
        "remembered": found.remembered,
        "edition": found.edition,
    }


def _asked(found: Suggestion, language: str) -> str:
    """The question in a language; empty where there is none."""
    from qafila.runtime.language import preferred, render

    return "" if found.question is None else render(found.question, preferred(language))


def _record(merchant: str, sku: str, hs6: str, title: str, attributes: str, category: str, by: str) -> None:
    from qafila.clearance import decisions
    from qafila.customs.classification import Decision
    from qafila.shipping import merchants

    try:
        with operator() as connection:
            if merchant == LOCAL:
                merchants.local(connection)
            merchants.get(connection, merchant)
            made = Decision(sku, title, attributes, category, hs6, signed(by), date.today())
            decisions.record(connection, merchant, made)
    except (ValueError, LookupError) as refused:
        typer.echo(str(refused.args[0]), err=True)
        raise typer.Exit(REFUSED) from None


def _memory(decisions: Path | None, codes: Path | None, merchant: str) -> tuple[Memory | None, list[str]]:
    if decisions is None:
        if codes is not None:
            typer.echo("--decisions-hs needs --decisions with the titles", err=True)
            raise typer.Exit(USAGE)
        return _confirmed(merchant), []
    from qafila.customs.classification import DecisionError, classifier, read_decisions

    try:
        read = read_decisions(decisions, codes)
    except DecisionError as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(USAGE) from None
    known: tuple[Decision, ...] = read.decisions
    return classifier().remember(known), list(map(str, read.problems))


def _confirmed(merchant: str) -> Memory | None:
    """What the merchant confirmed; nothing where there is no database yet: a question starts none."""
    from qafila.runtime.database import exists, merchant_transaction

    if not merchant or not exists():
        return None
    from qafila.clearance import decisions

    with merchant_transaction(merchant) as connection:
        return decisions.memory(connection, merchant)


def _whole_file(file: Path, memory: Memory | None, language: str, as_json: bool) -> list[str]:
    from qafila.customs.classification import Item, classifier

    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        typer.echo(f"{file}: cannot be read ({wrong}); give a CSV file in UTF-8", err=True)
        raise typer.Exit(USAGE) from None
    if rows and "title" not in rows[0]:
        typer.echo(f"{file}: has no column title (it has {', '.join(map(str, rows[0]))})", err=True)
        raise typer.Exit(USAGE)
    problems: list[str] = []
    results: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=2):
        key = row.get("order_id") or row.get("sku") or str(number)
        title = row.get("title") or ""
        if not title.strip():
            problems.append(f"{file.name} row {number}: title is empty; give what the goods are called")
            results.append({"order_id": key, "candidates": [], "question": None, "abstained": True})
            continue
        item = Item(
            title,
            row.get("attributes") or "",
            row.get("category") or "",
            row.get("sku") or row.get("order_id"),
        )
        found = classifier().suggest_many([item], memory)[0]
        results.append({"order_id": key, **result(found, language)})
    if as_json:
        json.dump(results, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        _table(results)
    return problems


def _table(results: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from qafila.core.terminal import Terminal

    table = Table("order", "HS-6", "sure", "text", "others", "question")
    for one in results:
        first, *rest = one["candidates"] or [None]
        table.add_row(
            one["order_id"],
            first["hs6"] if first else "–",
            f"{first['confidence']:.0%}" if first else "",
            first["text"][:60] if first else "",
            " ".join(candidate["hs6"] for candidate in rest),
            one["question"] or "",
        )
    Terminal().print(table)


def _show(title: str, found: Suggestion, language: str) -> None:
    from rich.table import Table

    from qafila.core.terminal import Terminal, plain

    console = Terminal(markup=True)
    if found.candidates:
        table = Table("HS-6", "sure", "heading", "text", "why", title=title[:100])
        for candidate in found.candidates:
            why = "\n".join(f"{reason.kind}: {reason.text}" for reason in candidate.evidence[:4])
            table.add_row(
                candidate.hs6,
                f"{candidate.confidence:.0%}",
                f"{candidate.hs6[:4]} {candidate.heading_confidence:.0%}",
                candidate.text,
                why,
            )
        Terminal().print(table)
    else:
        console.print(f"{plain(title)}: too vague to suggest a code.")
    if found.question:
        console.print(f"[bold]?[/bold] {plain(_asked(found, language))}")
