"""The file of lines: what may be decided of each service, at what cost; and the copies that are offered at other times."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import ceil, isfinite
from pathlib import Path

import numpy as np
import polars as pl

from qafila.core import figures
from qafila.core.fault import Fault
from qafila.core.message import Choice, Message
from qafila.network.model import Feed, LocalTime
from qafila.network.timetable import COST_UNIT
from qafila.planning import planning_messages as m
from qafila.planning.design.design_choices import Choices, Departure, Option
from qafila.planning.graph import Graph

COLUMNS = ("service", "shift", "vehicle_cost", "line_cost", "planned", "most", "cancel", "steps")
MOST_VEHICLES, DEAREST, FURTHEST = 20, 1e9, 7 * 1440
YES, NO = ("yes", "true", "1"), ("no", "false", "0")


class LinesError(Fault, ValueError):
    """A file of lines that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file. Costs are in the currency of the network."""

    service: str  # as it is called in the plan
    copied: str  # the service of which it is a copy, "" for none
    shift: int  # minutes
    vehicle_cost: float
    line_cost: float
    planned: int
    most: int
    cancel: bool
    steps: tuple[tuple[float, float], ...]  # kg, cost: instead of vehicles


def read(path: Path) -> list[Line]:
    """The rows of a file. Raises LinesError."""
    try:
        table = pl.read_csv(path, infer_schema=False, encoding="utf8", truncate_ragged_lines=True)
    except FileNotFoundError:
        raise LinesError(m.NO_FILE(file=str(path)), value=str(path)) from None
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise LinesError(m.UNREADABLE(file=str(path), why=str(error).splitlines()[0])) from None
    table.columns = [c.strip().lower().lstrip("\ufeff") for c in table.columns]
    if "service" not in table.columns or (set(table.columns) - set(COLUMNS)):
        raise LinesError(m.LINES_COLUMNS(file=str(path), known=Choice(COLUMNS, every=True)), value=str(path))
    lines, seen = [], set()
    for number, row in enumerate(table.iter_rows(named=True), start=2):
        cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if not any(cells.values()):
            continue
        line = _line(path, number, cells)
        if line.service in seen:
            raise _wrong(path, number, "service", cells["service"], m.LINE_TWICE())
        seen.add(line.service)
        lines.append(line)
    return lines


def _wrong(path: Path, row: int, field: str, value: str, why: Message) -> LinesError:
    return LinesError(m.LINES_ROW(file=path.name, row=row, field=field, why=why), field=field, value=value)


def _line(path: Path, row: int, cells: dict[str, str]) -> Line:
    def number(field: str, blank: float, low: float, high: float, whole: bool = False) -> float:
        text = cells[field]
        if not text:
            return blank
        try:
            value = float(figures.number(text))
        except figures.NotAFigure:
            value = np.nan
        if not (isfinite(value) and low <= value <= high) or (whole and value != int(value)):
            raise _wrong(path, row, field, text, m.NUMBER_WITHIN(low=int(low), high=int(high)))
        return value

    shift = int(number("shift", 0, -FURTHEST, FURTHEST, whole=True))
    service = cells["service"]
    if not service:
        raise _wrong(path, row, "service", "", m.EMPTY())
    cancel = cells["cancel"].lower()
    if cancel and cancel not in YES + NO:
        raise _wrong(path, row, "cancel", cancel, m.YES_OR_NO())
    planned = int(number("planned", 0 if shift else 1, 0, MOST_VEHICLES, whole=True))
    steps: list[tuple[float, float]] = []
    for step in cells["steps"].split("|") if cells["steps"] else ():
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*=\s*(\d+(?:\.\d+)?)\s*", step)
        if not found or (steps and float(found[1]) <= steps[-1][0]) or float(found[1]) <= 0:
            raise _wrong(path, row, "steps", cells["steps"], m.STEPS_FORM())
        steps.append((float(found[1]), float(found[2])))
    return Line(
        service=f"{service}{shift:+d}" if shift else service,
        copied=service if shift else "",
        shift=shift,
        vehicle_cost=number("vehicle_cost", 0.0, 0.0, DEAREST),
        line_cost=number("line_cost", 0.0, 0.0, DEAREST),
        planned=planned,
        most=int(number("most", max(planned, 1), max(planned, 1), MOST_VEHICLES, whole=True)),
        cancel=cancel not in NO,
        steps=tuple(steps),
    )


def with_copies(feed: Feed, lines: list[Line]) -> Feed:
    """The feed with the services that are offered at other times. Raises LinesError."""
    services, calls, capacities = list(feed.services), list(feed.calls), list(feed.capacities)
    for line in lines:
        if not line.copied:
            continue
        old = feed.service.get(line.copied)
        if old is None:
            raise LinesError(m.NO_SUCH_SERVICE(id=line.copied), field="service", value=line.copied)
        stops = feed.service_calls[old.id]
        if stops and (stops[0].depart or 0) + line.shift < 0:
            raise LinesError(m.SHIFTED_TOO_FAR(id=line.copied), field="shift", value=str(line.shift))
        services.append(replace(old, id=line.service))
        calls += [
            replace(
                call,
                service=line.service,
                arrive=None if call.arrive is None else LocalTime(call.arrive + line.shift),
                depart=None if call.depart is None else LocalTime(call.depart + line.shift),
            )
            for call in stops
        ]
        capacities += [replace(c, service=line.service) for c in feed.capacities if c.service == old.id]
    return replace(feed, services=tuple(services), calls=tuple(calls), capacities=tuple(capacities))


def choices(graph: Graph, lines: list[Line], balance: float = 0.0) -> Choices:
    """What is to be decided on a timetable. `balance` is in its currency. Raises LinesError."""
    t = graph.timetable
    number = {name: i for i, name in enumerate(t.service_ids)}
    service, day = np.asarray(t.segment_service), np.asarray(t.segment_day)
    departures: list[Departure] = []
    named: list[tuple[str, float]] = []
    for line in lines:
        if line.service not in number:
            raise LinesError(m.NO_SUCH_SERVICE(id=line.service), field="service", value=line.service)
        of = np.flatnonzero(service == number[line.service])
        for date in np.unique(day[of]):
            segments = of[day[of] == date]
            options, planned = _options(graph, line, segments)
            rows = np.concatenate([segments, segments + t.segments])
            departures.append(Departure(number[line.service], int(date), rows, options, planned, len(named)))
        named.append((line.service, line.line_cost * COST_UNIT))
    return Choices(tuple(departures), tuple(named), balance * COST_UNIT)


def _options(graph: Graph, line: Line, segments: np.ndarray) -> tuple[tuple[Option, ...], int | None]:
    grams = graph.row_capacity[segments]
    cm3 = graph.row_capacity[segments + graph.timetable.segments]
    nothing = Option(np.zeros(2 * len(segments)), 0.0, 0)
    if line.steps:
        payload = max(float(grams.max()), 1.0)
        return (
            nothing,
            *(
                Option(
                    np.concatenate(
                        [np.full(len(segments), kg * 1e3), cm3 * max(ceil(kg * 1e3 / payload), 1)]
                    ),
                    cost * COST_UNIT,
                    max(ceil(kg * 1e3 / payload), 1),
                )
                for kg, cost in line.steps
            ),
        ), None
    least = 0 if line.cancel or not line.planned else line.planned
    options = [
        Option(np.concatenate([grams * n, cm3 * n]), line.vehicle_cost * n * COST_UNIT, n) if n else nothing
        for n in range(least, line.most + 1)
    ]
    return tuple(options), line.planned - least
