"""`qafila customs`: what is due on goods, schedules, correlations, rules of origin."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from qafila.cli.chassis.answering import context
from qafila.cli.clearance.classify import classify, decide
from qafila.cli.clearance.screening_commands import lists, screen

if TYPE_CHECKING:
    from datetime import date

    from qafila.customs.assessment import Assessment, Consignment

app = typer.Typer(help="Duty and taxes, tariff schedules, preference and origin.", no_args_is_help=True)
app.command()(classify)
app.command()(decide)
app.command()(screen)
app.add_typer(lists, name="lists")

REFUSED, USAGE, IMPOSSIBLE = 1, 2, 3


def _fail(message: str, code: int) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(code)


@app.command()
def duty(
    file: Path | None = typer.Argument(
        None, help="A consignment, or a list of them, as JSON; - reads stdin."
    ),
    sender: str = typer.Option("", "--from", help="Sending country, e.g. CN."),
    destination: str = typer.Option("", "--to", help="Country of destination, e.g. MA."),
    hs: str = typer.Option("", "--hs", help="HS or national code, 6 to 10 digits."),
    value: str = typer.Option("", "--value", help="Value of the goods, all pieces."),
    currency: str = typer.Option("", "--currency", help="Currency of value, freight and insurance."),
    quantity: str = typer.Option("1", "--quantity", help="Number of pieces."),
    freight: str = typer.Option("", "--freight", help="Freight to the border; left out: not declared."),
    insurance: str = typer.Option("", "--insurance", help="Insurance; left out: not declared."),
    on: str = typer.Option("", "--date", help="Day of import, e.g. 2026-06-30; today where left out."),
    origin: str = typer.Option("", "--origin", help="Country of origin; the sender's where left out."),
    trade: str = typer.Option("b2c", "--trade", help="b2c, b2b or c2c."),
    channel: str = typer.Option("express", "--channel", help="express, post or freight."),
    mode: str = typer.Option("air", "--mode", help="air, sea, road or rail."),
    scheme: str = typer.Option("", "--scheme", help="ioss, cbec or bonded."),
    declaration: str = typer.Option("", "--declaration", help="In the EU: h1, h6 or h7."),
    preference: str = typer.Option("", "--preference", help="Agreement claimed, e.g. eu-morocco."),
    kg: str = typer.Option("", "--kg", help="Net weight in kg, for rates by weight."),
    litres: str = typer.Option("", "--litres", help="Litres, for rates by volume."),
    year_to_date: str = typer.Option(
        "", "--year-to-date", help="What the buyer imported this year before (CBEC)."
    ),
    used: int = typer.Option(0, "--used", help="How often the relief was used this year before (Nigeria)."),
    electronic: bool = typer.Option(
        True, "--electronic/--not-electronic", help="Paid electronically (Morocco)."
    ),
    as_json: bool = typer.Option(False, "--json", help="Machine output on stdout."),
) -> None:
    """Every charge on a consignment, with rule, base, rate, amount, source, and what would have changed it."""
    from datetime import date

    from qafila.customs.customs_exchange import ConsignmentError

    if file is None:
        goods = {
            "hs": hs, "value": value, "quantity": quantity, "origin": origin, "preference": preference,
            "net_kg": kg, "litres": litres,
        }  # fmt: skip
        given: dict[str, Any] = {
            "from": sender, "to": destination, "currency": currency, "freight": freight, "insurance": insurance,
            "date": on, "trade": trade, "channel": channel, "mode": mode, "scheme": scheme,
            "declaration": declaration, "year_to_date": year_to_date, "consignments_this_year": used,
            "paid_electronically": electronic,
        }  # fmt: skip
        missing = [f"--{k}" for k in ("from", "to", "currency") if not given[k]] + (
            ["--value"] if not value else []
        )
        if missing:
            how = " (e.g. --currency EUR)" if missing == ["--currency"] else ""
            raise _fail(f"{', '.join(missing)} is missing{how}; or give a file of consignments", USAGE)
        cases: list[Any] = [
            {
                **{k: v for k, v in given.items() if v != ""},
                "goods": [{k: v for k, v in goods.items() if v != ""}],
            }
        ]
        many = False
    else:
        cases, many = _read(file)
    answers: list[dict[str, Any]] = []
    refused = False
    for number, case in enumerate(cases, start=1):
        try:
            consignment, assessment = _assess(case, date.today())
        except (ConsignmentError, LookupError) as error:
            refused = True
            where = f"consignment {number}: " if many else ""
            if as_json:
                answers.append({"error": str(error), **_error(error), **_named(case)})
            else:
                field = f"{error.field}: " if isinstance(error, ConsignmentError) else ""
                typer.echo(f"{where}{field}{error}", err=True)
            if not many:
                if as_json:
                    typer.echo(json.dumps(answers[0], ensure_ascii=False, indent=1))
                raise typer.Exit(REFUSED if isinstance(error, ConsignmentError) else IMPOSSIBLE) from None
            continue
        if as_json:
            from qafila.customs.customs_exchange import assessment_as

            answers.append({**_named(case), **assessment_as(assessment)})
        else:
            from qafila.cli.clearance.duty_table import show

            show(consignment, assessment)
    if as_json:
        typer.echo(json.dumps(answers if many else answers[0], ensure_ascii=False, indent=1))
    if refused:
        raise typer.Exit(REFUSED)


def _read(file: Path) -> tuple[list[Any], bool]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
        data = json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise _fail(f"{file}: {error}", USAGE) from None
    except json.JSONDecodeError as error:
        raise _fail(
            f"{file}, line {error.lineno}: not JSON ({error.msg}); see docs/customs.md", REFUSED
        ) from None
    return (data, True) if isinstance(data, list) else ([data], False)


def _assess(case: Any, today: date) -> tuple[Consignment, Assessment]:
    from qafila.core.money import exchange_rates
    from qafila.customs.customs_duty import assess
    from qafila.customs.customs_exchange import consignment_from
    from qafila.customs.rulebook import rulebook

    consignment = consignment_from(case, today)
    return consignment, assess(consignment, rulebook(), exchange_rates())


def _named(case: Any) -> dict[str, Any]:
    return {"id": case["id"]} if isinstance(case, Mapping) and "id" in case else {}


def _error(error: Exception) -> dict[str, str]:
    parts = ("field", "reason", "remedy")
    return {p: str(getattr(error, p)) for p in parts if hasattr(error, p)}


@app.command()
def rules(
    territory: str = typer.Option(..., "--territory", help="Customs territory, e.g. MA, EU."),
    on: str = typer.Option("", "--date", help="Only what is the law on this day; all where left out."),
    as_json: bool = typer.Option(False, "--json", help="Machine output on stdout."),
) -> None:
    """Every rule of a territory with its legal basis, source, days and confidence."""
    from datetime import date

    from qafila.customs.customs_exchange import rule_as
    from qafila.customs.rulebook import rulebook

    book = rulebook()
    found = book.territories.get(territory.upper())
    if found is None:
        raise _fail(f"no territory {territory}; known are {', '.join(sorted(book.territories))}", IMPOSSIBLE)
    try:
        day = date.fromisoformat(on) if on else None
    except ValueError:
        raise _fail(f"--date {on}: write e.g. 2026-11-23", USAGE) from None
    kept = [c for c in found.charges if day is None or c.in_force(day)]
    if as_json:
        answer = [
            {
                "code": c.code,
                "name": str(c.name),
                "rate": c.stated_rate,
                "base": c.base.text,
                **rule_as(c.rule),
            }
            for c in kept
        ]
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    from rich.table import Table

    from qafila.core.terminal import Terminal

    table = Table(
        "rule", "charge", "rate", "base", "from", "to", "confidence", "legal basis", title=found.name
    )
    for c in kept:
        until = "" if c.rule.valid_to is None else str(c.rule.valid_to)
        table.add_row(
            c.rule.id,
            c.code,
            c.stated_rate,
            c.base.text,
            str(c.rule.valid_from),
            until,
            c.rule.confidence,
            str(c.rule.legal_basis),
        )
    Terminal().print(table)


@app.command(name="import")
def import_(
    file: Path = typer.Argument(..., help="A national schedule as CSV."),
    territory: str = typer.Option(..., "--territory", help="Customs territory, e.g. MA, EU, GB, US, SN."),
    columns: list[str] = typer.Option([], "--map", help="field=column, e.g. hs=code, rate=duty, TVA=vat."),
    preset: str = typer.Option(
        "", "--preset", help="A known layout: adil, taric, uk-tariff, us-hts, unctad-afcfta."
    ),
    valid_from: str = typer.Option(..., "--valid-from", help="Since when the schedule is the law."),
    source: str = typer.Option(..., "--source", help="Who published it, where and when."),
    edition: str = typer.Option("", "--edition", help="Edition of its HS codes, e.g. HS2022, HS2017."),
    confidence: str = typer.Option("official", "--confidence", help="official or secondary."),
    staging_from: str = typer.Option(
        "", "--staging-from", help="First day of year 1 of a staged preference."
    ),
    staging: str = typer.Option(
        "", "--staging", help="Columns of a staged preference, with {year} in the name."
    ),
    agreement: str = typer.Option("", "--agreement", help="Agreement of the staged preference, e.g. afcfta."),
    as_json: bool = typer.Option(False, "--json", help="Machine output on stdout."),
) -> None:
    """Take a national schedule: its rates override the indicative ones of the territory from its day on."""
    from datetime import date

    from qafila.core.fault import Fault
    from qafila.customs.importing import Staging, take_schedule
    from qafila.customs.schedules import Origin

    pairs = [c.partition("=") for c in columns]
    if any(not middle or not column for _, middle, column in pairs):
        raise _fail("--map takes field=column, e.g. --map hs=code --map rate=duty", USAGE)
    try:
        since, staged = (date.fromisoformat(d) if d else None for d in (valid_from, staging_from))
    except ValueError:
        raise _fail("--valid-from and --staging-from take a day, e.g. 2026-01-01", USAGE) from None
    if since is None:
        raise _fail("--valid-from takes a day, e.g. 2026-01-01", USAGE)
    try:
        result, path = take_schedule(
            context().rules.rulebook,
            file,
            Origin(territory.upper(), source, edition, since, confidence, date.today(), file.name),
            {name: column for name, _, column in pairs},
            preset,
            Staging(staged, staging, agreement),
        )
    except (Fault, OSError, ValueError) as error:
        raise _fail(f"{file}: {error}", USAGE) from None
    summary = {
        "territory": territory.upper(),
        "rows": result.rows,
        "imported": result.accepted,
        "lines": len(result.lines),
        "without_rate": result.without_rate,
        "rejected": len(result.rejected_rows),
        "rejections": [
            {
                "row": r.row,
                "field": r.field,
                "value": r.value,
                "reason": str(r.reason),
                "remedy": str(r.remedy),
            }
            for r in result.rejected
        ],
        "stored": path is not None,
    }
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False, indent=1))
    else:
        from rich.table import Table

        from qafila.core.terminal import Terminal

        console = Terminal()
        console.print(
            f"{result.rows:,} rows: {result.accepted:,} imported ({len(result.lines):,} rates), "
            f"{result.without_rate:,} without a rate of their own, {len(result.rejected_rows):,} rejected"
        )
        if result.rejected:
            table = Table("row", "field", "value", "reason", "remedy", title="rejected")
            for r in result.rejected[:50]:
                table.add_row(str(r.row), r.field, r.value[:40], str(r.reason), str(r.remedy))
            console.print(table)
            if len(result.rejected) > 50:
                console.print(f"… and {len(result.rejected) - 50} more; --json lists all")
    if path is None:
        raise typer.Exit(IMPOSSIBLE)
    if result.rejected:
        raise typer.Exit(REFUSED)


@app.command()
def correlate(
    file: Path = typer.Argument(..., help="CSV: code before, code after, six digits each."),
    edition_from: str = typer.Option(..., "--from", help="Edition of the first column, e.g. HS2022."),
    edition_to: str = typer.Option(..., "--to", help="Edition of the second column, e.g. HS2017."),
    source: str = typer.Option(..., "--source", help="Who published it."),
) -> None:
    """Load a correlation of HS editions; codes are converted only by one that is loaded."""
    from qafila.core.fault import Fault
    from qafila.customs.correlation import read_correlation, store_correlation
    from qafila.customs.schedules import folder

    try:
        correlation = read_correlation(file, edition_from, edition_to, source)
    except (Fault, OSError, ValueError) as error:
        raise _fail(str(error), REFUSED) from None
    store_correlation(correlation, folder())
    typer.echo(f"{len(correlation.codes):,} codes of {edition_from} have a correlation to {edition_to}")


@app.command()
def origin(
    hs: str = typer.Option("", "--hs", help="HS code of the product."),
    agreement: str = typer.Option("uk-morocco", "--agreement", help="Agreement, e.g. uk-morocco."),
    rules: Path | None = typer.Option(None, "--rules", help="A file of rule sets (JSON)."),
    load: bool = typer.Option(False, "--load", help="Keep the file for the agreement."),
    as_json: bool = typer.Option(False, "--json", help="Machine output on stdout."),
) -> None:
    """The product-specific rules of origin that apply to an HS code, in readable text."""
    from qafila.customs.origin import (
        OriginRulesError,
        loaded_origin_rules,
        read_origin_rules,
        rules_for,
        store_origin_rules,
    )

    try:
        if rules is not None and load:
            store_origin_rules(rules, agreement)
        sets = read_origin_rules(rules) if rules is not None else loaded_origin_rules(agreement)
    except OriginRulesError as error:
        raise _fail(str(error), REFUSED) from None
    if sets is None:
        raise _fail(
            f"the rules of origin of {agreement} are not loaded; load them: "
            f"qafila customs origin --agreement {agreement} --rules FILE --load",
            IMPOSSIBLE,
        )
    if not hs:
        typer.echo(f"{len(sets)} rule sets" + (f" kept for {agreement}" if load else ""))
        return
    code = "".join(ch for ch in hs if ch.isdigit())
    if not 2 <= len(code) <= 10:
        raise _fail(f"--hs {hs}: write 2 to 10 digits", USAGE)
    found = rules_for(sets, code)
    if as_json:
        typer.echo(json.dumps([_rule_set(s) for s in found], ensure_ascii=False, indent=1))
        return
    if not found:
        raise _fail(f"no rule of origin for HS {code} in {agreement}", IMPOSSIBLE)
    for rule_set in found:
        typer.secho(f"{rule_set.heading}  {rule_set.product}", bold=True)
        for rule in rule_set.rules:
            typer.echo(("  or: " if rule.alternative else "  ") + rule.text.replace("\n", "\n    "))


def _rule_set(rule_set: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(rule_set)
