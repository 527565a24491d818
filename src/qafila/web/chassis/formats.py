"""Numbers, money, weights, places and instants as a reader of each language writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_timedelta, get_timezone_gmt
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit
from markupsafe import Markup, escape

from qafila.core.money import Money, minor_units
from qafila.runtime.language import Language

_AREAS = {
    "PT-20": {
        "en": "Azores (Portugal)",
        "fr": "Açores (Portugal)",
        "ar": "جزر الأزور (البرتغال)",
        "zh": "亚速尔群岛（葡萄牙）",
    },
    "PT-30": {
        "en": "Madeira (Portugal)",
        "fr": "Madère (Portugal)",
        "ar": "ماديرا (البرتغال)",
        "zh": "马德拉（葡萄牙）",
    },
    "AT-JU": {
        "en": "Jungholz, Mittelberg (Austria)",
        "fr": "Jungholz, Mittelberg (Autriche)",
        "ar": "يونغهولتس وميتلبرغ (النمسا)",
        "zh": "容霍尔茨和米特尔贝格（奥地利）",
    },
}
"""Parts of countries with taxes of their own; the CLDR names none of them."""


@dataclass(frozen=True)
class Formats:
    """The formats of one language. Instants are shown in the zone of the place, and the zone is shown."""

    language: Language

    @cached_property
    def locale(self) -> Locale:
        """The CLDR locale."""
        return Locale.parse(self.language.locale)

    def number(self, value: float | Decimal | int, places: int = 0) -> str:
        """A number, with at most so many decimals."""
        return str(format_decimal(round(Decimal(str(value)), places), locale=self.locale))

    def percent(self, share: float) -> str:
        """A share of one, in whole per cent."""
        return str(format_percent(share, locale=self.locale))

    def money(self, money: Money) -> str:
        """An amount, its currency always shown by its ISO code, with the decimals of its coin."""
        pattern = "#,##0" + ("." + "0" * minor_units(money.currency) if minor_units(money.currency) else "")
        amount = format_currency(
            money.rounded().amount, money.currency, pattern, locale=self.locale, currency_digits=False
        )
        return f"{amount}\u00a0{money.currency}"

    def amount(self, text: str) -> str:
        """An amount that was written as "12.50 EUR"."""
        amount, _, currency = text.partition(" ")
        return self.money(Money(Decimal(amount), currency))

    def kilograms(self, kg: Decimal | float, places: int = 2) -> str:
        """A weight."""
        return str(format_unit(round(Decimal(str(kg)), places), "kilogram", "short", locale=self.locale))

    def kilometres(self, km: float) -> str:
        """A distance."""
        return str(format_unit(round(km), "kilometer", "short", locale=self.locale))

    def day(self, day: date) -> str:
        """A date with its weekday."""
        instant = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return str(format_skeleton("yMMMEd", instant, tzinfo=UTC, locale=self.locale))

    def weekday(self, day: date) -> str:
        """The day of the week, short."""
        return str(
            format_skeleton(
                "EEE", datetime(day.year, day.month, day.day, 12, tzinfo=UTC), tzinfo=UTC, locale=self.locale
            )
        )

    def short_day(self, instant: datetime, zone: str | tzinfo = UTC) -> str:
        """Weekday and day of the month of an instant in a zone."""
        return str(format_skeleton("MMMEd", instant, tzinfo=_zone(zone), locale=self.locale))

    def short(self, instant: datetime, zone: str | tzinfo = UTC) -> Markup:
        """Weekday, day, time and zone, as a <time> element: for days near enough to need no year."""
        local = instant.astimezone(_zone(zone))
        return Markup('<time datetime="{}">{} {} {}</time>').format(
            local.isoformat(timespec="minutes"),
            self.short_day(instant, zone),
            self.clock(instant, zone),
            self.zone(instant, zone),
        )

    def local(self, instant: datetime, zone: str | tzinfo) -> date:
        """The day that an instant falls on at a place."""
        return instant.astimezone(_zone(zone)).date()

    def plain_day(self, day: str) -> str:
        """A date of a rule, given in ISO 8601."""
        return str(format_date(date.fromisoformat(day), "medium", locale=self.locale))

    def clock(self, instant: datetime, zone: str | tzinfo = UTC) -> str:
        """Hours and minutes in a zone."""
        return str(format_skeleton("Hm", instant, tzinfo=_zone(zone), locale=self.locale))

    def zone(self, instant: datetime, zone: str | tzinfo = UTC) -> str:
        """The zone at that instant, as its distance from UTC: names like CET are known to few."""
        offset = str(get_timezone_gmt(instant.astimezone(_zone(zone)), "long", locale=self.locale))
        return re.sub(r"([+\-−])0?(\d+)(?::00)?", r"\1\2", offset).replace("+0", "")

    def instant(self, instant: datetime, zone: str | tzinfo = UTC) -> Markup:
        """Date, time and zone, as a <time> element."""
        local = instant.astimezone(_zone(zone))
        text = f"{self.day(local.date())}, {self.clock(instant, zone)}"
        if self.language.code == "ar":
            text = text.replace(", ", "، ")
        elif self.language.code == "zh":
            text = text.replace(", ", " ")
        return Markup('<time datetime="{}">{} <span class="soft small">{}</span></time>').format(
            local.isoformat(timespec="minutes"), text, self.zone(instant, zone)
        )

    def relative(self, instant: datetime, now: datetime) -> str:
        """How far off an instant is; only ever beside the instant itself."""
        return str(format_timedelta(instant - now, add_direction=True, threshold=1.2, locale=self.locale))

    def duration(self, span: timedelta) -> str:
        """Days and hours, or hours and minutes."""
        minutes = int(span.total_seconds() // 60)
        days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
        parts = [(days, "day"), (hours, "hour")] if days else [(hours, "hour"), (rest, "minute")]
        texts = [format_unit(n, unit, "short", locale=self.locale) for n, unit in parts if n]
        return " ".join(texts) or str(format_unit(0, "minute", "short", locale=self.locale))

    def country(self, code: str) -> str:
        """A country's name."""
        return str(self.locale.territories.get(code) or _AREAS.get(code, {}).get(self.language.code) or code)

    def ltr(self, text: str) -> Markup:
        """A number or code that keeps its direction within Arabic."""
        return Markup('<bdi dir="ltr">{}</bdi>').format(escape(text))


def _zone(zone: str | tzinfo) -> tzinfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone
