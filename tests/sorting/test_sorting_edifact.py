"""IFCSUM and IFTSTA of directory D.01B: content there and back, the order of its segments, and lengths of its elements."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydifact.segmentcollection import Interchange as Theirs

from qafila.api.sorting import edi
from qafila.core.core_edifact import Message, NotEdifact, read, write
from qafila.core.fault import Fault
from qafila.core.identifiers.upu import Despatch, Receptacle
from qafila.sorting import sorting_edifact

pytestmark = pytest.mark.filterwarnings(
    "ignore:segments.xml not found"
)  # of the other reader: it has no tables of ours
NOON = datetime(2027, 3, 1, 12, 30, tzinfo=UTC)
OF = Despatch("MACASA", "FRCDGA", "A", "UN", 2027, 17)
# the order of segments in the D.01B segment tables, of those that are written; deeper ones stand in the group before them
ORDER = {
    "IFCSUM": re.compile(r"BGM DTM( CNT)+ TDT( LOC)+( CNI( CNT)*( GID( GIN){1,99})*)*"),
    "IFTSTA": re.compile(r"BGM DTM( CNI( STS DTM( LOC)?( TDT)?)+)*"),
}
LONGEST = {"CNI": (4, 35), "BGM": (3, 35), "LOC": (3, 256), "TDT": (3, 17), "GIN": (3, 35), "RFF": (70,)}


def predes(bags: int = 2, items: int = 3) -> dict[str, Any]:
    """PREDES content as a centre writes it."""
    told = []
    for n in range(1, bags + 1):
        bag = Receptacle(OF, n, n == bags, n == 1, 12_340)
        held = [f"RR{n:03d}{k:06d}MA" for k in range(items)]
        told.append(
            {"id": str(bag), "number": n, "last": n == bags, "registered": n == 1, "kg": 12.4, "items": held}
        )
    return {
        "message": "PREDES",
        "despatch": str(OF),
        "origin": "MACASA",
        "destination": "FRCDGA",
        "category": "A",
        "subclass": "UN",
        "closed_at": NOON,
        "transport": "QF 901",
        "receptacles": told,
        "total": {"receptacles": bags, "items": bags * items, "kg": round(12.4 * bags, 1)},
    }


def resdit() -> dict[str, Any]:
    """RESDIT content of two receptacles."""
    one, two = (str(Receptacle(OF, n, n == 2, False, 1000)) for n in (1, 2))
    statuses = [
        {"id": one, "status": "74", "at": NOON, "facility": "MA-CMN"},
        {"id": one, "status": "24", "at": NOON + timedelta(hours=2), "facility": "MA-CMN"},
        {
            "id": two,
            "status": "74",
            "at": NOON,
            "facility": "a place with ' + : and ? in a name longer than 25",
        },
        {"id": two, "status": "21", "at": NOON + timedelta(hours=6)},
    ]
    return {
        "message": "RESDIT",
        "consignment": "ULD:PMC12345QF",
        "service": "QF901",
        "prepared_at": NOON,
        "statuses": statuses,
    }


def text_of(message: Message) -> str:
    """A message on its way."""
    return write(sorting_edifact.interchange(message, "HUB", "POST", "REF1", NOON))


def agrees_with_the_directory(message: Message) -> None:
    """Segments stand in the order of the table, and no element is longer than it may be."""
    assert ORDER[message.type[:6]].fullmatch(" ".join(s.tag for s in message.segments))
    for one in message.segments:
        for n, most in enumerate(LONGEST.get(one.tag, ())):
            assert len(one.get(n)) <= most, one


@pytest.mark.parametrize(("bags", "items"), [(1, 0), (2, 3), (3, 5), (1, 600)])
def test_a_despatch_goes_there_and_back(bags: int, items: int) -> None:
    told = predes(bags, items)
    message = sorting_edifact.despatch(told)
    agrees_with_the_directory(message)
    assert sorting_edifact.read_despatch(read(text_of(message)).messages[0]) == told


def test_a_status_goes_there_and_back() -> None:
    told = resdit()
    message = sorting_edifact.status(told)
    agrees_with_the_directory(message)
    assert sorting_edifact.read_status(read(text_of(message)).messages[0]) == told


def test_a_reader_of_others_takes_both() -> None:
    for message in (sorting_edifact.despatch(predes()), sorting_edifact.status(resdit())):
        (theirs,) = list(Theirs.from_str(text_of(message).replace("\n", "")).get_messages())
        assert theirs.type == message.type[:6]
        assert [s.tag for s in theirs.segments if s.tag not in ("UNH", "UNT")] == [
            s.tag for s in message.segments
        ]
    place = resdit()["statuses"][2]["facility"]
    assert any(
        place in str(s.elements) or place in [c for e in s.elements if not isinstance(e, str) for c in e]
        for s in theirs.segments
    )


def test_a_total_that_does_not_agree_is_refused() -> None:
    text = text_of(sorting_edifact.despatch(predes()))
    for wrong in (
        text.replace("CNT+8:6'", "CNT+8:7'"),
        text.replace("CNT+10:2'", "CNT+10:3'"),
        text.replace("CNT+8:3'", "CNT+8:4'", 1),
    ):
        assert wrong != text
        with pytest.raises(NotEdifact, match="says"):
            sorting_edifact.read_despatch(read(wrong).messages[0])
    with pytest.raises(NotEdifact, match="is not"):
        sorting_edifact.read_despatch(sorting_edifact.status(resdit()))
    with pytest.raises(NotEdifact):
        sorting_edifact.read_despatch(read(text.replace("MACASAFRCDGA", "12CASAFRCDGA")).messages[0])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("closed_at", None),
        ("closed_at", "yesterday"),
        ("closed_at", "2027-03-01T12:30:00"),
        ("closed_at", "0001-01-01T00:00:00+14:00"),
        ("origin", None),
        ("origin", "M" * 26),
        ("destination", {"office": "FRCDGA"}),
        ("transport", "Q" * 36),
    ],
)
def test_what_a_despatch_cannot_carry_is_refused_with_its_field(field: str, value: object) -> None:
    with pytest.raises(Fault) as refused:
        sorting_edifact.despatch(predes() | {field: value})
    assert refused.value.field == field
    assert field in str(refused.value)


def test_values_are_held_to_the_lengths_of_their_elements() -> None:
    told = predes(1, 2)
    told["receptacles"][0]["items"] = ["R" * 35, "R" * 36]
    with pytest.raises(Fault, match="36 characters long; its EDIFACT message takes 35") as refused:
        sorting_edifact.despatch(told)
    assert refused.value.field == "receptacles/0/items/1"
    told["receptacles"][0]["items"].pop()
    agrees_with_the_directory(sorting_edifact.despatch(told | {"origin": "M" * 25, "transport": "Q" * 35}))
    for long in ({"consignment": "U" * 36}, {"service": "S" * 36}, {"prepared_at": "2027-03-01T12:30:00"}):
        with pytest.raises(Fault) as refused:
            sorting_edifact.status(resdit() | long)
        assert refused.value.field in long
    for head in (("S" * 36, "POST", "REF1"), ("HUB", "P" * 36, "REF1"), ("HUB", "POST", "R" * 15)):
        with pytest.raises(NotEdifact, match="are the most"):
            write(sorting_edifact.interchange(sorting_edifact.despatch(predes()), *head, NOON))


def test_no_two_interchanges_of_a_second_share_their_reference() -> None:
    told = [edi.reference(NOON) for _ in range(500)]
    assert len(set(told)) == 500
    assert {len(one) for one in told} == {14}
    assert max(told) < edi.reference(NOON + timedelta(seconds=1))
