"""Floors where goods move tell the log what they decide, and a favour planted in their rules is found there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import qafila.floors  # noqa: F401  # lists every kind of decision
from qafila.context import Context
from qafila.core.money import Money
from qafila.delivery import delivery_telling as rounds
from qafila.fleet import allotments
from qafila.fleet.store import Room
from qafila.ledger.claims import claims_telling as claims
from qafila.ledger.claims import judging
from qafila.ledger.claims.judging import Evidence
from qafila.ledger.claims.liability import Ride
from qafila.ledger.claims.store import Claim
from qafila.openness import openness_telling
from qafila.openness.kinds import KINDS, Difference
from qafila.openness.model import Decision
from qafila.returns import model as returns
from qafila.returns import returns_telling as refunds
from qafila.returns.model import Basis
from qafila.runtime.database import Role, acting_as, administrator
from qafila.shipping import merchants
from qafila.storage import storage_telling as waves
from qafila.storage.storage_telling import Waiting
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.openness.logs import fresh_log
from tests.openness.test_favouritism import replayed

AT = datetime(2026, 11, 30, 8, tzinfo=UTC)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    with fresh_log(tmp_path, monkeypatch):
        yield Context(NETWORK, RULES).at(MONDAY)


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def found(here: Context, *decisions: Decision) -> list[Difference]:
    with acting_as(Role.MERCHANT, "mer_whoever") as connection:  # whoever acts: the hub tells the log
        openness_telling.tell(connection, decisions)
    subjects = {one.subject for one in decisions}
    done = replayed(here)
    assert done.entries >= len(decisions)
    return [one for one in done.differences if one.entry.subject in subjects]


WAITING = [
    Waiting("mer_b", 11, AT + timedelta(hours=2), AT, 3),
    Waiting("mer_a", 12, AT + timedelta(hours=1), AT, 1),
    Waiting("mer_a", 13, None, AT - timedelta(days=2), 5),
    Waiting("mer_b", 14, AT + timedelta(hours=1), AT, 2),
]


def test_who_is_let_past_in_a_wave_is_found(here: Context) -> None:
    assert found(here, waves.decision("wave_1", "WH", WAITING, [12, 14, 11, 13], 9, AT)) == []
    (one, two) = found(here, waves.decision("wave_2", "WH", WAITING, [14, 12, 11, 13], 9, AT))[:2]
    assert (one.recorded, one.now, two.recorded, two.now) == (14, 12, 12, 14)
    assert one.entry.subject == "wave_2"


def test_who_is_left_out_of_a_wave_is_found(here: Context) -> None:
    (one,) = found(here, waves.decision("wave_3", "WH", WAITING, [12, 14, 13], 9, AT))
    assert (one.recorded, one.now) == (3, 4)


def claim(owner: str, proposed: str, number: int = 1) -> Claim:
    seen = Evidence(
        parcel="HA000000015MA",
        state="delivered",
        promised=AT,
        delivered=AT + timedelta(days=2),
        last=AT,
        last_leg=0,
        rides=(Ride("road", "MA", "MA"),),
        grams=900,
        value=eur("40"),
        freight=eur("10"),
        insured=False,
        shipped=AT,
    )
    return Claim(
        f"clm_{number}",
        owner,
        "HA000000015MA",
        "late",
        Decimal(10),
        "EUR",
        "",
        "open",
        claims.written(seen),
        {"amount": proposed, "reasons": [], "limit": None, "confidence": None},
        None,
        None,
        "Souk",
        AT + timedelta(days=3),
        None,
        None,
        None,
    )


def test_what_the_terms_come_to_for_a_favoured_claim_is_found(here: Context) -> None:
    with administrator() as connection:
        souk = merchants.create(connection, "Souk").id
    honest = claims.again(here, {"inputs": _asked(claim(souk, "0"))}, False)["amount"]
    one = claims.decision(claim(souk, honest), Decimal(honest), "", AT)
    assert one.said == {"kind": "late", "granted": True, "by_the_terms": True}
    favoured = claims.decision(claim(souk, "9", 2), Decimal(9), "", AT)
    (difference,) = found(here, one, favoured)
    assert (difference.entry.subject, difference.recorded, difference.now) == ("clm_2", "9", honest)
    generous = claims.decision(claim(souk, honest, 3), Decimal(9), "a good customer", AT)
    assert generous.said["by_the_terms"] is False  # everybody reads that it was another amount


def _asked(one: Claim) -> dict[str, Any]:
    return dict(claims.decision(one, None, "", AT).hidden["inputs"])


def test_a_rule_of_claims_that_was_changed_for_a_while_is_found(
    here: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    with administrator() as connection:
        souk = merchants.create(connection, "Souk").id
    with monkeypatch.context() as changed:
        changed.setattr(judging, "_late", lambda asked, *_: judging.Proposal(asked, ()))
        told = claims.again(here, {"inputs": _asked(claim(souk, "0"))}, False)["amount"]
    assert told == "10"
    assert len(found(here, claims.decision(claim(souk, told), Decimal(told), "", AT))) == 1


def test_a_refund_other_than_the_rule_is_found(here: Context) -> None:
    basis = Basis(((eur("12.50"), 2, 2, Decimal("2.50")),), eur("4"), eur("3"), eur("50"), False)
    assert returns.due(basis) == eur("23.50")
    assert refunds.read(refunds.written(basis)) == basis
    given = _return()
    same = refunds.decision(given, basis, eur("23.50"), eur("23.50"), "", AT)
    more = refunds.decision(given, basis, eur("26.50"), eur("26.50"), "", AT)
    (one,) = found(here, same, more)
    assert (one.recorded, one.now) == ("26.50", "23.50")


def _return() -> returns.Return:
    return returns.Return(
        "mer_a",
        "ret_1",
        "HA000000015MA",
        "HA000000015MA-R1",
        "t",
        next(iter(returns.Cause)),
        returns.State.INSPECTED,
        next(iter(returns.Wish)),
        "WH",
        "en",
        "",
        {},
        None,
        "",
        None,
        "",
        None,
        "",
        "",
        AT,
        None,
        None,
        None,
        None,
        None,
    )


def test_parcels_that_count_more_than_the_rule_are_found(here: Context) -> None:
    asked = {
        "parcels": [
            {"slot": True, "attempts": 0},
            {"slot": False, "attempts": 1},
            {"slot": False, "attempts": 7},
        ]
    }
    assert rounds.again(here, {"inputs": asked}, True) == [1_000_000, 400_000, 600_000]
    said = Decision(
        rounds.KIND, "pln_1", AT, {}, {"inputs": asked, "answer": [1_000_000, 4_000_000, 600_000]}
    )
    (one,) = found(here, said)
    assert (one.place, one.recorded, one.now) == ("/1", 4_000_000, 400_000)
    assert rounds.decision("pln_2", "LYS", AT.date(), [], [], {}, AT).said["left"] == 0


def test_each_floor_that_decides_has_a_kind() -> None:
    assert {
        "storage.wave",
        "ledger.claim",
        "returns.refund",
        "delivery.rounds",
        "fleet.allotment",
        "fleet.changes",
        "sorting.plan",
        "sorting.scans",
        "sorting.recall",
        "air.load_plan",
        "shipping.outcome",
        "carriers.feed",
    } <= KINDS.keys()


def allotted(id: str, grams: int, free: int, granted: bool) -> Decision:
    asked = {"allotment": id, "holder": "mer_a", "grams": grams, "cm3": 0, "release_at": AT, "at": AT}
    return allotments._decision(asked, KEY, room(free), "1:1:", granted)


KEY = ("S1", 20_000, 0)


def room(grams: int, taken: int = 0) -> Room:
    """A departure with so many grams left."""
    return Room((grams + taken, 10**6), (taken, 0), (0, 0), (0, 0))


def test_room_that_is_allotted_without_being_there_or_refused_though_it_is_is_found(here: Context) -> None:
    honest = [allotted("alt_1", 500, 500, True), allotted("alt_2", 501, 500, False)]
    more, less = allotted("alt_3", 501, 500, True), allotted("alt_4", 500, 500, False)
    differ = found(here, *honest, more, less)
    assert {(one.entry.subject, one.recorded, one.now) for one in differ} == {
        ("alt_3", True, False),
        ("alt_4", False, True),
    }
    assert "allotted" not in less.hidden


def test_room_that_is_said_to_be_taken_and_is_not_is_found(here: Context) -> None:
    """Whoever allots may not keep somebody out by a departure that is full of nothing: the log has no booking on it."""
    asked = {"allotment": "alt_5", "holder": "mer_a", "grams": 500, "cm3": 0, "release_at": AT, "at": AT}
    refused = allotments._decision(asked, KEY, room(100, taken=900), "1:1:", False)
    (one,) = found(here, refused)
    assert (one.how, one.place, one.recorded, one.now) == ("room", "S1/20000/0", [100, 10**6], [1000, 10**6])
    asked["allotment"] = "alt_6"
    honest = allotments._decision(asked, KEY, room(100), "1:1:", False)
    honest.hidden["inputs"]["free"]["grams"] = 600  # and no sum that is not that of its parts
    (one,) = found(here, honest)
    assert (one.how, one.recorded, one.now) == ("room", [600, 10**6], [100, 10**6])
