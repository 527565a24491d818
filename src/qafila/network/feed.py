"""A network as a folder of plain CSV files, in the manner of GTFS: read with every error named, and written.

docs/feed.md documents each file and column.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any

from charset_normalizer import from_bytes

from qafila.network import model
from qafila.network.model import Feed, LocalTime
from qafila.network.timetable import Goods, Mode

TABLES: dict[str, type] = {
    "territories": model.Territory,
    "hours": model.Hours,
    "calendars": model.Calendar,
    "calendar_dates": model.CalendarDate,
    "facilities": model.Facility,
    "vehicles": model.Vehicle,
    "emissions": model.Emission,
    "rates": model.Rate,
    "modes": model.ModeTerms,
    "services": model.Service,
    "calls": model.Call,
    "capacities": model.Capacity,
    "clearances": model.Clearance,
    "transfers": model.Transfer,
}
"""Each file of a feed (without .csv) and what one of its rows is."""
OPTIONAL = frozenset({"calendar_dates", "transfers", "hours"})
_SHOWN = 60  # characters of a bad value that a message repeats


@dataclass(frozen=True, slots=True)
class FeedProblem:
    """What is wrong with a feed, where, and what would mend it."""

    file: str
    row: int  # line of data, from 1; 0: the file as a whole
    column: str
    value: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        place = (
            self.file + (f" row {self.row}" if self.row else "") + (f" {self.column}" if self.column else "")
        )
        shown = f" {self.value[:_SHOWN]!r}" if self.value else ""
        return f"{place}{shown}: {self.reason}; {self.remedy}"


class FeedErrors(ValueError):
    """A feed that cannot be used; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: list[FeedProblem]) -> None:
        self.problems = problems
        super().__init__(
            "; ".join(map(str, problems[:3]))
            + (f" … and {len(problems) - 3} more" if len(problems) > 3 else "")
        )


def read(folder: Path) -> Feed:
    """The feed in a folder, checked in full. Raises FeedErrors, with every problem of every file."""
    feed, problems = read_rows(folder)
    if feed is not None:
        from qafila.network.validate import problems as found

        # a row that could not be read would show again as an unknown reference: those come second
        problems += found(feed)
    if problems or feed is None:
        raise FeedErrors(problems)
    return feed


def read_rows(folder: Path) -> tuple[Feed | None, list[FeedProblem]]:
    """Every row that can be read, and a problem for each value that cannot; no feed without feed.csv."""
    problems: list[FeedProblem] = []
    tables: dict[str, Any] = {}
    for name, kind in TABLES.items():
        tables[name] = tuple(_rows(folder, name, kind, problems, optional=name in OPTIONAL))
    heads = list(_rows(folder, "feed", _Head, problems, optional=False))
    if len(heads) > 1:
        problems.append(FeedProblem("feed.csv", 2, "", "", "more than one row", "keep one row"))
    if not heads:
        return None, problems
    return Feed(**{f.name: getattr(heads[0], f.name) for f in dataclasses.fields(_Head)}, **tables), problems


def read_table(path: Path, kind: type) -> tuple[Any, ...]:
    """The rows of one file of a feed. Raises FeedErrors."""
    problems: list[FeedProblem] = []
    found = tuple(_rows(path.parent, path.stem, kind, problems, optional=False))
    if problems:
        raise FeedErrors(problems)
    return found


def write(feed: Feed, folder: Path) -> None:
    """Write every file of a feed into a folder, which is made. read(write(feed)) == feed."""
    folder.mkdir(parents=True, exist_ok=True)
    head = _Head(**{f.name: getattr(feed, f.name) for f in dataclasses.fields(_Head)})
    for name, kind, rows in [
        ("feed", _Head, (head,)),
        *((name, kind, getattr(feed, name)) for name, kind in TABLES.items()),
    ]:
        names = [f.name for f in dataclasses.fields(kind)]
        writers = [_writer(t) for t in typing.get_type_hints(kind).values()]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            lines = csv.writer(out, lineterminator="\n")
            lines.writerow(names)
            lines.writerows(
                [write(getattr(row, n)) for n, write in zip(names, writers, strict=True)] for row in rows
            )


@dataclass(frozen=True, slots=True)
class _Head:
    name: str
    version: str
    currency: str
    weight_step_g: int
    source: str


