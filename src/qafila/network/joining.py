"""A carrier joins a network by its own rate card and timetable, as a feed, or leaves it. Nothing else changes.

What the carrier brings is marked with its tenant's id as operator and stands beside the operator's own services: offers
are made of rides, and rides know no operator.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qafila.network import messages as m
from qafila.network import validate
from qafila.network.feed import TABLES, read_table
from qafila.network.model import Feed
from qafila.network.report import FeedErrors, FeedProblem

BROUGHT = (
    "calendars",
    "calendar_dates",
    "hours",
    "facilities",
    "vehicles",
    "emissions",
    "rates",
    "services",
    "calls",
    "capacities",
)
"""Files that a carrier may bring; of `services`, `calls`, `capacities` and `rates` it needs its own. Borders and how modes
weigh are the network's."""
NEEDED = ("services", "calls", "capacities", "rates")


@dataclass(frozen=True, slots=True)
class Joined:
    """The network with the carrier in it, and how many rows of each file it brought."""

    feed: Feed
    brought: dict[str, int]


def join(feed: Feed, folder: Path, carrier: str) -> Joined:
    """The network with a carrier's feed in it; what it brought before is replaced.

    Args:
        feed: the network.
        folder: CSV files of the carrier, as docs/feed.md has them; facilities, calendars and vehicles of the network may be
            referred to.
        carrier: the tenant's id; it becomes the operator of the services.

    Raises:
        FeedErrors: a file is missing or cannot be read, an id is somebody else's, or the network would not hold together.
    """
    before = leave(feed, carrier)
    missing = [name for name in NEEDED if not (folder / f"{name}.csv").is_file()]
    if missing:
        raise FeedErrors(
            [FeedProblem(f"{name}.csv", 0, "", "", m.FILE_MISSING(), m.ADD_FILE_ALONE()) for name in missing]
        )
    tables: dict[str, tuple[Any, ...]] = {
        name: read_table(folder / f"{name}.csv", TABLES[name])
        for name in BROUGHT
        if (folder / f"{name}.csv").is_file()
    }
    tables["services"] = tuple(replace(one, operator=carrier) for one in tables["services"])
    own = {one.id for one in tables["services"]}
    problems = [
        FeedProblem(f"{name}.csv", line, "id", row.id, m.ID_TAKEN(), m.OWN_ID())
        for name, rows in tables.items() for line, row in _with_lines(folder / f"{name}.csv", rows)
        if hasattr(row, "id") and row.id in {one.id for one in getattr(before, name)}
    ]  # fmt: skip
    problems += [
        FeedProblem(f"{name}.csv", line, "service", row.service, m.OTHERS_SERVICE(), m.OWN_SERVICES())
        for name in ("calls", "capacities") for line, row in _with_lines(folder / f"{name}.csv", tables[name])
        if row.service not in own
    ]  # fmt: skip
    if problems:
        raise FeedErrors(problems)
    fresh: dict[str, Any] = {name: (*getattr(before, name), *rows) for name, rows in tables.items()}
    made = replace(before, **fresh)
    if wrong := validate.problems(
        made, {name: list(range(2, 2 + len(getattr(made, name)))) for name in TABLES}, {}
    ):
        raise FeedErrors(wrong)
    return Joined(made, {name: len(rows) for name, rows in tables.items()})


def leave(feed: Feed, carrier: str) -> Feed:
    """The network without a carrier's services, and without rates, calendars and vehicles that only they used.

    Facilities stay: parcels may lie in them.
    """
    gone = {one.id for one in feed.services if one.operator == carrier}
    if not gone:
        return feed
    left = tuple(one for one in feed.services if one.id not in gone)

    def unused(attribute: str) -> set[str]:
        return {getattr(s, attribute) for s in feed.services if s.id in gone} - {
            getattr(s, attribute) for s in left
        }

    rates, calendars, vehicles = unused("rate"), unused("calendar"), unused("vehicle")
    return replace(
        feed, services=left, calls=tuple(c for c in feed.calls if c.service not in gone),
        capacities=tuple(c for c in feed.capacities if c.service not in gone),
        rates=tuple(r for r in feed.rates if r.id not in rates),
        calendars=tuple(c for c in feed.calendars if c.id not in calendars),
        calendar_dates=tuple(c for c in feed.calendar_dates if c.calendar not in calendars),
        vehicles=tuple(v for v in feed.vehicles if v.id not in vehicles),
        emissions=tuple(e for e in feed.emissions if not e.vehicle or e.vehicle not in vehicles),
    )  # fmt: skip


def operated(feed: Feed) -> dict[str, str]:
    """The operator of each service: a tenant's id where a carrier joined, else a name."""
    return {one.id: one.operator for one in feed.services}


def _with_lines(path: Path, rows: Sequence[Any]) -> list[tuple[int, Any]]:
    """Rows with the lines of the file in which they stand."""
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        next(reader, None)
        numbers = [reader.line_num for row in reader if any(row)]
    return list(zip(numbers, rows, strict=False))
