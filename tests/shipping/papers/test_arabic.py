"""What is copied out of a paper is what was typed, letter by letter, whoever reads the file."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from io import BytesIO

import pypdf
import pypdfium2
import pytest

from qafila.shipping.orders.order import Address
from qafila.shipping.papers.documents import documents_pdf
from qafila.shipping.papers.labels import labels_pdf
from tests.shipping.parcels import FACILITIES, RULES, parcel

NAME = "فاطمة الزهراء بنعلي"
STREET = "حي الإدريسية، زنقة الأطلس"  # a lam-alef with hamza below, one above, in two words
CITY = "الدار البيضاء"
GOODS = "بابوش جلدي للأطفال، زيت أركان خالص"


def booked():
    one = parcel(country="MA")
    receiver = Address(country="MA", city=CITY, postcode="20250", name=NAME, line1=STREET)
    items = (replace(one.order.items[0], description=GOODS),)
    return replace(one, order=replace(one.order, receiver=receiver, items=items))


def by_pdfium(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


def by_pypdf(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)


@pytest.mark.parametrize("text", [NAME, STREET, CITY])
def test_pdfium_reads_a_label_as_it_was_typed(text: str) -> None:
    assert text in by_pdfium(labels_pdf([booked()], FACILITIES))


@pytest.mark.parametrize("text", [NAME, STREET, CITY, GOODS])
def test_pdfium_reads_the_papers_as_they_were_typed(text: str) -> None:
    read = " ".join(by_pdfium(documents_pdf([booked()], FACILITIES, RULES)).split())
    assert all(word in read for word in text.split())


@pytest.mark.parametrize("text", [NAME, STREET, CITY])
def test_another_reader_finds_the_same_words(text: str) -> None:
    # pypdf gives the words of a line in the order in which they stand from left to right
    words = [word.strip("،") for word in text.split()]
    read = Counter(word.strip("،") for word in by_pypdf(labels_pdf([booked()], FACILITIES)).split())
    assert all(read[word] for word in words), words


def test_a_search_finds_a_word_of_the_page() -> None:
    page = pypdfium2.PdfDocument(labels_pdf([booked()], FACILITIES))[0]
    assert page.get_textpage().search("الإدريسية").get_next() is not None


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("مُحَمَّد", "محمد"),
        ("فاطِمَةُ الزَّهْراءِ", "فاطمة الزهراء"),
        ("سُوقُ الأَحَد", "سوق الأحد"),
        ("مكتبةٌ لا إلٰه", "مكتبة لا إله"),
        ("ا\u0654حمد", "أحمد"),  # a hamza typed apart is a letter, not a vowel
    ],
)
def test_vowel_signs_are_left_out_so_that_names_can_be_searched(typed: str, written: str) -> None:
    one = booked()
    named = replace(one, order=replace(one.order, receiver=replace(one.order.receiver, name=typed)))
    label = by_pdfium(labels_pdf([named], FACILITIES))
    assert written in label
    assert written in " ".join(by_pdfium(documents_pdf([named], FACILITIES, RULES)).split())
