"""HS codes as spreadsheets leave them."""

from __future__ import annotations

import pytest

from qafila.customs.hs_codes import CodeRefused, digits_of, read_code


@pytest.mark.parametrize(
    ("written", "digits", "mended"),
    [
        ("90121.0", "090121", True),
        ("70200.0", "070200", True),
        ("90230.0", "090230", True),
        ("610910.0", "610910", True),
        ("6109.10", "610910", False),
        ("6109.1", "610910", True),
        ("901.21", "090121", True),
        ("902.3", "090230", True),
        ("702.0", "070200", True),
        ("9012.10", "901210", False),
        ("0901.21.00", "09012100", False),
        ("6.1091E+05", "610910", True),
        ("90121", "090121", True),
        ("4202210000.0", "4202210000", True),
        ("'090121", "090121", False),
        ("6109.10.00.10", "6109100010", False),
        ("6109,10", "610910", False),
        ("901,21", "090121", True),
        ("90121,0", "090121", True),
        ("1.006,30", "100630", False),
        ("610,910", "610910", False),
        ("6,1091E+09", "6109100000", True),
        ("HS610910", "610910", False),
        ("HS 6109.10.00", "61091000", False),
        ("HS6: 610910", "610910", False),
        ("HS code (6 digits): 610910", "610910", False),
        ("Code SH : 6109.10", "610910", False),
        ("Zolltarifnummer 61091000", "61091000", False),
        ("ТН ВЭД 6109 10 000 0", "6109100000", False),
        ("HS编码：610910", "610910", False),
        ("البند ٦١٠٩١٠", "610910", False),
        ("６１０９１０", "610910", False),
        ('="610910"', "610910", False),
        ("\u200f610910\u200e", "610910", False),
        ("6109–10", "610910", False),
        ("610910 (cotton)", "610910", False),
        ("6109.10 - T-shirts 100% cotton", "610910", False),
    ],
)
def test_digits(written: str, digits: str, mended: bool) -> None:
    found = digits_of(written)
    assert found is not None
    assert (found.text, found.mended) == (digits, mended)


@pytest.mark.parametrize(
    "written",
    [
        "#REF!",
        "6.1E+05",
        "2.12661E+1",
        "cotton",
        "",
        "6109.10 / 6205.20",
        "610910 610910",
        "6109.10, 6109.90",
        "6109.10 or 62.05.20",
        "HS 2007 100630",
        "SKU 610910",
        "61091O",
        "6109.10%",
        "-610910",
    ],
)
def test_what_is_no_code(written: str) -> None:
    assert digits_of(written) is None
    with pytest.raises(CodeRefused):
        read_code(written)


def test_a_float_is_coffee_not_a_microscope() -> None:
    assert read_code("90121.0") == "090121"
