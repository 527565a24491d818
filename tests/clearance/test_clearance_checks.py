"""What is filled in and yet wrong is not complete."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from qafila.clearance.mapping import missing
from qafila.core.money import Money
from tests.clearance.test_mapping import full


def fields_of(dataset: str, **changes: object) -> dict[str, str]:
    return {one.field: str(one.reason) for one in missing(replace(full(dataset), **changes))}  # type: ignore[arg-type]


def test_h7_takes_no_goods_above_its_limit() -> None:
    dear = replace(full("h7").lines[0], value=Money(Decimal(900), "EUR"))
    assert "150" in fields_of("h7", lines=(dear,))["dataset"]
    assert fields_of("cn23", lines=(dear,)) == {}
    edge = replace(full("h7").lines[0], value=Money(Decimal(150), "EUR"))
    assert fields_of("h7", lines=(edge,)) == {}
    yen = replace(full("h7").lines[0], value=Money(Decimal(90_000), "JPY"))
    assert "dataset" in fields_of("h7", lines=(yen,))


def test_h7_takes_no_excise_goods_and_no_preference() -> None:
    line = full("h7").lines[0]
    assert "lines[0].hs" in fields_of("h7", lines=(replace(line, hs="220421"),))
    assert "lines[0].preference" in fields_of("h7", lines=(replace(line, preference="eu-morocco"),))


@pytest.mark.parametrize("number", ["NOT-AN-EORI", "hello", "FR73282932000075"])
def test_the_declarant_of_h7_has_an_eori(number: str) -> None:
    declarant = replace(full("h7").declarant, number=number)
    assert "EORI" in fields_of("h7", declarant=declarant)["declarant.number"]


@pytest.mark.parametrize(
    ("scheme_number", "wrong"), [("XYZ", True), ("IM1234567890", True), ("IM3720000224", False)]
)
def test_ioss_numbers(scheme_number: str, wrong: bool) -> None:
    assert ("scheme_number" in fields_of("h7", scheme_number=scheme_number)) is wrong


def test_hello_is_no_ice() -> None:
    party = replace(full("dum").exporter, number="hello")
    assert "ICE" in fields_of("dum", exporter=party)["exporter.number"]
