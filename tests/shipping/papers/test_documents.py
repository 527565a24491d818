from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pypdfium2
import pytest

from qafila.core.identifiers import s10
from qafila.core.money import Money
from qafila.network.timetable import Mode
from qafila.shipping.orders.order import Box
from qafila.shipping.papers.documents import breakable, documents_pdf, languages_for, papers
from qafila.shipping.papers.labels import BookedShipment, labels_of, labels_pdf
from tests.shipping.parcels import FACILITIES, RULES, domestic, facility, leg, parcel


def kinds(booked: BookedShipment) -> list[str]:
    return [record["kind"] for record in papers(booked, FACILITIES, RULES)]


def test_a_parcel_over_a_border_carries_an_invoice_and_a_cn22() -> None:
    assert kinds(parcel()) == ["invoice", "cn22"]


def test_above_300_sdr_it_carries_a_cn23() -> None:
    # 3 × €120 = €360; one euro is 0.856 SDR: 308.16 SDR
    assert kinds(parcel(unit_value="120.00")) == ["invoice", "cn23"]
    # 3 × €116 = €348: 297.89 SDR
    assert kinds(parcel(unit_value="116.00")) == ["invoice", "cn22"]


def claiming(unit_value: str) -> BookedShipment:
    """Moroccan goods sent to France under the EU's agreement."""
    legs = (leg("MA-SC-CAS", "FR-SC-LYS", Mode.ROAD, 4),)
    booked = parcel(legs=legs, unit_value=unit_value, country="FR")
    items = (replace(booked.order.items[0], origin="MA", hs="610910", description="T-shirt"),) * 2
    return replace(booked, order=replace(booked.order, preference="eu-morocco", items=items))


PLACES = {**FACILITIES, "FR-SC-LYS": facility("FR-SC-LYS", "EU")}


def test_up_to_6000_euro_the_exporter_declares_the_origin_on_the_invoice() -> None:
    records = papers(claiming("1000.00"), PLACES, RULES)  # 2 × 3 × €1000 is just €6000
    assert [r["kind"] for r in records] == ["invoice", "packing", "cn23"]
    assert records[0]["origin"]["country"] == "Maroc"


def test_above_it_customs_certify_and_the_sheet_gathers_what_the_form_asks() -> None:
    records = papers(claiming("1000.01"), PLACES, RULES)
    assert [r["kind"] for r in records] == ["invoice", "packing", "cn23", "eur1"]
    assert records[0]["origin"] is None
    assert records[3]["origin"]["between"] == "Maroc – France"
    pages = pypdfium2.PdfDocument(documents_pdf([claiming("1000.01")], PLACES, RULES))
    assert len(pages) == 4


def test_within_one_territory_nothing_is_declared() -> None:
    assert kinds(domestic()) == ["invoice"]


def test_the_invoice_adds_up() -> None:
    invoice = papers(parcel(), FACILITIES, RULES)[0]
    # 3 × 12.00 goods + 12.40 freight + 0.60 insurance
    assert invoice["goods_total"] == "36.00 EUR"
    assert invoice["total"] == "49.00 EUR"
    assert invoice["items"][0]["hs"] == "1515.90*"
    assert invoice["net"] == "0.350 kg"


@pytest.mark.parametrize(
    ("country", "languages"),
    [("MA", ["fr", "ar"]), ("CN", ["zh", "en"]), ("SN", ["fr"]), ("KE", ["en"])],
)
def test_papers_speak_the_destinations_languages(country: str, languages: list[str]) -> None:
    assert languages_for(country) == languages


def test_a_cn_form_speaks_french_beside_a_language_of_its_own() -> None:
    invoice, form = papers(parcel(country="DE"), FACILITIES, RULES)
    assert (invoice["languages"], form["languages"]) == (["de"], ["de", "fr"])


def test_every_paper_fits_its_page_and_shows_its_facts() -> None:
    pdf = pypdfium2.PdfDocument(
        documents_pdf([parcel(unit_value="120.00", country="SN"), parcel(country="SN")], FACILITIES, RULES)
    )
    texts = [page.get_textpage().get_text_bounded() for page in pdf]
    assert len(texts) == 4  # two papers each, none runs over its page
    assert "373.00 EUR" in texts[0]  # 360.00 + 12.40 + 0.60
    assert "CN 23" in texts[1]
    assert "CQ473124829MA" in texts[1].replace("\r\n", "")
    assert "1515.90*" in texts[1]


