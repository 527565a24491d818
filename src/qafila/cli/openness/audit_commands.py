"""`qafila audit`: recorded decisions taken again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Whether all were treated alike.")


@app.callback()
def _group() -> None:
    """Whether all were treated alike."""


@app.command()
def replay(
    since: Annotated[
        datetime | None,
        typer.Option(help="Decisions since then, in UTC; all if not given.", formats=["%Y-%m-%d"]),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Take recorded decisions again on their recorded inputs, with and without identities; name each that differs.

    Ends with 1 where one differs.
    """
    import json

    import qafila.floors  # noqa: F401  # lists every kind of decision
    from qafila.context import of_this_home
    from qafila.openness import replaying
    from qafila.runtime.database import Role, acting_as

    with acting_as(Role.REGULATOR) as connection:
        done = replaying.replay(connection, of_this_home(), since.replace(tzinfo=UTC) if since else None)
    told = [
        {
            "entry": one.entry.index,
            "number": one.entry.entry_id,
            "kind": one.entry.kind,
            "subject": one.entry.subject,
            "owner": one.entry.owner,
            "how": one.how,
            "place": one.place,
            "recorded": one.recorded,
            "now": one.now,
        }
        for one in done.differences
    ]
    counts = {
        "taken_again": done.entries,
        "same": done.same,
        "erased": done.erased,
        "elsewhere": done.elsewhere,
        "unkept": done.unkept,
    }
    if as_json:
        typer.echo(json.dumps({**counts, "differences": told}, ensure_ascii=False, indent=1))
    else:
        for one in told:
            place = "waiting" if one["entry"] is None else one["entry"]
            typer.echo(
                f"entry {place} ({one['kind']} {one['subject']} of {one['owner']}), {one['how']} {one['place']}: "
                f"recorded {one['recorded']}, now {one['now']}"
            )
        typer.echo(
            ", ".join(f"{name} {count}" for name, count in counts.items()) + f", differences {len(told)}"
        )
    raise typer.Exit(1 if told else 0)


@app.command()
def fair(
    demand: Annotated[
        Path,
        typer.Argument(help="A demand file as `qafila plan` takes it; merchants are its merchant classes."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for outcomes.json and outcomes.svg.")] = Path("fair"),
    small: Annotated[list[str] | None, typer.Option(help="A merchant class that is a small firm.")] = None,
    share: Annotated[
        float, typer.Option(min=0, max=1, help="Part that is guaranteed to small firms, or auctioned.")
    ] = 0.2,
    seconds: Annotated[float, typer.Option(min=1, help="Seconds to look for ways.")] = 20.0,
    from_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of the demand.")
    ] = None,
) -> None:
    """Put the policies for days without room for all side by side: cost, days, parcels left, each merchant's share."""
    import json

    from qafila.context import of_this_home
    from qafila.openness.fairness.fairness_comparing import compare, picture
    from qafila.openness.fairness.policies import POLICIES, Policy
    from qafila.openness.fairness.shortage import shortage
    from qafila.planning import demand as demands
    from qafila.planning import planning_job
    from qafila.planning.facility_rates import rates
    from qafila.planning.found import Effort
    from qafila.planning.graph import build
    from qafila.planning.planning_problem import pose
    from qafila.planning.search import search

    here = of_this_home()
    day = from_date.date() if from_date else None
    where = planning_job.network(here.network, here.now().date(), day, 7 + planning_job.DAYS_AFTER)
    try:
        asked, wrong = demands.read(demand, where.timetable, where.feed)
    except demands.DemandError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(3) from None
    if wrong:
        typer.echo(f"{len(wrong)} rows cannot be read and are left out", err=True)
    problem = pose(build(where.timetable, rates(where.feed, where.timetable)), asked)
    short = shortage(problem, search(problem, Effort(seconds=seconds)).pool, small=frozenset(small or ()))
    outcomes = compare(short, [Policy(name, share) for name in POLICIES])
    out.mkdir(parents=True, exist_ok=True)
    told = [
        {
            "policy": o.policy.name,
            "share": o.policy.share,
            "served": o.served,
            "unserved": o.unserved,
            "cost": o.cost,
            "penalty": o.penalty,
            "mean_days": o.days,
            "auction_paid": o.paid,
            "merchants": dict(zip(short.merchants, o.shares.tolist(), strict=True)),
        }
        for o in outcomes
    ]
    (out / "outcomes.json").write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
    (out / "outcomes.svg").write_text(picture(short, outcomes, {}), encoding="utf-8")
    currency = where.timetable.currency
    for o in outcomes:
        typer.echo(
            f"{o.policy.name:17} {o.served:10,.0f} parcels go, {o.unserved:9,.0f} stay; {o.cost:12,.0f} {currency}, "
            f"{o.days:5.2f} days; least share {o.least_share:.1%}"
        )
    typer.echo(str(out / "outcomes.svg"))


@app.command()
def report(
    since: Annotated[
        datetime | None,
        typer.Option(help="First day, in UTC; the first of January if not given.", formats=["%Y-%m-%d"]),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(help="Last day, in UTC; today if not given.", formats=["%Y-%m-%d"])
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for figures.json, report.pdf, the queries, and the copy of the log they run in."
        ),
    ] = None,
    language: Annotated[str, typer.Option(help="Of the PDF: en, fr, ar or zh.")] = "en",
) -> None:
    """Count the regulator's figures, and compute each again from the published log by its documented query.

    Ends with 1 where one differs, or a value does not fit its commitment.
    """
    import json

    from qafila.context import of_this_home
    from qafila.openness.regulation import paper, regulation_asking, regulation_telling
    from qafila.openness.regulation.recomputing import queries
    from qafila.runtime.accounts import store
    from qafila.runtime.database import Role, acting_as
    from qafila.runtime.language import LANGUAGES

    here = of_this_home()
    days = [None if one is None else one.date() for one in (since, until)]
    first, last = regulation_asking.span_of(days[0], days[1], here.now().date())
    made = regulation_asking.made(here, first, last, out / "copy.sqlite" if out else None)
    told = made["report"]
    if out:
        (out / "figures.json").write_text(json.dumps(made, ensure_ascii=False, indent=1), encoding="utf-8")
        for name, query in queries().items():
            (out / f"{name}.sql").write_text(query, encoding="utf-8")
        with acting_as(Role.REGULATOR) as connection:
            names = {one.id: one.name for one in store.tenants(connection)}
        (out / "report.pdf").write_bytes(paper.pdf(made, LANGUAGES[language], names))
    for line in regulation_telling.heading(made, LANGUAGES[language]):
        typer.echo(line)
    for figure in told["figures"]:
        typer.echo(
            f"{figure['name']:17} {'equal' if figure['equal'] else 'DIFFERENT'}  {json.dumps(figure['rows'], ensure_ascii=False)}"
        )
        if not figure["equal"]:
            typer.echo(f"{'':17} from the log: {json.dumps(figure['recomputed'], ensure_ascii=False)}")
    for number, field in told["openings"]["broken"]:
        typer.echo(f"entry {number}: the value given for “{field}” is not the one in the log")
    wrong = told["openings"]["broken"] or not all(one["equal"] for one in told["figures"])
    raise typer.Exit(1 if wrong else 0)
