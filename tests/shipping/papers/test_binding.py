"""Several PDFs bound into one, read back page by page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pypdfium2
import pytest

from qafila.shipping.papers.binding import Binding, joined


def pdf(*widths: int) -> bytes:
    """A PDF with a page of each width."""
    made, file = pypdfium2.PdfDocument.new(), BytesIO()
    for width in widths:
        made.new_page(width, 100)
    made.save(file)
    made.close()
    return file.getvalue()


def widths(document: bytes) -> list[int]:
    read = pypdfium2.PdfDocument(document)
    found = [round(page.get_width()) for page in read]
    read.close()
    return found


def test_pages_follow_each_other_as_they_came() -> None:
    bound, file = Binding(), BytesIO()
    assert not bound
    for part in (pdf(10, 20), pdf(30), pdf(40, 50)):
        bound.add(part)
        assert bound
    bound.write(file)
    assert widths(file.getvalue()) == [10, 20, 30, 40, 50]
    assert not bound


def test_nothing_is_no_pdf() -> None:
    with pytest.raises(ValueError, match="nothing"):
        Binding().write(BytesIO())


def test_one_is_left_as_it_is() -> None:
    one = pdf(7)
    assert joined([one]) is one
    assert widths(joined([one, pdf(8)])) == [7, 8]


def test_several_threads_bind_at_once() -> None:
    parts = [pdf(n, n + 1) for n in range(10, 60, 2)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(joined, [parts] * 24))
    assert all(found == list(range(10, 60)) for found in map(widths, made))
