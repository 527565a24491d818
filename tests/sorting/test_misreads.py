"""Misread numbers: never corrected to another parcel, and corrected where only one can be meant."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.core.identifiers import s10
from qafila.sorting.misreads import Numbers, meant

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
DENSE = [s10.number("HA", serial, "MA") for serial in range(4_000_000, 4_000_800)]
SPARSE = [s10.number("HA", serial, "MA") for serial in random.Random(7).sample(range(100_000_000), 800)]
SETS = {"dense": Numbers(DENSE), "sparse": Numbers(SPARSE)}


def near(numbers: list[str], read: str, most: int) -> list[str]:
    """As `Numbers.within`, the slow way: by trying every number and every pair that may have changed places."""

    def differences(number: str) -> int:
        best, i = 0, 0
        while i < len(read):
            if read[i : i + 2] == number[i : i + 2][::-1] and read[i : i + 2] != number[i : i + 2]:
                best, i = best + 1, i + 2
            else:
                best, i = best + (read[i] not in (number[i], "?")), i + 1
        return best

    return sorted(n for n in numbers if differences(n) <= most)


@settings(max_examples=300)
@given(
    st.sampled_from(["dense", "sparse"]),
    st.integers(0, 799),
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from(CHARACTERS + "?")), max_size=2),
)
def test_up_to_two_wrong_characters_never_make_another_parcel(
    which: str, index: int, wrong: list[tuple[int, str]]
) -> None:
    truth = (DENSE if which == "dense" else SPARSE)[index]
    read = list(truth)
    for place, character in wrong:
        read[place] = character
    assert meant("".join(read), SETS[which]) in ("", truth)


@settings(max_examples=200)
@given(st.integers(0, 799), st.integers(0, 12), st.sampled_from(CHARACTERS))
def test_one_wrong_character_among_scattered_numbers_is_corrected(
    index: int, place: int, character: str
) -> None:
    truth = SPARSE[index]
    read = truth[:place] + character + truth[place + 1 :]
    found = meant(read, SETS["sparse"])
    if read == truth or s10.is_valid(read):
        assert found == ""  # sound as it stands: nobody's to change
    else:
        assert found == (truth if near(SPARSE, read, 2) == [truth] else "")


@given(st.integers(0, 799), st.integers(0, 11))
def test_neighbours_that_changed_places_are_corrected(index: int, place: int) -> None:
    truth = SPARSE[index]
    read = truth[:place] + truth[place + 1] + truth[place] + truth[place + 2 :]
    if read != truth and not s10.is_valid(read) and near(SPARSE, read, 2) == [truth]:
        assert meant(read, SETS["sparse"]) == truth


@settings(max_examples=60)
@given(
    st.integers(0, 799),
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from(CHARACTERS + "?")), max_size=4),
)
def test_near_numbers_are_those_that_trying_finds(index: int, wrong: list[tuple[int, str]]) -> None:
    read = list(DENSE[index])
    for place, character in wrong:
        read[place] = character
    told = "".join(read)
    assert [n for n, _ in SETS["dense"].within(told, 2)] == near(DENSE, told, 2)


def test_what_cannot_be_a_number_is_left_alone() -> None:
    for read in ("", "HA", "HA123", "HA04000000?????", "X" * 200, "HA????0005?MA", "حا٠٤٠٠٠٠٠٠٠MA"):
        assert meant(read, SETS["dense"]) == ""


def test_a_blank_is_filled_where_one_parcel_fits() -> None:
    truth = SPARSE[5]
    assert meant(f"{truth[:4]}?{truth[5:]}", SETS["sparse"]) == truth
    assert SETS["sparse"].like(truth[:8] + "?????") == near(SPARSE, truth[:8] + "?????", 0)
