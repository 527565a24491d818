"""Numbers that were read wrongly: corrected only where it is certain which parcel was meant.

A number is certain where what was read fails its check digit, exactly one expected parcel differs from it in one
character (or in two neighbours that changed places), and no other expected parcel differs in two. So no reading with up
to two wrong characters of a parcel that is expected here is ever taken for another one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from qafila.core.identifiers import s10

LENGTH = 13
_FORM = re.compile(r"[A-Z0-9?]{13}")
MOST_BLANKS = 2
"""Characters of a number that a camera may mark with `?`, and the number still be found."""


def plain(code: str) -> str:
    """A number as it is compared: capitals, without spaces and hyphens."""
    return re.sub(r"[\s-]", "", code).upper()


class Numbers:
    """The numbers that are expected here, so that near ones are found in a fraction of a millisecond among 100,000."""

    def __init__(self, numbers: Iterable[str]) -> None:
        self._numbers = [n for n in numbers if len(n) == LENGTH and n.isascii()]
        joined = "".join(self._numbers).encode()
        # place by place, each in one piece of memory: thirteen short passes instead of one over rows of thirteen
        self._letters: NDArray[np.uint8] = np.ascontiguousarray(
            np.frombuffer(joined, np.uint8).reshape(-1, LENGTH).T
        )

    def __len__(self) -> int:
        return len(self._numbers)

    def within(self, read: str, most: int) -> list[tuple[str, int]]:
        """Expected numbers that differ from what was read in at most so many places, each with their number.

        A place that was read as `?` differs from none; two neighbours that changed places count as one difference.
        """
        if not self._numbers:
            return []
        different = np.zeros(len(self._numbers), np.uint8)
        for place, character in enumerate(read.encode()):
            if character != ord("?"):
                different += self._letters[place] != character
        near = np.flatnonzero(different <= most)
        found = {self._numbers[i]: int(different[i]) for i in near}
        far = np.flatnonzero((different > most) & (different <= 2 * most))
        if len(far):  # only what has neighbours that changed places can be nearer than it looks
            letters, told = self._letters[:, far], np.frombuffer(read.encode(), np.uint8)
            swaps = np.zeros(len(far), np.uint8)
            for place in range(LENGTH - 1):
                if told[place] != told[place + 1]:
                    swaps += (letters[place] == told[place + 1]) & (letters[place + 1] == told[place])
            for i in far[different[far] - swaps <= most]:
                found[self._numbers[i]] = int(different[i])
        for number, count in found.items():
            found[number] = count - _swaps(read, number)
        return sorted((n, d) for n, d in found.items() if d <= most)

    def like(self, pattern: str) -> list[str]:
        """Expected numbers that agree with a pattern in which `?` stands for what cannot be read."""
        return [number for number, _ in self.within(pattern, 0)]


def _swaps(read: str, number: str) -> int:
    """How many pairs of neighbours only changed places."""
    pairs, i = 0, 0
    while i < LENGTH - 1:
        if read[i] != read[i + 1] and read[i] == number[i + 1] and read[i + 1] == number[i]:
            pairs, i = pairs + 1, i + 2
        else:
            i += 1
    return pairs


def meant(code: str, expected: Numbers, known: Collection[str] = ()) -> str:
    """The number of the parcel that was meant; empty where that is not certain.

    Args:
        code: what was read; `?` for what the camera could not tell.
        expected: the numbers of the parcels on their way through this centre.
        known: numbers among which it would be found as it stands; then nothing is corrected.
    """
    read = plain(code)
    if not _FORM.fullmatch(read) or read in known or s10.is_valid(read):
        return ""  # a sound number that is not expected is somebody's: never another one
    blanks = read.count("?")
    if blanks > MOST_BLANKS:
        return ""
    # with blanks, each is one wrong character already
    near = expected.within(read, 2 if not blanks else 2 - blanks)
    if len(near) != 1:
        return ""
    number, differences = near[0]
    allowed = 1 if not blanks else 0
    return number if differences <= allowed and s10.is_valid(number) else ""
