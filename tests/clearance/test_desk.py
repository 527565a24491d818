from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Connection

from qafila.clearance import desk, screening, store
from qafila.clearance.authority import Sandbox
from qafila.clearance.declaration import Declaration, Party, Procedure
from qafila.clearance.lifecycle import State, StepRefused
from qafila.core.fault import Fault
from qafila.core.identifiers.own import new_id
from qafila.core.message import as_it_is
from qafila.core.money import Money, exchange_rates
from qafila.customs.screening import Listed
from qafila.runtime.database import administrator, merchant_transaction
from qafila.shipping import merchants
from tests.clearance.test_mapping import full

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def db() -> Iterator[Connection]:
    with administrator() as connection:
        screening.load(connection, "un", "by hand", [Listed("un", "U1", ("Muammar al-Gaddafi",))])
        yield connection


@pytest.fixture
def merchant(db: Connection) -> str:
    return merchants.create(db, "Coopérative").id


def plain(**changes: object) -> Declaration:
    base = full("dum")
    made = replace(
        base,
        id=new_id("dcl"),
        parcel=new_id("x"),
        procedure=Procedure.IMPORT,
        lines=(replace(base.lines[0], description="cotton tea towel", hs="630260"),),
        country_of_dispatch="CN",
        country_of_destination="MA",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def opened(db: Connection, merchant: str, **changes: object) -> str:
    # a draw for inspection would send it to the red channel: take a parcel that is not drawn
    while True:
        declaration = plain(**changes)
        if "drawn" not in str(Sandbox(exchange_rates()).channel(desk.Case(declaration)).reason):
            break
    assert desk.open_many(db, merchant, [declaration], AT, "clerk") == 1
    return declaration.id


def states(db: Connection, id: str) -> list[str]:
    return [noted.step.state.value for noted in store.steps(db, id)]


def test_a_complete_declaration_is_released_in_one_go(db: Connection, merchant: str) -> None:
    id = opened(db, merchant)
    desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)
    assert states(db, id) == ["draft", "advised", "assessed", "lodged", "accepted", "green", "released"]
    with pytest.raises(StepRefused, match="goes no further"):
        desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)


def test_an_incomplete_one_does_not_leave_the_desk_and_says_what_is_missing(
    db: Connection, merchant: str
) -> None:
    id = opened(db, merchant, importer=Party(name="Amina"))
    with pytest.raises(StepRefused, match=r"importer\.city"):
        desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)
    assert states(db, id) == ["draft"]
    wanted = {t.subject for t in desk.todos(db, store.get(db, id))}
    assert {"importer.street", "importer.city", "importer.country", "importer.number"} <= wanted
    changes = {
        "importer.street": "1 rue A",
        "importer.city": "Fès",
        "importer.country": "MA",
        "importer.number": "001561191000066",
    }
    desk.amend(db, id, changes, "broker", AT)
    assert desk.todos(db, store.get(db, id)) == []
    kept = store.steps(db, id)[-1].changes
    assert kept["importer.city"] == {"from": "", "to": "Fès"}


def test_a_vague_description_is_asked_about_and_mended(db: Connection, merchant: str) -> None:
    id = opened(db, merchant)
    desk.amend(db, id, {"lines[0].description": "gift"}, "broker", AT)
    steps = desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)
    assert [s.state for s in steps] == [State.ADVISED, State.INFORMATION_REQUESTED]
    (todo,) = desk.todos(db, store.get(db, id))
    assert (todo.kind, todo.subject) == ("question", "lines[0].description")
    desk.amend(db, id, {"lines[0].description": "argan oil, 100 ml"}, "broker", AT)
    assert desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)[-1].state is State.RELEASED


