"""One report: the figures as the hub counts them, each beside what its query finds in the published log."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from qafila.core.money import ExchangeRates
from qafila.openness import openness_recording, store
from qafila.openness.fairness.fairness_preference import compare_all
from qafila.openness.keyring import signed_by
from qafila.openness.log.log_tiles import TileStore
from qafila.openness.model import Opened
from qafila.openness.regulation import copying, preferring
from qafila.openness.regulation import regulation_figures as figures
from qafila.openness.regulation.regulation_figures import Rows
from qafila.openness.regulation.span import Rooms, Span
from qafila.openness.verifier import Broken, Checkpoint, read_checkpoint, read_note

CLOSE = 1e-9
"""Relative distance below which two numbers are one: both are sums of binary fractions, in another order."""


class NothingPublished(Broken):
    """No checkpoint is published yet."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure twice: as the hub counts it, and as its query finds it in the published log."""

    name: str
    rows: Rows
    recomputed: Rows
    equal: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a regulator is shown.

    Attributes:
        figures: in their order.
        openings: commitments that were opened and fit, those erased, and those that do not fit, as entry and field.
        comparisons: each kind of tenant against the others, with intervals.
        checkpoint: the signed head of the log that all of it was made from.
    """

    figures: list[Figure]
    openings: copying.Checked
    comparisons: list[dict[str, Any]]
    checkpoint: str

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@cache
def queries() -> dict[str, str]:
    """The documented query of each figure, by its name: SQL as SQLite reads it."""
    folder = files("qafila.openness.regulation") / "queries"
    return {name: (folder / f"{name}.sql").read_text(encoding="utf-8") for name in figures.FIGURES}


def head(folder: Path) -> tuple[bytes, Checkpoint]:
    """The published checkpoint and what it says. Raises NothingPublished, and Broken where no key of the log signed it."""
    note = TileStore(folder).checkpoint()
    if note is None:
        raise NothingPublished("no checkpoint is published yet: `qafila serve` or `qafila log run` does so")
    if not signed_by(note, openness_recording.keys().keys):
        raise Broken("the published checkpoint is not signed by a key of this log")
    return note, read_checkpoint(read_note(note).text)


def report(
    connection: Connection,
    span: Span,
    folder: Path,
    rooms: Rooms,
    rates: ExchangeRates,
    keep: str = ":memory:",
) -> Report:
    """Counts every figure twice.

    Args:
        connection: as a regulator or the operator.
        span: what is asked; its size is that of the published checkpoint.
        folder: the log's published files.
        rooms: of the network that is published.
        rates: exchange rates.
        keep: where the regulator's copy is written, as SQLite; it must not be there yet.

    Raises:
        Broken: what is published is not what its checkpoint signs.
    """
    note, signed = head(folder)
    database = sqlite3.connect(keep)
    try:
        copying.make(database, copying.published(folder, span.size, signed.root), span)
        checked = copying.give(database, _openings(connection, span.size))
        copying.finish(database, rooms, rates)
        counted = figures.figures(figures.book(connection, span, rooms, rates))
        found = []
        for name, query in queries().items():
            again = rows(database, query)
            found.append(Figure(name, counted[name], again, equal(counted[name], again)))
        samples = preferring.samples(database)
    finally:
        database.close()
    comparisons = [_plain(asdict(one)) for one in compare_all(samples)]
    return Report(found, checked, comparisons, note.decode())


def rows(database: sqlite3.Connection, query: str) -> Rows:
    """What a query finds, as rows by the names of their columns."""
    cursor = database.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _openings(connection: Connection, size: int) -> Iterator[tuple[int, Opened]]:
    """The openings that the hub gives, by the numbers of their entries in the log."""
    batch: dict[int, int] = {}
    for entry in store.entries(connection):
        if entry.index is not None and entry.index < size:
            batch[entry.entry_id] = entry.index
        if len(batch) == figures.BATCH:
            yield from _of(connection, batch)
            batch = {}
    yield from _of(connection, batch)


def _of(connection: Connection, batch: Mapping[int, int]) -> Iterator[tuple[int, Opened]]:
    for id, opened in store.openings(connection, list(batch)).items():
        for one in opened:
            yield batch[id], one


def equal(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two figures are the same, numbers to within `CLOSE`."""
    return len(one) == len(other) and all(
        a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
        for a, b in zip(one, other, strict=True)
    )


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=CLOSE, abs_tol=1e-6 if isinstance(a, float) else 0)
    return bool(a == b)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what JSON cannot hold: a figure that is not there is None."""
    return {key: None if isinstance(v, float) and math.isnan(v) else v for key, v in row.items()}
