"""Files as programs leave them: encodings, spreadsheets' errors, rows without an id, workbooks, gifts."""

from __future__ import annotations

import io
import zipfile

import pytest

from qafila.shipping.orders.decoding import decode
from qafila.shipping.orders.orders_figures import Notation, currency_of
from qafila.shipping.orders.reading import read_bytes
from tests.shipping.drafts import orders_of

HEADER = "order_id,destination_country,destination_city,receiver_name,title,quantity,unit_price,currency"
TEXTS = {
    "cp1252": ("François Lefèvre", "Hôtel Élysée, tapis berbère"), "mac_roman": ("François Lefèvre", "Théière émaillée, forêt"),
    "cp850": ("Hélène Gauß", "Céramique de Fès, pièce"), "cp1250": ("Paweł Wiśniewski", "Dywan wełniany ręcznie tkany, Łódź, żółty"),
    "cp1251": ("Иван Петров", "Ковёр ручной работы из шерсти"), "cp1253": ("Γιώργος Παπαδόπουλος", "Χειροποίητο χαλί από μαλλί"),
    "cp1254": ("Ayşe Yılmaz", "El dokuması halı, Şanlıurfa, ığdır"), "cp1256": ("فاطمة الزهراء", "زربية تقليدية من الصوف"),
    "iso8859_6": ("فاطمة الزهراء", "زربية تقليدية من الصوف"), "gb18030": ("张伟", "手工编织羊毛地毯"), "big5": ("王小明", "手工編織羊毛地毯"),
    "iso8859_2": ("Šárka Křížová", "Žlutý šátek, hrnek s ouškem"), "cp852": ("Małgorzata Wójcik", "Świeca zapachowa, żółta książka"), "cp857": ("İsmail Çağlar", "Bakır fincan, ığdır şalı"),
    "koi8_r": ("Наталья Щербакова", "Шерстяной платок ручной работы"), "cp866": ("Пётр Чайковский", "Книга о музыке"), "mac_cyrillic": ("Христо Ботев", "Розово масло от Пловдив"),
    "iso8859_7": ("Άννα Ωνάση", "Άσπρη δερμάτινη τσάντα"), "cp1255": ("משה כהן", "תיק עור בעבודת יד"), "cp1257": ("Žydrūnas Šimkus", "Odinė rankinė, ąžuolas, įmautė, šalikas"),
    "cp874": ("สมชาย ใจดี", "กระเป๋าหนังทำมือ"), "shift_jis": ("山田太郎", "革のハンドバッグ"), "euc_jp": ("山田太郎", "革のハンドバッグ"), "euc_kr": ("김철수", "가죽 가방 수공예 제품"),
}  # fmt: skip


@pytest.mark.parametrize("encoding", TEXTS)
def test_legacy_encodings_are_recognised(encoding: str) -> None:
    name, title = TEXTS[encoding]
    text = f'{HEADER}\n1,FR,Lyon,{name},"{title}",1,10,EUR\n2,FR,Lyon,{name},"{title}",1,10,EUR\n'
    row = read_bytes(text.encode(encoding)).good[0]
    assert (row.get("name"), row.get("title")) == (name, title)


@pytest.mark.parametrize(
    ("country", "city", "name", "title", "encodings"),
    [
        ("EE", "Võru", "Jüri Põldmäe", "õunapuust kauss", "cp1257 iso8859_13 iso8859_15 iso8859_4 cp775"),
        ("HU", "Győr", "Szűcs Őrs", "tűzzománc", "cp1250 iso8859_2 cp852"),
        ("LV", "Cēsis", "Ģertrūde Ķirse", "mežģīnes", "cp1257 iso8859_13 iso8859_4 cp775"),
        ("LT", "Kėdainiai", "Vytautas Čiurlionis", "Gintaro vėrinys", "cp1257 iso8859_13 iso8859_4 cp775"),
        ("SI", "Črnomelj", "Žiga Čuček", "Volnena odeja", "cp1250 iso8859_2 cp852"),
        ("Slovakia", "Žilina", "Ľubomír Šťastný", "hrnček", "cp1250 iso8859_2 cp852"),
    ],
)
def test_the_country_of_a_row_tells_its_alphabet(
    country: str, city: str, name: str, title: str, encodings: str
) -> None:
    for encoding in encodings.split():
        row = read_bytes(f"{HEADER}\n1,{country},{city},{name},{title},1,10,EUR\n".encode(encoding)).good[0]
        assert (row.get("name"), row.get("title")) == (name, title), encoding


def test_a_country_does_not_make_french_its_own_language() -> None:
    for country in ("LV", "LT", "EE", "HU"):
        text = f"{HEADER}\n1,{country},X,Hélène Lefèvre,Théière émaillée,1,10,EUR\n"
        assert read_bytes(text.encode("cp1252")).good[0].get("name") == "Hélène Lefèvre"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "Begoña"), ("mac_roman", "Begoña"), ("cp850", "Zoé"), ("cp1252", "Hélène")],
)
def test_one_accent_is_no_letter_of_a_far_script(encoding: str, name: str) -> None:
    text = f"{HEADER}\n1,FR,Lyon,{name},Bag,1,10,EUR\n"
    assert read_bytes(text.encode(encoding)).good[0].get("name") == name


@pytest.mark.parametrize(
    ("encoding", "name", "title"),
    [
        ("iso8859_6", "ياسين بوعزة", "طاجين فخار مزخرف"),  # taken for Thai before
        ("cp1250", "Mădălina Căpăţână", "Ie ţesută, Timişoara"),  # refused before
        ("mac_greek", "Γιώργος Παπαδόπουλος", "Ελαιόλαδο εξαιρετικό"),
        ("cp862", "יעקב גולדשטיין", "תכשיט כסף"),
        ("cp1125", "Олексій Їжакевич", "Вишита сорочка"),
        ("cp775", "Jānis Bērziņš", "Dzintara krelles, Ķekava"),
        ("cp860", "João Conceição", "Azulejo pintado à mão"),
        ("cp850", "Totò Schillaci", "Ceramica, qualità"),
        ("cp855", "Цветелина Жекова", "Розово масло"),
    ],
)
def test_rarer_encodings_are_recognised(encoding: str, name: str, title: str) -> None:
    text = f'{HEADER}\n1,FR,Lyon,{name},"{title}",1,5,EUR\n'
    row = read_bytes(text.encode(encoding)).good[0]
    assert (row.get("name"), row.get("title")) == (name, title)


@pytest.mark.parametrize("taken_for", ["cp1252", "cp1250", "cp1251", "cp1256", "mac_roman", "cp850", "gbk"])
@pytest.mark.parametrize("name", ["Élodie Lefèvre", "Größe", "São Paulo", "Håkon Sæther", "Мария Иванова"])
def test_utf8_taken_for_another_encoding_is_undone(taken_for: str, name: str) -> None:
    try:
        twice = name.encode().decode(taken_for)
    except UnicodeDecodeError:
        pytest.skip("that program would have refused it")
    assert decode(f"h;i\n{twice};1\n".encode()).text == f"h;i\n{name};1\n"
    thrice = twice.encode().decode("cp1252", errors="replace")
    if "\ufffd" not in thrice:
        assert decode(f"h;i\n{thrice};1\n".encode()).text == f"h;i\n{name};1\n"


@pytest.mark.parametrize(
    "name",
    [
        "Ch’ü-hsia",
        "Úžice",
        "Píšť",
        "联通",
        "校",
        "T恤",
        "U盘",
        "Юї",
        "سلا",
        "Ağrı",
        "Đà Nẵng",
        "Łódź",
        "Þór",
        "東京",
        "서울",
        "กรุงเทพ",
    ],
)
def test_what_was_written_rightly_stays(name: str) -> None:
    assert decode(f"h;i\n{name};1\n".encode()).text == f"h;i\n{name};1\n"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&amp;eacute;t&#xE9;", "été"),
        ("<p>Rug</p>", "Rug"),
        ("Bag<br/>red", "Bag red"),
        ("&lt;b&gt;Bag&lt;/b&gt;", "Bag"),
        ("Tapis&nbsp;rouge", "Tapis rouge"),
        ("&#1571;&#1581;&#1605;&#1583;", "أحمد"),
        ("AT&T", "AT&T"),
        ("M&M's", "M&M's"),
        ("Size <40>", "Size <40>"),
        ("&copy 2020", "&copy 2020"),
        ("5 &gt; 3", "5 > 3"),
    ],
)
def test_what_a_shop_s_page_wrote_is_read(written: str, read: str) -> None:
    assert read_bytes(f'{HEADER}\n1,FR,Lyon,A,"{written}",1,5,EUR\n'.encode()).good[0].get("title") == read


def test_an_entity_of_no_character_costs_its_row() -> None:
    assert not read_bytes(f"{HEADER}\n1,FR,Lyon,A,&#0;bag,1,5,EUR\n".encode()).good


