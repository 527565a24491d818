"""Rows of a demand file: taken as commodities, or refused with what is wrong and what would help.

Columns are read as a whole, rows judged one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from qafila.core import figures
from qafila.core.message import Choice, Message
from qafila.network.gazetteer import Gazetteer
from qafila.network.model import Feed
from qafila.network.network_places import Stations, plain
from qafila.network.timetable import COST_UNIT, Goods, Timetable
from qafila.planning import planning_messages as m
from qafila.planning.planning_problem import NO_DUE, Commodities
from qafila.planning.service_classes import service_classes
from qafila.planning.sweep import LANES

MOST = 1e9
"""Parcels, kg, m³ or price that a row may state."""

LIGHTEST = 0.001
"""kg of a parcel."""

TEXTS = ("id", "origin", "destination", "service_class", "merchant_class", "goods")
NUMBERS = ("parcels", "kg", "m3", "late_price", "max_transfers")
INSTANTS = ("release", "due")

MOST_TRANSFERS = LANES - 1
"""More transfers than this cannot be asked for as a limit."""

NOT_STATED = -np.inf
"""A number or a minute that a row does not state."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that could not be planned: where, why, and what would help."""

    row: int  # line of the file, the header being line 1
    field: str
    value: str
    reason: Message
    remedy: Message

    def cells(self) -> dict[str, str]:
        """The problem as a row of a table, in English."""
        return {
            "row": str(self.row),
            "field": self.field,
            "value": self.value,
            "reason": str(self.reason),
            "remedy": str(self.remedy),
        }


def nothing_left(problems: Sequence[RowProblem]) -> Message:
    """Why no row of a file can be planned: what is wrong with the first, if anything is."""
    if not problems:
        return m.NO_ROW()
    first = problems[0]
    return m.NO_ROW_BUT(row=first.row, field=first.field, reason=first.reason)


class _Refused(Exception):
    """Field, reason, remedy."""


class _Cells(NamedTuple):
    """A row as it was read: texts, or None; numbers and minutes, or NOT_STATED."""

    name: str | None
    origin: str | None
    destination: str | None
    service_class: str | None
    merchant_class: str | None
    goods: str | None
    parcels: float
    kg: float
    m3: float
    late_price: float
    transfers: float
    release: float
    due: float


def read_rows(
    table: pl.DataFrame, timetable: Timetable, feed: Feed | None
) -> tuple[Commodities, list[RowProblem]]:
    """Commodities of every good row of a table with the columns of docs/plan.md, and what is wrong with the others.

    `feed` lets rows name cities instead of facilities.
    """
    columns = {
        name: read(table[name]) if name in table.columns else [absent] * table.height
        for names, read, absent in (
            (TEXTS, _texts, None),
            (NUMBERS, _numbers, NOT_STATED),
            (INSTANTS, lambda values: _minutes(values, timetable), NOT_STATED),
        )
        for name in names
    }
    judge, taken, problems = _Judge(timetable, feed), [], []
    for row, values in enumerate(zip(*columns.values(), strict=True), start=2):
        try:
            taken.append(judge.commodity(row, _Cells(*values)))
        except _Refused as refused:
            field, reason, remedy = refused.args
            stated = table[field][row - 2] if field in table.columns else None
            problems.append(RowProblem(row, field, "" if stated is None else str(stated), reason, remedy))
    return _commodities(taken), problems


def _commodities(rows: list[tuple[Any, ...]]) -> Commodities:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 13
    return Commodities(
        ids=columns[0],
        origin=np.array(columns[1], np.int32),
        destination=np.array(columns[2], np.int32),
        release=np.array(columns[3], np.int32),
        due=np.array(columns[4], np.int64).clip(max=NO_DUE).astype(np.int32),
        late_price=np.array(columns[5], np.float64),
        parcels=np.array(columns[6], np.int64),
        grams=np.array([round(x, 3) for x in columns[7]], np.float64),
        cm3=np.array([round(x, 3) for x in columns[8]], np.float64),
        goods=np.array(columns[9], np.uint16),
        service_class=columns[10],
        merchant_class=columns[11],
        most_rides=np.array(columns[12], np.int32) if any(columns[12]) else None,
    )


