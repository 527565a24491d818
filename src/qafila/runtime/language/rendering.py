"""A message in a reader's language: its template from the catalogue, each value by its kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_skeleton, get_timezone_gmt
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

from qafila.core.message import Choice, Country, Message, Named, Place, Share, Template, Term, Value
from qafila.core.money import Money, minor_units
from qafila.runtime.language.language_terms import TERMS
from qafila.runtime.language.spoken import DEFAULT, Language, words

_ARABIC = re.compile("[\u0600-\u06ff]")
_PLACES = 6  # decimals of a figure that are shown at most
_LONG_LIST = 12  # of a list, what is said before "…"


def render(message: Message, language: Language = DEFAULT) -> str:
    """The message as a reader of a language reads it.

    What has no translation (text from outside, a charge of the operator's own schedule) is said as it is. In a text
    that runs from right to left, what is written from left to right is set apart (U+2068 … U+2069), so that it keeps its
    own direction.
    """
    template = message.template
    if not template.names and not template.context:
        return words(language.code).gettext(template.english)
    count = message.values["n"] if template.one else None
    said = wording(template, language.code, count if isinstance(count, int) else 2)
    if not template.names:
        return said
    values = {name: _value(v, language) for name, v in message.values.items()}
    if _ARABIC.search(said) or (language.direction == "rtl" and any(map(_ARABIC.search, values.values()))):
        values = {name: set_apart(v) for name, v in values.items()}
    return said.format_map(values)


def plainly(value: Any, language: Language = DEFAULT) -> Any:
    """A value as plain data, every message in it said in a language: dataclasses become dicts, tuples lists."""
    if isinstance(value, Message):
        return str(value) if language is DEFAULT else render(value, language)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plainly(getattr(value, field.name), language) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: plainly(one, language) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plainly(one, language) for one in value]
    return value


def set_apart(text: str) -> str:
    """Text for a place in one that runs from right to left: isolated where it holds no Arabic."""
    return text if _ARABIC.search(text) or not text else f"\u2068{text}\u2069"


@lru_cache(maxsize=8192)
def wording(template: Template, code: str, count: int = 2) -> str:
    """A template in a language, `{names}` of its values left in it, as it is where there are `count` of what it counts."""
    catalogue = words(code)
    if template.context:
        return catalogue.pgettext(template.context, template.english)
    if template.one:
        return catalogue.ngettext(template.one, template.english, count)
    return catalogue.gettext(template.english)


@lru_cache(maxsize=8)
def _locale(code: str) -> Locale:
    return Locale.parse(code)


def said_alone(v: Value, language: Language) -> str:
    """A value as it stands in a sentence, without one."""
    return _value(v, language)


def _value(v: Value, language: Language) -> str:
    if isinstance(v, str):
        return v
    if isinstance(v, Message):
        return render(v, language)
    if isinstance(v, Place):
        return render(v.said, language) if v.said is not None else v.name
    if isinstance(v, Term):
        return words(language.code).gettext(TERMS[v.group].get(v.key, v.key))
    if isinstance(v, Named):
        return v.in_language(language.code)
    if isinstance(v, Choice):
        return _list(v, language)
    locale = _locale(language.locale)
    if isinstance(v, Country):
        return str(locale.territories.get(v.code, v.code))
    if isinstance(v, Money):
        return money(v, locale)
    if isinstance(v, Share):
        return str(format_percent(v.of_one, locale=locale))
    if isinstance(v, datetime):
        return _instant(v, locale)
    if isinstance(v, date):
        noon = datetime(v.year, v.month, v.day, 12, tzinfo=UTC)
        return str(format_skeleton("yMMMd", noon, tzinfo=UTC, locale=locale))
    return str(format_decimal(round(v, _PLACES) if isinstance(v, Decimal) else v, locale=locale))


def _list(choice: Choice, language: Language) -> str:
    """The values with the grammar of a list: "Lyon, Lens or Laon"."""
    said = [_value(item, language) for item in choice.items]
    if len(said) > _LONG_LIST:
        said = [*said[: _LONG_LIST - 1], "…"]
    if language.direction == "rtl":
        said = [set_apart(one) for one in said]
    return str(format_list(said, style="standard" if choice.every else "or", locale=language.locale))


def money(amount: Money, locale: Locale) -> str:
    """An amount, its currency always shown by its ISO code, with the decimals of its coin."""
    digits = minor_units(amount.currency)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    said = format_currency(
        amount.rounded().amount, amount.currency, pattern, locale=locale, currency_digits=False
    )
    return f"{said}\u00a0{amount.currency}"


def _instant(v: datetime, locale: Locale) -> str:
    """Day, time and zone; the zone by its distance from UTC, for names like CET are known to few."""
    zone = v.tzinfo or UTC
    day = format_skeleton("yMMMd", v, tzinfo=zone, locale=locale)
    clock = format_skeleton("Hm", v, tzinfo=zone, locale=locale)
    return f"{day} {clock} {offset(v, locale)}"


def offset(v: datetime, locale: Locale) -> str:
    """The distance of an instant's zone from UTC: "UTC+1"."""
    if not v.utcoffset():
        return "UTC"
    said = str(get_timezone_gmt(v, "long", locale=locale))
    return re.sub(r"([+\-−])0?(\d+)(?::00)?", r"\1\2", said).replace("+0", "")