def test_text_encoded_twice_and_entities_are_undone() -> None:
    text = f"{HEADER}\n1,FR,Lyon,François Lefèvre,Théière émaillée,1,10,EUR\n"
    twice = text.encode("utf-8").decode("cp1252").encode("utf-8")
    assert read_bytes(twice).good[0].get("name") == "François Lefèvre"
    russian = f"{HEADER}\n1,RU,Москва,Иван Петров,Ковёр,1,10,EUR\n"
    for taken_for in ("cp1252", "mac_roman", "cp437"):
        mistaken = russian.encode("utf-8").decode(taken_for, errors="ignore").encode("utf-8")
        if russian.encode("utf-8").decode(taken_for, errors="replace").count("\ufffd") == 0:
            assert read_bytes(mistaken).good[0].get("name") == "Иван Петров", taken_for
    entities = f"{HEADER}\n1,FR,Lyon,Fran&ccedil;ois &amp; fils,Th&#233;i&egrave;re,1,10,EUR\n"
    assert read_bytes(entities.encode()).good[0].get("name") == "François & fils"
    assert read_bytes(entities.encode()).good[0].get("title") == "Théière"


@pytest.mark.parametrize("cell", ["#REF!", "#N/A", "########", "#VALEUR!", "#NOM?", "Err:502", "#DIV/0!"])
@pytest.mark.parametrize("field", ["receiver_name", "title", "address"])
def test_a_spreadsheet_s_error_is_no_value(cell: str, field: str) -> None:
    head = f"{HEADER},address,phone"
    row = {
        "order_id": "1",
        "destination_country": "FR",
        "destination_city": "Lyon",
        "receiver_name": "A",
        "title": "Bag",
        "quantity": "1",
        "unit_price": "5",
        "currency": "EUR",
        "address": "1 rue X",
        "phone": "1",
    } | {field: cell}
    sheet = read_bytes(f"{head}\n{','.join(row[h] for h in head.split(','))}\n".encode())
    assert not sheet.good
    assert "spreadsheet" in str(sheet.problems[0].reason)


def test_numbers_whose_digits_are_lost_are_refused_and_others_mended() -> None:
    head = f"{HEADER},phone,postcode"
    lost = read_bytes(f"{head}\n1,FR,Lyon,A,Bag,1,5,EUR,2.12661E+11,69002\n".encode())
    assert [p.field for p in lost.problems] == ["phone"]
    kept = read_bytes(f"{head}\n1,FR,Lyon,A,Bag,1,5,EUR,212661234567.0,69002.0\n".encode()).good[0]
    assert (kept.get("phone"), kept.get("postcode")) == ("212661234567", "69002")


def test_a_row_of_goods_without_an_id_belongs_to_the_order_above() -> None:
    (order,), problems = orders_of(f"{HEADER}\n1,FR,Lyon,A,Bag,1,5,EUR\n,,,,Belt,2,3,EUR\n")
    assert not problems
    assert [(i.description, i.quantity) for i in order.items] == [("Bag", 1), ("Belt", 2)]
    assert order.rows == (2, 3)


def test_an_order_with_a_row_that_cannot_be_read_is_not_sent_without_it() -> None:
    orders, problems = orders_of(
        f"{HEADER}\n1,FR,Lyon,A,Bag,1,5,EUR\n,,,,#REF!,2,3,EUR\n2,FR,Lyon,B,Bag,1,5,EUR\n"
    )
    assert [o.id for o in orders] == ["2"]
    assert sorted(p.row for p in problems) == [2, 3]


def test_a_row_with_its_own_destination_and_no_id_is_refused_alone() -> None:
    orders, problems = orders_of(f"{HEADER}\n1,FR,Lyon,A,Bag,1,5,EUR\n,FR,Lyon,B,Belt,2,3,EUR\n")
    assert [o.id for o in orders] == ["1"]
    assert [(p.row, p.field) for p in problems] == [(3, "order_id")]


@pytest.mark.parametrize(
    ("written", "amount", "currency"),
    [
        ("US$ 12.50", "12.50", "USD"),
        ("₹1,200.00", "1200.00", "INR"),
        ("12 ر.س", "12", "SAR"),
        ("د.م. 120", "120", "MAD"),
        ("R$ 10.00", "10.00", "BRL"),
        ("12 zł", "12", "PLN"),
        ("HK$ 88", "88", "HKD"),
        ("12.5 euros", "12.5", "EUR"),
        ("1.5 د.ك", "1.5", "KWD"),
    ],
)
def test_currency_signs(written: str, amount: str, currency: str) -> None:
    value, named = Notation(".").price(written)
    assert str(value) == amount
    assert named is not None
    assert currency_of(named) == currency


