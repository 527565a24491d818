"""The checker finds each kind of flaw, and only it."""

from __future__ import annotations

import pytest

from qafila.packing.checking import Standing, Wrong, bears, borne, flaws
from qafila.packing.pieces import UPRIGHT, Contour, Cut, Kind, cross_section

BOX = Contour((200, 100, 100))
BRICK = Kind((100, 50, 20), 10.0, (0.0, 0.0, 0.004), UPRIGHT)


def at(x: int, y: int, z: int, size: tuple[int, int, int] = (100, 50, 20)) -> Standing:
    return Standing(BRICK, (x, y, z), size)


@pytest.mark.parametrize(
    ("stack", "wrong"),
    [
        ([at(0, 0, 0)], []),
        ([at(101, 0, 0)], [Wrong.OUTSIDE]),
        ([at(0, 0, 0, (100, 20, 50))], [Wrong.TURNED]),
        ([at(0, 0, 0), at(99, 0, 0)], [Wrong.OVERLAP]),
        ([at(0, 0, 0), at(51, 0, 20)], [Wrong.FLOATING]),
        ([at(0, 0, 0), at(50, 0, 20)], []),
        ([at(0, 0, 0), at(0, 0, 20), at(0, 0, 40), at(0, 0, 60)], [Wrong.OVERLOADED]),
    ],
)
def test_flaws(stack: list[Standing], wrong: list[Wrong]) -> None:
    """A brick bears 0.004 kg/cm² on 5,000 cm²: 20 kg, two of its own."""
    assert [flaw.wrong for flaw in flaws(BOX, stack)] == wrong


def test_weight_is_shared_by_common_base() -> None:
    stack = [at(0, 0, 0), at(100, 0, 0), at(25, 0, 20)]
    assert borne(stack) == pytest.approx([7.5, 2.5, 0.0])
    assert bears(stack[0]) == pytest.approx(20.0)


def test_a_cut_takes_its_triangle_off() -> None:
    contour = Contour((10, 100, 100), (Cut((60, 100), (100, 60)),))
    assert cross_section(contour) == pytest.approx(100 * 100 - 40 * 40 / 2)
    corner = Standing(Kind((10, 30, 30), 1.0, (0, 0, 0)), (0, 70, 70), (10, 30, 30))
    assert [flaw.wrong for flaw in flaws(contour, [corner])] == [Wrong.OUTSIDE, Wrong.FLOATING]