def test_a_party_on_a_list_stops_it_until_somebody_clears_it_with_a_reason(
    db: Connection, merchant: str
) -> None:
    id = opened(db, merchant, importer=replace(plain().importer, name="معمر القذافي"))
    (hit,) = screening.hits(db, id, open_only=True)
    assert hit.score > 0.9
    with pytest.raises(Fault, match="why"):
        screening.decide(db, hit.id, "cleared", "broker", " ", AT)
    screening.decide(db, hit.id, "cleared", "broker", "born 1990, a namesake", AT)
    assert desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)[-1].state is State.RELEASED
    (kept,) = screening.hits(db, id)
    assert (kept.verdict, kept.decided_by, kept.why) == ("cleared", "broker", "born 1990, a namesake")
    # the same party of the same merchant is not brought up again
    again = opened(db, merchant, importer=replace(plain().importer, name="معمر القذافي"))
    assert screening.hits(db, again) == []


def test_a_party_that_is_not_cleared_does_not_load(db: Connection, merchant: str) -> None:
    id = opened(db, merchant, importer=replace(plain().importer, name="Moammar Kadhafi"))
    assert desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)[-1].state is State.DO_NOT_LOAD


def test_a_restriction_holds_the_goods_until_its_paper_is_there(db: Connection, merchant: str) -> None:
    drone = replace(plain().lines[0], description="camera drone", hs="880622")
    id = opened(db, merchant, lines=(drone,))
    assert desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)[-1].state is State.ORANGE
    assert desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)[-1].state is State.HELD
    with pytest.raises(StepRefused, match="still hold"):
        desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)
    desk.attach(db, id, store.Paper("ma-drones", "AUT-77", AT.date()), "broker")
    assert desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)[-1].state is State.RELEASED


def test_after_acceptance_nothing_is_amended(db: Connection, merchant: str) -> None:
    id = opened(db, merchant)
    desk.advance(db, id, Sandbox(exchange_rates()), "broker", AT)
    with pytest.raises(StepRefused, match="no longer be amended"):
        desk.amend(db, id, {"remarks": "x"}, "broker", AT)


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("importer.nam", "x", "no such field"),
        ("lines[7].hs", "1", "list has 1 entry"),
        ("gross_kg", "heavy", "“heavy” cannot be read"),
        ("parcel", "x", "Withdraw the declaration"),
        ("lines[0]", "x", "Name the field"),
    ],
)
def test_a_wrong_change_is_named(db: Connection, merchant: str, path: str, value: str, fault: str) -> None:
    id = opened(db, merchant)
    with pytest.raises(Fault, match=fault) as refused:
        desk.amend(db, id, {path: value}, "broker", AT)
    assert refused.value.field == path


def test_an_amended_value_keeps_its_type(db: Connection, merchant: str) -> None:
    id = opened(db, merchant)
    desk.amend(db, id, {"gross_kg": "2.5", "lines[0].value": {"amount": "7.10", "currency": "EUR"}}, "b", AT)
    changed = store.get(db, id).declaration
    assert changed.gross_kg == Decimal("2.5")
    assert changed.lines[0].value == Money(Decimal("7.10"), "EUR")


def test_a_parcel_is_declared_once_for_a_procedure(db: Connection, merchant: str) -> None:
    one = plain(procedure=Procedure.EXPORT, previous_document="")
    twin = replace(one, id=new_id("dcl"))
    assert desk.open_many(db, merchant, [one, twin], AT, "clerk") == 1
    desk.withdraw(db, one.id, "clerk", AT, as_it_is("sent by mistake"))
    assert desk.open_many(db, merchant, [twin], AT, "clerk") == 1


def test_one_merchant_does_not_see_anothers_declarations(merchant: str) -> None:
    with administrator() as connection:
        first, second = merchants.create(connection, "A").id, merchants.create(connection, "B").id
        declaration = plain()
        desk.open_many(connection, first, [declaration], AT, "clerk")
    with merchant_transaction(second) as connection, pytest.raises(store.UnknownDeclaration):
        store.get(connection, declaration.id)
    with merchant_transaction(first) as connection:
        assert store.get(connection, declaration.id).declaration == declaration
