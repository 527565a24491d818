"""Files as they come: encodings, delimiters, damage. Each row ends in `good` or in `problems`, never in both."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.shipping.orders.columns import FileRefused, layout_of
from qafila.shipping.orders.reading import Sheet, read_bytes

HEADER = "order_id,destination_country,destination_city,title,quantity,unit_price,currency"
ROW = "A1,MA,Fès,Théière en cuivre,2,12.50,EUR"


def sheet(*rows: str, header: str = HEADER) -> Sheet:
    return read_bytes("\n".join([header, *rows]).encode())


def whole(read: Sheet) -> None:
    numbers = [r.number for r in read.good] + [p.row for p in read.problems]
    assert (
        len(set(numbers)) == len(numbers) == read.rows
    )  # each once; blank ones are counted, the heading is row 1
    assert min(numbers) >= 2


@pytest.mark.parametrize(
    ("encoding", "city", "title"),
    [
        ("utf-8", "الدار البيضاء", "سجادة"),
        ("utf-8-sig", "Fès", "Théière"),
        ("utf-16", "Fès", "Théière"),
        ("utf-16-le", "Fès", "Théière"),
        ("utf-16-be", "Fès", "Théière"),
        ("gb18030", "广州", "陶瓷茶具套装 手工制作"),
        ("gbk", "深圳", "无线蓝牙耳机 充电盒"),
        ("cp1252", "Fès", "Théière en cuivre gravée à la main"),
        ("cp1256", "الدار البيضاء", "سجادة بربرية مصنوعة يدويا من الصوف"),
    ],
)
def test_encodings_are_told(encoding: str, city: str, title: str) -> None:
    read = read_bytes(f"{HEADER}\nA1,MA,{city},{title},1,5,EUR\n".encode(encoding))
    assert read.good[0].get("city") == city
    assert read.good[0].get("title") == title


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_told(delimiter: str) -> None:
    read = sheet(ROW.replace(",", delimiter), header=HEADER.replace(",", delimiter))
    assert (read.delimiter, read.good[0].get("unit_price")) == (delimiter, "12.50")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_ends(ending: str) -> None:
    read = read_bytes(ending.join([HEADER, ROW, "", ROW.replace("A1", "A2"), ""]).encode())
    assert [r.get("order_id") for r in read.good] == ["A1", "A2"]


def test_missing_columns_are_named_with_their_spellings() -> None:
    with pytest.raises(FileRefused) as refused:
        read_bytes(b"order_id,title\nA1,Rug\n")
    for word in ("destination_city", "destination_country", "quantity", "unit_price", "order_id, title"):
        assert word in str(refused.value)
    assert "3 columns" not in str(refused.value.message)
    assert "4 columns" in str(refused.value.message)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xef\xbb\xbf\r\n \n", "empty"),
        (b"\xff\xfe", "empty"),
        (b"\xff\xfe\n\x00", "empty"),
        (b",,,\n;\n", "empty"),
        (HEADER.encode(), "no rows"),
        (b"PK\x03\x04" + b"x" * 100, "workbook"),
        (b"%PDF-1.7 xxx", "PDF"),
        (b"x" * 100_000, "longer than 64 kB"),
    ],
)
def test_what_is_no_orders_file(data: bytes, word: str) -> None:
    with pytest.raises(FileRefused, match=word):
        read_bytes(data)


@pytest.mark.parametrize("head", [b"", HEADER.encode() + b"\n"])
def test_ten_megabytes_of_noise_are_refused(head: bytes) -> None:
    with pytest.raises(FileRefused, match="control bytes"):
        read_bytes(head + random.Random(7).randbytes(10_000_000))


def test_noise_behind_good_rows_is_rejected_row_by_row() -> None:
    good = "\n".join(ROW.replace("A1", f"A{n}") for n in range(2000))
    noise = random.Random(3).randbytes(20_000)
    read = read_bytes(f"{HEADER}\n{good}\n".encode() + noise)
    whole(read)
    assert len(read.good) == 2000
    assert all(str(p.reason) and str(p.remedy) for p in read.problems)


def test_damaged_utf8_costs_its_own_row_only() -> None:
    data = "\n".join([HEADER, ROW, ROW.replace("A1", "A2"), ROW.replace("A1", "A3")]).encode()
    data = data.replace(b"A2,MA,F\xc3\xa8s", b"A2,MA,F\xffs")
    read = read_bytes(data)
    assert [r.get("order_id") for r in read.good] == ["A1", "A3"]
    assert (read.problems[0].row, read.problems[0].field, read.problems[0].order_id) == (3, "city", "A2")


def test_zero_bytes_cost_their_own_row_only() -> None:
    read = sheet(ROW, ROW.replace("A1", "A2").replace("cuivre", "cui\0vre"), ROW.replace("A1", "A3"))
    assert [p.row for p in read.problems] == [3]
    assert "control character" in str(read.problems[0].reason)


def test_a_quote_that_never_closes_costs_one_row() -> None:
    read = sheet(ROW, 'A2,MA,Fès,"Teapot,1,5,EUR', *(ROW.replace("A1", f"A{n}") for n in range(3, 500)))
    whole(read)
    assert [p.row for p in read.problems] == [3]
    assert "quotation mark" in str(read.problems[0].reason)


def test_a_quote_that_swallows_the_next_row_is_noticed() -> None:
    read = sheet('A1,MA,Fès,"Teapot,1,5,EUR', 'A2,MA,Fès,"Rug",1,5,EUR')
    assert [r.get("order_id") for r in read.good] == ["A2"]


def test_the_line_that_tells_excel_the_delimiter_is_not_the_header() -> None:
    sheet = read_bytes(
        b"sep=;\r\norder_id;country;city;title;quantity;unit_price\r\n1;FR;Lyon;Tray, brass;1;12\r\n"
    )
    assert (sheet.delimiter, sheet.rows) == (";", 1)
    assert sheet.good[0].get("title") == "Tray, brass"


def test_what_has_no_known_heading_is_called_an_orders_file() -> None:
    for data in (b"A-1,FR,Lyon,Tray,1,12\n", b"<html>\n<body>Sign in</body>\n"):
        with pytest.raises(FileRefused, match="Read as an orders file"):
            read_bytes(data)


def test_line_breaks_and_inches_within_cells() -> None:
    read = sheet('A1,MA,Fès,"Rug, red\nand ""large""",1,5,EUR', 'A2,MA,Fès,6.67" screen,1,5,EUR')
    assert [r.get("title") for r in read.good] == ['Rug, red\nand "large"', '6.67" screen']


