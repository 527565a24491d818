"""A carrier joins a network by its own rate card and timetable, as a feed, or leaves it. Nothing else changes.

What the carrier brings is marked with its tenant's id as operator and stands beside the operator's own services: offers
are made of rides, and rides know no operator.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qafila.network import network_messages as m
from qafila.network import validate
from qafila.network.feed import TABLES, read_table
from qafila.network.model import Feed
from qafila.network.network_report import FeedErrors, FeedProblem

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
    ids: Mapping[str, frozenset[str]]


Owned = Mapping[str, Collection[str]]
"""Ids that a carrier brought before, by file."""


def join(feed: Feed, folder: Path, carrier: str, owned: Owned | None = None) -> Joined:
    """The network with a carrier's feed in it; what it brought before is replaced.

    Args:
        feed: the network.
        folder: CSV files of the carrier, as docs/feed.md has them; facilities, calendars and vehicles of the network may be
            referred to.
        carrier: the tenant's id; it becomes the operator of the services.
        owned: what it brought before: rows of these ids are its own to change, though others may use them by now.

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
    if problems := [
        problem
        for name, rows in tables.items()
        for problem in _strange(before, tables, name, _with_lines(folder / f"{name}.csv", rows), owned or {})
    ]:
        raise FeedErrors(problems)
    fresh: dict[str, Any] = {}
    for name, rows in tables.items():
        ids = {row.id for row in rows if hasattr(row, "id")}
        kept = [row for row in getattr(before, name) if getattr(row, "id", None) not in ids]
        fresh[name] = (*kept, *(row for row in rows if row not in kept))
    made = replace(before, **fresh)
    if wrong := validate.problems(
        made, {name: list(range(2, 2 + len(getattr(made, name)))) for name in TABLES}, {}
    ):
        raise FeedErrors(wrong)
    its = {
        name: frozenset(row.id for row in rows)
        - ({row.id for row in getattr(before, name)} - set((owned or {}).get(name, ())))
        for name, rows in tables.items()
        if rows and hasattr(rows[0], "id")
    }  # a row that was there before, and is repeated as it is, stays whose it was
    return Joined(made, {name: len(rows) for name, rows in tables.items()}, its)


def _strange(
    before: Feed,
    tables: Mapping[str, tuple[Any, ...]],
    name: str,
    rows: Sequence[tuple[int, Any]],
    owned: Owned,
) -> Iterator[FeedProblem]:
    """What of a file is somebody else's: ids that the network has, and rows that would change what others run or emit."""
    there = set(getattr(before, name))
    taken = {row.id for row in there if hasattr(row, "id")} - set(owned.get(name, ()))
    of = {
        "calls": ("service", "services", m.OTHERS_SERVICE(), m.OWN_SERVICES()),
        "capacities": ("service", "services", m.OTHERS_SERVICE(), m.OWN_SERVICES()),
        "calendar_dates": ("calendar", "calendars", m.OTHERS_CALENDAR(), m.OWN_CALENDARS()),
        "emissions": ("vehicle", "vehicles", m.OTHERS_VEHICLE(), m.OWN_VEHICLES()),
    }.get(name)
    mine = {row.id for row in tables.get(of[1], ())} if of else set()
    for line, row in rows:
        if getattr(row, "id", None) in taken and row not in there:
            yield FeedProblem(f"{name}.csv", line, "id", row.id, m.ID_TAKEN(), m.OWN_ID())
        if of and getattr(row, of[0]) not in mine and (name in ("calls", "capacities") or row not in there):
            yield FeedProblem(f"{name}.csv", line, of[0], getattr(row, of[0]), of[2], of[3])


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
        feed,
        services=left,
        calls=tuple(c for c in feed.calls if c.service not in gone),
        capacities=tuple(c for c in feed.capacities if c.service not in gone),
        rates=tuple(r for r in feed.rates if r.id not in rates),
        calendars=tuple(c for c in feed.calendars if c.id not in calendars),
        calendar_dates=tuple(c for c in feed.calendar_dates if c.calendar not in calendars),
        vehicles=tuple(v for v in feed.vehicles if v.id not in vehicles),
        emissions=tuple(e for e in feed.emissions if not e.vehicle or e.vehicle not in vehicles),
    )


def part_of(feed: Feed, carrier: str) -> Feed:
    """What a carrier has in the network: its services with calls and room, and the rates, calendars and vehicles that
    only they use. Facilities are the network's."""
    rest = leave(feed, carrier)

    def own(name: str) -> tuple[Any, ...]:
        kept = set(getattr(rest, name))
        return tuple(row for row in getattr(feed, name) if row not in kept)

    tables: dict[str, Any] = {name: own(name) for name in TABLES}
    return replace(feed, **tables)


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