@pytest.mark.parametrize(
    "line", ["12 rue de la République", "FLAT 1127, THE OLD CORN EXCHANGE, " * 3, "南山区科技园路八号" * 5]
)
def test_an_address_ends_above_what_follows_it(line: str) -> None:
    booked = parcel(unit_value="120.00", country="KE")
    receiver = replace(booked.order.receiver, line1=line, line2=line, region="Region")
    pdf = documents_pdf([replace(booked, order=replace(booked.order, receiver=receiver))], FACILITIES, RULES)
    invoice, form = pypdfium2.PdfDocument(pdf)
    for page, following in ((invoice, "Invoice no."), (form, "customs reference")):
        text = page.get_textpage()

        def height(words: str, text: pypdfium2.PdfTextPage = text) -> float:
            found = text.search(words, match_case=True).get_next()
            assert found is not None, words
            return float(text.get_charbox(found[0])[1])

        assert height("KENYA") > height(following) + 7


@pytest.mark.parametrize("count", [26, 30, 34, 38])
def test_a_long_paper_repeats_its_headings_and_keeps_captions_with_their_figures(count: int) -> None:
    one = parcel(country="GB")
    booked = replace(one, order=replace(one.order, items=one.order.items[:1] * count))
    pages = [
        p.get_textpage().get_text_bounded()
        for p in pypdfium2.PdfDocument(documents_pdf([booked], FACILITIES, RULES))
    ]
    invoice = pages[: next(n for n, text in enumerate(pages) if "CN 2" in text)]
    assert len(invoice) > 1
    assert all("HS code" in page for page in invoice if "1515.90" in page)
    ends = [page for page in invoice if "Gross weight" in page]
    assert len(ends) == 2  # of the invoice and of the packing list
    assert all(" kg" in page[page.rindex("Gross weight") :] for page in ends)


@pytest.mark.parametrize(("form", "unit_value"), [("CN 22", "1.00"), ("CN 23", "120.00")])
def test_what_ends_a_customs_form_stands_whole_on_one_page(form: str, unit_value: str) -> None:
    one = parcel(country="GB", unit_value=unit_value)
    for count in range(1, 15):
        booked = replace(one, order=replace(one.order, items=one.order.items[:1] * count))
        pages = [p.get_textpage() for p in pypdfium2.PdfDocument(documents_pdf([booked], FACILITIES, RULES))]
        texts = [page.get_text_bounded() for page in pages]
        first = next(n for n, text in enumerate(texts) if form in text)
        (end,) = (n for n in range(first, len(pages)) if "Gross weight" in texts[n])
        found = pages[end].search("Date and signature").get_next()
        assert found is not None
        assert pages[end].get_charbox(found[0])[1] > 12  # above the margin
        assert "0.350 kg" in texts[end][texts[end].index("Gross weight") :]


def test_a_word_without_end_is_broken_within_its_column() -> None:
    booked = parcel()
    items = (replace(booked.order.items[0], description="Ξ" * 100),)
    receiver = replace(booked.order.receiver, company="Ω" * 100)
    pdf = documents_pdf(
        [replace(booked, order=replace(booked.order, items=items, receiver=receiver))], FACILITIES, RULES
    )
    millimetre = 72 / 25.4
    # the columns of descriptions: the margin, the inset and the width that paper.typ gives them
    for page, ends in zip(pypdfium2.PdfDocument(pdf), (18 + 1.5 + 69, 5 + 1.5 + 33), strict=True):
        text = page.get_textpage()
        signs = {
            letter: [
                text.get_charbox(i) for i in range(text.count_chars()) if text.get_text_range(i, 1) == letter
            ]
            for letter in "ΞΩ"
        }
        assert len(signs["Ξ"]) >= 50
        assert max(right for _, _, right, _ in signs["Ξ"]) <= ends * millimetre
        assert max((right for _, _, right, _ in signs["Ω"]), default=0) <= page.get_width() - 18 * millimetre


@pytest.mark.parametrize("written", ["電" * 60, "محمد" * 20, "well-made-" * 9, "12 rue de la République"])
def test_what_breaks_by_itself_is_left_as_it_is(written: str) -> None:
    assert breakable(written) == written


def test_what_is_no_letter_post_carries_a_cn23() -> None:
    light = parcel()
    for heavy in (
        replace(light.order, grams=2_001),
        replace(light.order, length_mm=610),
        replace(light.order, height_mm=600),
    ):
        assert "cn23" in kinds(replace(light, order=heavy))
    assert "cn22" in kinds(replace(light, order=replace(light.order, grams=2_000)))


def test_descriptions_are_never_cut_and_pieces_times_price_is_the_total() -> None:
    base = parcel()
    long = " ".join(f"word{n}" for n in range(40))
    third = Money(Decimal(10) / 3, "EUR")
    items = (replace(base.order.items[0], description=long, unit_value=third, quantity=3),)
    records = papers(replace(base, order=replace(base.order, items=items)), FACILITIES, RULES)
    for record in records:
        assert record["items"][0]["description"] == long
        assert record["items"][0]["value"] == "10.00 EUR"
        each, _ = record["items"][0]["unit_value"].split()
        assert (Decimal(each) * 3).quantize(Decimal("0.01")) == Decimal("10.00")


