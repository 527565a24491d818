from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection

from qafila.clearance import bonded, desk, store
from qafila.clearance import clearance_messages as m
from qafila.clearance.authority import Sandbox
from qafila.clearance.clearance_duties import due
from qafila.clearance.declaration import Procedure
from qafila.clearance.lifecycle import State, StepRefused
from qafila.core.fault import Fault
from qafila.core.message import as_it_is
from qafila.core.money import Money, exchange_rates
from qafila.customs.rulebook import rulebook
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from tests.clearance.test_desk import AT, opened, plain


@pytest.fixture
def db() -> Iterator[Connection]:
    with administrator() as connection:
        yield connection


def entry(db: Connection) -> str:
    """Ten watches worth €200 in bond, freight €20."""
    line = replace(
        plain().lines[0],
        description="wrist watch",
        hs="910211",
        quantity=Decimal(10),
        origin="CN",
        value=Money(Decimal(200), "EUR"),
        net_kg=Decimal(1),
        gross_kg=Decimal("1.2"),
        preference="",
        proofs=(),
    )
    id = opened(
        db,
        merchants.create(db, "Importer").id,
        procedure=Procedure.BONDED,
        lines=(line,),
        scheme="",
        scheme_number="",
        freight=Money(Decimal(20), "EUR"),
        insurance=None,
        gross_kg=Decimal("1.2"),
        category="sale",
    )
    assert desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)[-1].state is State.BONDED
    return id


def test_duty_sleeps_in_bond_and_wakes_on_release(db: Connection) -> None:
    id = entry(db)
    declaration = store.get(db, id).declaration
    assessed, now = due(declaration, date(2026, 11, 23), rulebook(), exchange_rates())
    assert assessed.total.amount > 0
    assert now.amount == 0
    released = bonded.release(db, id, {0: Decimal(4)}, "broker", AT)
    # four of ten: 80 of 200 euro, 8 of 20 freight, 0.48 of 1.2 kg
    assert released.lines[0].value == Money(Decimal("80.00"), "EUR")
    assert released.freight == Money(Decimal("8.00"), "EUR")
    assert released.gross_kg == Decimal("0.480")
    assert released.previous_document == id
    part, owed = due(released, date(2026, 11, 23), rulebook(), exchange_rates())
    assert owed == part.total
    # a good tax is proportional: four tenths of the whole, but for rounding of each line
    assert abs(owed.amount - assessed.total.amount * Decimal("0.4")) < Decimal("0.1")


def test_no_more_leaves_than_came(db: Connection) -> None:
    id = entry(db)
    bonded.release(db, id, {0: Decimal(7)}, "broker", AT)
    with pytest.raises(Fault, match="4 pieces are asked for, 3 are under bond"):
        bonded.release(db, id, {0: Decimal(4)}, "broker", AT)
    (left,) = bonded.stock(db, id)
    assert (left.entered, left.left) == (10, 3)
    bonded.release(db, id, {0: Decimal(3)}, "broker", AT)
    assert bonded.stock(db, id) == []


def test_only_bonded_goods_are_released_from_bond(db: Connection) -> None:
    id = opened(db, merchants.create(db, "Importer").id)
    with pytest.raises(StepRefused, match="not under bond"):
        bonded.release(db, id, {0: Decimal(1)}, "broker", AT)


def test_an_entry_ends_when_the_last_of_it_was_released_and_takes_back_what_was_withdrawn(
    db: Connection,
) -> None:
    id = entry(db)
    first = bonded.release(db, id, {0: Decimal(6)}, "broker", AT)
    second = bonded.release(db, id, {0: Decimal(4)}, "broker", AT)
    desk.withdraw(db, second.id, "broker", AT, as_it_is("sold to somebody else"))
    (left,) = bonded.stock(db, id)
    assert (left.entered, left.left) == (10, 4)  # what came back did not come twice
    _release(db, first.id)
    assert store.get(db, id).state is State.BONDED
    _release(db, bonded.release(db, id, {0: Decimal(4)}, "broker", AT).id)
    assert store.get(db, id).state is State.RELEASED
    assert store.steps(db, id)[-1].step.reason == m.ALL_RELEASED()


def _release(db: Connection, id: str) -> None:
    """To its release, whatever the draw: an inspection finds it as declared."""
    while store.get(db, id).state is not State.RELEASED:
        desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)
