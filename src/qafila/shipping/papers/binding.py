"""PDF files bound into one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from threading import Lock
from typing import BinaryIO

import pypdfium2

_ONE_AT_A_TIME = Lock()  # PDFium keeps state of its own beside the document


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Holds PDFium for whoever works with it."""
    with _ONE_AT_A_TIME:
        yield


class Binding:
    """One PDF of several that come one after the other: while the next is being set, the last is bound already."""

    def __init__(self) -> None:
        self._whole: pypdfium2.PdfDocument | None = None

    def __bool__(self) -> bool:
        return self._whole is not None

    def add(self, part: bytes) -> None:
        """Binds the pages of a PDF behind those that there are."""
        with _ONE_AT_A_TIME:
            if self._whole is None:
                self._whole = pypdfium2.PdfDocument.new()
            with closing(pypdfium2.PdfDocument(part)) as pages:
                self._whole.import_pages(pages)

    def write(self, target: BinaryIO) -> None:
        """Writes the whole, which ends with it. There must be a page: a PDF has at least one."""
        if self._whole is None:
            raise ValueError("nothing is bound")
        with _ONE_AT_A_TIME, closing(self._whole):
            self._whole.save(target)
        self._whole = None


def joined(parts: Iterable[bytes]) -> bytes:
    """PDF files as one."""
    first, *others = parts
    if not others:
        return first
    binding, file = Binding(), BytesIO()
    for part in (first, *others):
        binding.add(part)
    binding.write(file)
    return file.getvalue()
