"""`qafila ledger`: what is owed, held and remitted; licences, invoices, remittances, and whether everything adds up."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from qafila.cli.chassis.answering import Json, now, print_json, refuse
from qafila.cli.chassis.command_acting import operator, who

app = typer.Typer(no_args_is_help=True, help="Money: balances, remittances, invoices, claims, licences.")
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


def _act() -> Any:
    from qafila.core.identifiers.own import new_id
    from qafila.ledger.cash.model import Act
    from qafila.ledger.model import By
    from qafila.runtime.accounts.tenants import LOCAL

    return Act(key=new_id("act"), by=By(LOCAL, who()), person=who(), at=now())


@app.command()
def balances(
    merchant: Annotated[
        str, typer.Argument(help="Only the accounts of this merchant, station or carrier.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Show what is on every account: the trial balance. Debits are above zero, credits below."""
    from qafila.ledger import store

    with operator() as connection:
        found = store.balances(connection, merchant or None)
    if as_json:
        print_json(
            [
                {
                    "owner_kind": b.account.kind,
                    "owner": b.account.owner,
                    "purpose": b.account.purpose,
                    "currency": b.account.currency,
                    "amount": f"{b.amount:f}",
                }
                for b in found
            ]
        )
        return
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for b in found:
        sums[b.account.currency] += b.amount
        name = f"{b.account.kind} {b.account.owner}".strip()
        typer.echo(f"{b.account.purpose:<11} {name:<44} {b.amount:>16,.2f} {b.account.currency}")
    for currency, total in sorted(sums.items()):
        typer.echo(f"{'sum':<11} {'':<44} {total:>16,.2f} {currency}")


@app.command()
def lines(
    tenant: Annotated[str, typer.Argument(help="A merchant, station or carrier.")],
    most: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """List the lines on somebody's accounts, the newest first."""
    from qafila.ledger import store

    with operator() as connection:
        found = store.lines_of(connection, tenant, limit=most)
    if as_json:
        print_json(
            [
                {
                    "entry": x.entry,
                    "at": x.at,
                    "kind": x.kind,
                    "subject": x.subject,
                    "account": x.purpose,
                    "currency": x.currency,
                    "amount": f"{x.amount:f}",
                }
                for x in found
            ]
        )
        return
    for x in found:
        typer.echo(
            f"{x.at:%Y-%m-%d %H:%M}  {x.entry:>8}  {x.kind:<18} {x.purpose:<11} {x.amount:>14,.2f} {x.currency}  {x.subject}"
        )


@app.command()
def audit(as_json: Json = False) -> None:
    """Add everything up anew. Ends with 1 where an entry, a currency or a kept balance is wrong."""
    from qafila.ledger import posting

    with operator() as connection:
        flaws = posting.audit(connection)
    if as_json:
        print_json([{"what": f.what, "where": f.where, "amount": f"{f.amount:f}"} for f in flaws])
    elif not flaws:
        typer.echo(
            "Every entry and every currency adds up to zero, and every kept balance is the sum of its lines."
        )
    for f in () if as_json else flaws:
        typer.echo(f"{f.what}: {f.where} by {f.amount:f}", err=True)
    if flaws:
        raise typer.Exit(1)


@app.command()
def reverse(
    entry: Annotated[int, typer.Argument(min=1)],
    why: Annotated[str, typer.Option(help="The reason; it stays.")],
) -> None:
    """Undo an entry by its opposite, once."""
    from qafila.ledger import posting

    act = _act()
    done = posting.transact(lambda c: posting.reverse(c, entry, act.key, act.at, act.by, why))
    typer.echo(f"entry {done.entry} reverses {entry}")


@app.command()
def licence(
    territory: Annotated[str, typer.Argument(help="Country, or EU.")] = "",
    kind: Annotated[
        str, typer.Option(help="bank, payment_institution, electronic_money_institution, money_transmitter.")
    ] = "",
    number: str = "",
    authority: str = "",
    since: Day = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day.")] = None,
) -> None:
    """State a licence to hold others' money; list those that are stated where nothing is said.

    With a number that is stated already and --until, it ends.
    """
    from qafila.ledger.law import licences
    from qafila.ledger.law.law_rules import Licence

    with operator() as connection:
        if territory and number and not kind and until is not None:
            licences.end(connection, territory, number, until.date())
        elif territory:
            if since is None:
                refuse("Say from which day it holds: --since YYYY-MM-DD.")
            licences.state(
                connection,
                Licence(
                    territory.upper(), kind, authority, number, since.date(), until.date() if until else None
                ),
                who(),
            )
        for x in licences.stated(connection):
            typer.echo(
                f"{x.territory}  {x.kind:<30} {x.number:<20} {x.authority}  {x.valid_from} – {x.valid_to or ''}"
            )


@app.command()
def party(
    merchant: Annotated[str, typer.Argument(help="Whose; nothing for the hub itself.")] = "",
    name: str = "",
    country: str = "",
    line1: str = "",
    city: str = "",
    postcode: str = "",
    vat: str = "",
    ice: str = "",
    registration: str = "",
    email: str = "",
    iban: Annotated[str, typer.Option(help="IBAN, or a RIB of 24 digits.")] = "",
) -> None:
    """Say who stands on invoices and where money goes; show it where nothing is said."""
    from dataclasses import asdict

    from qafila.ledger import parties
    from qafila.ledger.parties import Party

    with operator() as connection:
        if name:
            told = Party(
                name, country.upper(), line1, "", city, postcode, vat, ice, registration, email, iban
            )
            parties.put(connection, merchant, told, who())
        found = parties.find(connection, merchant)
    if found is None:
        refuse("Nothing is said yet: give --name and --country, and the numbers there are.")
    for key, value in asdict(found).items():
        typer.echo(f"{key:<13} {value}")


@app.command()
def remit(
    merchant: Annotated[str, typer.Argument(help="Only this merchant.")] = "",
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was collected before this day.")
    ] = None,
    send: Annotated[bool, typer.Option(help="Also send the drafts to the bank.")] = False,
) -> None:
    """Draft remittances for every merchant to whom something is owed."""
    from qafila.core.fault import Fault
    from qafila.core.money import exchange_rates
    from qafila.ledger import posting
    from qafila.ledger.remitting import remitting_running, store

    act = _act()
    end = until.replace(tzinfo=UTC) if until else act.at
    posting.transact(lambda c: remitting_running.run(c, act.at, end, exchange_rates(), merchant))
    with operator() as connection:
        drafts = store.listed(connection, merchant, "draft", 10_000)
    failed = 0
    for draft in drafts:
        said = ""
        if send:
            try:
                posting.transact(partial(remitting_running.send, act=act, id=draft.id))
                said = "  sent"
            except Fault as fault:
                failed += 1
                said = f"  not sent: {fault}"
        typer.echo(f"{draft.id}  {draft.tenant:<32} {draft.net:>14,.2f} {draft.currency}{said}")
    if failed:
        raise typer.Exit(1)


