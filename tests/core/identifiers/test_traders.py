"""Traders' numbers: published examples and what is none."""

from __future__ import annotations

import pytest

from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.identifiers.traders import parse_eori, parse_ioss, parse_trader_number


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("MA", "001561191000066"),
        ("MA", "00 21 36 09 30 00 040"),
        ("DE", "DE136695976"),
        ("DE", "136695976"),
        ("DE", "DE1234567890123"),
        ("FR", "FR40303265045"),
        ("FR", "73282932000074"),
        ("IT", "IT00743110157"),
        ("IT", "RCCMNL83S18D969H"),
        ("ES", "54362315K"),
        ("GB", "GB980780684"),
        ("GB", "GB123456789000"),
        ("CN", "91110000600037341L"),
        ("TR", "4540536920"),
        ("US", "91-1144442"),
        ("BR", "390.533.447-05"),
        ("MA", "FR73282932000074"),
        ("AE", "100123456700003"),
    ],
)
def test_numbers(country: str, number: str) -> None:
    assert parse_trader_number(country, number)


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("MA", "hello"),
        ("MA", "123456789012345"),
        ("DE", "NOT-AN-EORI"),
        ("FR", "hello"),
        ("AE", "hello"),
        ("AE", "n/a"),
        ("CN", "hello"),
    ],
)
def test_what_is_none(country: str, number: str) -> None:
    with pytest.raises(InvalidNumber):
        parse_trader_number(country, number)


def test_eori() -> None:
    assert parse_eori("fr 73282932000074") == "FR73282932000074"
    for wrong in ("NOT-AN-EORI", "FR73282932000075", "MA001561191000066", "GB12", "DEABC", ""):
        with pytest.raises(InvalidNumber):
            parse_eori(wrong)


def test_ioss() -> None:
    assert parse_ioss("im 3720000224") == "IM3720000224"
    for wrong in ("XYZ", "IM1234567890", "3720000224"):
        with pytest.raises(InvalidNumber):
            parse_ioss(wrong)
