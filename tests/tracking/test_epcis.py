from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from qafila.runtime.events.envelope import Event
from qafila.tracking import epcis
from qafila.tracking.event import ParcelEvent
from qafila.tracking.tracking_event_types import PARCEL_EVENTS
from qafila.tracking.upu_codes import Place, codes, stages, type_of_epcis, type_of_upu
from tests.tracking.gs1 import validator
from tests.tracking.test_status import PARCEL, PLAN, WAY, at, event

PLACES = {
    "CAS": Place("Casablanca", "Casablanca", "MA", "Africa/Casablanca"),
    "CAS2": Place("Casablanca hub", "Casablanca", "MA", "Africa/Casablanca", gln="9501101530003"),
    "CDG": Place("Roissy", "Paris", "FR", "Europe/Paris"),
    "LYS": Place("Lyon", "Lyon", "FR", "Europe/Paris"),
}
SEEN_AT = at(2000)


@pytest.fixture
def gs1(shared_data: Path) -> jsonschema.Draft7Validator:
    return validator(shared_data)


def test_a_document_is_valid_under_gs1s_schema(gs1: jsonschema.Draft7Validator) -> None:
    wrong = event(ParcelEvent.DELIVERED, 900)
    more = [wrong, event(ParcelEvent.RETRACTED, 910, details={"event": wrong.id})]
    every = [
        event(type, 1200 + i, "CDG") for i, type in enumerate(ParcelEvent) if type != ParcelEvent.RETRACTED
    ]
    history = [e._replace(recorded_at=SEEN_AT) for e in [*PLAN, *WAY, *more, *every]]
    made = json.loads(b"".join(epcis.document([history], PLACES, SEEN_AT)))
    assert [e.message for e in gs1.iter_errors(made)] == []
    listed = made["epcisBody"]["eventList"]
    assert len(listed) == len(history) - 1  # the retraction is told by the event that it concerns
    assert [e["errorDeclaration"]["reason"] for e in listed if "errorDeclaration" in e] == ["did_not_occur"]


def test_an_event_says_what_when_and_where() -> None:
    (made,) = [e for e in epcis.events([*PLAN, *WAY], PLACES) if e["eventTime"] == at(210)]
    assert made["epcList"] == [f"urn:x-qafila:s10:{PARCEL}"]
    # Morocco keeps UTC+1 (and UTC+0 in Ramadan, which lasts to 10 March 2027)
    assert made["eventTimeZoneOffset"] == "+00:00"
    assert made["bizLocation"] == {"id": "https://id.gs1.org/414/9501101530003"}
    assert (made["bizStep"], made["disposition"]) == ("departing", "in_transit")
    assert (made["qafila:upuEvent"], made["qafila:timeKind"]) == ("EMC", "actual")


def test_each_stage_of_the_way_has_its_upu_code() -> None:
    history = [*PLAN, *WAY]
    stage = stages(history, PLACES)
    told = [(e.type, codes(e.type, stage.get(e.id, "")).upu) for e in WAY]
    assert told == [
        ("collected", "EMA"),
        ("arrived", "EMB"),
        ("departed", "EMC"),
        ("arrived", "EMD"),
        ("customs_presented", "EDB"),
        ("customs_released", "EDC"),
        ("departed", "EMF"),
        ("arrived", "EMG"),
        ("out_for_delivery", "EDG"),
        ("delivered", "EMI"),
    ]


def test_the_words_of_others_lead_back_to_ours() -> None:
    assert [type_of_upu(c) for c in ("EMA", "EMC", "EMJ", "EME", "EMH", "EMI", "XXX")] == [
        "collected",
        "departed",
        "arrived",
        "customs_held",
        "delivery_failed",
        "delivered",
        None,
    ]
    assert type_of_epcis("departing", "in_transit") == "departed"
    for type in PARCEL_EVENTS:
        for one in type.codes:
            assert type_of_epcis(one.biz_step, one.disposition) == type.name
            assert type_of_upu(one.upu) == (type.name if one.upu else None)
    assert [t.name for t in PARCEL_EVENTS if not t.codes] == ["retracted"]


GRAVE = {"booked", "customs_presented", "customs_held", "customs_released", "delivery_failed", "awaiting_pickup",
         "delivered", "returning", "returned", "cancelled", "refused", "lost", "collected", "out_for_delivery"}  # fmt: skip


def test_ordinary_steps_of_others_end_no_parcels_life() -> None:
    """What is grave or final is told by its own pair of step and disposition, and by no other of the CBV."""
    with (files("qafila") / "facts" / "epcis-words.csv").open(encoding="utf-8") as lines:
        words = [(r["field"], r["word"]) for r in csv.DictReader(lines)]
    steps = [w for f, w in words if f == "bizStep"]
    dispositions = [w for f, w in words if f == "disposition"]
    own = {(c.biz_step, c.disposition): t.name for t in PARCEL_EVENTS for c in t.codes}
    for step in steps:
        for disposition in [*dispositions, ""]:
            found = type_of_epcis(step, disposition)
            if found in GRAVE:
                assert own[step, disposition] == found
    assert len(steps) * len(dispositions) > 1000
    for step, disposition, meant in [
        ("shipping", "in_transit", "departed"),
        ("receiving", "in_progress", "arrived"),
        ("other", "unknown", "noted"),
        ("holding", "in_progress", "seen"),
        ("inspecting", "in_progress", "seen"),
        ("void_shipping", "inactive", "noted"),
        ("holding", "available", "seen"),
        ("stock_taking", "active", "seen"),
        ("killing", "destroyed", "noted"),
        ("receiving", "returned", "returned"),
        ("shipping", "returned", "returning"),
    ]:
        assert type_of_epcis(step, disposition) == meant


def test_of_thousands_of_parcels_one_event_at_a_time_is_in_memory() -> None:
    asked = 0

    def histories() -> Iterator[list[Event]]:
        nonlocal asked
        for n in range(2000):
            asked += 1
            yield [e._replace(recorded_at=SEEN_AT + timedelta(seconds=n)) for e in PLAN]

    pieces = epcis.document(histories(), PLACES, SEEN_AT)
    head, first = next(pieces), next(pieces)
    assert asked == 1
    rest = list(pieces)
    assert asked == 2000
    assert len(rest) == 2000 * len(PLAN)  # the others, and what closes the document
    document = json.loads(b"".join([head, first, *rest]))
    assert len(document["epcisBody"]["eventList"]) == 2000 * len(PLAN)
