"""Workbooks that are made to bring down whoever opens them: each is refused, and the process that asked lives on."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders import workbook_sheets, workbooks
from qafila.shipping.orders.columns import FileRefused
from qafila.shipping.orders.workbooks import rows_of

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def _packed(parts: dict[str, bytes | list[bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, pieces in parts.items():
            with package.open(name, "w") as one:
                for piece in [pieces] if isinstance(pieces, bytes) else pieces:
                    one.write(piece)
    return out.getvalue()


def xlsx(rows: bytes | list[bytes], before: bytes = b"") -> bytes:
    """A workbook of one sheet, given by the XML of its rows and what stands before its root."""
    pieces = [rows] if isinstance(rows, bytes) else rows
    return _packed(
        {
            "[Content_Types].xml": b"<Types/>",
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" Type="{_OFFICE}/officeDocument"'
            f' Target="xl/workbook.xml"/></Relationships>'.encode(),
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="A" sheetId="1" r:id="b"/>'
            "</sheets></workbook>".encode(),
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="b" Type="{_OFFICE}/worksheet"'
            ' Target="worksheets/sheet1.xml"/></Relationships>'.encode(),
            "xl/worksheets/sheet1.xml": [
                before,
                f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode(),
                *pieces,
                b"</sheetData></worksheet>",
            ],
        }
    )


def far_corners() -> bytes:
    return xlsx(
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    )


def wide_and_not_too_tall() -> bytes:
    return xlsx(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="199999"><c r="XFD199999"><v>2</v></c></row>')


def unpacks_a_thousandfold() -> bytes:
    return xlsx(
        [b'<row r="1"><c r="A1" t="inlineStr"><is><t>', *[b"x" * (1 << 24)] * 20, b"</t></is></c></row>"]
    )


def entities() -> bytes:
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    return xlsx(
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>&e11;</t></is></c></row>',
        f'<!DOCTYPE x [<!ENTITY e0 "{"x" * 100}">{nested}]>'.encode(),
    )


def ods_repeated() -> bytes:
    office, table, text = (
        "urn:oasis:names:tc:opendocument:xmlns:" + name for name in ("office:1.0", "table:1.0", "text:1.0")
    )
    content = (
        f'<o:document-content xmlns:o="{office}" xmlns:t="{table}" xmlns:x="{text}"><o:body><o:spreadsheet><t:table t:name="A">'
        '<t:table-row t:number-rows-repeated="1000000"><t:table-cell o:value-type="string" t:number-columns-repeated="16384">'
        "<x:p>y</x:p></t:table-cell></t:table-row></t:table></o:spreadsheet></o:body></o:document-content>"
    )
    return _packed(
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()}
    )


@pytest.mark.parametrize("bomb", [far_corners, wide_and_not_too_tall, entities, ods_repeated])
def test_a_bomb_is_refused(bomb: Callable[[], bytes]) -> None:
    data = bomb()
    assert len(data) < 100_000
    with pytest.raises(FileRefused) as refused:
        rows_of(data)
    assert refused.value.message.id in {m.WORKBOOK_UNPACKS.id, m.WORKBOOK_BROKEN.id, m.TOO_MANY_ROWS.id}


def test_a_sheet_that_unpacks_to_gigabytes_ends_by_its_own_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """With less room than it has, so that the test does not take the whole."""
    monkeypatch.setattr(workbooks, "_ROOM", 256 << 20)
    data = unpacks_a_thousandfold()
    assert len(data) < 20 * 1024 * 1024  # it passes the door
    with pytest.raises(FileRefused) as refused:
        rows_of(data)
    assert refused.value.message.id in {m.WORKBOOK_UNPACKS.id, m.WORKBOOK_BROKEN.id}


def test_a_plain_workbook_is_read() -> None:
    rows = b'<row r="1"><c r="A1" t="inlineStr"><is><t>order</t></is></c><c r="B1"><v>2</v></c></row>'
    assert rows_of(xlsx(rows)) == [["order", "2"]]
    assert workbook_sheets.told(xlsx(rows)) == {"rows": [["order", "2"]]}
