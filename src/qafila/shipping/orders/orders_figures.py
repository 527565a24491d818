"""Numbers and dates as people write them in files: decimal commas, units, currency signs, Arabic digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qafila.core.figures import NO_NUMBER, NotAFigure, number
from qafila.shipping.orders import orders_messages as m

BLANK = frozenset({"", "null", "none", "nan", "n/a", "na", "-", "--", "?", "unknown", "nil", "无", "(null)"})
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "CNY", "￥": "CNY", "₺": "TRY", "₦": "NGN", "₹": "INR", "₽": "RUB", "₩": "KRW",
          "₪": "ILS", "฿": "THB", "₫": "VND", "₴": "UAH", "₱": "PHP", "﷼": "SAR", "₵": "GHS", "⃁": "SAR"}  # fmt: skip
_WORDS = {
    "DH": "MAD",
    "DHS": "MAD",
    "RMB": "CNY",
    "YUAN": "CNY",
    "CFA": "XOF",
    "FCFA": "XOF",
    "元": "CNY",
    "人民币": "CNY",
    "درهم": "MAD",
    "US$": "USD", "U$S": "USD", "USD$": "USD", "$US": "USD", "CA$": "CAD", "C$": "CAD", "A$": "AUD", "AU$": "AUD", "HK$": "HKD", "NT$": "TWD",
    "R$": "BRL", "S$": "SGD", "NZ$": "NZD", "MX$": "MXN", "EURO": "EUR", "EUROS": "EUR", "KČ": "CZK", "ZŁ": "PLN", "FT": "HUF", "LEI": "RON",
    "ر.س": "SAR", "ريال": "SAR", "ر.ق": "QAR", "د.م": "MAD", "د.م.": "MAD", "د.إ": "AED", "د.ا": "AED", "د.ت": "TND", "د.ج": "DZD", "د.ك": "KWD",
    "د.ب": "BHD", "ر.ع": "OMR", "د.أ": "JOD", "ج.م": "EGP", "جنيه": "EGP", "دينار": "TND", "يورو": "EUR", "دولار": "USD", "ل.ل": "LBP",
    "TL": "TRY", "SFR": "CHF", "FR.": "CHF", "SR": "SAR", "RS": "INR", "RS.": "INR", "KSH": "KES", "FCFA.": "XOF", "美元": "USD", "欧元": "EUR", "港币": "HKD", "日元": "JPY",
}  # fmt: skip
_SHARED = {
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN"}),
    "¥": frozenset({"CNY", "JPY"}),
    "元": frozenset({"CNY", "HKD", "TWD"}),
    "£": frozenset({"GBP", "EGP"}),
    **dict.fromkeys(("DH", "DHS", "درهم"), frozenset({"MAD", "AED"})),
    "ريال": frozenset({"SAR", "QAR", "OMR", "YER"}),
    "دينار": frozenset({"TND", "DZD", "KWD", "JOD", "BHD", "LYD"}),
    "جنيه": frozenset({"EGP", "GBP", "SDG"}),
    **dict.fromkeys(("RS", "₨"), frozenset({"INR", "PKR", "LKR"})),
}
"""What a sign or a word may mean that several currencies have; `currency_of` tells the usual one of them."""
_CURRENCY = (
    r"(?:US|CA|AU|HK|NT|NZ|MX|[CARS])\$|\$US|U\$S|[A-Za-zČčŁł]{2,5}\.?|[€$£¥₺₦₹₽₩₪฿₫₴₱﷼₵⃁元]|人民币|美元|欧元|港币|日元"
    r"|د\.[مإاتجكبأ]\.?|ر\.[سقع]\.?|ج\.م\.?|ل\.ل\.?|درهم|ريال|جنيه|دينار|يورو|دولار"
)
_GRAMS: dict[str, Decimal | int] = {
    "kg": 1000,
    "kgs": 1000,
    "kilo": 1000,
    "g": 1,
    "gr": 1,
    "gram": 1,
    "grams": 1,
    "lb": Decimal("453.59237"),
    "lbs": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
    "公斤": 1000,
    "千克": 1000,
    "克": 1,
    "كغ": 1000,
    "كجم": 1000,
    "غ": 1,
}
_MILLIMETRES: dict[str, Decimal | int] = {
    "cm": 10,
    "mm": 1,
    "m": 1000,
    "in": Decimal("25.4"),
    '"': Decimal("25.4"),
    "厘米": 10,
    "毫米": 1,
    "سم": 10,
}


def is_blank(cell: str) -> bool:
    """Whether a cell says nothing: empty, `null`, `N/A`, a dash …"""
    return cell.strip().casefold() in BLANK


def currency_of(written: str) -> str:
    """The ISO 4217 code that a sign, a customary word or a code stands for; the word itself where none does."""
    word = unicodedata.normalize("NFKC", written).strip().upper().rstrip(".")
    return _SIGNS.get(word) or _WORDS.get(word) or word


def may_mean(written: str) -> frozenset[str]:
    """The ISO 4217 codes that a sign, a word or a code stands for: several for a sign that countries share."""
    word = unicodedata.normalize("NFKC", written).strip().upper().rstrip(".")
    return _SHARED.get(word) or frozenset({currency_of(word)})


@dataclass(frozen=True, slots=True)
class Notation:
    """How a file writes decimals: the mark that its unmistakable numbers show; None where none does."""

    mark: str | None

    def number(self, cell: str) -> Decimal:
        """The number in a cell without unit. Raises NotAFigure."""
        return number(cell, self.mark)

    def grams(self, cell: str, unit: str) -> Decimal:
        """A weight in grams; `unit` counts where the cell names none."""
        return self._with_unit(cell, _GRAMS, unit)

    def names_unit(self, cell: str) -> bool:
        """Whether a weight or a length is written with its unit."""
        return bool(re.search(r"[\d٠-٩]\s*[^\d\s.,]+\.?$", cell.strip()))

    def millimetres(self, cell: str, unit: str = "cm") -> Decimal:
        """A length in mm; `unit` counts where the cell names none."""
        return self._with_unit(cell, _MILLIMETRES, unit)

    def _with_unit(self, cell: str, units: dict[str, Decimal | int], unit: str) -> Decimal:
        found = re.fullmatch(r"(.*?[\d٠-٩])\s*([^\d\s.,]+)?\.?", cell.strip(), flags=re.DOTALL)
        if found is None:
            raise NotAFigure(NO_NUMBER())
        named = (found[2] or unit).casefold()
        if named not in units:
            raise NotAFigure(m.UNKNOWN_UNIT(unit=named))
        return self.number(found[1]) * units[named]

    def price(self, cell: str) -> tuple[Decimal, str | None]:
        """An amount, and the currency that the cell itself names (`€ 12,50`, `120 MAD`), as it is written there."""
        text = unicodedata.normalize("NFKC", cell).strip()
        currency: str | None = None
        found = re.fullmatch(rf"({_CURRENCY})?\s*(.*?)\s*({_CURRENCY})?", text, re.DOTALL)
        if found:
            named = found[1] or found[3]
            if named:
                currency = named
                text = found[2]
        return self.number(text), currency


def notation_of(cells: Iterable[str]) -> Notation:
    """The notation that the unmistakable numbers among the cells show. More commas than points: commas."""
    commas = points = 0
    for cell in cells:
        if re.fullmatch(r"\s*[+-]?(\d+,\d{1,2}|0,\d+|\d+,\d{4,}|\d{1,3}(\.\d{3})+,\d+)\D*", cell):
            commas += 1
        elif re.fullmatch(r"\s*[+-]?(\d+\.\d{1,2}|0\.\d+|\d+\.\d{4,}|\d{1,3}(,\d{3})+\.\d+)\D*", cell):
            points += 1
    if commas == points:
        return Notation(None)
    return Notation("," if commas > points else ".")


_DATES = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y%m%d",
    "%d %B %Y",
    "%d %b %Y",
    "%Y年%m月%d日",
)


def day(cell: str, day_first: bool | None = None) -> date:
    """The day in a cell. 03/04/2026 is told by `day_first`; without it only 13/04 or 04/13 are. NotAFigure."""
    text = unicodedata.normalize("NFKC", cell).strip()
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    head = (
        text.split("T")[0] if re.match(r"\d{4}-\d\d-\d\dT", text) else re.sub(r"\s+\d{1,2}:\d\d.*$", "", text)
    )
    for pattern in _DATES:
        try:
            return datetime.strptime(head, pattern).date()
        except ValueError:
            continue
    if slashed := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", head):
        first, second, year = (int(g) for g in slashed.groups())
        if first > 12 or second > 12:
            day_first = first > 12
        elif first == second:
            day_first = True
        if day_first is None:
            raise NotAFigure(m.WHICH_DATE())
        try:
            return date(year, second, first) if day_first else date(year, first, second)
        except ValueError:
            pass
    raise NotAFigure(m.NO_DATE())


def instant(cell: str, zone: tzinfo | None, default_time: str = "08:00") -> datetime:
    """An aware instant from a cell: with its own offset, or a local time at `zone` (without one as it
    stands, naive), or a day at `default_time`."""
    text = unicodedata.normalize("NFKC", cell).strip()
    try:
        moment = datetime.fromisoformat(text)
        if len(text) > 10:
            return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    except ValueError:
        pass
    shopify = re.fullmatch(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ([+-]\d{4})", text)
    if shopify:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z")
    head, hours, minutes, zone = _clock(text, zone, default_time)
    on = day(head)
    try:
        return datetime(on.year, on.month, on.day, int(hours), int(minutes), tzinfo=zone)
    except ValueError:
        raise NotAFigure(m.NO_TIME()) from None


# offsets in hours of the zones' letters that mean one zone only (CST, IST and BST each mean several)
_ZONES = {
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "WET": 0,
    "WEST": 1,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "MSK": 3,
    "TRT": 3,
    "HKT": 8,
    "JST": 9,
}
_AFTERNOON = ("pm", "p.m.", "م", "下午", "晚上")
_MORNING = ("am", "a.m.", "ص", "上午", "早上")
_CLOCK = re.compile(
    r"(?P<head>.*?)[\s,T]+(?:at\s+|à\s+)?(?P<half1>上午|下午|早上|晚上)?\s*(?P<hour>\d{1,2})(?:\s*[:h.]\s*(?P<minute>\d\d)?(?::\d\d(?:\.\d+)?)?)?"
    r"\s*(?P<half2>[ap]\.?m\.?|ص|م)?\s*(?P<zone>[A-Za-z][A-Za-z_/]*|[+-]\d{1,2}(?::?\d\d)?|(?:UTC|GMT)\s?[+-]\d{1,2}(?::?\d\d)?)?",
    re.I,
)


def _clock(text: str, zone: tzinfo | None, default_time: str) -> tuple[str, str, str, tzinfo | None]:
    """What stands before a time of day, its hours and minutes, and its zone. Raises NotAFigure for a time that is not
    understood: none is taken for another."""
    found = _CLOCK.fullmatch(text)
    named = found and (
        found["minute"] or found["half1"] or found["half2"] or "h" in text[found.end("head") :].lower()
    )
    if not found or not named or not re.search(r"\d", found["head"]):
        if ":" in text:
            raise NotAFigure(m.TIME_OF_DAY())
        hours, minutes = default_time.split(":")
        return text, hours, minutes, zone
    hour, minute = int(found["hour"]), found["minute"] or "00"
    half = (found["half1"] or found["half2"] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            raise NotAFigure(m.NO_TIME())
        hour = hour % 12 + (12 if half in _AFTERNOON or half.startswith("p") else 0)
    return found["head"], str(hour), minute, _zone(found["zone"], zone)


def _zone(written: str | None, local: tzinfo | None) -> tzinfo | None:
    if not written:
        return local
    name = written.upper().replace(" ", "")
    if name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name]))
    if offset := re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?", name):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes <= _WIDEST_OFFSET:
            return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    try:
        return ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotAFigure(m.WHICH_ZONE(zone=written)) from None


_WIDEST_OFFSET = 14 * 60  # minutes
