"""Rates as the law writes them: "Free", "12 %", "4.2¢/kg + 3.1%", "8 % MIN 1.6 EUR / 100 kg MAX 12 %".

One parser serves the rules shipped as data and the national schedules that operators import.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from qafila.core.fault import Fault
from qafila.core.message import Choice, Message, fact
from qafila.customs import customs_messages as m
from qafila.customs import reading_messages as say

ZERO = Decimal(0)

FREE = {
    "",
    "free",
    "duty free",
    "duty-free",
    "exempt",
    "exempted",
    "nil",
    "exo",
    "exonere",
    "franchise",
    "0",
    "-",
}

# how schedules write units, and what is counted: (unit, how many of it)
UNITS: dict[str, tuple[str, float]] = {
    "kg": ("kg", 1), "kilo": ("kg", 1), "kgm": ("kg", 1), "net kg": ("kg", 1), "g": ("g", 1), "gram": ("g", 1),
    "dtn": ("kg", 100), "tne": ("kg", 1000), "1000 kg": ("kg", 1000), "t": ("kg", 1000), "tonne": ("kg", 1000), "ton": ("kg", 1000),
    "l": ("litre", 1), "ltr": ("litre", 1), "liter": ("litre", 1), "litre": ("litre", 1), "liters": ("litre", 1),
    "litres": ("litre", 1), "hl": ("litre", 100), "hlt": ("litre", 100),
    "piece": ("piece", 1), "pieces": ("piece", 1), "pc": ("piece", 1), "pcs": ("piece", 1), "p/st": ("piece", 1),
    "nar": ("piece", 1), "no": ("piece", 1), "no.": ("piece", 1), "each": ("piece", 1), "unit": ("piece", 1),
    "u": ("piece", 1), "pr": ("piece", 1), "pr.": ("piece", 1), "pair": ("piece", 1), "pairs": ("piece", 1),
    "doz": ("piece", 12), "doz.": ("piece", 12), "dozen": ("piece", 12), "gross": ("piece", 144),
    "thousand": ("piece", 1000), "mil": ("piece", 1000),
    "npr": ("piece", 1), "p": ("piece", 1), "cen": ("piece", 100), "bbl": ("litre", 158.987294928), "barrel": ("litre", 158.987294928),
    "mtk": ("m²", 1), "m2": ("m²", 1), "sq m": ("m²", 1), "mtq": ("m³", 1), "mtr": ("m", 1), "asv": ("per cent of alcohol", 1),
    "% vol": ("per cent of alcohol", 1), "asv x hlt": ("litre of pure alcohol", 1), "% vol / hl": ("litre of pure alcohol", 1),
    "asv hlt": ("litre of pure alcohol", 1), "kg / net drained wt": ("kg of drained weight", 1), "dtn e": ("kg of drained weight", 100),
    "dtn m": ("kg of dry lactic matter", 100), "kgm t": ("kg of lactic matter", 1), "dtn z": ("kg per 1 % of sucrose", 100),
    "dtn r": ("kg of standard quality", 100), "dtn s": ("kg of raw sugar", 100), "kgm g": ("kg", 1), "dtn g": ("kg", 100),
    "dtn f": ("kg", 100), "tne i": ("kg of biodiesel", 1000), "kmq": ("kg of methylamine", 1), "gi f/s": ("gram of fissile isotopes", 1),
    "item": ("piece", 1), "items": ("piece", 1), "number of items": ("piece", 1),
    "% vol/hl": ("litre of pure alcohol", 1), "l alc. 100%": ("litre of pure alcohol", 1),
    "litre of pure alcohol": ("litre of pure alcohol", 1), "lpa": ("litre of pure alcohol", 1),
    "hl of pure alcohol": ("litre of pure alcohol", 100), "pf.liter": ("litre of pure alcohol", 0.5),
    "proof liter": ("litre of pure alcohol", 0.5), "tariff line": ("tariff line", 1), "consignment": ("consignment", 1), "parcel": ("consignment", 1),
}  # fmt: skip
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "¢": "USD"}

_NUMBER = r"\d+(?:[.,]\d+)?"
_PERCENT = re.compile(rf"^({_NUMBER})\s*(?:%|percent|pct)$")
_SPECIFIC = re.compile(
    rf"^(?:(?P<before>[A-Z]{{3}}|[€£$])\s*)?(?P<amount>{_NUMBER})\s*(?P<after>[A-Z]{{3}}|[€£$¢])?"
    rf"\s*(?:/|\bper\b|(?=each\b))\s*(?P<per>{_NUMBER})?\s*(?P<unit>[A-Za-z%][A-Za-z0-9%./ ]*)$"
)
_TARIC = re.compile(
    rf"^(?P<amount>{_NUMBER})\s+(?P<before>[A-Z]{{3}})\s+(?P<unit>[A-Z]{{3}}(?:\s(?:[A-Z]|x\s[A-Z]{{3}}))?)$"
)
_LEAST = re.compile(r"\s*[,;]?\s*(?:but\s+)?(?:not\s+less\s+than|minimum|\bmin\b\.?)\s*", re.IGNORECASE)
_MOST = re.compile(r"\s*[,;]?\s*(?:but\s+)?(?:not\s+more\s+than|maximum|\bmax\b\.?)\s*", re.IGNORECASE)
_WHICHEVER = re.compile(
    r"^(.+?)\s+or\s+(.+?),?\s+whichever(?:\s+is)?(?:\s+the)?\s+(higher|greater|lower|less)$", re.I
)
_WORDS = re.compile(r"\s*\b(?:ad[\s-]*val(?:orem)?\b\.?)\s*", re.I)
_PER_CENT = re.compile(r"\s*\bper\s+cent\b\.?", re.I)
_FOOTNOTE = re.compile(r"(?:\s+\d{1,2}/)+\s*$")


class RateTextError(Fault):
    """A rate text that cannot be read; says which part and what would be read."""


@dataclass(frozen=True, slots=True)
class Specific:
    """An amount of money for a quantity of goods: 4.2 cents a kilogram, 3 euro a tariff line."""

    amount: Decimal
    currency: str
    unit: str  # kg, g, litre, litre of pure alcohol, piece, tariff line, consignment; m² and others that goods do not state
    per: Decimal = Decimal(1)

    @property
    def said(self) -> Message:
        """The amount for people: "4.2 USD per kg"."""
        amount, unit = self.amount.normalize(), unit_name(self.unit)
        if self.per == 1:
            return m.PER(amount=amount, currency=self.currency, unit=unit)
        return m.PER_SEVERAL(amount=amount, currency=self.currency, count=self.per.normalize(), unit=unit)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate: a share of the base, amounts for quantities, both, and bounds on their sum.

    `percent` is in per cent. `inclusive`: the tax is a share of the price that holds it, r / (100 − r).
    `share`: the part of the rate that is collected (China's e-commerce scheme takes 70 % of the tax).
    """

    percent: Decimal = ZERO
    specific: tuple[Specific, ...] = ()
    minimum: Rate | None = None
    maximum: Rate | None = None
    inclusive: bool = False
    share: Decimal = Decimal(1)
    unread: str = (
        ""  # the law's own words where they could not be read: the rate is not known, and is not zero
    )

    @property
    def fraction(self) -> Decimal:
        """What the base is multiplied by."""
        factor = self.percent / (100 - self.percent) if self.inclusive else self.percent / 100
        return factor * self.share

    @property
    def is_free(self) -> bool:
        """Nothing can come of it."""
        nothing = not self.percent and not self.specific and not self.unread
        return nothing and (self.minimum is None or self.minimum.is_free)

    @property
    def rank(self) -> tuple[Decimal, Decimal]:
        """An order for "the highest rate of several": the share first, then the amounts."""
        return self.fraction, sum((s.amount / s.per for s in self.specific), start=ZERO)

    @property
    def said(self) -> Message:
        """The rate for people: "8 %, at least 1.6 EUR per kg"."""
        return _said(self)

    def __str__(self) -> str:
        return str(_said(self))