def _text(path: Path, problems: list[FeedProblem]) -> str | None:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        guess = from_bytes(raw[:100_000]).best()
        looks = f"it looks like {guess.encoding}" if guess else "its encoding is not known"
        line = raw.count(b"\n", 0, error.start)
        problems.append(
            FeedProblem(path.name, line, "", "", f"not UTF-8 ({looks})", "save the file as UTF-8")
        )
        return None


def _rows(
    folder: Path, name: str, kind: type, problems: list[FeedProblem], *, optional: bool
) -> Iterator[Any]:
    path = folder / f"{name}.csv"
    if not path.is_file():
        if not optional:
            columns = ",".join(f.name for f in dataclasses.fields(kind))
            problems.append(
                FeedProblem(path.name, 0, "", "", "the file is missing", f"add it with the columns {columns}")
            )
        return
    text = _text(path, problems)
    if text is None:
        return
    lines = csv.reader(io.StringIO(text, newline=""))
    fields = dataclasses.fields(kind)
    types = typing.get_type_hints(kind)
    try:
        header = [h.strip() for h in next(lines, [])]
        required = [f.name for f in fields if f.default is dataclasses.MISSING]
        missing = [r for r in required if r not in header]
        for column in missing:
            problems.append(
                FeedProblem(path.name, 0, column, "", "the column is missing", "add it to the header")
            )
        known = {f.name for f in fields}
        for column in header:
            if column not in known:
                problems.append(
                    FeedProblem(path.name, 0, column, "", "unknown column", f"use {', '.join(sorted(known))}")
                )
        if missing:
            return
        positions = [
            (header.index(f.name), f.name, _reader(types[f.name])) for f in fields if f.name in header
        ]
        for number, row in enumerate(lines, 1):
            if not row:
                continue
            if len(row) != len(header):
                problems.append(
                    FeedProblem(
                        path.name, number, "", ",".join(row),
                        f"{len(row)} values for {len(header)} columns", "quote values that hold a comma",
                    )
                )  # fmt: skip
                continue
            values, good = {}, True
            for position, column, reader in positions:
                try:
                    values[column] = reader(row[position])
                except (ValueError, InvalidOperation) as error:
                    good = False
                    reason, _, remedy = str(error).partition("|")
                    problems.append(
                        FeedProblem(path.name, number, column, row[position], reason, remedy or "correct it")
                    )
            if good:
                yield kind(**values)
    except csv.Error as error:
        problems.append(
            FeedProblem(path.name, lines.line_num, "", "", f"not CSV: {error}", "write plain CSV")
        )


# ---- how each type is spelt; a reader raises ValueError("reason|remedy")


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
        raise ValueError("not a time of day|write HH:MM, with +1 for the day after (01:30+1)")
    return LocalTime(int(hour) * 60 + int(minute) + 1440 * int(day or 0))


def _reader(kind: Any) -> Callable[[str], Any]:
    if typing.get_origin(kind) in (typing.Union, UnionType):
        inner = _reader(next(t for t in typing.get_args(kind) if t is not NoneType))
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
        raise ValueError(f"not a {kind.__name__.lower()}|use one of {', '.join(kind)}") from None


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("not a whole number|write digits only") from None


def _decimal(text: str) -> Decimal:
    value = Decimal(text) if _plain(text) else None
    if value is None:
        raise ValueError("not a number|write it with a point: 12.50")
    return value


def _plain(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit() and text.isascii()


def _real(text: str) -> float:
    return float(_decimal(text))


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("neither 0 nor 1|write 1 for yes and 0 for no")
    return text == "1"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("not a date|write YYYY-MM-DD") from None


def _mode(text: str) -> Mode:
    if text.upper() not in Mode.__members__:
        raise ValueError(f"not a mode|use one of {', '.join(m.name.lower() for m in Mode)}")
    return Mode[text.upper()]


def _goods(text: str) -> Goods:
    result = Goods.NONE
    for word in text.split():
        if word.upper() not in Goods.__members__:
            names = ", ".join(str(g.name).lower() for g in Goods)
            raise ValueError(f"{word!r} is not a kind of goods|use, separated by spaces, {names}")
        result |= Goods[word.upper()]
    return result


_READERS: dict[Any, Callable[[str], Any]] = {
    int: _number, float: _real, Decimal: _decimal, bool: _flag, date: _day, Mode: _mode, Goods: _goods,
}  # fmt: skip


def _writer(kind: Any) -> Callable[[Any], str]:
    if typing.get_origin(kind) in (typing.Union, UnionType):
        inner = _writer(next(t for t in typing.get_args(kind) if t is not NoneType))
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