@app.command()
def invoice(
    merchant: str,
    since: Day = None,
    until: Day = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the PDF and the UBL of each.")
    ] = None,
    language: Annotated[str, typer.Option(help="en, fr, ar or zh.")] = "en",
) -> None:
    """Invoice what was carried for a merchant and advanced for him; by default all of the last 31 days."""
    from qafila.ledger import ledger_papers, posting
    from qafila.ledger.invoices import issuing
    from qafila.ledger.invoices.ubl import ubl
    from qafila.runtime.language import LANGUAGES

    if language not in LANGUAGES:
        refuse(f"{language} is none of {', '.join(LANGUAGES)}")
    act = _act()
    start = since.replace(tzinfo=UTC) if since else act.at - timedelta(days=31)
    end = until.replace(tzinfo=UTC) if until else act.at
    made = posting.transact(lambda c: issuing.issue(c, act, merchant, start, end))
    for one in made:
        lines = "1 line" if len(one.charges) == 1 else f"{len(one.charges):,} lines"
        typer.echo(f"{one.number}  {one.gross}  {lines}")
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            (out / f"{one.number}.pdf").write_bytes(ledger_papers.invoice_pdf(one, LANGUAGES[language]))
            (out / f"{one.number}.xml").write_bytes(ubl(one))
    if not made:
        typer.echo("Nothing is left to invoice in that time.")


@app.command()
def claims(
    state: Annotated[str, typer.Option(help="open, granted or refused.")] = "open", as_json: Json = False
) -> None:
    """List claims with what the terms propose."""
    from qafila.core.message_json import from_json
    from qafila.ledger.claims import store

    with operator() as connection:
        found = store.listed(connection, state=state)
    if as_json:
        print_json(
            [
                {
                    "claim": c.id,
                    "merchant": c.tenant,
                    "parcel": c.parcel,
                    "kind": c.kind,
                    "asked": f"{c.asked:f}",
                    "currency": c.currency,
                    "state": c.state,
                    "proposed": c.proposed["amount"],
                    "reasons": [str(from_json(r)) for r in c.proposed["reasons"]],
                }
                for c in found
            ]
        )
        return
    for c in found:
        typer.echo(
            f"{c.id}  {c.parcel}  {c.kind:<8} asks {c.asked:,.2f} {c.currency}, proposed {c.proposed['amount']}"
        )
        for reason in c.proposed["reasons"]:
            typer.echo(f"    {from_json(reason)}")


@app.command()
def decide(
    claim: str,
    amount: Annotated[
        str, typer.Argument(help="What is granted; 0 refuses; nothing: what is proposed.")
    ] = "",
    why: Annotated[str, typer.Option(help="Needed where it is other than proposed.")] = "",
) -> None:
    """Decide a claim; what is granted goes out with the merchant's next remittance."""
    from decimal import InvalidOperation

    from qafila.core.money import Money
    from qafila.ledger import posting
    from qafila.ledger.claims import claims_deciding, store

    with operator() as connection:
        found = store.one(connection, claim)
    if found is None:
        refuse(f"There is no claim {claim}.")
    try:
        granted = Decimal(amount or found.proposed["amount"])
    except InvalidOperation:
        refuse(f"{amount} is no amount: write it like 12.50.")
    act = _act()
    done = posting.transact(
        lambda c: claims_deciding.decide(
            c, act, claim, Money(granted, found.currency) if granted else None, why
        )
    )
    typer.echo(f"{done.id} is {done.state}")