NOT_GRANTED = "not granted"
"""Rate of a line that a schedule names without giving it the preference."""
NOT_LOADED = "not loaded"
"""Rate of goods for which no table has one on the day."""


@lru_cache(maxsize=4096)
def _said(rate: Rate) -> Message:
    if rate.unread:
        if rate.unread == NOT_LOADED:
            return m.NO_RATE()
        return m.RATE_NOT_GRANTED() if rate.unread == NOT_GRANTED else m.RATE_UNREAD(words=rate.unread)
    of = m.INCLUSIVE if rate.inclusive else m.PERCENT
    parts = [of(percent=rate.percent.normalize())] if rate.percent else []
    parts += [specific.said for specific in rate.specific]
    told = parts[0] if parts else m.PERCENT(percent=ZERO)
    for part in parts[1:]:
        told = m.PLUS(first=told, second=part)
    if rate.share != 1:
        told = m.SHARE_OF(rate=told, percent=(rate.share * 100).normalize())
    if rate.minimum is not None:
        told = m.AT_LEAST(rate=told, least=_said(rate.minimum))
    if rate.maximum is not None:
        told = m.AT_MOST(rate=told, most=_said(rate.maximum))
    return told


def unit_name(unit: str) -> Message:
    """What a rate counts, in words."""
    return fact("customs", unit)


