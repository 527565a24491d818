"""Documents held to the ONE Record ontology: sound ones pass, each planted flaw is found at its place."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from qafila.cargo import objects
from qafila.cargo.triples import triples
from qafila.cargo.vocabulary import ancestors, flaws, properties

BASE = "https://hub.example/one-record"
WAYBILL: dict[str, Any] = {
    "number": "147-12345675", "prefix": "147", "serial": "12345675", "type": "MASTER", "origin": "CMN", "destination": "CDG",
    "carrier": "Royal Air", "shipper": "Souk", "consignee": "Roux", "agent": "", "goods": "CONSOLIDATION", "kg": "3.5",
    "parcels": ["HA000000015MA"], "issued_at": "2026-11-30T20:00:00+00:00",
    "houses": [{"number": "H1", "parcels": ["HA000000029MA"], "shipper": "A", "consignee": "B", "goods": "tea", "kg": "1"}],
}  # fmt: skip
PIECE = objects.piece(BASE, "HA000000015MA", 2_500, (300, 200, 100), "147-12345675", "tea", ["ECC", "VAL"])
EVERY = [
    PIECE,
    *objects.waybills(BASE, WAYBILL),
    *objects.uld(BASE, "PMC12345AT", ["HA000000015MA"], "A1", "movement-AT201"),
    objects.movement(
        BASE,
        "movement-AT201",
        "AT201",
        (objects.location("CMN"), None),
        [("OUTBOUND", "SCHEDULED", "2026-11-30T20:00:00Z")],
        ["loading-PMC12345AT"],
    ),
    objects.event(
        BASE,
        "piece-HA000000015MA",
        "1",
        "Left",
        "departed",
        "2026-11-30T20:00:00+00:00",
        "2026-11-30T20:00:00Z",
        "actual",
        "CMN",
    ),
]


@pytest.mark.parametrize("document", EVERY, ids=lambda d: d["@type"])
def test_what_the_house_publishes_is_what_the_ontology_allows(document: dict[str, Any]) -> None:
    assert flaws(document) == []


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("cargo:colour", "red", "has no property"),
        ("cargo:coload", "perhaps", "no xsd:boolean"),
        ("cargo:upid", ["a", "b"], "stands 2 times"),
        ("cargo:grossWeight", "2.5", "text where cargo:Value"),
        ("cargo:grossWeight", {"@type": "cargo:Dimensions"}, "is no cargo:Value"),
        (
            "cargo:grossWeight",
            {
                "@type": "cargo:Value",
                "cargo:unit": {"@id": "https://onerecord.iata.org/ns/code-lists/MeasurementUnitCode#STONE"},
            },
            "STONE is none",
        ),
        (
            "cargo:grossWeight",
            {
                "@type": "cargo:Value",
                "cargo:unit": {"@id": "https://onerecord.iata.org/ns/code-lists/ModeCode#AIR"},
            },
            "of the code list ModeCode",
        ),
        (
            "cargo:specialHandlingCodes",
            [{"@id": "https://onerecord.iata.org/ns/code-lists/SpecialHandlingCode#XYZQ"}],
            "none of the code list",
        ),
        ("cargo:loadType", {"@id": "cargo:HEAP"}, "none of cargo:LoadType"),
        ("cargo:slac", 1.5, "no xsd:integer"),
        ("@type", "cargo:Box", "no class cargo:Box"),
        ("cargo:dimensions", {"cargo:height": 3}, "says no class"),
    ],
)
def test_each_flaw_is_found_at_its_place(key: str, value: Any, reason: str) -> None:
    broken = deepcopy(PIECE) | {key: value}
    found = flaws(broken)
    assert any(reason in f.reason and key.removeprefix("@") in f.pointer for f in found), found


def test_other_prefixes_and_a_vocabulary_mean_the_same() -> None:
    cargo = "https://onerecord.iata.org/ns/cargo#"
    assert flaws({"@context": {"c": cargo}, "@type": "c:Piece", "c:coload": True}) == []
    assert flaws({"@context": {"@vocab": cargo}, "@type": "Piece", "coload": "x"})[0].pointer == "/coload"
    assert flaws({"@type": f"{cargo}Piece", f"{cargo}upid": "7"}) == []
    assert flaws([]) != []
    assert flaws({"@type": "cargo:Piece"}) != []  # no context: it is no name


def test_classes_have_what_is_above_them() -> None:
    assert ancestors("cargo:ULD") == (
        "cargo:ULD",
        "cargo:LoadingUnit",
        "cargo:PhysicalLogisticsObject",
        "cargo:LogisticsObject",
    )
    assert "cargo:tareWeight" in properties("cargo:ULD")


def test_triples_say_the_same() -> None:
    lines = set(triples(PIECE))
    me = f"<{BASE}/logistics-objects/piece-HA000000015MA>"
    assert f'{me} <https://onerecord.iata.org/ns/cargo#upid> "HA000000015MA" .' in lines
    assert any('"2.5"^^<http://www.w3.org/2001/XMLSchema#double>' in line for line in lines)
