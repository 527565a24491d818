from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from qafila.core.message import template
from qafila.runtime.events import events_types
from qafila.runtime.events.envelope import Event, Reporter, Source, Subject, SubjectKind, TimeKind, offset_of
from qafila.runtime.events.events_types import Codes, EventType, event, event_type, may_report, types_of

SAID = template("test.stowed", "Stowed for a test")
CASABLANCA = timezone(timedelta(hours=1))
NOON = datetime(2026, 11, 30, 12, 0, tzinfo=CASABLANCA)


@pytest.fixture
def stowed() -> Iterator[EventType]:
    made = event_type(
        "stowed_for_a_test",
        SAID,
        subjects={SubjectKind.STOCK},
        reporters={Reporter.STATION},
        codes=[Codes("storing", "in_progress")],
    )
    yield made
    del events_types.EVENT_TYPES[made.name]


def test_a_type_is_listed_once(stowed: EventType) -> None:
    assert stowed in types_of(SubjectKind.STOCK)
    assert stowed not in types_of(SubjectKind.PARCEL)
    again = event_type(
        stowed.name, SAID, subjects={SubjectKind.STOCK}, reporters={Reporter.STATION}, codes=stowed.codes
    )
    assert again is stowed  # a module may be loaded again
    with pytest.raises(ValueError, match="two event types"):
        event_type(stowed.name, SAID, subjects={SubjectKind.PARCEL}, reporters={Reporter.STATION})
    with pytest.raises(ValueError, match="lower-case"):
        event_type("Stowed-1", SAID, subjects={SubjectKind.STOCK}, reporters=())


def test_an_event_keeps_the_offset_that_it_was_given_in(stowed: EventType) -> None:
    source = Source(Reporter.STATION, "ten_1", "scanner 4")
    made = event(stowed, Subject("stock", "SKU-1"), NOON, source, facility="CAS-W")
    assert (made.offset, made.time, made.given_time().isoformat()) == (60, NOON, "2026-11-30T12:00:00+01:00")
    assert made.subject == ("stock", "SKU-1")
    read = made._replace(time=NOON.astimezone(UTC))  # as the store gives it back
    assert read.given_time().isoformat() == "2026-11-30T12:00:00+01:00"
    assert offset_of(NOON.astimezone(UTC)) is None
    assert offset_of(NOON.astimezone(timezone(-timedelta(hours=3, minutes=30)))) == -210


def test_equal_facts_are_the_same_event_and_others_are_not(stowed: EventType) -> None:
    def made(device: str = "scanner 4", time: datetime = NOON, id: str = "SKU-1") -> Event:
        return event(stowed, Subject("stock", id), time, Source(Reporter.STATION, "ten_1", device))

    assert made().id == made(time=NOON.astimezone(UTC)).id
    assert (
        len({made().id, made("scanner 5").id, made(time=NOON + timedelta(minutes=1)).id, made(id="SKU-2").id})
        == 4
    )


def test_who_may_not_report_a_type_or_not_of_such_a_subject_is_told(stowed: EventType) -> None:
    assert may_report(stowed.name, "station")
    assert not may_report(stowed.name, "merchant")
    assert not may_report("no_such_type", "station")
    with pytest.raises(ValueError, match="merchant may not report"):
        event(stowed, Subject("stock", "SKU-1"), NOON, Source(Reporter.MERCHANT))
    with pytest.raises(ValueError, match="does not happen to a parcel"):
        event(stowed, Subject("parcel", "X"), NOON, Source(Reporter.STATION))
    with pytest.raises(ValueError, match="zone"):
        event(
            stowed,
            Subject("stock", "X"),
            NOON.replace(tzinfo=None),
            Source(Reporter.STATION),
            kind=TimeKind.PLANNED,
        )
