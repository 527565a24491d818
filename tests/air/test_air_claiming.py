"""What kept load plans claim: which parcels fly, and who has them where two servers keep at the same moment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from qafila.air.air_claiming import carried
from qafila.air.flight import BuiltUld, Costs, Flight, LoadPlan, Stowed
from qafila.context import Context
from qafila.runtime.accounts.tenants import TenantKind
from tests.air.aircraft import crate, flight
from tests.web.visitors import tenant

ROUNDS = 12


def loaded(craft: Flight, pieces: int) -> LoadPlan:
    """A plan by hand: so many pieces of the first lot in one ULD."""
    stowed = tuple(Stowed(0, (0, 0, n), (1, 1, 1)) for n in range(pieces))
    uld = BuiltUld("PMC", craft.segments[0].name, stowed, 150)
    return LoadPlan((uld,), ({"BL": 0},), {}, Costs(0, 200, 0, 0), (1100,), (0,))


@pytest.mark.parametrize(
    ("count", "named", "flies", "claimed"),
    [
        (3, ("A", "B", "C"), 2, ["A", "B"]),  # a parcel each: those named first
        (2, ("A", "B", "C"), 2, ["A", "B", "C"]),  # all bags fly
        (2, ("A", "B", "C"), 1, []),  # a bag stays behind, and no file says whose
        (2, (), 2, []),
    ],
)
def test_which_parcels_of_a_lot_fly(
    count: int, named: tuple[str, ...], flies: int, claimed: list[str]
) -> None:
    craft = flight((replace(crate(100, count=count), parcels=named),))
    assert carried(craft, loaded(craft, flies)) == [(parcel, "X-0") for parcel in claimed]
    elsewhere = replace(craft, segments=(replace(craft.segments[0], origin="CMN"),))
    assert {origin for _, origin in carried(elsewhere, loaded(elsewhere, flies))} <= {"CMN"}


def race(me: str, of: str) -> None:
    """One of two servers: keeps plans that the other keeps, too, and changes those that stand; prints what came of each."""
    from qafila.air import air_keeping
    from qafila.core.fault import Fault
    from qafila.runtime.events.envelope import Source

    clock = SimpleNamespace(now=lambda: datetime.now(UTC))  # all of a context that keeping a plan asks for
    context, who = cast("Context", clock), air_keeping.Who(of, me, Source("operator", of))
    base = flight((crate(100, count=2),))
    air_keeping.listed(of)  # connected
    print("ready", flush=True)
    sys.stdin.readline()

    def tried(what: str, act: object) -> str:
        try:
            kept = act()  # type: ignore[operator]
        except Fault as fault:
            print(what, fault.kind, fault.message.id, flush=True)
            return ""
        print(what, "done", me, flush=True)
        return str(kept.id)

    for n in range(ROUNDS):
        one = replace(base, name=f"ONE-{n}")
        tried(f"flight-{n}", lambda one=one: air_keeping.keep(context, who, one, loaded(one, 1), "f", "p"))
        for plan in air_keeping.listed(of, one.name):
            tried(
                f"change-{n}", lambda p=plan: air_keeping.change(context, who, p.id, 1, me, 1.0, {}, "mine")
            )
        lot = replace(base.segments[0].lots[0], parcels=(f"P{n}a", f"P{n}b"))
        lots = (replace(lot, parcels=lot.parcels[:: 1 if me == "a" else -1]),)
        two = replace(base, name=f"{me}-{n}", segments=(replace(base.segments[0], lots=lots),))
        kept = tried(
            f"parcel-{n}", lambda two=two: air_keeping.keep(context, who, two, loaded(two, 2), "", "")
        )
        if kept and n % 3 == 0:  # and lets it go again, in the middle
            air_keeping.withdraw(context, who, kept, 1, "for the other")


def test_of_two_servers_one_has_the_flight_the_revision_and_the_parcel() -> None:
    of = tenant(TenantKind.HUB).id
    program = f"from tests.air.test_air_claiming import race; import sys; race(sys.argv[1], {of!r})"
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root / "src"), str(root)])
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, me],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        )
        for me in "ab"
    ]
    for one in both:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [line.split() for one in both for line in one.communicate()[0].splitlines()]
    assert [one.returncode for one in both] == [0, 0]
    won = Counter(what for what, how, _ in told if how == "done")
    for n in range(ROUNDS):
        assert (won[f"flight-{n}"], won[f"change-{n}"]) == (1, 1)
        assert won[f"parcel-{n}"] in ({1, 2} if n % 3 == 0 else {1})
    refused = {(what.split("-")[0], how, code) for what, how, code in told if how != "done"}
    assert refused == {
        ("flight", "conflict", "air.flight_planned"),
        ("change", "conflict", "air.plan_changed"),
        ("parcel", "conflict", "air.parcel_planned"),
    }
