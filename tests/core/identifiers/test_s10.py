import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qafila.core.identifiers import s10
from qafila.core.identifiers.errors import InvalidNumber


@pytest.mark.parametrize(("serial", "digit"), [("47312482", 9), ("10000014", 0), ("10000002", 5)])
def test_check_digits_of_the_standard(serial: str, digit: int) -> None:
    assert s10.check_digit(serial) == digit


def test_numbers_and_countries_from_outside(shared_data: Path) -> None:
    series = json.loads((shared_data / "identifiers" / "s10.json").read_text())["tracking_numbers"][0]
    assert all(s10.is_valid(n) for n in series["test_numbers"]["valid"])
    assert not any(s10.is_valid(n) for n in series["test_numbers"]["invalid"])
    issuers = next(a for a in series["additional"] if a["name"] == "Courier")["lookup"]
    assert [c["matches"] for c in issuers if not s10.is_valid("RB123456785" + c["matches"])] == []


@given(st.integers(0, 99_999_999), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(serial: int, place: int, shift: int) -> None:
    right = s10.number("CQ", serial, "MA")
    wrong = list(right)
    wrong[2 + place] = str((int(wrong[2 + place]) + shift) % 10)
    assert s10.parse(right.lower()[:4] + " " + right[4:]) == right
    # 10 and 0, 11 and 5 share a check digit: those pairs alone may pass (the standard's own weakness)
    total = s10.check_digit("".join(wrong[2:10]))
    assert (total == int(right[10])) == s10.is_valid("".join(wrong))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("RB123456786US", "should be 5"),
        ("RB123456785XX", "country"),
        ("RB12345678US", "nine digits"),
        ("FB123456785US", "service"),
    ],
)
def test_the_fault_is_named(text: str, fault: str) -> None:
    with pytest.raises(InvalidNumber, match=fault):
        s10.parse(text)


def test_a_serial_too_long_is_refused() -> None:
    with pytest.raises(InvalidNumber, match="eight digits"):
        s10.number("CQ", 100_000_000, "MA")
