"""What a rate is applied to: sums such as "V + DI + TPI + TIC", "1.1*V + duty" or "0.125*V - DUTY"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from qafila.core.fault import Fault
from qafila.customs import reading_messages as say

VALUES = ("V", "GOODS", "FREIGHT", "INSURANCE", "FOB", "CIF")
KINDS = ("duty", "vat", "parafiscal", "excise", "fee")
_TERM = re.compile(r"^(?:(\d+(?:\.\d+)?(?:/\d+)?)\s*\*\s*)?([A-Za-z][A-Za-z0-9_.-]*)$")


@dataclass(frozen=True, slots=True)
class Term:
    """One summand: a value of the goods, a charge by its code, or all charges of a kind."""

    name: str
    factor: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Base:
    """A sum of terms."""

    terms: tuple[Term, ...]
    text: str

    @property
    def charges(self) -> tuple[str, ...]:
        """The codes and kinds of charges that have to be known first."""
        return tuple(t.name for t in self.terms if t.name not in VALUES)


def parse_base(text: str) -> Base:
    """The sum that a text states; raises Fault naming the part that is not understood."""
    terms = []
    for part in (p.strip() for p in text.replace(" - ", " + -").split("+")):
        sign, part = (-1, part[1:].strip()) if part.startswith("-") else (1, part)
        found = _TERM.match(part)
        if found is None:
            raise Fault(say.NOT_A_TERM(base=text, part=part), say.WRITE_BASE())
        terms.append(Term(found[2], sign * _factor(found[1] or "1")))
    return Base(tuple(terms), text)


def _factor(text: str) -> Decimal:
    number, _, divisor = text.partition("/")
    return Decimal(number) / Decimal(divisor or 1)