def test_a_gift_of_a_shop_counts_at_its_price_before_the_discount() -> None:
    text = (
        "order_id,status,order_currency,shipping_city,shipping_country,line_items\n"
        '7,processing,EUR,Lyon,FR,"name:Tray|quantity:2|subtotal:40.00|total:40.00;name:Bag|quantity:1|subtotal:9.00|total:0.00"\n'
    )
    (order,), problems = orders_of(text)
    assert not problems
    assert [str(i.unit_value) for i in order.items] == ["20.00 EUR", "9.00 EUR"]
    assert any("given away" in str(e.rule) for e in order.estimates)


def test_an_item_cost_before_discount_gives_way_to_what_was_paid() -> None:
    head = "Order ID,Currency,Shipping City,Shipping Country,Item Name,Quantity,Item Cost Before Discount,Order Line Total\n"
    (order,), _ = orders_of(head + "1,EUR,Lyon,FR,Tray,2,25.00,40.00\n")
    assert str(order.items[0].unit_value) == "20.00 EUR"
    alone = "Order ID,Currency,Shipping City,Shipping Country,Item Name,Quantity,Item Cost Before Discount\n"
    (order,), _ = orders_of(alone + "1,EUR,Lyon,FR,Tray,2,25.00\n")
    assert str(order.items[0].unit_value) == "25.00 EUR"
    assert any("before a discount" in str(e.rule) for e in order.estimates)


def test_workbooks_are_read_as_text_and_rows_are_numbered_as_the_spreadsheet_does() -> None:
    sheet = read_bytes(
        _xlsx(
            [
                [
                    "order_id",
                    "destination_country",
                    "destination_city",
                    "title",
                    "quantity",
                    "unit_price",
                    "currency",
                    "phone",
                    "hs",
                ],
                [],
                [1001, "FR", "Lyon", "Théière", 2, 12.5, "EUR", 33400000000, 90121.0],
                ["A2", "FR", "Lyon", "#REF!", 1, 3, "EUR", "", ""],
            ]
        )
    )
    assert sheet.encoding == "workbook"
    (row,) = sheet.good
    assert row.number == 3
    assert (
        row.get("order_id"),
        row.get("quantity"),
        row.get("unit_price"),
        row.get("phone"),
        row.get("hs"),
    ) == ("1001", "2", "12.5", "33400000000", "90121")
    assert [(p.row, p.field) for p in sheet.problems] == [(4, "title")]


def _xlsx(rows: list[list[object]]) -> bytes:
    """A workbook as small as the format allows (ECMA-376), strings inline."""
    lines = []
    for r, row in enumerate(rows, 1):
        cells = "".join(
            f'<c r="{chr(65 + c)}{r}" t="inlineStr"><is><t>{cell}</t></is></c>'
            if isinstance(cell, str)
            else f'<c r="{chr(65 + c)}{r}"><v>{cell}</v></c>'
            for c, cell in enumerate(row)
        )
        lines.append(f'<row r="{r}">{cells}</row>')
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{''.join(lines)}</sheetData></worksheet>",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("encoding", "row"),
    [
        ("cp1253", "GR,Ηράκλειο,Αθηνά Ψύχα"),
        ("iso8859_7", "FR,Αθήνα,Αθηνά Ψύχα"),
        ("cp1251", "UA,Чернігів,Ігор Шевченко"),
        ("cp1251", "RS,Београд,Љиљана Њежић"),
        ("iso8859_5", "RS,Paris,Љиљана Њежић"),
        ("cp862", "IL,ירושלים,רחל לוי"),
        ("euc_jp", "JP,大阪市,鈴木一郎"),
        ("cp949", "KR,부산,이영희"),
    ],
)
def test_the_country_tells_the_script(encoding: str, row: str) -> None:
    text = f"order_id,country,city,name,title,quantity,unit_price,currency\n1,{row},Leather bag,1,10,EUR\n"
    assert decode(text.encode(encoding)).text == text


def test_an_encoding_that_is_not_sure_is_said_with_both_readings() -> None:
    """Croatian letters beside a French country are French letters, too: nothing tells which."""
    head = "order_id,country,city,name,title,quantity,unit_price,currency\n"
    unsure = read_bytes(f"{head}1,FR,Čakovec,Ivana Ćosić,Bag,1,10,EUR\n".encode("cp1250"))
    assert unsure.doubt is not None
    assert {unsure.doubt.values["read"], unsure.doubt.values["instead"]} == {"Èakovec", "Čakovec"}
    sure = read_bytes(f"{head}1,FR,Besançon,Hélène Noël,Théière,1,10,EUR\n".encode("cp1252"))
    assert sure.doubt is None
