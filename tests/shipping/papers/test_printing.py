"""Labels for printers: ZPL drawn back gives the label, four fit on a sheet, a cancelled one is void."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from qafila.core.fault import Fault
from qafila.shipping.orders.order import Address
from qafila.shipping.papers.labels import address_lines, labels_pdf
from qafila.shipping.papers.printing import four_up, zpl
from tests.shipping.parcels import FACILITIES, parcel


def drawn(commands: bytes) -> list[Image.Image]:
    """What a printer draws: ^GFA with its counted runs, by the ZPL II manual."""
    pages = []
    for size, row, data in re.findall(rb"\^GFA,\d+,(\d+),(\d+),(.*?)\^FS", commands, re.S):
        width, rows, line, times = int(row) * 2, [], "", 0
        for sign in data.decode():
            if "G" <= sign <= "Y":
                times += ord(sign) - ord("G") + 1
            elif "g" <= sign <= "z":
                times += 20 * (ord(sign) - ord("g") + 1)
            elif sign in ",!:":
                line = rows[-1] if sign == ":" else line.ljust(width, "0" if sign == "," else "F")
            else:
                line, times = line + sign * (times or 1), 0
            if len(line) == width:
                rows.append(line)
                line = ""
        assert len(rows) * int(row) == int(size)
        bits = np.unpackbits(np.array([list(bytes.fromhex(r)) for r in rows], np.uint8), axis=1)
        pages.append(Image.fromarray(((1 - bits) * 255).astype(np.uint8)))
    return pages


@pytest.mark.parametrize(("dpi", "width", "height"), [(203, 812, 1218), (300, 1200, 1800)])
def test_zpl_is_the_label_dot_by_dot(dpi: int, width: int, height: int) -> None:
    booked = parcel(1)
    commands = zpl(labels_pdf([booked, parcel(2)], FACILITIES), dpi)
    assert commands.startswith(b"^XA")
    assert commands.count(b"^XZ") == 2
    first, _ = drawn(commands)
    assert abs(first.width - width) <= 8  # rows are whole bytes
    assert abs(first.height - height) <= 1
    read = {code.text for code in zxingcpp.read_barcodes(first)}
    assert booked.number in read


def test_a_resolution_that_no_printer_has_is_refused() -> None:
    with pytest.raises(Fault, match="203 or 300"):
        zpl(b"", 72)


def test_four_labels_fit_on_a_sheet() -> None:
    labels = [parcel(n) for n in range(1, 6)]
    sheets = pypdfium2.PdfDocument(four_up(labels_pdf(labels, FACILITIES)))
    assert len(sheets) == 2
    assert [round(x) for x in sheets[0].get_size()] == [595, 842]
    read = {code.text for code in zxingcpp.read_barcodes(sheets[0].render(scale=300 / 72).to_pil())}
    assert {p.number for p in labels[:4]} <= read


def test_a_cancelled_label_is_void_and_cannot_be_scanned() -> None:
    void = replace(parcel(1), void=True)
    page = pypdfium2.PdfDocument(labels_pdf([void], FACILITIES))[0]
    assert zxingcpp.read_barcodes(page.render(scale=3).to_pil()) == []
    text = page.get_textpage().get_text_range()
    assert "VOID" in text
    assert "ANNULÉ" in text


@pytest.mark.parametrize(
    ("country", "city", "region", "postcode", "lines"),
    [
        ("US", "Portland", "ME", "04101", ["Portland, ME 04101"]),
        ("GB", "London", "", "EC1A 1BB", ["London", "EC1A 1BB"]),
        ("FR", "Lyon", "", "69002", ["69002 Lyon"]),
        ("CA", "London", "ON", "N6A 1B7", ["London ON N6A 1B7"]),
        ("MA", "Fès", "", "30000", ["30000 Fès"]),
        ("AE", "Dubai", "Dubai", "", ["Dubai"]),
    ],
)
def test_an_address_is_ordered_as_its_post_orders_it(
    country: str, city: str, region: str, postcode: str, lines: list[str]
) -> None:
    address = Address(country, city, name="A", line1="1 Main St", region=region, postcode=postcode)
    assert address_lines(address)[2:-1] == lines
