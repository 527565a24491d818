"""`qafila ship`: an orders file in; every parcel quoted, booked, documented, labelled and tracked."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qafila.shipping.orders.order import Address

RULES = ("cheapest", "fastest", "greenest", "promise")


def ship(
    orders: Annotated[
        Path, typer.Argument(help="Orders as CSV: plain columns, a Shopify or a WooCommerce export.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for labels, papers, shipments, rejects and events.")
    ],
    rule: Annotated[
        str, typer.Option(help=f"How to choose where the file does not say: {', '.join(RULES)}.")
    ] = "cheapest",
    promise_by: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day to deliver by, for the rule `promise`."),
    ] = None,
    sender: Annotated[
        str | None, typer.Option("--from", help='Where the orders start if the file does not say: "Fès, MA".')
    ] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of prices that name none.")] = None,
    merchant: Annotated[
        str | None, typer.Option(help="Merchant who ships; by default this machine's own.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of the file; told by itself if left out.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="Delimiter of the file; told by itself if left out.")
    ] = None,
    include_fulfilled: Annotated[
        bool, typer.Option("--include-fulfilled", help="Ship orders that the shop calls fulfilled too.")
    ] = False,
    documents: Annotated[
        bool, typer.Option(help="Set labels.pdf and documents.pdf; --no-documents leaves them out.")
    ] = True,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with code 1 if any row was rejected.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Ship a file of orders. Every row ends booked or in rejected.csv, and a second run books nothing twice.

    Ends with 0 when the file was done, 1 when nothing in it could be booked (or, with --strict, not all),
    2 for wrong usage, 3 where it is not possible here.
    """
    if rule not in RULES:
        raise typer.BadParameter(f"choose one of {', '.join(RULES)}", param_hint="--rule")
    if rule == "promise" and promise_by is None:
        raise typer.BadParameter("the rule `promise` needs --promise-by", param_hint="--rule")

    from concurrent.futures import BrokenExecutor

    import orjson
    from sqlalchemy.exc import OperationalError

    from qafila.context import of_this_home
    from qafila.core.terminal import Terminal, plain
    from qafila.runtime.accounts.accounts_faults import Suspended, UnknownTenant
    from qafila.runtime.accounts.tenants import LOCAL
    from qafila.runtime.runtime_pages import FontsMissing
    from qafila.shipping.files.pipeline import Options, ship_file
    from qafila.shipping.files.progress import shown
    from qafila.shipping.files.summary import Summary, print_summary
    from qafila.shipping.orders.columns import FileRefused

    options = Options(
        rule=rule,
        promise_by=promise_by.date() if promise_by else None,
        sender=_address(sender) if sender else None,
        currency=currency.upper() if currency else None,
        encoding=encoding,
        delimiter={"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter),
        include_fulfilled=include_fulfilled,
        documents=documents,
    )
    errors = Terminal(stderr=True, markup=True)
    try:
        with shown(errors) as progress:
            summary = ship_file(of_this_home(merchant or LOCAL), orders, out, options, progress)
    except FileRefused as refused:
        if as_json:
            nothing = Summary(str(orders)).as_json() | {
                "error": str(refused.message),
                "remedy": str(refused.remedy),
            }
            typer.echo(orjson.dumps(nothing, option=orjson.OPT_INDENT_2).decode())
        errors.print(f"[red]Refused:[/] {plain(refused.message)}", highlight=False)
        errors.print(plain(refused.remedy), highlight=False)
        raise typer.Exit(1) from refused
    except (UnknownTenant, Suspended) as unknown:
        errors.print(f"[red]{plain(unknown)}[/]", highlight=False)
        raise typer.Exit(2) from unknown
    except (FontsMissing, OSError, OperationalError, BrokenExecutor) as impossible:
        errors.print(f"[red]Not possible:[/] {plain(impossible)}", highlight=False)
        raise typer.Exit(3) from impossible
    if as_json:
        typer.echo(orjson.dumps(summary.as_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        print_summary(summary, Terminal(markup=True))
    if summary.booked == 0 or (strict and summary.rejected):
        raise typer.Exit(1)


def _address(text: str) -> Address:
    """An address from "city, country". Wrong usage where it is neither."""
    from qafila.network.network_places import country_code
    from qafila.shipping.orders.order import Address

    city, _, country = text.rpartition(",")
    code = country_code(country)
    if not city.strip() or code is None:
        raise typer.BadParameter('write a city and a country, like "Fès, MA"', param_hint="--from")
    return Address(country=code, city=city.strip())
