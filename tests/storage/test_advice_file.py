"""Advices as suppliers write them: other headings, languages, delimiters, days, numbers, codes in place of SKUs, workbooks."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
import xlsxwriter

from qafila.core.fault import Fault
from qafila.runtime.database import administrator
from qafila.storage import advice_file, advices
from qafila.storage.advices import Advice, AdviceLine
from tests.storage.houses import act, name, owner, warehouse

TEA, LAMP = AdviceLine("TEA", 1200, "T1", date(2027, 12, 31)), AdviceLine("LAMP", 4)
FILES = {
    "a packing list below its title": (
        "PACKING LIST No. 4711\nShipper:,Atelier Nour\n\n"
        "Item No.,Description,Qty Ordered,Qty Shipped (pcs),Lot No.,Best before date\n"
        "TEA,Mint tea,1300,1200,T1,2027-12-31\nLAMP,Lamp,4,4,,\n,,,,,\nTOTAL,,1304,1204,,\n"
    ),
    "French, semicolons, a day with points": (
        "Référence article;Désignation;Qté livrée;N° de lot;DLC\nTEA;Thé;1 200;T1;31.12.2027\nLAMP;Lampe;4;;\nTotal;;1 204;;\n"
    ),
    "Spanish, tabs, a day with slashes": (
        "Código\tDescripción\tCantidad\tLote\tFecha de caducidad\nTEA\tTé\t1200\tT1\t31/12/2027\nLAMP\tLámpara\t4\t\t\n"
    ),
    "German, numbers with a point": "Artikelnummer;Menge;Chargennummer;MHD\nTEA;1.200,0;T1;31.12.2027\nLAMP;4,0;;\n",
    "Arabic with its digits": "رمز الصنف,الكمية,رقم الدفعة,تاريخ الصلاحية\nTEA,١٢٠٠,T1,2027/12/31\nLAMP,٤,,\nالمجموع,١٢٠٤,,\n",
    "Chinese": "货号,品名,发货数量,批号,有效期至,状态\nTEA,薄荷茶,1200,T1,2027年12月31日,良品\nLAMP,灯,4件,,,\n合计,,1204,,,\n",
    "days first of the month, told by another row": (
        "SKU,Units,Batch,Expiry date\nTEA,1200,T1,12/31/2027\nLAMP,4,,\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_it_is_read_as_it_is_written(what: str, encoding: str) -> None:
    assert advice_file.read(FILES[what].encode(encoding)) == [TEA, LAMP]


def test_a_workbook_with_real_dates_is_read() -> None:
    written = BytesIO()
    with xlsxwriter.Workbook(written) as book:
        sheet = book.add_worksheet("Envío")
        sheet.write(0, 0, "Atelier Nour, Fès")
        for n, title in enumerate(("Code article", "Quantité expédiée", "Lot", "Date de péremption")):
            sheet.write(2, n, title)
        sheet.write_row(3, 0, ["TEA", 1200, "T1"])
        sheet.write_datetime(3, 3, date(2027, 12, 31), book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_row(4, 0, ["LAMP", 4])
        sheet.write_row(6, 0, ["Total", 1204])
    assert advice_file.read(written.getvalue()) == [TEA, LAMP]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SKU;Qty;Expiry\nTEA;3;03/04/2027\n", "Row 2, column expires_on: 03/04/2027"),
        ("SKU;Qty\nTEA;12,5\n", "Row 2, column pieces: 12,5"),
        (
            "SKU;Qty\nTEA;1,200\n",
            "Row 2, column pieces: 1,200",
        ),  # 1,200 or 1.2: nothing else in the file tells
        ("SKU;Qty;Unit\nTEA;10;pcs\nTEA;10;carton\n", "Row 3 counts in carton"),
        ("SKU;Qty;UoM\nTEA;10;CT\n", "Row 2 counts in CT"),
        ("SKU;Qty;Unit\nTEA;10;carton(s)\n", "Row 2 counts in carton"),
        ("SKU;件数;单位\nTEA;10;纸箱\n", "Row 2 counts in 纸箱"),
        ("SKU;Qty;Unit\nTEA;10;12 pcs\n", "Row 2 counts in 12 pcs"),
        ("SKU;Qty;Unit\nTEA;10;kg\n", "Row 2 counts in kg"),
        ("EAN;Qty\n6,11123E+12;12\n", "its last digits are lost"),
        ("EAN;Qty\n6.11123e12;12\n", "its last digits are lost"),
        ("EAN;Qty\n6E+12;12\n", "its last digits are lost"),
        ("SKU;Qty;Expiry\nTEA;10;1449-07-01\n", "column expires_on: 1449-07-01"),
        ("SKU;Qty;Qty\nTEA;3;5\n", "Two columns are called Qty, and they do not agree in row 2"),
        ("SKU;Qty;Expiry\nTEA;10;12/2027\n", "column expires_on: 12/2027"),
        ("SKU;Cartons;Pcs per carton\nTEA;10;12\n", "its columns are SKU, Cartons, Pcs per carton"),
        ("SKU;Qty\nTEA;-3\n", "Row 2, column pieces: -3"),
        ("SKU;Qty;Condition\nTEA;3;wet\n", "Row 2, column condition: wet"),
        ("SKU;Qty\n;3\n", "Row 2, column sku"),
        ("Name;Colour\nTEA;red\n", "its columns are Name, Colour"),
    ],
)
def test_what_cannot_be_told_is_asked_and_not_guessed(text: str, words: str) -> None:
    with pytest.raises(Fault, match=words):
        advice_file.read(text.encode())


@pytest.mark.parametrize("sku", ["5E10", "1E5", "7E21", "12E+05"])
def test_an_article_that_looks_like_a_number_is_an_article(sku: str) -> None:
    assert advice_file.read(f"SKU;Qty\n{sku};4\n".encode()) == [AdviceLine(sku, 4)]


_OF_PIECES = "und unds Stck n nr n. eaches 条 双 本 瓶 套 张 szt шт adet stuks peça Pcs. 1 حبة"


@pytest.mark.parametrize("unit", _OF_PIECES.split())
def test_a_word_that_is_no_known_bundle_counts_pieces(unit: str) -> None:
    assert advice_file.read(f"SKU;Qty;Unit\nTEA;10;{unit}\n".encode()) == [AdviceLine("TEA", 10)]


@pytest.mark.parametrize("head", ["Qty shipped (pcs)", "Pieces", "Stück", "Pièces", "数量（件）"])
def test_a_quantity_that_is_said_to_be_pieces_needs_no_unit(head: str) -> None:
    assert advice_file.read(f"SKU;{head};Unit\nTEA;10;carton\n".encode()) == [AdviceLine("TEA", 10)]


def test_how_goods_are_packed_is_no_unit() -> None:
    told = "SKU;Qty;Packaging;Pack type\nTEA;10;carton;box of 12\n"
    assert advice_file.read(told.encode()) == [AdviceLine("TEA", 10)]


@pytest.mark.parametrize("written", ["6111234567895,0", "6111234567895.00", "6111234567895"])
def test_a_code_that_was_taken_for_a_number_is_a_code(written: str) -> None:
    assert advice_file.read(f"EAN;Qté totale;Unité\n{written};12;pièces\n".encode()) == [
        AdviceLine("6111234567895", 12)
    ]


def test_goods_named_by_the_code_of_a_case_are_so_many_pieces() -> None:
    facility, merchant, number = warehouse(), owner(), name("PO-")
    lines = tuple(advice_file.read(b"EAN,Qty\n16111234567892,3\n6111234567895,5\nLAMP,2\n"))
    advices.announce(act(), Advice(number, merchant, facility, lines))
    with administrator() as connection:
        kept = [(r.sku, r.pieces) for r in advices.lines(connection, merchant, number)]
    assert kept == [("TEA", 36), ("TEA", 5), ("LAMP", 2)]
    stranger = tuple(advice_file.read(b"EAN,Qty\n4006381333931,3\n"))
    with pytest.raises(Fault, match="4006381333931"):
        advices.announce(act(), Advice(name("PO-"), merchant, facility, stranger))


@pytest.mark.parametrize(
    "head",
    [
        "Qty (cartons)",
        "Quantity (boxes)",
        "Qté (colis)",
        "数量（箱）",
        "الكمية (كرتون)",
        "Qty (pcs/ctn)",
        "Qty (kg)",
    ],
)
def test_a_quantity_in_cartons_is_not_taken_for_pieces(head: str) -> None:
    with pytest.raises(Fault, match="Row 1 counts in"):
        advice_file.read(f"SKU;{head}\nTEA;10\n".encode())
    beside = f"SKU;{head};{head.split('(')[0].split('（')[0].strip()} (pcs)\nTEA;10;120\n"
    assert advice_file.read(beside.encode()) == [AdviceLine("TEA", 120)]


@pytest.mark.parametrize(
    ("sku", "code", "words"),
    [
        ("LAMP", "6111234567895", "stands on other goods: TEA"),
        ("LAMP", "16111234567892.0", "stands on other goods: TEA"),
        ("TEA", "16111234567892", "stands on a case of 12 pieces"),
        ("TEA", "4006381333931", "none of the codes of these goods"),
    ],
)
def test_a_code_that_contradicts_the_sku_is_named(sku: str, code: str, words: str) -> None:
    lines = tuple(advice_file.read(f"SKU,EAN,Qty\n{sku},{code},3\n".encode()))
    with pytest.raises(Fault, match=words):
        advices.announce(act(), Advice(name("PO-"), owner(), warehouse(), lines))


def test_a_code_that_is_the_goods_own_or_the_suppliers_says_no_more() -> None:
    facility, merchant, number = warehouse(), owner(), name("PO-")
    fits = tuple(advice_file.read(b"SKU,EAN,Qty\nTEA,6111234567895,3\nLAMP,house code,1\n"))
    advices.announce(act(), Advice(number, merchant, facility, fits))
    with administrator() as connection:
        kept = [(r.sku, r.pieces) for r in advices.lines(connection, merchant, number)]
    assert kept == [("TEA", 3), ("LAMP", 1)]
