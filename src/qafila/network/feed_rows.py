"""The rows of one CSV file as values, with a problem for each that cannot be read."""

from __future__ import annotations

import csv
import dataclasses
import io
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from charset_normalizer import from_bytes

from qafila.core.fault import Fault
from qafila.core.message import Choice
from qafila.network import network_messages as m
from qafila.network.network_report import FeedProblem
from qafila.network.spelling import reader

Column = tuple[int, str, Callable[[str], Any]]
_COLUMNS_TOLD = 10  # of a header that is noise


def read_rows(
    path: Path, kind: type, problems: list[FeedProblem], spoilt: set[str], *, optional: bool = False
) -> Iterator[tuple[int, Any]]:
    """Each row of a file that can be read, as `kind`, with its line of data from 1.

    What cannot be read is added to `problems`, and the id (or the service) of its row to `spoilt`.
    """
    if not path.is_file():
        if not optional:
            names = ",".join(f.name for f in dataclasses.fields(kind))
            problems.append(FeedProblem(path.name, 0, "", "", m.FILE_MISSING(), m.ADD_FILE(columns=names)))
        return
    text = _text(path, problems)
    if text is None:
        return
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [h.strip() for h in next(lines, [])]
        columns = _columns(path.name, header, kind, problems)
        if columns is None:
            return
        for number, row in enumerate(lines, 1):
            if row:
                value = _value(path.name, number, row, len(header), columns, kind, problems, spoilt)
                if value is not None:
                    yield number, value
    except csv.Error as error:
        problems.append(
            FeedProblem(path.name, lines.line_num, "", "", m.NOT_CSV(why=str(error)), m.WRITE_CSV())
        )


def _text(path: Path, problems: list[FeedProblem]) -> str | None:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        guess = from_bytes(raw[:100_000]).best()
        reason = m.NOT_UTF8_BUT(encoding=guess.encoding) if guess else m.NOT_UTF8()
        line = raw.count(b"\n", 0, error.start)
        problems.append(FeedProblem(path.name, line, "", "", reason, m.SAVE_UTF8()))
        return None


def _columns(file: str, header: list[str], kind: type, problems: list[FeedProblem]) -> list[Column] | None:
    fields = dataclasses.fields(kind)
    types = typing.get_type_hints(kind)
    missing = [f.name for f in fields if f.default is dataclasses.MISSING and f.name not in header]
    for column in missing:
        problems.append(FeedProblem(file, 0, column, "", m.COLUMN_MISSING(), m.ADD_COLUMN()))
    known = {f.name for f in fields}
    strange = [c for n, c in enumerate(header) if c not in known or c in header[:n]]
    keep = m.KEEP_COLUMNS(columns=Choice(tuple(sorted(known)), every=True))
    for column in strange[:_COLUMNS_TOLD]:
        reason = m.COLUMN_TWICE() if column in known else m.COLUMN_UNKNOWN()
        problems.append(FeedProblem(file, 0, column, "", reason, keep))
    if missing:
        return None
    return [(header.index(f.name), f.name, reader(types[f.name])) for f in fields if f.name in header]


def _value(
    file: str,
    number: int,
    row: list[str],
    width: int,
    columns: list[Column],
    kind: type,
    problems: list[FeedProblem],
    spoilt: set[str],
) -> Any:
    values: dict[str, Any] = {}
    defaults = {f.name for f in dataclasses.fields(kind) if f.default is not dataclasses.MISSING}
    good = len(row) == width
    if not good:
        problems.append(
            FeedProblem(file, number, "", ",".join(row), m.CELLS(n=len(row), width=width), m.QUOTE())
        )
    else:
        for position, column, read in columns:
            if not row[position].strip() and column in defaults:
                continue  # a blank cell is what it is when the column is left out
            try:
                values[column] = read(row[position])
            except Fault as fault:
                good = False
                remedy = fault.remedy or m.CORRECT()
                problems.append(FeedProblem(file, number, column, row[position], fault.message, remedy))
    if good:
        return kind(**values)
    if row:
        spoilt.add(str(values.get("id") or values.get("service") or row[0]))
    return None
