"""`qafila storage`: warehouses, what lies in them, where goods should lie, and whether everything adds up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from qafila.cli.chassis.answering import Json, context, now, print_json, refuse
from qafila.cli.chassis.command_acting import operator
from qafila.runtime.answered.acts import Act, Actor

app = typer.Typer(no_args_is_help=True, help="Warehouses: layouts, stock, waves, and where goods should lie.")


def _or_refuse(ask: Any) -> Any:
    from qafila.core.fault import Fault

    try:
        return ask()
    except Fault as fault:
        refuse(str(fault))


@app.command()
def layout(
    file: Annotated[Path, typer.Argument(help="A layout (JSON); its form is in docs/storage.md.")],
    svg: Annotated[Path | None, typer.Option(help="Also draw the plan into this file.")] = None,
) -> None:
    """Set a warehouse up, or give it another layout."""
    from qafila.storage import layout as layouts
    from qafila.storage import plan_drawing, storage_setting_up

    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as broken:
        refuse(f"{file}: {broken}")
    if not isinstance(told, dict):
        refuse(f"{file}: a layout is a JSON object")
    house = _or_refuse(lambda: layouts.read(told))
    places = _or_refuse(lambda: storage_setting_up.set_up(house, told))
    if svg is not None:
        svg.write_text(plan_drawing.plan(house), encoding="utf-8")
    typer.echo(f"{house.facility}: {places:,} places")


@app.command()
def stock(
    facility: Annotated[str, typer.Argument(help="Only this warehouse.")] = "",
    sku: Annotated[str, typer.Option(help="Only this product.")] = "",
    as_json: Json = False,
) -> None:
    """List what lies where."""
    from qafila.storage import store

    with operator() as connection:
        found = store.stock(
            connection, "(:f = '' OR s.facility = :f) AND (:s = '' OR s.sku = :s)", f=facility, s=sku
        )
    if as_json:
        print_json(
            [
                {
                    "facility": s.facility,
                    "place": s.place,
                    "owner": s.goods.owner,
                    "sku": s.goods.sku,
                    "lot": s.goods.lot,
                    "condition": s.goods.condition,
                    "pieces": s.pieces,
                    "reserved": s.reserved,
                }
                for s in found
            ]
        )
        return
    for s in found:
        lot = f"  lot {s.goods.lot}" if s.goods.lot else ""
        typer.echo(
            f"{s.facility}  {s.place:<14} {s.goods.sku:<16} {s.pieces:>6,}  reserved {s.reserved:,}{lot}  {s.goods.condition}"
        )


@app.command()
def audit(as_json: Json = False) -> None:
    """Add all movements up anew and compare them with the stock. Ends with 1 where they differ."""
    from qafila.storage import shelving

    with operator() as connection:
        wrong = shelving.audit(connection)
    if as_json:
        print_json(wrong)
    elif not wrong:
        typer.echo("Stock is the sum of its movements, and what is reserved the sum of open picks.")
    for row in () if as_json else wrong:
        typer.echo(str(row))
    if wrong:
        raise typer.Exit(1)


@app.command()
def rules(
    facility: str,
    changes: Annotated[
        list[str] | None, typer.Argument(help="What to change: release=cut-off lead_minutes=60 …")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read the rules of a warehouse, or change them: when it releases, what a cart carries, when a count is doubted."""
    from dataclasses import asdict

    from qafila.storage import storage_rules as of_houses

    told = dict(one.partition("=")[::2] for one in changes or ())
    with operator() as connection:
        found = asdict(_or_refuse(lambda: of_houses.put(connection, facility, told)))
    if as_json:
        print_json(found)
        return
    for name, given in found.items():
        typer.echo(f"{name:<20} {given}")


