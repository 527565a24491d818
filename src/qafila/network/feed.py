"""A network as a folder of plain CSV files, in the manner of GTFS: read with every error named, and written.

docs/feed.md documents each file and column.
"""

from __future__ import annotations

import csv
import dataclasses
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qafila.network import model, validate
from qafila.network import network_messages as m
from qafila.network.feed_rows import read_rows
from qafila.network.model import Feed
from qafila.network.network_report import FeedErrors, FeedProblem
from qafila.network.spelling import writer

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
    "cabotage": model.Cabotage,
}
"""Each file of a feed (without .csv) and what one of its rows is."""
OPTIONAL = frozenset({"calendar_dates", "transfers", "hours", "cabotage"})


def read(folder: Path) -> Feed:
    """The feed in a folder, checked in full. Raises FeedErrors, with every problem of every file."""
    feed, problems = check(folder)
    if problems or feed is None:
        raise FeedErrors(problems)
    return feed


def check(folder: Path) -> tuple[Feed | None, list[FeedProblem]]:
    """The feed of every row that can be read, and every problem found; no feed without feed.csv."""
    problems: list[FeedProblem] = []
    tables: dict[str, Any] = {}
    lines: dict[str, list[int]] = {}
    spoilt: dict[str, set[str]] = {name: set() for name in TABLES}
    for name, kind in TABLES.items():
        found = list(
            read_rows(folder / f"{name}.csv", kind, problems, spoilt[name], optional=name in OPTIONAL)
        )
        tables[name] = tuple(row for _, row in found)
        lines[name] = [line for line, _ in found]
    heads = [head for _, head in read_rows(folder / "feed.csv", _Head, problems, set())]
    if len(heads) > 1:
        problems.append(FeedProblem("feed.csv", 2, "", "", m.ONE_HEAD(), m.KEEP_ONE()))
    if not heads:
        return None, problems
    feed = Feed(**{f.name: getattr(heads[0], f.name) for f in dataclasses.fields(_Head)}, **tables)
    whole = not any(p.row == 0 for p in problems)  # a missing file would show again in every reference to it
    if whole:
        problems += validate.problems(feed, lines, {name: frozenset(ids) for name, ids in spoilt.items()})
    return feed, problems


def read_table(path: Path, kind: type) -> tuple[Any, ...]:
    """The rows of one file of a feed. Raises FeedErrors."""
    problems: list[FeedProblem] = []
    found = tuple(row for _, row in read_rows(path, kind, problems, set()))
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
        writers = [writer(t) for t in typing.get_type_hints(kind).values()]
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
