"""Each lesson done right and done wrong, in a place of the learner's own; nothing of it reaches the real hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from qafila.clearance import desk, store
from qafila.context import Context, of_this_home
from qafila.core.identifiers.own import new_id
from qafila.core.message import as_it_is
from qafila.openness import openness_recording
from qafila.practice import certificates, lessons, practice_checks, practice_orders, practice_running, seeding
from qafila.practice import place as places
from qafila.practice.place import Place
from qafila.practice.practice_checks import CHECKS, Found
from qafila.runtime.database import administrator
from qafila.runtime.database.connection import own_engine
from qafila.runtime.events.envelope import Source
from qafila.runtime.settings import settings
from qafila.shipping import counter, declaring
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked
from qafila.shipping.plans import kept_plans, plans_replanning
from qafila.sorting import units
from qafila.sorting.induction import induction
from qafila.sorting.model import By, Reading
from qafila.sorting.units import UnitAct
from qafila.tracking.questions_open import overdue, track
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report
from tests.api.conftest import MONDAY, NETWORK

OPEN, D, W = Found.OPEN, Found.DONE, Found.WRONG
Begin = Callable[[str], tuple[Place, Context]]


@pytest.fixture(scope="module")
def hub() -> Context:
    return of_this_home()


@pytest.fixture
def begun(hub: Context) -> Iterator[Begin]:
    made: list[Place] = []

    def begin(lesson: str) -> tuple[Place, Context]:
        place = places.of(new_id("per"))
        made.append(place)
        seeding.begin(place, lessons.find(lesson), hub, (new_id("per"), "Amina"))
        return place, place.context(hub, under(place).tenant)

    yield begin
    for place in made:
        places._leave(place)
        with own_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
            raw.execute(text(f'DROP DATABASE IF EXISTS "{place.database}" WITH (FORCE)'))


def under(place: Place) -> places.Under:
    state = place.state()
    assert state is not None
    assert state.under is not None
    return state.under


def found(place: Place, hub: Context) -> list[Found]:
    judged = practice_checks.judged(place, hub)
    assert judged is not None
    return judged[1]


def answer(place: Place, step: str, said: str) -> None:
    state = place.state()
    assert state is not None
    of = under(place)
    place.keep(replace(state, under=replace(of, answers={**of.answers, step: said})))


def book(here: Context, id: str, city: str, country: str, dearest: bool = False) -> str:
    quote = counter.quote(here, practice_orders.order(id, city, country))
    assert isinstance(quote, counter.Quote)
    chosen = (max if dearest else min)(quote.offers, key=lambda o: (o.price.amount, -len(o.labels)))
    outcome = counter.book(here, chosen.id)
    assert isinstance(outcome, Booked)
    return outcome.booking_id


def test_every_step_has_its_check_and_its_texts() -> None:
    every = lessons.every()
    roles = {"clerk", "dispatcher", "picker", "driver", "broker", "planner", "regulator"}
    assert {one.role for one in every.values()} == roles
    assert sorted(step.check for one in every.values() for step in one.steps) == sorted(CHECKS)
    assert set(seeding._SEEDS) == set(every)
    for one in every.values():
        for step in one.steps:
            for told in (step.task, step.hint, step.wrong):
                assert len({told[code] for code in lessons.LANGUAGES}) == 4


def test_a_clerk(begun: Begin, hub: Context) -> None:
    place, here = begun("clerk")
    assert found(place, hub) == [OPEN, OPEN, OPEN]
    first, second = under(place).seed["double"]
    with place.entered():
        elsewhere = book(here, "A-1", "Agadir", "MA")
        assert found(place, hub)[0] is W
        booking.cancel(here.tenant, elsewhere, here.now())
        dear = book(here, "A-2", "Lyon", "FR", dearest=True)
        assert found(place, hub)[:2] == [D, W]
        booking.cancel(here.tenant, dear, here.now())
        book(here, "A-3", "Lyon", "FR")
        booking.cancel(here.tenant, second, here.now())
    assert found(place, hub) == [D, D, D]
    with place.entered():
        booking.cancel(here.tenant, first, here.now())
    assert found(place, hub)[2] is W
    with pytest.raises(certificates.NotDone):
        certificates.earn(place, hub, "local", "Amina")


def test_a_dispatcher(begun: Begin, hub: Context) -> None:
    place, here = begun("dispatcher")
    late, fine = under(place).seed["late"], under(place).seed["fine"]
    with place.entered(), administrator() as connection:
        waiting = [seen.parcel for seen in overdue(connection, here.now())]
    assert waiting == [late[1]]  # the first screen shows it at once
    assert found(place, hub)[0] is OPEN
    with place.entered():
        counter.rebook(here, late[0])
    assert found(place, hub)[0] is D
    practice_running.let_run(place, 24)
    assert found(place, hub) == [D, D]
    with place.entered(), administrator() as connection:
        ended = "UPDATE bookings SET cancelled_at = now() WHERE booking_id = ANY(:b)"
        connection.execute(text(ended), {"b": [late[0], fine[0]]})
    assert found(place, hub) == [W, W]


def test_a_driver(begun: Begin, hub: Context) -> None:
    def told(place: Place, here: Context, number: str, type: str) -> None:
        with place.entered(), administrator() as connection:
            report = Report(number, type, here.now(), Source("carrier", here.tenant, "page"))
            (receipt,) = record(connection, [report], here.now())
            assert receipt.new, receipt

    place, here = begun("driver")
    one, two = under(place).seed["parcels"]
    assert found(place, hub) == [OPEN, OPEN, OPEN]
    for number in (one, two):
        told(place, here, number, "out_for_delivery")
    assert found(place, hub) == [D, OPEN, OPEN]
    told(place, here, one, "delivered")
    told(place, here, two, "delivered")
    assert found(place, hub) == [D, D, W]
    place, here = begun("driver")
    one, two = under(place).seed["parcels"]
    told(place, here, one, "delivered")
    assert found(place, hub)[0] is W
    told(place, here, two, "delivery_failed")
    assert found(place, hub) == [W, D, D]


def scan(place: Place, here: Context, code: str, damaged: bool = False) -> str:
    """Scans in the place, and gives the chute."""
    work = induction()
    at = work.line(under(place).seed["centre"], here)
    reading = Reading(code, here.now(), damaged)
    told = work.scan(at, [(reading, "", "")], By(here.tenant, station="A1"))[0]
    assert work.recorder.wait(told.number)
    return told.verdict.chute


def bag(place: Place, here: Context, act: str, child: str = "") -> None:
    wanted = UnitAct(new_id("act"), act, under(place).seed["bag"], here.now(), child)
    units.perform(wanted, By(here.tenant, station="A1"), here.now())


def test_a_sorter(begun: Begin, hub: Context) -> None:
    place, here = begun("sorter")
    here = place.context(hub, here.tenant)
    seed = under(place).seed
    assert found(place, hub) == [OPEN, OPEN]
    assert len(seed["inside"]) >= 2
    assert seed["held"] not in seed["inside"]
    with place.entered():
        assert induction() is induction()
        chutes = {number: scan(place, here, number) for number in seed["parcels"]}
        assert chutes[seed["held"]] == "C92"
        assert found(place, hub) == [D, OPEN]
        for number in seed["inside"]:
            assert chutes[number] == chutes[seed["inside"][0]]
            bag(place, here, "load", number)
        assert found(place, hub) == [D, OPEN]
        bag(place, here, "close")
        there = induction()
    assert found(place, hub) == [D, D]
    assert induction() is not there  # the real hub decides by its own


def test_a_sorter_who_is_wrong_and_begins_anew(begun: Begin, hub: Context) -> None:
    place, here = begun("sorter")
    here = place.context(hub, here.tenant)
    before = under(place).seed
    with place.entered():
        scan(place, here, before["parcels"][0], damaged=True)
        bag(place, here, "load", before["held"])
        bag(place, here, "close")
    assert found(place, hub) == [W, W]
    seeding.begin(place, lessons.find("sorter"), hub, (new_id("per"), "Amina"))
    now = place.context(hub, under(place).tenant)
    assert found(place, hub) == [OPEN, OPEN]
    with place.entered():
        assert (
            scan(place, now, under(place).seed["held"]) == "C92"
        )  # nothing of the place before is remembered


def test_a_broker(begun: Begin, hub: Context) -> None:
    place, here = begun("broker")
    assert found(place, hub) == [OPEN, OPEN, OPEN]
    with place.entered(), administrator() as connection:
        assert declaring.open_missing(connection, here, "Amina") > 0
        filed = practice_checks._declarations(connection, under(place))[0]
        lacking = desk.todos(connection, filed)
    assert found(place, hub) == [D, OPEN if lacking else D, OPEN]
    assert lacking, "the lesson is to have something to mend"
    with place.entered(), administrator() as connection:
        for one in store.of_parcel(connection, under(place).seed["parcel"]):
            desk.withdraw(connection, one.declaration.id, "Amina", here.now(), as_it_is("no longer sent"))
    assert found(place, hub) == [W, W, W]


def test_a_picker(begun: Begin, hub: Context) -> None:
    place, _ = begun("picker")
    assert found(place, hub) == [OPEN, OPEN]
    sql = text("UPDATE counts SET state = 'done', counted = :n WHERE count_id = :c")
    with place.entered(), administrator() as connection:
        tour = connection.execute(text("SELECT tour FROM tours WHERE state <> 'done' LIMIT 1")).scalar_one()
        connection.execute(text("UPDATE tours SET state = 'done' WHERE tour = :t"), {"t": tour})
        connection.execute(sql, {"c": under(place).seed["count"], "n": under(place).seed["pieces"]})
    assert found(place, hub) == [D, D]
    with place.entered(), administrator() as connection:
        connection.execute(sql, {"c": under(place).seed["count"], "n": under(place).seed["pieces"] + 1})
        connection.execute(
            text(
                "UPDATE picks SET state = 'short' WHERE pick = (SELECT min(pick) FROM picks WHERE state <> 'short')"
            )
        )
    assert found(place, hub) == [W, W]


def test_a_planner(begun: Begin, hub: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a network small enough to be planned in a second."""
    hub = Context(NETWORK, hub.rules, clock=lambda: MONDAY)
    monkeypatch.setattr(seeding, "DEMAND", (("WH", "STA", 4),))
    place = places.of(new_id("per"))
    seeding.begin(place, lessons.find("planner"), hub, (new_id("per"), "Amina"))
    here = place.context(hub, under(place).tenant)
    with place.entered():
        made = kept_plans.wait("practice", 240)
        assert made is not None
        assert made.state == "done", made.reason
        assert made.summary is not None
        served = int(made.summary["served"])
    assert served > 0
    assert found(place, hub) == [OPEN, OPEN]
    answer(place, "read", str(served + 1))
    assert found(place, hub)[0] is W
    answer(place, "read", str(served))
    with place.entered():
        plans_replanning.reserve(kept_plans.folder("practice"), "practice", here.now())
    assert found(place, hub) == [D, D]
    assert not (settings().home / "plans" / "practice").exists()