def test_an_endless_cell_is_called_too_long() -> None:
    text = f"order_id,city,country,title,quantity,unit_price\n1,Lyon,FR,{'x' * 1_000_000},1,2\n2,Lyon,FR,Tray,1,2\n"
    sheet = read_bytes(text.encode())
    assert [row.get("order_id") for row in sheet.good] == ["2"]
    (problem,) = sheet.problems
    assert "longer than" in str(problem.reason)


def test_a_heading_over_two_columns_is_noticed() -> None:
    layout = layout_of(["order_id", "city", "country", "title", "Title ", "quantity", "unit_price", "colour"])
    assert (layout.repeated, layout.ignored) == (("Title ",), ("Title ", "colour"))


def test_ragged_rows() -> None:
    read = sheet(ROW, ROW + ",surplus", ROW + ",,", "A4,MA,Fès")
    assert [p.row for p in read.problems] == [3, 5]
    assert len(read.good) == 2


def test_headings_in_other_languages_and_spellings() -> None:
    for header in (
        "N° commande?,x",
        "Commande;Pays;Ville;Désignation;Quantité;Prix unitaire".replace(";", ","),
        "订单号,国家,城市,商品名称,数量,单价",
        "رقم الطلب,البلد,المدينة,المنتج,الكمية,السعر",
        "ORDER-ID,To Country,To City,Item Name,QTY,Price",
    )[1:]:
        assert set(layout_of(header.split(",")).positions) == {
            "order_id",
            "country",
            "city",
            "title",
            "quantity",
            "unit_price",
        }


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(st.just(ROW), st.text(max_size=60), st.just('x,"y'), st.just(","), st.just("\0")),
        max_size=12,
    ),
    st.binary(max_size=20),
)
def test_every_row_is_good_or_a_problem(rows: list[str], tail: bytes) -> None:
    data = "\n".join([HEADER, *rows]).encode("utf-8", errors="surrogatepass") + tail
    try:
        read = read_bytes(data)
    except FileRefused as refused:
        said = str(refused.message) and str(refused.remedy)
    else:
        whole(read)
        said = "read"
    assert said
