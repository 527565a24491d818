"""Deliveries announced by EPCIS documents: our own, a supplier's with pallets, and what is no such document."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from qafila.core.fault import Fault
from qafila.runtime.database import administrator
from qafila.storage import advice_epcis, advices, epcis_movements
from qafila.storage.advice_epcis import Named, named_by
from tests.storage.houses import act, fill, owner, warehouse


def _document(*events: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-30T08:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }


def _shipped(**more: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "eventTime": "2026-11-30T07:00:00Z",
        "eventTimeZoneOffset": "+01:00",
        "bizTransactionList": [
            {"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:6111234567895:DA-77"}
        ],
        **more,
    }


def _read(document: dict[str, Any], merchant: str, facility: str = "") -> list[advices.Advice]:
    with administrator() as connection:
        return advice_epcis.read(connection, document, merchant, facility, {"6111234567895": "WH-BY-GLN"})


def test_what_a_pallet_holds_is_announced_with_its_lot_and_expiry() -> None:
    facility, merchant = warehouse(), owner()
    case, tea = "urn:epc:class:lgtin:611123456789.1.T7", "https://id.gs1.org/01/06111234567895/10/T7"
    document = _document(
        {
            "type": "ObjectEvent",
            "action": "ADD",
            "bizStep": "commissioning",
            "quantityList": [{"epcClass": tea, "quantity": 40}],
            "ilmd": {"cbvmda:itemExpirationDate": "2027-08-31"},
        },
        {
            "type": "AggregationEvent",
            "action": "ADD",
            "parentID": "urn:epc:id:sscc:6111234.0000000012",
            "bizStep": "packing",
            "childQuantityList": [{"epcClass": tea, "quantity": 40}, {"epcClass": case, "quantity": 2}],
            "childEPCs": ["urn:epc:id:sscc:6111234.0000000013"],
        },
        {
            "type": "AggregationEvent",
            "action": "ADD",
            "parentID": "urn:epc:id:sscc:6111234.0000000013",
            "childEPCs": ["urn:x-qafila:goods:m:LAMP"],
        },
        _shipped(
            epcList=["urn:epc:id:sscc:6111234.0000000012"],
            sourceList=[{"type": "possessing_party", "source": "urn:epc:id:pgln:611123456789."}],
            destinationList=[{"type": "location", "destination": f"urn:x-qafila:facility:{facility}:DOCK-1"}],
        ),
    )
    (found,) = _read(document, merchant)
    assert (found.id, found.facility, found.supplier) == ("DA-77", facility, "6111234567895")
    assert sorted((x.sku, x.pieces, x.lot, x.expires_on) for x in found.lines) == [
        ("LAMP", 1, "", None),
        ("TEA", 40 + 2 * 12, "T7", date(2027, 8, 31)),
    ]
    assert advices.announce(act(), found) == {"advice": "DA-77", "lines": 2, "repeated": False}


def test_what_one_warehouse_ships_another_can_announce() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "TEA", 7, "A-01-L-1", "T1")
    fill(facility, merchant, "PHONE", 1, "A-02-L-1", serial="S/1")
    with administrator() as connection:
        told = b"".join(
            epcis_movements.document(
                connection, epcis_movements.rows(connection, facility), datetime.now(UTC)
            )
        )
    events = [e for e in orjson.loads(told)["epcisBody"]["eventList"] if e["bizStep"] == "receiving"]
    document = _document(*({**e, "bizStep": "shipping", "action": "OBSERVE"} for e in events))
    found = _read(document, merchant, facility)
    assert sorted((x.sku, x.pieces, x.lot) for a in found for x in a.lines) == [
        ("PHONE", 1, ""),
        ("TEA", 7, "T1"),
    ]


def test_identifiers_are_taken_apart() -> None:
    assert named_by("urn:epc:id:sgtin:611123456789.0.S%2F1") == Named("06111234567895", serial="S/1")
    assert named_by("urn:epc:idpat:sgtin:611123456789.1.*") == Named("16111234567892")
    assert named_by("https://example.org/01/6111234567895/10/A%2F1?17=270831") == Named(
        "06111234567895", "A/1", "", date(2027, 8, 31)
    )
    assert named_by("OWN-7") == Named("OWN-7")


def test_a_destination_is_known_by_its_number() -> None:
    merchant = owner()
    link = {"type": "location", "destination": "https://id.gs1.org/414/6111234567895"}
    (found,) = _read(_document(_shipped(epcList=["LAMP"], destinationList=[link])), merchant)
    assert found.facility == "WH-BY-GLN"


def test_a_named_facility_holds_where_the_document_names_a_place_not_known_here() -> None:
    merchant = owner()
    link = {
        "type": "urn:epcglobal:cbv:sdt:location",
        "destination": "https://id.gs1.org/414/4006381333931",
    }
    document = _document(_shipped(epcList=["LAMP"], destinationList=[link]))
    (found,) = _read(document, merchant, "WH-NAMED")
    assert found.facility == "WH-NAMED"
    with pytest.raises(
        Fault, match=r"Event 1 ships to .*4006381333931, which is no place that is known here"
    ):
        _read(document, merchant)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"type": "EPCISDocument"}, "no EPCIS 2.0 document"),
        ({"epcisBody": {"eventList": ["x"]}}, "no EPCIS 2.0 document"),
        (_document(), "nothing that was shipped"),
        (
            _document({"type": "ObjectEvent", "bizStep": "receiving", "epcList": ["LAMP"]}),
            "nothing that was shipped",
        ),
        (_document(_shipped(epcList=["urn:epc:id:sscc:6111234.0000000012"])), "does not tell what is in it"),
        (_document(_shipped(epcList=["NOBODY-S"])), "has the code NOBODY-S"),
        (_document(_shipped(quantityList=[{"epcClass": "LAMP", "quantity": 1.5}])), "no number of pieces"),
        (
            _document(_shipped(quantityList=[{"epcClass": "HAM", "quantity": 13, "uom": "KGM"}])),
            "no number of pieces",
        ),
        (_document(_shipped(quantityList="LAMP")), "nothing that was shipped"),
    ],
)
def test_what_cannot_be_taken_is_said(document: dict[str, Any], words: str) -> None:
    with pytest.raises(Fault, match=words):
        _read(document, owner(), "WH")
    with pytest.raises(Fault, match="does not say where"):
        _read(_document(_shipped(epcList=["LAMP"])), owner())


def test_units_that_lie_in_each_other_have_an_end() -> None:
    merchant = owner()
    ring = [
        {"type": "AggregationEvent", "action": "ADD", "parentID": a, "childEPCs": [b, "LAMP"]}
        for a, b in (
            ("urn:epc:id:sscc:1.1", "urn:epc:id:sscc:1.2"),
            ("urn:epc:id:sscc:1.2", "urn:epc:id:sscc:1.1"),
        )
    ]
    with pytest.raises(Fault, match="does not tell what is in it"):  # how many lamps that is nobody can tell
        _read(_document(*ring, _shipped(epcList=["urn:epc:id:sscc:1.1"])), merchant, "WH")


TEA = "https://id.gs1.org/01/06111234567895/10/T7"


def _tea(pieces: object, **more: Any) -> dict[str, Any]:
    return _shipped(quantityList=[{"epcClass": TEA, "quantity": pieces}], **more)


def test_an_event_that_comes_twice_or_was_an_error_does_not_count_again() -> None:
    facility, merchant = warehouse(), owner()
    again = _tea(5, eventID="urn:uuid:1")
    wrong = {
        **_tea(900, eventID="urn:uuid:2"),
        "errorDeclaration": {"declarationTime": "2026-11-30T08:00:00Z"},
    }
    document = _document(again, again, _tea(900, eventID="urn:uuid:2"), wrong, _tea(2, eventID="urn:uuid:3"))
    (found,) = _read(document, merchant, facility)
    assert [line.pieces for line in found.lines] == [7]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (_shipped(epcList=["urn:epc:id:sscc:6111234.0000000099"]), "does not tell what is in it"),
        (_tea(float("inf")), "inf"),
        (_tea(float("nan")), "nan"),
        (_tea(1.5), "1.5"),
        (_tea("5"), "5"),
        (_tea(True), "True"),
    ],
)
def test_what_would_be_lost_or_guessed_is_asked(event: dict[str, Any], words: str) -> None:
    facility, merchant = warehouse(), owner()
    with pytest.raises(Fault, match=words):
        _read(_document(event), merchant, facility)


def test_who_owns_a_place_is_no_destination() -> None:
    facility, merchant = warehouse(), owner()
    party = {"type": "owning_party", "destination": "https://id.gs1.org/417/4000001111113"}
    (found,) = _read(_document(_tea(5, destinationList=[party])), merchant, facility)
    assert found.facility == facility