def test_a_regulator(begun: Begin, hub: Context) -> None:
    place, _ = begun("regulator")
    assert found(place, hub) == [OPEN, OPEN]
    answer(place, "counted_parcels", "2")
    answer(place, "counted_decisions", "6")
    assert found(place, hub) == [W, D]
    answer(place, "counted_parcels", "3")
    assert found(place, hub) == [D, D]


def test_nothing_of_a_place_reaches_the_real_hub(begun: Begin, hub: Context) -> None:
    def state() -> dict[str, int]:
        tables = ("bookings", "events", "log_entries", "capacity", "parcels", "tenants", "people")
        with administrator() as connection:
            return {t: connection.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in tables}

    before, key = state(), str(openness_recording.keys().first)
    place, here = begun("clerk")
    other, _ = begun("clerk")
    with place.entered():
        assert str(openness_recording.keys().first) != key, (
            "what is promised in a place is not signed by the hub"
        )
        book(here, "A-1", "Lyon", "FR")
        assert state()["bookings"] == 3
    assert state() == before
    assert found(other, hub)[0] is OPEN, "learners do not see each other"


def test_time_brings_what_was_planned_and_a_new_beginning_takes_it_back(begun: Begin, hub: Context) -> None:
    place, _ = begun("clerk")
    with place.entered(), administrator() as connection:
        number = connection.execute(text("SELECT min(number) FROM parcels")).scalar_one()
    for _ in range(8):
        practice_running.let_run(place, 24)
    now = place.context(hub).now()
    with place.entered(), administrator() as connection:
        seen = track(connection, number, now)
    assert seen is not None
    assert seen[0].state.value in ("delivered", "awaiting_pickup"), seen[0].state
    assert places.begin(place, hub.now()).under is None
    with place.entered(), administrator() as connection:
        assert connection.execute(text("SELECT count(*) FROM parcels")).scalar_one() == 0