@app.command()
def release(
    facility: str,
    key: Annotated[str, typer.Option(help="The act's own key; a new one, if not said.")] = "",
    zone: Annotated[str, typer.Option(help="Only orders that lie wholly in this zone.")] = "",
    hours: Annotated[
        float, typer.Option(min=0, help="Only what has its cut-off within so many hours; 0: all.")
    ] = 0.0,
) -> None:
    """Release what is reserved as tours, on carts as the warehouse's rules say."""
    from datetime import timedelta

    from qafila.cli.chassis.command_acting import who
    from qafila.core.identifiers.own import new_id
    from qafila.runtime.accounts.tenants import LOCAL
    from qafila.storage import releasing
    from qafila.storage import storage_rules as of_houses

    act = Act(key or new_id("release"), Actor(LOCAL, who()), now())
    with operator() as connection:
        own = of_houses.of(connection, facility)
    until = now() + timedelta(hours=hours) if hours else None
    wish = releasing.Wish(until, compartments=own.compartments, litres=own.litres, zone=zone)
    done = _or_refuse(lambda: releasing.release(act, facility, wish))
    metres = sum(t["metres"] for t in done["tours"])
    habit = sum(t["habit_metres"] for t in done["tours"])
    typer.echo(
        f"{done['orders']:,} orders on {len(done['tours']):,} tours, {metres:,.0f} m (S-shapes: {habit:,.0f} m)"
    )


@app.command()
def place(
    demand: Annotated[Path, typer.Argument(help="CSV: sku, to, pieces, grams, value, source.")],
    warehouse: Annotated[
        list[str] | None, typer.Option("--warehouse", "-w", help="To choose from; repeatable.")
    ] = None,
    most: Annotated[
        int, typer.Option(min=1, max=60, help="Warehouses to choose from, where none are named.")
    ] = 10,
    seconds: Annotated[float, typer.Option(min=1, help="Stop after so many seconds.")] = 30.0,
    as_json: Json = False,
) -> None:
    """Propose where to keep how much of each product, and what that saves beside all in one place."""
    from qafila.storage import storage_placing

    try:
        lines = demand.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as broken:
        refuse(f"{demand}: {broken}")
    wanted = _or_refuse(lambda: storage_placing.read(lines))
    found = _or_refuse(
        lambda: storage_placing.propose(context(), wanted, warehouse or (), most, seconds=seconds)
    )
    stock = found.proposed.stock()
    rows = [
        {"warehouse": found.warehouses[w], "sku": found.skus[p], "pieces": round(float(stock[p, w]))}
        for w in range(len(found.warehouses))
        for p in range(len(found.skus))
        if stock[p, w] > 0.5
    ]
    if as_json:
        print_json(
            {
                "stock": rows,
                "currency": found.currency,
                "money": round(found.proposed.money, 2),
                "days": round(found.proposed.days, 2),
                "gap": found.proposed.gap,
                "alone_at": found.single_at,
                "alone_money": None if found.single is None else round(found.single.money, 2),
                "alone_days": None if found.single is None else round(found.single.days, 2),
            }
        )
        return
    for row in rows:
        typer.echo(f"{row['warehouse']:<24} {row['sku']:<20} {row['pieces']:>8,}")
    typer.echo(
        f"{found.proposed.money:,.2f} {found.currency} a month, {found.proposed.days:.1f} days to the buyer on average, "
        f"at most {found.proposed.gap:.2%} from the best"
    )
    if found.single is not None:
        saved = found.single.money - found.proposed.money
        typer.echo(
            f"All in {found.single_at}: {found.single.money:,.2f} {found.currency}, {found.single.days:.1f} days; "
            f"the proposal saves {saved:,.2f} {found.currency} and {found.single.days - found.proposed.days:.1f} days"
        )


@app.command()
def shops(
    tell: Annotated[bool, typer.Option("--tell", help="First tell every shop that is due.")] = False,
    as_json: Json = False,
) -> None:
    """List the shops that are told of stock, and what went wrong."""
    from dataclasses import asdict

    from qafila.storage.shops import links, shops_telling

    if tell:
        done = shops_telling.tell_due(now())
        typer.echo(f"{done['told']} told, {done['failed']} could not be told", err=True)
    with operator() as connection:
        found = links.every(connection)
    if as_json:
        print_json([asdict(link) for link in found])
        return
    for link in found:
        state = link.last_error or f"{len(link.told):,} products, {len(link.unknown):,} that it does not have"
        typer.echo(f"{link.id}  {link.owner}  {link.shop:<12} {link.address}  {state}")
