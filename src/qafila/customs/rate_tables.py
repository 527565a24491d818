"""Rates by HS prefix and date: the longest prefix in force on the day wins."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from qafila.core.fault import Fault
from qafila.core.message import Message, fact
from qafila.customs import reading_messages as say
from qafila.customs.expressions import Rate, parse_rate

BEGINNING = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A rate for all codes that begin with `hs` ("" is every code)."""

    hs: str
    rate: Rate
    text: str
    valid_from: date
    valid_to: date | None
    confidence: str
    source: Message | None
    note: Message | None = None
    country: str = ""  # "" for every country of the territory

    def in_force(self, on: date) -> bool:
        """Is it the rate on that day?"""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class RateTable:
    """Rows by prefix, and the look-up."""

    def __init__(self, name: str, rows: Iterable[Row]) -> None:
        self.name = name
        self._rows: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            self._rows.setdefault((row.country, row.hs), []).append(row)
        for same in self._rows.values():
            same.sort(key=lambda r: r.valid_from, reverse=True)

    @property
    def rows(self) -> list[Row]:
        """Every row, for checks and listings."""
        return [row for same in self._rows.values() for row in same]

    def find(self, hs: str, on: date, country: str = "") -> Row | None:
        """The row with the longest prefix of `hs` in force on the day; a country's own row goes first."""
        for digits in range(len(hs), -1, -1):
            for owner in (country, "") if country else ("",):
                for row in self._rows.get((owner, hs[:digits]), ()):
                    if row.in_force(on):
                        return row
        return None

    def changes(self) -> set[date]:
        """The days on which some row begins or has just ended."""
        ended = {row.valid_to + timedelta(days=1) for row in self.rows if row.valid_to is not None}
        return ended | {row.valid_from for row in self.rows}


def read_table(name: str, lines: Iterable[str]) -> RateTable:
    """A table from CSV with the columns hs, rate and, where they matter, valid_from, valid_to, confidence,
    source, note, country. A range of chapters is written 25-27. Raises Fault naming the row."""
    rows: list[Row] = []
    number = 0
    read = csv.DictReader(line for line in lines if not line.startswith("#"))
    while True:
        number += 1
        try:
            if (cells := next(read, None)) is None:
                break
            rows += _rows({column: cell or "" for column, cell in cells.items() if isinstance(column, str)})
        except (ValueError, KeyError, csv.Error, Fault) as error:
            told = error.told if isinstance(error, Fault) else say.NOT_READ(why=str(error))
            raise Fault(say.IN_ROW(file=f"{name}.csv", row=number, told=told)) from error
    return RateTable(name, rows)


def _rows(cells: dict[str, str]) -> list[Row]:
    text = cells["rate"].strip()
    rate = parse_rate(text)
    start, end = cells.get("valid_from") or "", cells.get("valid_to") or ""
    countries = (cells.get("country") or "").split()
    return [
        Row(
            hs=hs,
            rate=rate,
            text=text,
            valid_from=date.fromisoformat(start) if start else BEGINNING,
            valid_to=date.fromisoformat(end) if end else None,
            confidence=cells.get("confidence") or "indicative",
            source=_said(cells.get("source")),
            note=_said(cells.get("note")),
            country=country,
        )
        for hs in _prefixes(cells["hs"])
        for country in (countries or [""])
    ]


def _said(text: str | None) -> Message | None:
    return fact("customs", text) if text else None


def _prefixes(text: str) -> list[str]:
    prefixes: list[str] = []
    for part in text.split() or [""]:
        first, _, last = part.partition("-")
        if not last:
            prefixes.append(first)
            continue
        if len(first) != len(last):
            raise Fault(say.UNEQUAL_RANGE(range=part))
        prefixes += [str(n).zfill(len(first)) for n in range(int(first), int(last) + 1)]
    for prefix in prefixes:
        if prefix and not (prefix.isdigit() and 2 <= len(prefix) <= 12):
            raise Fault(say.NOT_A_PREFIX(code=prefix))
    return prefixes