def parse_rate(text: str) -> Rate:
    """The rate that a text states; raises RateTextError, naming the part that is not understood."""
    clean = _FOOTNOTE.sub("", " ".join(text.replace("\xa0", " ").split()))
    clean = _PER_CENT.sub(" %", _WORDS.sub(" ", clean)).strip()
    if clean.lower().rstrip(".") in FREE:
        return Rate()
    if either := _WHICHEVER.match(clean):
        first, second = _sum(either[1]), _sum(either[2])
        if either[3].lower() in ("higher", "greater"):
            return replace(first, minimum=second)
        return replace(first, maximum=second)
    if _BEYOND.search(clean):
        raise RateTextError(say.BEYOND(text=clean), say.LOOK_UP())
    clean, maximum = _split_bound(clean, _MOST)
    clean, minimum = _split_bound(clean, _LEAST)
    inclusive = clean.lower().endswith(" inclusive")
    if inclusive:
        clean = clean[: -len(" inclusive")]
    body = _sum(clean) if clean else Rate()
    return Rate(
        body.percent,
        body.specific,
        _sum(minimum) if minimum else None,
        parse_rate(maximum) if maximum else None,
        inclusive,
    )


def read_rate(text: str) -> Rate:
    """The rate that a text states; one that is not known, with the text, where it cannot be read."""
    try:
        return parse_rate(text)
    except RateTextError:
        return Rate(unread=" ".join(text.split()))


# entry prices, Meursing's agricultural components, rates of another heading
_BEYOND = re.compile(r"\bCond:|\bE[AC]R?\b|\bADS?[FZ]R?\b|\bEUC\b|\bsee\b|\bsubheading\b", re.I)


def _split_bound(text: str, mark: re.Pattern[str]) -> tuple[str, str]:
    parts = mark.split(text, maxsplit=1)
    return (parts[0].strip(), parts[1].strip()) if len(parts) == 2 else (text, "")


def _sum(text: str) -> Rate:
    percent, specific = ZERO, []
    for part in (p.strip() for p in text.split("+")):
        if found := _PERCENT.match(part):
            percent += _number(found[1])
        elif part.lower() in FREE and part:
            continue
        else:
            specific.append(_specific(part))
    return Rate(percent, tuple(specific))


_EXAMPLES = ("Free", "12 %", "0.42 EUR / kg", "4.2¢/kg + 3.1%", "8 % MIN 1.6 EUR / 100 kg")
_USUAL = ("kg", "g", "t", "litre", "hl", "% vol/hl", "piece", "pair", "dozen")


def _specific(part: str) -> Specific:
    if taric := _TARIC.match(part):
        return _amount(part, _number(taric["amount"]), taric["before"], taric["unit"])
    found = _SPECIFIC.match(part)
    if found is None:
        raise RateTextError(say.NOT_A_RATE(text=part), say.WRITE_RATE(examples=Choice(_EXAMPLES)))
    sign = found["before"] or found["after"]
    if sign is None:
        raise RateTextError(say.NO_CURRENCY(text=part), say.WRITE_RATE(examples="0.42 EUR / kg"))
    amount = _number(found["amount"]) / (100 if "¢" in part else 1)
    return _amount(part, amount, sign, found["unit"], _number(found["per"] or "1"))


def _amount(part: str, amount: Decimal, sign: str, written: str, per: Decimal = Decimal(1)) -> Specific:
    unit = " ".join(written.strip().lower().split())
    if unit not in UNITS:
        raise RateTextError(
            say.UNKNOWN_UNIT(text=part, unit=unit), say.KNOWN_UNITS(units=Choice(_USUAL, every=True))
        )
    name, count = UNITS[unit]
    return Specific(amount, _SIGNS.get(sign, sign), name, per * Decimal(str(count)))


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
