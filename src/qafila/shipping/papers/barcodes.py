"""Barcodes as SVG: the S10 bars of a parcel and the Data Matrix with its routing."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import zint
from numpy.typing import NDArray

from qafila.core.identifiers import s10


@lru_cache(maxsize=2000)  # the label and the CN23 carry the same bars
def s10_svg(number: str) -> str:
    """The UPU S10 symbol (Code 128) of a number, bars only; its quiet zone is the template's.

    The library's own S10 symbology draws the same bars, but grumbles at service indicators that the UPU added
    since; so the number is checked here. Raises InvalidNumber.
    """
    return _svg(zint.Symbology.CODE128, s10.parse(number))


def code128_svg(text: str) -> str:
    """Code 128 of a text, bars only."""
    return _svg(zint.Symbology.CODE128, text)


def data_matrix_svg(text: str) -> str:
    """A square Data Matrix (ECC 200) of a text."""
    return _svg(zint.Symbology.DATAMATRIX, text)


def qr_svg(text: str) -> str:
    """A QR code of a text, for a screen or a paper that somebody shows."""
    return _svg(zint.Symbology.QRCODE, text)


def gs1_svg(elements: str) -> str:
    """A square GS1 Data Matrix of elements with brackets, `(00)…`; they are checked before (`gs1_elements`)."""
    return _drawn(gs1_modules(elements))


def gs1_modules(elements: str) -> NDArray[np.bool_]:
    """The modules of a GS1 Data Matrix, row by row: True is dark."""
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.DATAMATRIX
    symbol.input_mode = zint.InputMode.GS1 | zint.InputMode.GS1PARENS
    symbol.option_3 = 100  # DM_SQUARE: square symbols only
    symbol.encode(elements)
    packed = np.asarray(symbol.encoded_data)[: symbol.rows]
    return np.unpackbits(packed, axis=1, bitorder="little")[:, : symbol.width].astype(np.bool_)


def _svg(symbology: zint.Symbology, text: str) -> str:
    """The symbol's rows as strokes: dark runs drawn, light ones leapt over. Few strokes in whole numbers set fast."""
    symbol = zint.Symbol()
    symbol.symbology = symbology
    symbol.encode(text)
    packed = np.asarray(symbol.encoded_data)[: symbol.rows]
    return _drawn(np.unpackbits(packed, axis=1, bitorder="little")[:, : symbol.width].astype(np.bool_))


def _drawn(dark: NDArray[np.bool_]) -> str:
    rows, width = dark.shape
    modules = np.zeros((rows, width + 2), np.bool_)  # with a light one before each row and behind it
    modules[:, 1:-1] = dark
    edges = np.flatnonzero(modules[:, 1:] != modules[:, :-1])  # where dark begins and ends
    to, along = _strokes(rows, width)
    strokes = np.empty(len(edges), np.object_)
    strokes[::2] = to[edges[::2]]
    strokes[1::2] = along[edges[1::2] - edges[::2]]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -.5 {width} {rows}" preserveAspectRatio="none">'
        f'<path stroke="#000" d="{"".join(strokes.tolist())}"/></svg>'
    )


@lru_cache(maxsize=16)  # a file's symbols are of a few sizes
def _strokes(rows: int, width: int) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """How to get to the edge before or behind each module, row by row, and along so many modules."""
    to = [f"M{x} {y}" for y in range(rows) for x in range(width + 1)]
    return np.array(to, np.object_), np.array([f"h{n}" for n in range(width + 1)], np.object_)
