"""On the real database: histories of every kind of subject, and the one order in which all read them."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from qafila.runtime.database import Role, acting_as, administrator, engine, merchant_transaction
from qafila.runtime.events import store
from qafila.runtime.events.envelope import NETWORK, Event, Source, Subject, SubjectKind, offset_of

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=timezone(timedelta(hours=5, minutes=45)))
SCANNER = Source("station", "ten_1", "scanner 4")


def made(subject: Subject, time: datetime = NOON, **details: object) -> Event:
    return Event(
        subject.id,
        str(uuid4()),
        "noted",
        "actual",
        time,
        SCANNER,
        "CAS",
        None,
        None,
        details,
        offset_of(time),
        subject.kind,
    )


def fresh(kind: SubjectKind = SubjectKind.VEHICLE) -> Subject:
    return Subject(kind.value, f"T-{uuid4().hex[:10]}")


@pytest.mark.parametrize("kind", [k for k in SubjectKind if k is not SubjectKind.PARCEL])
def test_what_is_written_is_read_with_its_source_and_the_offset_of_its_time(kind: SubjectKind) -> None:
    subject = fresh(kind)
    early, late = made(subject, note="é\t\n'"), made(subject, NOON + timedelta(hours=1))
    with administrator() as connection:
        assert store.append(connection, None, [late, early]) == 2
        assert store.append(connection, None, [late]) == 0
        assert store.append_new(connection, None, [late, again := made(subject)]) == {(subject, again.id)}
        read = store.history(connection, subject)
    assert [e._replace(recorded_at=None) for e in read if e.id != again.id] == [
        early._replace(time=NOON.astimezone(UTC)),
        late._replace(time=late.time.astimezone(UTC)),
    ]
    assert read[0].given_time().isoformat() == "2026-11-30T12:00:00+05:45"


def test_histories_of_one_id_and_two_kinds_are_two() -> None:
    bag, truck = (Subject(k, f"S-{uuid4().hex[:8]}") for k in ("handling_unit", "vehicle"))
    truck = truck._replace(id=bag.id)
    with administrator() as connection:
        store.append(connection, None, [made(bag), made(truck)])
        assert [e.subject for e in store.history(connection, bag)] == [bag]


def test_a_tenant_sees_his_own_subjects_and_never_the_hubs() -> None:
    mine, others, hubs = fresh(SubjectKind.STOCK), fresh(SubjectKind.STOCK), fresh()
    with administrator() as connection:
        for owner, subject in (("m-1", mine), ("m-2", others), (None, hubs)):
            store.append(connection, owner, [made(subject)])
    with merchant_transaction("m-1") as connection:
        seen = [bool(store.history(connection, s)) for s in (mine, others, hubs)]
        assert seen == [True, False, False]
        last = store.settled(connection)
        assert {owner for _, owner, _ in store.after(connection, 0, 10_000, last)} == {"m-1"}
    with pytest.raises(DBAPIError, match="row-level security"), merchant_transaction("m-1") as connection:
        store.append(connection, "m-2", [made(others)])
    with acting_as(Role.OPERATOR) as connection:
        assert all(store.history(connection, s) for s in (mine, others, hubs))
    for role in (Role.PARTNER, Role.OPERATOR):
        with acting_as(role) as connection:
            assert store.append(connection, "m-2", [made(others)]) == 1


def test_only_the_networks_word_begins_a_parcels_history() -> None:
    for wrong in (made(Subject("parcel", "HA000000014MA")), made(fresh())._replace(source=NETWORK)):
        with pytest.raises(ValueError, match="no beginning"), administrator() as connection:
            store.begin(connection, "m-1", [wrong])


def positions(subject: Subject) -> list[int]:
    with administrator() as connection:
        upto = store.settled(connection)
        found = store.after(connection, 0, 1_000_000, upto)
    return [at for at, _, e in found if e.subject == subject]


def test_the_settled_position_stays_before_whoever_may_still_write() -> None:
    early, late = fresh(), fresh()
    with engine().begin() as slow:
        store.append(slow, None, [made(early)])
        with administrator() as connection:
            store.append(connection, None, [made(late)])
        assert positions(late) == []  # it is written and committed, and waits for what is before it
        with engine().begin() as idle:  # who writes no events holds nobody up
            idle.execute(text("SELECT pg_current_xact_id()"))
            with slow.begin_nested() as part:
                store.append(slow, None, [made(early)])
                part.rollback()
    assert len(positions(early)) == len(positions(late)) == 1
    assert positions(early) < positions(late)


def test_who_writes_after_another_committed_is_read_after_him() -> None:
    """Also where his transaction had begun first, and had written other things."""
    subject = fresh()
    with engine().begin() as first:
        first.execute(text("SELECT pg_current_xact_id()"))
        with administrator() as connection:
            store.append(connection, None, [one := made(subject)])
        store.append(first, None, [two := made(subject)])
    with administrator() as connection:
        upto = store.settled(connection)
        told = [e.id for _, _, e in store.after(connection, 0, 1_000_000, upto) if e.subject == subject]
    assert told == [one.id, two.id]


@pytest.mark.parametrize("seed", range(3))
def test_a_reader_misses_nothing_whoever_commits_when(seed: int) -> None:
    subjects = [fresh() for _ in range(4)]
    wrote: list[str] = []
    lock = threading.Lock()

    def write(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(12):
            connection = engine().connect()
            try:
                told = [made(dice.choice(subjects)) for _ in range(dice.randint(1, 3))]
                transaction = connection.begin()
                for event in told:
                    store.append(connection, None, [event])
                    threading.Event().wait(dice.random() * 0.004)
                if dice.random() < 0.3:
                    transaction.rollback()
                else:
                    transaction.commit()
                    with lock:
                        wrote.extend(e.id for e in told)
            finally:
                connection.close()

    with administrator() as connection:
        position = store.settled(connection)
    read: list[str] = []
    writers = [threading.Thread(target=write, args=(seed * 10 + n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    while True:
        over = not any(w.is_alive() for w in writers)
        with administrator() as connection:
            upto = store.settled(connection)
            while found := store.after(connection, position, 5, upto):
                read += [e.id for _, _, e in found if e.subject in subjects]
                position = found[-1][0]
        if over:
            break
    for writer in writers:
        writer.join()
    assert sorted(read) == sorted(wrote)
    assert wrote
