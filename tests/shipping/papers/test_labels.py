from __future__ import annotations

import pypdfium2
import zxingcpp

from qafila.network.timetable import Goods
from qafila.shipping.orders.order import Address
from qafila.shipping.papers import typesetting
from qafila.shipping.papers.labels import address_lines, label, labels_pdf, routing_code
from tests.shipping.parcels import FACILITIES, parcel


def test_both_symbols_of_each_label_are_read_back_by_another_decoder() -> None:
    parcels = [parcel(serial) for serial in (1, 10000014, 47312482, 99999999)]
    pdf = pypdfium2.PdfDocument(labels_pdf(parcels, FACILITIES))
    assert len(pdf) == 4
    for page, expected in zip(pdf, parcels, strict=True):
        assert (page.get_width(), page.get_height()) == (288, 432)  # 4 × 6 inches in points
        image = page.render(scale=203 / 72).to_pil()  # 203 dpi, the usual label printer
        read = {result.format.name: result.text for result in zxingcpp.read_barcodes(image)}
        assert read["Code128"] == expected.number
        assert read["DataMatrix"] == routing_code(expected)


def test_the_data_matrix_carries_every_stop() -> None:
    assert routing_code(parcel(goods=Goods.LITHIUM)) == (
        "QF1|CQ473124829MA|CN-SC-SZX>MA-HUB-CMN>MA-DS-RAK|A|1"
    )


def test_a_label_names_the_last_station_and_the_marks() -> None:
    facts = label(parcel(goods=Goods.LITHIUM | Goods.AEROSOL), FACILITIES)
    assert facts["sort_code"] == "MA-DS-RAK"
    assert facts["station"] == "Marrakech delivery station"
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
