"""Cells of a workbook as texts: its numbers have decimals alone, whatever its texts write."""

from __future__ import annotations

import pytest

from qafila.shipping.orders.orders_figures import notation_of
from qafila.shipping.orders.workbook_sheets import _text


@pytest.mark.parametrize("cell", [1.255, 0.255, 12.5, 3.0, 1255.255, -1.255, 999.999, 1.2555])
def test_a_number_is_never_read_as_thousands(cell: float) -> None:
    commas = notation_of(["12,50", "9,90", _text(cell)])
    assert float(commas.number(_text(cell))) == cell
