from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp

from qafila.core.identifiers import gs1_elements
from qafila.network.timetable import Goods
from qafila.shipping.orders.order import Address
from qafila.shipping.papers import typesetting
from qafila.shipping.papers.labels import address_lines, labels_of, labels_pdf, printable, routing_code
from qafila.shipping.papers.routing_marks import sscc_of
from tests.shipping.parcels import FACILITIES, parcel


def test_both_symbols_of_each_label_are_read_back_by_another_decoder() -> None:
    parcels = [parcel(serial) for serial in (1, 10000014, 47312482, 99999999)]
    pdf = pypdfium2.PdfDocument(labels_pdf(parcels, FACILITIES))
    assert len(pdf) == 4
    for page, expected in zip(pdf, parcels, strict=True):
        assert (page.get_width(), page.get_height()) == (288, 432)  # 4 × 6 inches in points
        image = page.render(scale=203 / 72).to_pil()  # 203 dpi, the usual label printer
        symbols = zxingcpp.read_barcodes(image)
        plain = {s.format.name: s.text for s in symbols if s.content_type != zxingcpp.ContentType.GS1}
        assert plain["Code128"] == expected.number
        assert plain["DataMatrix"] == routing_code(expected.number, expected.offer, expected.order.goods)
        (gs1,) = (s.text for s in symbols if s.content_type == zxingcpp.ContentType.GS1)
        told = gs1_elements.parse(gs1)  # held to the rules of GS1's syntax dictionary
        assert told["00"] == sscc_of(expected.number, "9521234")
        assert told["403"] == "-".join(labels_of(expected, FACILITIES)[0]["levels"])
        assert (told["4307"], told["4321"]) == ("MA", "0")


def _box(page: pypdfium2.PdfPage, words: str) -> tuple[float, float, float, float]:
    """Where words stand on a page: left, bottom, right, top, in points from its lower left corner."""
    text = page.get_textpage()
    found = text.search(words, match_case=True).get_next()
    assert found is not None, words
    boxes = [text.get_charbox(n) for n in range(found[0], sum(found))]
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


@pytest.mark.parametrize(
    "line1", ["4 Corn Exchange", "FLAT 1127, THE OLD CORN EXCHANGE BUILDING, BEHIND THE CATHEDRAL " * 2]
)
def test_an_address_of_every_line_stays_in_its_field(line1: str) -> None:
    booked = parcel()
    address = Address(
        country="MA",
        city="Casablanca",
        postcode="20250",
        region="Casablanca-Settat",
        name="Eleanor Rigby",
        company="Featherstonehaugh & Co",
        line1=line1,
        line2="Third floor",
    )
    order = replace(booked.order, sender=address, receiver=address)
    page = pypdfium2.PdfDocument(labels_pdf([replace(booked, order=order)], FACILITIES))[0]
    captions = [_box(page, words) for words in ("FROM / DE", "TO / À", "WEIGHT")]
    countries = []
    search = page.get_textpage().search("MOROCCO", match_case=True)
    while found := search.get_next():
        countries.append(page.get_textpage().get_charbox(found[0])[1])
    assert (
        captions[0][1] > countries[0] > captions[1][3]
    )  # the sender's country is above the receiver's field
    assert captions[1][1] > countries[1] > captions[2][3]
    assert all(
        page.get_textpage().get_charbox(n)[2] < 288 - 10 for n in range(page.get_textpage().count_chars())
    )


def test_a_long_line_is_broken_and_read_in_letters_of_a_size() -> None:
    booked = parcel()
    line = "Résidence Al Manar, immeuble 14, escalier C, appartement 27, quartier Agdal, face à la grande pharmacie"
    order = replace(booked.order, receiver=replace(booked.order.receiver, line1=line))
    page = pypdfium2.PdfDocument(labels_pdf([replace(booked, order=order)], FACILITIES))[0]
    text = page.get_textpage()
    heights = []
    for word in ("Résidence", "appartement", "pharmacie"):
        found = text.search(word).get_next()
        assert found is not None
        left, bottom, _, top = text.get_charbox(found[0], loose=True)
        assert left >= 10
        heights.append(top - bottom)
    assert min(heights) > 8  # points


def test_a_script_without_a_font_is_written_in_latin_letters() -> None:
    booked = parcel()
    address = replace(booked.order.receiver, name="አበበ በቂላ", line1="ถนนสุขุมวิท 7", city="المنامة")
    lines = address_lines(address)
    assert lines[0].isascii()
    assert "bek" in lines[0].casefold()
    assert any(line.endswith(" 7") and line.isascii() for line in lines)
    assert any("المنامة" in line for line in lines)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Amélie 😀 Roux", "Amélie Roux"),
        ("👩🏽‍🚀 Nadia ❤️", "Nadia"),
        ("🇲🇦 Souk 1️⃣", "Souk 1"),
        ("★ Étoile ★ №5 €", "Étoile №5 €"),
        ("王小明🎁", "王小明"),
        ("أمينة 🌸 العلوي", "أمينة العلوي"),
        ("12−14  rue X", "12-14 rue X"),
        ("🎈🎈", ""),
        ("\u202egab nottoc\u202c \u2066bag\u2069", "gab nottoc bag"),  # they turn the way of reading
        ("a\x00b\x07c\x1b[31m Red\x7f\x85", "abc[31m Red"),  # controls are boxes in print
        ("Ann\u200b\ufeff Lee\tB", "Ann Lee B"),
        ("O'Neill  Ltd.", "O'Neill  Ltd."),
    ],
)
def test_pictures_are_left_out_and_words_stay(written: str, printed: str) -> None:
    assert printable(written) == printed


