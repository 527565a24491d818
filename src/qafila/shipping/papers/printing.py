"""Labels for printers: ZPL for thermal printers, sheets of four for office printers."""

from __future__ import annotations

import ctypes
from contextlib import closing
from io import BytesIO
from itertools import groupby

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from qafila.core.fault import Fault
from qafila.core.message import Choice
from qafila.shipping.papers import papers_messages as say
from qafila.shipping.papers.binding import one_at_a_time

RESOLUTIONS = (203, 300)
"""Dots per inch of thermal printers: 8 and 12 a millimetre."""
_INK = 128  # of 255: what is darker is printed
_A4 = (595.276, 841.89)  # points


def zpl(labels: bytes, dpi: int = 203) -> bytes:
    """Labels as ZPL II, a format of its own for each page.

    Args:
        labels: a PDF with a label a page. Each is drawn as a picture: the same in every script, whatever fonts a printer has.
        dpi: 203 or 300.

    Raises:
        Fault: a resolution that label printers do not have.
    """
    if dpi not in RESOLUTIONS:
        remedy = say.USE_RESOLUTION(resolutions=Choice(tuple(RESOLUTIONS)))
        raise Fault(say.NO_RESOLUTION(dpi=dpi), remedy, field="dpi", value=str(dpi))
    pages = []
    with one_at_a_time(), closing(pypdfium2.PdfDocument(labels)) as document:
        for page in document:
            grey = page.render(scale=dpi / 72, grayscale=True).to_numpy()
            pages.append(_format(grey.reshape(grey.shape[0], grey.shape[1]) < _INK))
    return b"".join(pages)


def _format(dots: NDArray[np.bool_]) -> bytes:
    """One label: its size, then its dots, row by row, packed as ZPL packs them."""
    height, width = dots.shape
    rows = np.packbits(dots, axis=1)
    data = bytearray()
    before = ""
    for row in rows:
        line = row.tobytes().hex().upper()
        data += b":" if line == before else _packed(line)
        before = line
    size = rows.shape[1]
    head = f"^XA^PW{width}^LL{height}^LH0,0^FO0,0^GFA,{size * height},{size * height},{size},"
    return head.encode() + bytes(data) + b"^FS^PQ1^XZ\n"


def _packed(line: str) -> bytes:
    """A row of hexadecimal digits with runs counted: G to Y are 1 to 19 times, g to z 20 to 400 times; a comma is
    nothing but zeros to the end, an exclamation mark nothing but ones."""
    rest = line.rstrip("0")
    end = ""
    if rest != line:
        end, line = ",", rest
    elif len(line) > 1 and line.rstrip("F") != line:
        end, line = "!", line.rstrip("F")
    made = []
    for digit, run in groupby(line):
        count = len(list(run))
        while count > 400:
            made.append("z" + digit)
            count -= 400
        twenties, ones = divmod(count, 20)
        times = (chr(ord("g") + twenties - 1) if twenties else "") + (
            chr(ord("G") + ones - 1) if ones else ""
        )
        made.append((times if count > 1 else "") + digit)
    return ("".join(made) + end).encode()


def four_up(labels: bytes) -> bytes:
    """Labels on sheets of A4, four a sheet, in their order: to be cut, or for sheets of four self-adhesive labels."""
    with one_at_a_time(), closing(pypdfium2.PdfDocument(labels)) as document:
        made = pdfium.FPDF_ImportNPagesToOne(
            document.raw,
            ctypes.c_float(_A4[0]),
            ctypes.c_float(_A4[1]),
            ctypes.c_size_t(2),
            ctypes.c_size_t(2),
        )
        with closing(pypdfium2.PdfDocument(made)) as sheets:
            file = BytesIO()
            sheets.save(file)
    return file.getvalue()
