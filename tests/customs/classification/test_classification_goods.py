"""What sellers write is read in a time that grows as its length, whatever they write."""

from __future__ import annotations

import sys

import pytest

from qafila.customs.classification.classification_goods import describe


def _steps(text: str) -> int:
    """Calls that reading a text takes; patterns that try each place with each other are bounded by their gaps."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(counted)
    try:
        describe("x", text)
    finally:
        sys.setprofile(None)
    return count


def test_a_composition_is_read_before_and_behind_its_share() -> None:
    assert describe("60% cotton and 40% modal").shares == ((60.0, ("cotton", "and")), (40.0, ("modal",)))
    assert describe("coton     :    60 %").shares == ((60.0, ("coton",)),)
    assert describe("wool\n\n\n\n20 %").shares == describe("wool\n20 %").shares


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text", ["a" + " " * 20_000 + "b", "1%" + " \t" * 10_000, "a :" * 6_000, "1." * 10_000]
)
def test_long_gaps_cost_no_more_than_their_length(text: str) -> None:
    """20,000 spaces once took a hundred seconds."""
    assert describe("x", text).title == ("x",)
    assert _steps(text) < 40 * len(text)


@pytest.mark.parametrize(
    "attributes",
    [
        "[" * 20_000,
        "[" * 900 + "1" + "]" * 900,
        "[" + "9" * 5_000 + "]",
        '["\\ud800"]',
        "{" + '"a":{' * 500,
        "[NaN]",
    ],
)
def test_attributes_that_are_no_attributes_are_text(attributes: str) -> None:
    assert describe("x", attributes).title == ("x",)