def test_a_name_of_pictures_alone_takes_no_line() -> None:
    assert address_lines(Address(country="MA", city="Fès", name="🎈", line1="2 rue X")) == [
        "2 rue X",
        "Fès",
        "MOROCCO",
    ]


@pytest.mark.parametrize("phone", ["+212 600 11 22 33", "+33 4 72 00 00 00 ext. 4711 (ask for Mme Besson)"])
def test_the_receivers_phone_stands_beside_whom_it_reaches(phone: str) -> None:
    booked = parcel()
    receiver = replace(booked.order.receiver, name="Nadia 😀 Alaoui", phone=phone)
    order = replace(booked.order, receiver=receiver)
    page = pypdfium2.PdfDocument(labels_pdf([replace(booked, order=order)], FACILITIES))[0]
    left, bottom, right, _top = _box(page, f"TEL {phone}")
    caption, name = _box(page, "TO / À"), _box(page, "Nadia Alaoui")
    assert left > caption[2]
    assert right < 288 - 10
    assert bottom > name[3]  # above the name, below the sender
    without = pypdfium2.PdfDocument(labels_pdf([booked], FACILITIES))[0].get_textpage().get_text_bounded()
    assert "TEL" not in without


@pytest.mark.parametrize("code", ["MA-DS-RAK", "DS-MA-CASABLANCA", "DS-GB-MIDDLESBROUGH-NORTH-WEST-2"])
def test_the_routing_code_stands_on_one_line_beside_the_data_matrix(code: str) -> None:
    booked = parcel()
    legs = tuple(
        replace(leg, to_facility=code, from_facility=leg.from_facility if n < 2 else code)
        for n, leg in enumerate(booked.offer.itinerary.legs)
        if n > 0
    )
    offer = replace(booked.offer, itinerary=replace(booked.offer.itinerary, legs=legs))
    (facts,) = labels_of(replace(booked, offer=offer), FACILITIES)
    page = pypdfium2.PdfDocument(labels_pdf([replace(booked, offer=offer)], FACILITIES))[0]
    _, bottom, _, top = _box(page, facts["levels"][0])
    assert 9 < top - bottom < 28  # large
    _, low, right, _ = _box(page, facts["levels"][-1])
    assert low == pytest.approx(bottom, abs=3)  # one line
    assert right < 73.6 / 25.4 * 72  # where the symbol begins


def test_the_data_matrix_carries_every_stop() -> None:
    lithium = parcel(goods=Goods.LITHIUM)
    assert routing_code(lithium.number, lithium.offer, lithium.order.goods) == (
        "QF1|CQ473124829MA|CN-SC-SZX>MA-HUB-CMN>MA-DS-RAK|A|1"
    )


def test_a_label_names_the_last_station_and_the_marks() -> None:
    (facts,) = labels_of(parcel(goods=Goods.LITHIUM | Goods.AEROSOL), FACILITIES)
    assert facts["levels"] == ["MA-HUB", "RAK", "40000"]
    assert facts["station"] == "MA-DS-RAK  Marrakech delivery station"
    assert facts["number_spaced"] == "CQ 473 124 829 MA"
    assert facts["marks"] == "LITHIUM BATTERIES UN3480/UN3481 · AEROSOL UN1950"


def test_an_address_ends_with_its_country_in_capitals_and_repeats_nothing() -> None:
    address = Address(country="CI", city="Abidjan", name="Aya", company="Aya", postcode="01")
    assert address_lines(address) == ["Aya", "01 Abidjan", "CÔTE D’IVOIRE"]


def test_parts_join_in_order(monkeypatch: object) -> None:
    parcels = [parcel(serial) for serial in range(5)]
    assert typesetting.PAGES_AT_ONCE > 5
    whole = labels_pdf(parcels, FACILITIES)
    before = typesetting.PAGES_AT_ONCE
    try:
        typesetting.PAGES_AT_ONCE = 2
        parts = labels_pdf(parcels, FACILITIES)
    finally:
        typesetting.PAGES_AT_ONCE = before
    texts = [
        [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]
        for pdf in (whole, parts)
    ]
    assert len(texts[1]) == 5
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("南山区科技园科苑路8号讯美科技广场3栋1204室", ["南山区科技园科苑路8号讯美科技广场3栋1204室"]),
        (
            "東京都渋谷区恵比寿西1-23-45 サンライズマンション402号室",
            ["東京都渋谷区恵比寿西1-23-45 サンライズマン", "ション402号室"],
        ),
        (
            "广东省深圳市南山区科技园科苑路讯美科技广场三栋1204室",
            ["广东省深圳市南山区科技园科苑路讯美科技广场", "三栋1204室"],
        ),
        (
            "广东省深圳市南山区科技园科苑路南美科技园东3栋1204室",
            ["广东省深圳市南山区科技园科苑路南美科技园东", "3栋1204室"],
        ),
    ],
)
def test_a_chinese_line_breaks_between_signs_not_within_a_number(line: str, lines: list[str]) -> None:
    one = parcel(country="CN")
    receiver = replace(one.order.receiver, line1=line)
    record = labels_of(replace(one, order=replace(one.order, receiver=receiver)), FACILITIES)[0]
    assert record["receiver"][1 : 1 + len(lines)] == lines