class _Judge:
    def __init__(self, timetable: Timetable, feed: Feed | None) -> None:
        self._t = timetable
        self._facility = {name: i for i, name in enumerate(timetable.facility_ids)}
        self._feed = feed
        self._stations: Stations | None = None  # made when a row names a town by its country
        self._cities: dict[str, list[int]] = {}
        for f in feed.facilities if feed else ():
            if f.id in self._facility:
                self._cities.setdefault(plain(f.city), []).append(self._facility[f.id])
        self._nodes: dict[tuple[str, str], int | tuple[Message, Message]] = {}
        self._ids: set[str] = set()

    def commodity(self, row: int, cells: _Cells) -> tuple[Any, ...]:
        """The fields of a commodity in their order. Raises _Refused."""
        name, origin, destination, service_class, merchant_class, goods, *numbers = cells
        parcels, kg, m3, late_price, transfers, release, due = numbers
        name = name or f"row-{row}"
        if name in self._ids:
            raise _Refused("id", m.ID_TWICE(), m.OWN_ID())
        start, end = self._node(origin, "origin"), self._node(destination, "destination")
        if start == end:
            raise _Refused("destination", m.THERE_ALREADY(), m.LEAVE_ROW_OUT())
        m3 = 0.0 if m3 == NOT_STATED else m3
        for field, number, least in (("parcels", parcels, 1.0), ("kg", kg, 0.0), ("m3", m3, 0.0)):
            if not number >= least or (field == "kg" and number == 0.0):
                raise _Refused(field, m.NOT_ABOVE_ZERO(), m.GIVE_DECIMAL())
            if number > MOST:
                raise _Refused(field, m.TOO_MUCH(), m.GIVE_AT_MOST(most=int(MOST)))
        if parcels != int(parcels):
            raise _Refused("parcels", m.NOT_WHOLE(), m.COUNT_PARCELS())
        if kg / parcels < LIGHTEST:
            raise _Refused("kg", m.TOO_LIGHT(), m.WEIGHT_OF_ALL())
        for field, minute in (("release", release), ("due", due)):
            if isnan(minute):
                raise _Refused(field, m.NOT_AN_INSTANT(), m.WRITE_INSTANT())
        release = 0 if release == NOT_STATED else release
        if release < 0 or release >= self._t.minutes:
            last = self._t.instant(self._t.minutes)
            raise _Refused(
                "release",
                m.OUTSIDE(first=self._t.epoch.date(), last=last.date()),
                m.PLAN_WITH(),
            )
        kind = (service_class or "standard").lower()
        terms = service_classes().get(kind)
        if late_price == NOT_STATED:
            if terms is None:
                remedy = m.USE_CLASS(known=Choice(tuple(service_classes())))
                raise _Refused("service_class", m.UNKNOWN_CLASS(), remedy)
            late_price = terms.late_per_parcel_hour
        elif not 0 <= late_price <= MOST:
            raise _Refused("late_price", m.NOT_A_PRICE(), m.PRICE_WITHIN(most=int(MOST)))
        if due == NOT_STATED:
            hours = terms.due_hours if terms is not None else None
            due = NO_DUE if hours is None else release + int(hours * 60)
        limit = 0 if transfers == NOT_STATED else transfers + 1
        if transfers != NOT_STATED and not (0 <= transfers <= MOST_TRANSFERS and transfers == int(transfers)):
            raise _Refused("max_transfers", m.NOT_A_LIMIT(), m.LIMIT_WITHIN(most=MOST_TRANSFERS))
        flags = self._goods(goods) if goods else 0
        self._ids.add(name)
        return (
            name,
            start,
            end,
            int(release),
            int(due),
            late_price * COST_UNIT,
            int(parcels),
            kg * 1e3 / parcels,
            m3 * 1e6 / parcels,
            flags,
            kind,
            merchant_class or "",
            int(limit),
        )

    def _goods(self, text: str) -> int:
        try:
            flags = Goods.NONE
            for flag in text.replace(",", "|").split("|"):
                if flag.strip():
                    flags |= Goods[flag.strip().upper()]
            return int(flags)
        except KeyError:
            known = Choice(tuple(g.name or "" for g in Goods))
            raise _Refused("goods", m.UNKNOWN_GOODS(), m.USE_GOODS(known=known)) from None

    def _node(self, text: str | None, field: str) -> int:
        """The node that a text names. Raises _Refused."""
        if text is None:
            raise _Refused(field, m.EMPTY(), m.GIVE_PLACE())
        key = (text, field)
        if key not in self._nodes:
            self._nodes[key] = self._find(text, field)
        found = self._nodes[key]
        if isinstance(found, tuple):
            raise _Refused(field, *found)
        return found

    def _find(self, text: str, field: str) -> int | tuple[Message, Message]:
        """The node, or why there is none and what to do."""
        at_doors = text.endswith("/door")
        facility = self._facility.get(text.removesuffix("/door"))
        if facility is not None:
            door = int(self._t.door_node[facility])
            if at_doors and door < 0:
                return m.NO_DOORS(), m.FACILITY_ALONE()
            return door if at_doors else facility
        in_city = self._cities.get(plain(text), [])
        if in_city and self._feed is not None:
            ranks = ("sorting_centre", "delivery_station", "warehouse")
            if field == "origin":
                ranks = ("warehouse", "sorting_centre", "delivery_station")
            kinds = [str(self._feed.facility[self._t.facility_ids[i]].kind) for i in in_city]
            rank = [ranks.index(k) if k in ranks else len(ranks) for k in kinds]
            return in_city[int(np.argmin(rank))]
        if self._feed is not None and "," in text:
            city, _, country = text.rpartition(",")
            place = Gazetteer().locate(city.strip(), country.strip())
            if place is not None:
                self._stations = self._stations or Stations(self._feed)
                served = (
                    self._stations.delivery(place)
                    if field == "destination"
                    else self._stations.warehouse(place)
                )
                name = getattr(served, "facility", None)
                if name in self._facility:
                    return self._facility[name]
        return m.NO_PLACE(), m.SEE_FACILITIES()


