"""Barcodes as SVG: the S10 bars of a parcel and the Data Matrix with its routing."""

from __future__ import annotations

from functools import lru_cache

import zint

from qafila.identifiers import s10


@lru_cache(maxsize=2000)  # the label and the CN23 carry the same bars
def s10_svg(number: str) -> str:
    """The UPU S10 symbol (Code 128) of a number, bars only; its quiet zone is the template's.

    The library's own S10 symbology draws the same bars, but grumbles at service indicators that the UPU added
    since; so the number is checked here. Raises InvalidNumber.
    """
    return _svg(zint.Symbology.CODE128, s10.parse(number))


def data_matrix_svg(text: str) -> str:
    """A square Data Matrix (ECC 200) of a text."""
    return _svg(zint.Symbology.DATAMATRIX, text)


def _svg(symbology: zint.Symbology, text: str) -> str:
    symbol = zint.Symbol()
    symbol.symbology = symbology
    symbol.show_text = False  # people read the template's own type
    symbol.encode(text)
    symbol.buffer_vector(0)
    vector = symbol.vector
    bars = "".join(f"M{r.x:g} {r.y:g}h{r.width:g}v{r.height:g}h-{r.width:g}z" for r in vector.rectangles)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {vector.width:g} {vector.height:g}" '
        f'preserveAspectRatio="none"><path d="{bars}"/></svg>'
    )
