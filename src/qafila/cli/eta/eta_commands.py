"""`qafila eta`: arrival times learned from history, and how true they are."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qafila.cli.chassis.answering import Json, context, print_json, refuse
from qafila.cli.chassis.command_acting import operator

if TYPE_CHECKING:
    from qafila.eta.learning import Coverage

app = typer.Typer(
    no_args_is_help=True, help="Arrival times: learned from history, calibrated, and judged on later weeks."
)
_OWN = 2000
"""Rides of the network's own history from which on it is learned from."""


def _kept() -> Path:
    from qafila.runtime.settings import settings

    return settings().home / "eta" / "learned.pickle"


@app.command()
def train(
    simulated: Annotated[
        bool, typer.Option(help="Learn from a simulated history though there is one of its own.")
    ] = False,
    parcels: Annotated[
        int, typer.Option(min=1000, max=2_000_000, help="Parcels of a simulated history.")
    ] = 40_000,
    weeks: Annotated[int, typer.Option(min=4, max=520, help="Weeks of a simulated history.")] = 30,
    seed: Annotated[int, typer.Option(help="Of what is left to chance.")] = 0,
    promise: Annotated[
        bool, typer.Option(help="Offers promise by it from now on; else it is only kept for the report.")
    ] = True,
) -> None:
    """Learn from the network's own history, or from a simulated one as long as it has less than 2,000 rides.

    Offers take the probability of their promise from what was learned, and say from which history.
    """
    from qafila.eta.eta_messages import OWN, SIMULATED
    from qafila.eta.foretelling import document
    from qafila.eta.history import own_rows
    from qafila.eta.learning import TooLittle, coverage, learn, parts
    from qafila.eta.simulating import Late
    from qafila.eta.simulating import simulated as simulate
    from qafila.eta.table import WHOLE
    from qafila.network import arrivals
    from qafila.shipping.offers.promising import lateness

    feed = context().network.feed
    territories = {t.id: n for n, t in enumerate(feed.territories)}
    rows = None
    if not simulated:
        with operator() as connection:
            rows = own_rows(connection, feed.facility, territories)
    if rows is None or len(rows.delay) < _OWN:
        rules = {
            mode: Late(r.share_late, r.mean_delay, r.recovery.total_seconds() / 3600)
            for mode, r in lateness().items()
        }
        rows = simulate(rules, parcels, weeks, min(8, len(territories)), seed)
        source = SIMULATED(seed=seed, parcels=parcels, weeks=weeks)
    else:
        source = OWN(rides=len(rows.delay), weeks=int(rows.week.max() - rows.week.min()) + 1)
    try:
        learned = learn(rows, source, seed)
    except TooLittle as little:
        refuse(str(little))
    later = parts(rows)[2]
    file = _kept()
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_bytes(pickle.dumps((learned, later, list(territories))))
    fresh.replace(file)
    first, second, third, end = learned.weeks
    typer.echo(f"learned from {source}")
    typer.echo(
        f"trained on {second - first} weeks, calibrated on {third - second}, kept apart for the report {end - third}"
    )
    if promise:
        whole = coverage(learned, later.where(later.kind == WHOLE))[0]
        id = arrivals.install(document(learned, list(territories), whole))
        typer.echo(f"offers promise by it from now on ({id}); qafila eta forget goes back to the rules")


@app.command()
def forget() -> None:
    """Let offers promise by the rules of facts/lateness.csv again. What was learned is kept for audits."""
    from qafila.network import arrivals

    arrivals.forget()
    typer.echo("offers promise by the rules of facts/lateness.csv")


@app.command()
def report(
    svg: Annotated[Path | None, typer.Option(help="Also draw it into this file.")] = None,
    as_json: Json = False,
) -> None:
    """How often the ranges hold on weeks that were not learned from: for all, and by mode and territory."""
    from qafila.eta.eta_drawing import picture
    from qafila.eta.learning import coverage
    from qafila.eta.table import WHOLE
    from qafila.network.timetable import Mode

    if not _kept().exists():
        refuse("nothing is learned yet: qafila eta train")
    learned, later, territories = pickle.loads(_kept().read_bytes())
    groups = coverage(learned, later)

    def name(one: Coverage) -> str:
        if one.kind == -1:
            return "all"
        kind = "the whole way" if one.kind == WHOLE else Mode(one.kind).name.lower()
        return f"{kind}, {territories[one.territory] if one.territory < len(territories) else '?'}"

    curve = [
        (share, coverage(learned, later, share)[0].share) for share in (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
    ]
    if svg is not None:
        svg.write_text(
            picture(curve, groups, name, f"80 % ranges on later weeks: {learned.source}"), encoding="utf-8"
        )
    if as_json:
        print_json(
            {
                "source": learned.source,
                "weeks": learned.weeks,
                "curve": curve,
                "groups": [
                    {"name": name(g), "rides": g.rides, "held": g.held, "share": g.share, "kept": g.kept(0.8)}
                    for g in groups
                ],
            }
        )
        return
    typer.echo(
        f"learned from {learned.source}; judged on weeks {learned.weeks[2]} to {learned.weeks[3] - 1}, which it has not seen"
    )
    for one in groups:
        typer.echo(
            f"{name(one):<28} {one.rides:>8,} rides  80 % range held {100 * one.share:5.1f} %{'' if one.kept(0.8) else '  <- not kept'}"
        )