def _texts(values: pl.Series) -> list[str | None]:
    """Without space around them; None where there is nothing else."""
    if values.dtype == pl.String:
        return [text or None for text in values.str.strip_chars().to_list()]
    return [None if value is None else str(value).strip() or None for value in values.to_list()]


def _numbers(values: pl.Series) -> list[float]:
    """NaN where it is no finite number, NOT_STATED where there is nothing."""
    if values.dtype.is_numeric():
        numbers = values.cast(pl.Float64)
        return (
            pl.select(
                pl.when(numbers.is_null())
                .then(NOT_STATED)
                .when(numbers.is_finite())
                .then(numbers)
                .otherwise(np.nan)
            )
            .to_series()
            .to_list()
        )
    return [NOT_STATED if text is None else _number(text) for text in _texts(values)]


_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
"""Most cells of a file of millions: they mean the same by all rules, and are read thirty times as quickly."""


def _number(text: str) -> float:
    try:
        number = float(text) if _PLAIN.fullmatch(text) else float(figures.number(text))
    except figures.NotAFigure:
        return np.nan
    return number if np.isfinite(number) else np.nan


def _minutes(values: pl.Series, timetable: Timetable) -> list[float]:
    """Minutes from the epoch; NaN where it is no instant, NOT_STATED where there is nothing."""
    distinct = values.unique()
    minutes = pl.Series([_minute(value, timetable) for value in distinct.to_list()], dtype=pl.Float64)
    known = pl.DataFrame({"value": distinct, "minute": minutes})
    rows = pl.DataFrame({"value": values})
    return rows.join(known, on="value", how="left", nulls_equal=True, maintain_order="left")[
        "minute"
    ].to_list()


def _minute(value: Any, timetable: Timetable) -> float:
    """An instant without a zone is UTC."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return NOT_STATED
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(str(value).strip())
        except ValueError:
            return np.nan
    return timetable.minute(value if value.tzinfo else value.replace(tzinfo=UTC))
