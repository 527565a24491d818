"""What became of parcels is told once, and a class whose parcels fare better is found by it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import qafila.floors  # noqa: F401  # lists every kind of decision
from qafila.context import Context
from qafila.openness import openness_telling, store
from qafila.openness.model import Decision
from qafila.openness.regulation import regulation_asking
from qafila.runtime.accounts import service as accounts
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import Role, acting_as, administrator
from qafila.runtime.events import store as histories
from qafila.runtime.events.advancing import advance
from qafila.runtime.events.envelope import Reporter, Source, Subject
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.shipping.outcomes import KIND, OUTCOMES
from qafila.sorting import sorting_telling as sorting
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.openness.logs import fresh_log
from tests.shipping.bookables import NOW
from tests.sorting.centres import booked, merchant, name

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    with fresh_log(tmp_path, monkeypatch) as folder:
        monkeypatch.setattr(regulation_asking.sequencing, "folder", lambda: folder)
        yield Context(NETWORK, RULES).at(MONDAY)


def say(number: str, owner: str, type: str, days: float, **details: Any) -> None:
    with administrator() as connection:
        source = Source(Reporter.OPERATOR.value, "local", "desk")
        made = event(
            EVENT_TYPES[type], Subject("parcel", number), NOW + timedelta(days=days), source, details=details
        )
        histories.append(connection, owner, [made])


def heard() -> None:
    while advance(OUTCOMES):
        pass


def told(number: str) -> list[dict[str, Any]]:
    with acting_as(Role.OPERATOR) as connection:
        entries = [one for one in store.about(connection, number) if one.kind == KIND]
        opened = store.openings(connection, [one.entry_id for one in entries])
    return [
        json.loads(one.value or "null")
        for e in entries
        for one in opened[e.entry_id]
        if one.field == "outcome"
    ]


def test_it_is_told_when_a_way_is_over_and_once(here: Context) -> None:
    of = merchant()
    heard()
    kept, hurt, gone, waits = booked(of, "MA-1", count=4)
    say(kept, of, "delivered", 1.0)
    say(hurt, of, "seen", 1.0, why="damaged")
    say(hurt, of, "seen", 1.2, why="missed")
    say(hurt, of, "delivered", 9.0)
    say(gone, of, "lost", 3.0)
    heard()
    say(kept, of, "delivered", 1.5)  # reported again, otherwise
    heard()
    (one,), (two,), (three,) = told(kept), told(hurt), told(gone)
    assert (one["how"], one["left_behind"], one["damaged"]) == ("delivered", False, False)
    assert two["left_behind"]
    assert two["damaged"]
    assert two["days_late"] - one["days_late"] == pytest.approx(8, abs=1e-3)
    assert (three["how"], three["days_late"]) == ("lost", None)
    assert len(one["way"]) == 1
    assert told(waits) == []


def recorded(decisions: list[Decision]) -> None:
    with administrator() as connection:
        openness_telling.tell(connection, decisions)


def fared(owner: str, days: float, way: str, **more: Any) -> Decision:
    said = {
        "how": "delivered",
        "days_late": days,
        "left_behind": False,
        "damaged": False,
        "way": [way],
        **more,
    }
    return Decision(KIND, name("P"), MONDAY, {}, {"outcome": said}, owner)


def compared(here: Context) -> dict[tuple[str, str], Any]:
    made = regulation_asking.made(here, SINCE, UNTIL)
    assert all(one["equal"] for one in made["report"]["figures"])
    return {(one["measure"], one["group"]): one for one in made["report"]["comparisons"]}


@pytest.mark.parametrize("favour", ["", "days_late", "left_behind", "damaged", "stayed", "put_aside"])
def test_a_class_that_fares_better_is_found_and_chance_is_not(here: Context, favour: str) -> None:
    draw = random.Random(11)
    with administrator() as connection:
        own = accounts.create(connection, name("Own "), kind=TenantKind.HUB).id
    other = merchant()
    parcels, scans, left, owners = [], [], {}, []
    for n in range(600):
        owner, way = (own if n % 3 == 0 else other), f"W{n % 2}"
        better = owner == own
        days = draw.gauss(5.0 * (n % 2), 1.0) - (0.6 if better and favour == "days_late" else 0)
        drawn = {key: draw.random() for key in ("left_behind", "damaged", "stayed", "put_aside")}
        worse = {key: x < (0.02 if better and favour == key else 0.15) for key, x in drawn.items()}
        parcels.append(fared(owner, days, way, left_behind=worse["left_behind"], damaged=worse["damaged"]))
        owners.append(owner)
        scans.append("missed" if worse["put_aside"] else "plan")
        if worse["stayed"]:
            left[str(n)] = "full"
    day = Decision(
        "delivery.rounds",
        name("pln"),
        MONDAY,
        {},
        {
            "inputs": {"parcels": [{"slot": False, "attempts": 0}] * 600},
            "answer": [200_000] * 600,
            "left": left,
            "owners": owners,
        },
    )
    sorted_ = Decision(
        sorting.KIND, "CAS", MONDAY, {}, {"answer": [[why, "C1"] for why in scans], "owners": owners}
    )
    recorded([*parcels, day, sorted_])
    found = compared(here)
    biased = {measure for (measure, group), one in found.items() if one["biased"]}
    assert biased == ({favour} if favour else set())
    if favour:
        one = found[favour, "hub"]
        assert one["high"] < 0
        assert one["count"] == (200, 400) or one["count"] == [200, 400]


def test_a_claim_that_was_granted_counts_as_damage(here: Context) -> None:
    with administrator() as connection:
        own = accounts.create(connection, name("Own "), kind=TenantKind.HUB).id
    other = merchant()
    parcels = [fared(owner, 0.0, "W") for owner in (own, other) for _ in range(40)]
    hurt = [
        Decision(
            "ledger.claim",
            f"clm_{n}",
            MONDAY,
            {"kind": "damaged", "granted": True, "by_the_terms": True},
            {"inputs": {"evidence": {"parcel": one.subject}}},
            other,
        )
        for n, one in enumerate(parcels[40:60])
    ]
    recorded([*parcels, *hurt])
    one = compared(here)["damaged", "hub"]
    assert one["difference"] == pytest.approx(-0.5)
    assert one["biased"]
