"""Demand files: CSV or Parquet in, commodities on the nodes of a timetable out; bad rows are named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from qafila.network.model import Feed
from qafila.network.places import Gazetteer, Stations, plain
from qafila.network.timetable import COST_UNIT, Goods, Timetable
from qafila.planning.problem import NO_DUE, Commodities
from qafila.planning.service_classes import service_classes

MOST = 1e9
"""Parcels, kg, m³ or price that a row may state."""

LIGHTEST = 0.001
"""kg of a parcel."""

NEEDED = ("origin", "destination", "parcels", "kg")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that could not be planned: where, why, and what would help."""

    row: int  # line of the file, the header being line 1
    field: str
    value: str
    reason: str
    remedy: str


class DemandError(ValueError):
    """A file that is no demand at all; the message says what is missing."""


def read(path: Path, timetable: Timetable, feed: Feed | None = None) -> tuple[Commodities, list[RowProblem]]:
    """Commodities of every good row, and what is wrong with the others. Raises DemandError.

    `feed` lets rows name cities instead of facilities. Columns: docs/plan.md.
    """
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            table = pl.read_parquet(path)
        else:
            table = pl.read_csv(path, infer_schema=False, encoding="utf8", truncate_ragged_lines=True)
    except FileNotFoundError:
        raise DemandError(f"{path}: there is no such file") from None
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise DemandError(
            f"{path}: cannot be read ({reason}); give a CSV in UTF-8 or a Parquet file"
        ) from None
    names = [c.strip().lower().lstrip("\ufeff") for c in table.columns]
    if twice := {n for n in names if names.count(n) > 1}:
        raise DemandError(f"{path}: column {', '.join(sorted(twice))} occurs twice; keep one")
    table.columns = names
    missing = [c for c in NEEDED if c not in names]
    if missing:
        there = ", ".join(c if c.isprintable() else "?" for c in names[:12])
        raise DemandError(
            f"{path}: column {', '.join(missing)} is missing; needed are {', '.join(NEEDED)}, separated by commas"
            f" (docs/plan.md); the file has: {there}"
        )
    reader = _Reader(timetable, feed)
    for row, values in enumerate(table.iter_rows(named=True), start=2):
        reader.take(row, values)
    return reader.commodities(), reader.problems


