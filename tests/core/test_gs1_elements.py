"""GS1 elements: the dictionary's rules, element strings and links both ways, and symbols read back by another's decoder."""

from __future__ import annotations

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from qafila.core.identifiers import gs1
from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.identifiers.gs1_elements import (
    bracketed,
    checked,
    digital_link,
    parse,
    parse_link,
    rules,
    transport,
)
from qafila.shipping.papers.barcodes import gs1_modules

SSCC = gs1.sscc("6111234", 1)


def test_the_dictionary_is_read() -> None:
    assert rules()["00"].fixed
    assert rules()["00"].key
    assert rules()["4309"].parts == (
        ("N", False, 10, ("latitude",), False),
        ("N", False, 10, ("longitude",), False),
    )
    assert rules()["4303"].needs == ("4302",)
    assert len([ai for ai in rules() if ai.startswith("43")]) == 31


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"00": SSCC[:-1] + str((int(SSCC[-1]) + 1) % 10)}, "check digit"),
        ({"4301": "Amal"}, "needs (00)"),
        ({"00": SSCC, "4303": "2nd+floor"}, "needs (4302)"),
        ({"00": SSCC, "420": "20000", "421": "50420000"}, "may not be used with"),
        ({"00": SSCC, "4321": "2"}, "no value"),
        ({"00": SSCC, "4307": "ma"}, "no value"),
        ({"00": SSCC, "4301": "50% off"}, "characters"),
        ({"00": SSCC, "4301": "x" * 36}, "too long"),
        ({"00": SSCC, "4324": "2611302460"}, "no value"),
        ({"00": SSCC, "4326": "260230"}, "no value"),
        ({"00": SSCC, "4331": "000010", "4330": "000050"}, "may not be used with"),
        ({"00": SSCC, "37": "5"}, "needs (00) with (02)"),
        ({"99": "x"}, "no application identifier"),
        ({}, "no element"),
    ],
)
def test_what_breaks_a_rule_is_refused(elements: dict[str, str], reason: str) -> None:
    with pytest.raises(InvalidNumber, match=reason.replace("(", r"\(").replace(")", r"\)")):
        checked(elements)


@given(st.text(max_size=80), st.text(max_size=90), st.sampled_from(["MA", "FR", ""]), st.booleans())
def test_whatever_an_address_says_its_label_is_sound_both_ways(
    name: str, city: str, country: str, dangerous: bool
) -> None:
    told = transport(
        SSCC,
        name=name,
        city=city,
        country=country,
        postcode="20 000",
        route="CAS-03-L12",
        dangerous=dangerous,
    )
    assert parse(bracketed(told)) == told
    assert parse_link(digital_link(told)) == told


def test_a_plain_string_is_taken_apart() -> None:
    told = transport(SSCC, city="Casablanca", route="CAS-03")
    assert parse(f"]d200{SSCC}403CAS-03\x1d4305Casablanca") == told


def test_a_link_is_as_gs1_writes_it() -> None:
    told = transport(SSCC, city="Casablanca", country="MA")
    assert digital_link(told) == f"https://id.gs1.org/00/{SSCC}?4305=Casablanca&4307=MA"
    with pytest.raises(InvalidNumber):
        digital_link({"410": "6111234000008"})
    with pytest.raises(InvalidNumber):
        parse_link("https://example.org/hello")


def test_another_s_decoder_reads_the_symbol() -> None:
    told = transport(
        SSCC, name="Amal Idrissi", city="Casablanca", country="MA", route="CAS-03-L12", dangerous=False
    )
    modules = gs1_modules(bracketed(told))
    side = 8
    image = Image.new("L", ((modules.shape[1] + 8) * side, (modules.shape[0] + 8) * side), 255)
    for y, x in zip(*modules.nonzero(), strict=True):
        image.paste(0, ((x + 4) * side, (y + 4) * side, (x + 5) * side, (y + 5) * side))
    (code,) = zxingcpp.read_barcodes(image)
    assert code.content_type.name == "GS1"
    assert parse(code.text.replace("<GS>", "\x1d")) == told
