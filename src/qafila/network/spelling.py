"""How a feed spells each type of value. A reader raises Fault."""

from __future__ import annotations

import typing
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any

from qafila.core.fault import Fault
from qafila.core.message import Choice
from qafila.network import network_messages as m
from qafila.network.model import LocalTime
from qafila.network.timetable import Goods, Mode


def format_time(minutes: int) -> str:
    """A LocalTime as HH:MM, with +N for N days after the service day: 1530 is 01:30+1."""
    day, minute = divmod(minutes, 1440)
    return f"{minute // 60:02}:{minute % 60:02}" + (f"+{day}" if day else "")


def parse_time(text: str) -> LocalTime:
    """The LocalTime of HH:MM or HH:MM+N; 24:00 is the end of the day."""
    clock, plus, day = text.partition("+")
    hour, colon, minute = clock.partition(":")
    good = colon and hour.isdigit() and minute.isdigit() and len(minute) == 2 and (day.isdigit() or not plus)
    if not good or int(minute) > 59 or int(hour) * 60 + int(minute) > 1440:
        raise Fault(m.NOT_CLOCK(), m.WRITE_CLOCK(), value=text)
    return LocalTime(int(hour) * 60 + int(minute) + 1440 * int(day or 0))


def reader(kind: Any) -> Callable[[str], Any]:
    """What reads a cell as a value of a type. It raises Fault, saying what the cell is not and what to write."""
    if typing.get_origin(kind) in (typing.Union, UnionType):
        inner = reader(next(t for t in typing.get_args(kind) if t is not NoneType))
        return lambda text: inner(text) if text else None
    if kind is LocalTime:
        return parse_time
    if typing.get_origin(kind) is tuple:
        return lambda text: tuple(text.split())
    if kind is str:
        return str.strip
    return _READERS.get(kind) or (lambda text: _choice(kind, text))


def _choice(kind: type[StrEnum], text: str) -> StrEnum:
    try:
        return kind(text)
    except ValueError:
        raise Fault(
            m.NOT_CHOICE(column=kind.__name__.lower()), m.USE_ONE(words=Choice(tuple(kind))), value=text
        ) from None


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Fault(m.NOT_WHOLE(), m.DIGITS(), value=text) from None


def _decimal(text: str) -> Decimal:
    value = Decimal(text) if _plain(text) else None
    if value is None:
        raise Fault(m.NOT_NUMBER(), m.WITH_POINT(), value=text)
    return value


def _plain(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit() and text.isascii()


def _real(text: str) -> float:
    return float(_decimal(text))


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise Fault(m.NOT_FLAG(), m.WRITE_FLAG(), value=text)
    return text == "1"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Fault(m.NOT_DATE(), m.WRITE_DATE(), value=text) from None


def _mode(text: str) -> Mode:
    if text.upper() not in Mode.__members__:
        words = Choice(tuple(mode.name.lower() for mode in Mode))
        raise Fault(m.NOT_MODE(), m.USE_ONE(words=words), value=text)
    return Mode[text.upper()]


def _goods(text: str) -> Goods:
    result = Goods.NONE
    for word in text.split():
        if word.upper() not in Goods.__members__:
            words = Choice(tuple(str(g.name).lower() for g in Goods))
            raise Fault(m.NOT_GOODS(word=word), m.USE_GOODS(words=words), value=text)
        result |= Goods[word.upper()]
    return result


_READERS: dict[Any, Callable[[str], Any]] = {
    int: _number, float: _real, Decimal: _decimal, bool: _flag, date: _day, Mode: _mode, Goods: _goods,
}  # fmt: skip


def writer(kind: Any) -> Callable[[Any], str]:
    if typing.get_origin(kind) in (typing.Union, UnionType):
        inner = writer(next(t for t in typing.get_args(kind) if t is not NoneType))
        return lambda value: "" if value is None else inner(value)
    if kind is LocalTime:
        return format_time
    if typing.get_origin(kind) is tuple:
        return " ".join
    if kind is bool:
        return lambda value: "1" if value else "0"
    if kind is float:
        return lambda value: f"{value:.6f}".rstrip("0").rstrip(".")
    if kind is Mode:
        return lambda value: str(value.name.lower())
    if kind is Goods:
        return lambda value: " ".join(str(g.name).lower() for g in value)
    return str