def test_the_invoice_says_how_the_parties_are_reached_and_known() -> None:
    base = parcel()
    sender = replace(
        base.order.sender,
        country="MA",
        phone="+212 600 000000",
        email="coop@example.org",
        tax_id="001561191000066",
    )
    invoice = papers(replace(base, order=replace(base.order, sender=sender)), FACILITIES, RULES)[0]
    assert invoice["sender"][-3:] == ["+212 600 000000", "coop@example.org", "ICE 001561191000066"]


def several() -> BookedShipment:
    """Two parcels: two bottles and one."""
    booked = parcel(unit_value="120.00")
    parcels = (Box(((0, 2),), 200, 200, 150, 40), Box(((0, 1),), 2_150, 300, 200, 100))
    order = replace(booked.order, parcels=parcels, grams=2_350)
    return replace(booked, order=order, numbers=(booked.number, s10.number("CQ", 99, "MA")))


def test_a_shipment_of_several_parcels_has_one_invoice_and_a_form_for_each() -> None:
    records = papers(several(), FACILITIES, RULES)
    assert [r["kind"] for r in records] == ["invoice", "packing", "cn22", "cn23"]
    invoice, packing, small, large = records
    assert invoice["number"] == f"{several().numbers[0]} + 1"
    assert (packing["packages"], packing["gross"]) == ("2", "2.350 kg")
    heads = [row["description"] for row in packing["items"] if not row["quantity"]]
    assert [h.split(" · ")[:2] for h in heads] == [
        ["1/2", several().numbers[0]],
        ["2/2", several().numbers[1]],
    ]
    assert [row["quantity"] for row in packing["items"] if row["quantity"]] == ["2", "1"]
    assert (small["number"], small["goods_total"], small["gross"]) == (
        several().numbers[0],
        "240.00 EUR",
        "0.200 kg",
    )
    assert (large["number"], large["goods_total"], large["gross"]) == (
        several().numbers[1],
        "120.00 EUR",
        "2.150 kg",
    )
    freight = [Decimal(r["freight"].split()[0]) for r in (small, large)]
    assert sum(freight) == Decimal(invoice["freight"].split()[0])
    assert large["comments"] == "2/2"
    assert len(pypdfium2.PdfDocument(documents_pdf([several()], FACILITIES, RULES))) == 4


def test_its_labels_are_numbered() -> None:
    made = labels_of(several(), FACILITIES)
    assert [(one["part"], one["weight"]) for one in made] == [("1/2", "0.200 kg"), ("2/2", "2.150 kg")]
    assert [one["part"] for one in labels_of(parcel(), FACILITIES)] == [""]
    assert [one["part"] for one in labels_of(replace(several(), only=1), FACILITIES)] == ["2/2"]
    pages = pypdfium2.PdfDocument(labels_pdf([several()], FACILITIES))
    assert [
        "1/2" in pages[0].get_textpage().get_text_range(),
        "2/2" in pages[1].get_textpage().get_text_range(),
    ] == [True, True]


def test_a_long_town_and_a_long_order_number_stay_on_the_page() -> None:
    one = parcel(country="FR", unit_value="120.00")
    receiver = replace(one.order.receiver, city="Saint-Rémy-en-Bouzemont-Saint-Genest-et-Isson")
    order = replace(one.order, id="ORD-" + "2026-0000123456789-" * 4, receiver=receiver)
    for page in pypdfium2.PdfDocument(documents_pdf([replace(one, order=order)], FACILITIES, RULES)):
        text = page.get_textpage()
        right = page.get_width() - 5  # points: what runs over stands beyond the margin, or is cut
        assert all(text.get_charbox(n)[2] <= right for n in range(text.count_chars()))
        assert order.id in text.get_text_bounded()


def test_long_figures_and_names_of_countries_stay_in_their_columns() -> None:
    booked = parcel(country="CN")
    item = replace(
        booked.order.items[0], quantity=1000, unit_value=Money(Decimal("123456.789"), "KWD"), origin="VC"
    )
    booked = replace(booked, order=replace(booked.order, items=(item,)))
    page = pypdfium2.PdfDocument(documents_pdf([booked], FACILITIES, RULES))[0].get_textpage()
    ends = [0.0]
    for words in ("1515.90", "格林纳丁斯", "1000", "123456.789 KWD", "123456789.000 KWD"):
        at, count = page.search(words).get_next()
        boxes = [page.get_charbox(n) for n in range(at, at + count)]
        assert min(box[0] for box in boxes) > ends[-1], words
        ends.append(max(box[2] for box in boxes))


def test_a_second_language_ends_with_its_own_full_stop() -> None:
    """On an Arabic page `Invoice no.` was set as `.Invoice no`."""
    page = pypdfium2.PdfDocument(documents_pdf([parcel(country="AE")], FACILITIES, RULES))[0].get_textpage()
    at, _ = page.search(".no Invoice").get_next()  # as the line is read, from the right
    stop, letter = page.get_charbox(at), page.get_charbox(at + 2)
    assert stop[0] > letter[2]