class _Reader:
    def __init__(self, timetable: Timetable, feed: Feed | None) -> None:
        self._t = timetable
        self._facility = {name: i for i, name in enumerate(timetable.facility_ids)}
        self._feed = feed
        self._stations: Stations | None = None  # made when a row names a town by its country
        self._cities: dict[str, list[int]] = {}
        for f in feed.facilities if feed else ():
            if f.id in self._facility:
                self._cities.setdefault(plain(f.city), []).append(self._facility[f.id])
        self._nodes: dict[tuple[str, str], int | str] = {}
        self._rows: list[tuple[Any, ...]] = []
        self._ids: set[str] = set()
        self.problems: list[RowProblem] = []

    def take(self, row: int, values: dict[str, Any]) -> None:
        """Read one row; what is wrong with it goes to the problems."""

        def refuse(field: str, reason: str, remedy: str) -> None:
            text = values.get(field)
            self.problems.append(RowProblem(row, field, "" if text is None else str(text), reason, remedy))

        name = _text(values.get("id")) or f"row-{row}"
        if name in self._ids:
            return refuse("id", "the id occurs twice", "give each commodity an id of its own")
        ends = []
        for field in ("origin", "destination"):
            node = self._node(_text(values.get(field)), field)
            if isinstance(node, str):
                return refuse(field, *node.split("; ", 1))
            ends.append(node)
        if ends[0] == ends[1]:
            return refuse("destination", "it is where the parcels are already", "leave the row out")
        numbers = {}
        for field, least in (("parcels", 1.0), ("kg", 0.0), ("m3", 0.0)):
            number = _number(values.get(field), 0.0 if field == "m3" else None)
            if number is None or number < least or (field == "kg" and number == 0.0):
                return refuse(field, "not a number above 0", "give a decimal number, point before decimals")
            if number > MOST:
                return refuse(field, "more than any network carries", f"give {MOST:,.0f} at most")
            numbers[field] = number
        if numbers["parcels"] != int(numbers["parcels"]):
            return refuse("parcels", "not a whole number", "parcels are counted: 1, 2, 3 …")
        if numbers["kg"] / numbers["parcels"] < LIGHTEST:
            return refuse("kg", "less than a gram a parcel", "give the weight of all parcels, in kg")
        try:
            release = self._minute(values.get("release"), 0)
            stated = self._minute(values.get("due"), NO_DUE)
        except ValueError:
            bad = "due" if _instant(values.get("release")) is not None else "release"
            return refuse(bad, "not an instant", "write it as 2026-01-05T18:00:00Z or +01:00")
        if release < 0 or release >= self._t.minutes:
            last = self._t.instant(self._t.minutes)
            return refuse(
                "release", f"outside the timetable ({self._t.epoch:%Y-%m-%d} to {last:%Y-%m-%d})",
                "plan with --from-date and --days that include it",
            )  # fmt: skip
        kind = (_text(values.get("service_class")) or "standard").lower()
        terms = service_classes().get(kind)
        stated_late = _text(values.get("late_price")) is not None
        late = _number(values.get("late_price"), terms.late_per_parcel_hour if terms else None)
        if stated_late and (late is None or not 0 <= late <= MOST):
            return refuse(
                "late_price", "not a price", f"give a number from 0 to {MOST:,.0f}, or leave it empty"
            )
        if late is None:
            known = ", ".join(service_classes())
            return refuse(
                "service_class", "unknown class", f"use one of {known}, or state due and late_price"
            )
        if stated == NO_DUE and terms is not None and terms.due_hours is not None:
            stated = release + int(terms.due_hours * 60)
        try:
            goods = Goods.NONE
            for flag in (_text(values.get("goods")) or "").replace(",", "|").split("|"):
                if flag.strip():
                    goods |= Goods[flag.strip().upper()]
        except KeyError:
            return refuse("goods", "unknown kind of goods", "use " + ", ".join(g.name or "" for g in Goods))
        parcels = int(numbers["parcels"])
        self._ids.add(name)
        self._rows.append(
            (
                name, *ends, release, stated, late * COST_UNIT, parcels, numbers["kg"] * 1e3 / parcels,
                numbers["m3"] * 1e6 / parcels, int(goods), kind, _text(values.get("merchant_class")) or "",
            )
        )  # fmt: skip
        return None

    def commodities(self) -> Commodities:
        """Every good row."""
        columns = list(zip(*self._rows, strict=True)) if self._rows else [()] * 12
        return Commodities(
            ids=tuple(columns[0]),
            origin=np.array(columns[1], np.int32),
            destination=np.array(columns[2], np.int32),
            release=np.array(columns[3], np.int32),
            due=np.array(columns[4], np.int64).clip(max=NO_DUE).astype(np.int32),
            late_price=np.array(columns[5], np.float64),
            parcels=np.array(columns[6], np.int64),
            grams=np.array([round(x, 3) for x in columns[7]], np.float64),
            cm3=np.array([round(x, 3) for x in columns[8]], np.float64),
            goods=np.array(columns[9], np.uint16),
            service_class=tuple(columns[10]),
            merchant_class=tuple(columns[11]),
        )

    def _minute(self, value: Any, default: int) -> int:
        if value is None or (isinstance(value, str) and not value.strip()):
            return default
        instant = _instant(value)
        if instant is None:
            raise ValueError(value)
        return self._t.minute(instant)

    def _node(self, text: str | None, field: str) -> int | str:
        """The node that a text names; else "reason; remedy"."""
        if text is None:
            return "empty; give a facility id or a city"
        key = (text, field)
        if key not in self._nodes:
            self._nodes[key] = self._find(text, field)
        return self._nodes[key]

    def _find(self, text: str, field: str) -> int | str:
        at_doors = text.endswith("/door")
        facility = self._facility.get(text.removesuffix("/door"))
        if facility is not None:
            door = int(self._t.door_node[facility])
            if at_doors and door < 0:
                return "no vans serve doors from there; name the facility alone"
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
        return "no facility of that id, and no city that has one; see `qafila network stats` and the feed's facilities.csv"


def _text(value: Any) -> str | None:
    text = "" if value is None else str(value).strip()
    return text or None


def _number(value: Any, default: float | None) -> float | None:
    if _text(value) is None:
        return default
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _instant(value: Any) -> datetime | None:
    """An aware instant; one without a zone is UTC. None where it is not one."""
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(str(value).strip())
        except ValueError:
            return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def write(path: Path, demand: Commodities, timetable: Timetable) -> None:
    """Write commodities as a demand file: Parquet, or CSV by the name's ending."""
    places = _places(timetable)
    table = pl.DataFrame(
        {
            "id": demand.ids,
            "origin": [places[n] for n in demand.origin],
            "destination": [places[n] for n in demand.destination],
            "release": [timetable.epoch + timedelta(minutes=int(m)) for m in demand.release],
            "due": [None if m == NO_DUE else timetable.epoch + timedelta(minutes=int(m)) for m in demand.due],
            "service_class": demand.service_class,
            "merchant_class": demand.merchant_class,
            "parcels": demand.parcels,
            "kg": demand.grams * demand.parcels / 1e3,
            "m3": demand.cm3 * demand.parcels / 1e6,
            "goods": ["|".join(g.name or "" for g in Goods(int(x))) for x in demand.goods],
            "late_price": demand.late_price / COST_UNIT,
        },
        schema_overrides={"due": pl.Datetime("us", "UTC"), "release": pl.Datetime("us", "UTC")},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() in {".parquet", ".pq"}:
        table.write_parquet(path)
    else:
        table.with_columns(pl.col("release", "due").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv(path)


def _places(timetable: Timetable) -> list[str]:
    """What a demand file calls each node."""
    names = [timetable.facility_ids[f] for f in timetable.node_facility]
    for facility, node in enumerate(timetable.door_node):
        if node >= 0:
            names[node] = f"{timetable.facility_ids[facility]}/door"
    return names
