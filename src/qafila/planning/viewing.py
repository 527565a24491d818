"""A plan's folder as somebody looks at it: loads by lane and hour, what is tight, each commodity's ways."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from qafila.core.message import Message
from qafila.core.message_json import from_json
from qafila.network.timetable import COST_UNIT, Mode
from qafila.planning import planning_messages as m
from qafila.planning.plan_folder import settle
from qafila.planning.reopening import NotAPlan

UNITS = {"segment_weight": ("kg", 1e3), "segment_volume": ("m³", 1e6)}
"""What one more of a capacity is, and how many of the plan's units that makes; of the others it is a parcel."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One ride of a way."""

    mode: str
    service: str
    origin: str  # facility
    destination: str
    depart: datetime
    arrive: datetime


@dataclass(frozen=True, slots=True)
class Way:
    """One way that parcels of a commodity take."""

    parcels: int
    cost: float  # of one parcel
    late_minutes: int
    co2e_kg: float  # of one parcel
    legs: tuple[Leg, ...]


class PlanView:
    """A plan's folder; tables are read when first asked for. Raises NotAPlan."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            settle(folder)
            self.summary: dict[str, Any] = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
            self.epoch = datetime.fromisoformat(self.summary["epoch"])
        except (OSError, ValueError, KeyError):
            raise NotAPlan(m.NOT_A_PLAN(folder=str(folder))) from None

    def departures(self) -> list[dict[str, Any]]:
        """What each departure that the plan decided is to be: the rows of its `lines.csv`; none where it decided none."""
        file = self.folder / "lines.csv"
        if not file.exists():
            return []
        rows = pl.read_csv(file, try_parse_dates=True).with_columns(pl.col("change").fill_null(""))
        return rows.to_dicts()

    def _read(self, name: str) -> pl.DataFrame:
        try:
            return pl.read_parquet(self.folder / f"{name}.parquet")
        except (OSError, pl.exceptions.PolarsError) as error:
            raise NotAPlan(
                m.NOT_A_PLAN_BECAUSE(folder=str(self.folder), why=f"{name}.parquet: {error}")
            ) from None

    @property
    def remarks(self) -> list[Message]:
        """What went otherwise than it should while the plan was made."""
        return [from_json(one.get("message") or one["text"]) for one in self.summary.get("remarks", ())]

    def instant(self, minute: int) -> datetime:
        """The UTC instant of a minute."""
        return self.epoch + timedelta(minutes=minute)

    @cached_property
    def facilities(self) -> list[str]:
        """Ids by number."""
        return self._read("facilities").sort("facility")["id"].to_list()

    @cached_property
    def _rides(self) -> pl.DataFrame:
        return self._read("rides").select("ride", "mode", "first_segment", "segment_count", "ready_at")

    @cached_property
    def _segments(self) -> pl.DataFrame:
        return self._read("segments")

    @cached_property
    def loads(self) -> pl.DataFrame:
        """Departures that carry something: segment, service, ends, depart, arrive, mode, kg, capacity_kg."""
        carried = (
            self._read("capacities")
            .filter((pl.col("kind") == "segment_weight") & (pl.col("load") > 0))
            .select("segment", kg=pl.col("load") / 1e3, capacity_kg=pl.col("capacity") / 1e3)
        )
        modes = (
            self._read("legs")
            .select("ride")
            .unique()
            .join(self._rides, on="ride")
            .select(
                "mode",
                segment=pl.int_ranges(
                    "first_segment", pl.col("first_segment") + pl.col("segment_count")
                ).cast(pl.List(pl.Int32)),
            )
            .explode("segment")
            .unique("segment")
        )
        return carried.join(self._segments, on="segment").join(modes, on="segment", how="left").sort("depart")

    def lanes(self) -> dict[str, Any]:
        """For a map: `lanes` as [from, to, mode, [[depart, arrive, kg, capacity kg] …]], ids of `places`,
        minutes from `epoch`; vans' rounds, which go nowhere on a map, left out.
        """
        moving = self.loads.filter(
            (pl.col("from_facility") != pl.col("to_facility"))
            & ~pl.col("mode").is_in([Mode.DELIVERY.name.lower(), Mode.COLLECTION.name.lower()])
        )
        used: dict[int, int] = {}
        lanes: dict[tuple[int, int, str], list[list[int]]] = {}
        for row in moving.select(
            "from_facility", "to_facility", "mode", "depart", "arrive", "kg", "capacity_kg"
        ).iter_rows():
            a, b = (used.setdefault(f, len(used)) for f in row[:2])
            lanes.setdefault((a, b, row[2]), []).append([row[3], row[4], round(row[5]), round(row[6])])
        return {
            "epoch": self.epoch.isoformat(),
            "last": int(moving["arrive"].max() or 0),  # type: ignore[arg-type]  # Polars types a maximum as any literal; these are whole numbers
            "first": int(moving["depart"].min() or 0),  # type: ignore[arg-type]  # Polars types a maximum as any literal; these are whole numbers
            "places": [self.facilities[f] for f in used],
            "lanes": [[a, b, mode, runs] for (a, b, mode), runs in lanes.items()],
        }

    @cached_property
    def prices(self) -> pl.DataFrame:
        """Every capacity with a price, the dearest as a whole first; price in the plan's currency per unit.

        `unit` is what one more is: a kilogram, a cubic metre, a parcel. `saves` is what one more unit saves at
        the margin, `saves_tenth` what a tenth more capacity saves at most (prices fall as room grows).
        """
        unit = {kind: size for kind, (_, size) in UNITS.items()}
        tight = self._read("capacities").filter(pl.col("price") > 0)
        per = pl.col("kind").replace_strict(unit, default=1.0, return_dtype=pl.Float64)
        segments = self._segments.select("segment", "service", "depart", "from_facility", "to_facility")
        return (
            tight.with_columns(
                saves=pl.col("price") * per / COST_UNIT,
                saves_tenth=pl.col("price") * pl.col("capacity") / COST_UNIT / 10,
                units_load=pl.col("load") / per,
                units_capacity=pl.col("capacity") / per,
            )
            .join(segments, on="segment", how="left")
            .sort("saves_tenth", descending=True)
        )

    def tightest(self, count: int = 10) -> list[dict[str, Any]]:
        """The places where a tenth more capacity would save most, as `prices` has them, with their ids."""
        rows = []
        for row in self.prices.head(count).iter_rows(named=True):
            begins = row["depart"] if row["segment"] >= 0 else row["quarter"]
            ends = (row["from_facility"], row["to_facility"]) if row["segment"] >= 0 else (row["facility"],)
            rows.append(row | {"at": self.instant(begins), "places": tuple(self.facilities[f] for f in ends)})
        return rows

    @cached_property
    def commodities(self) -> pl.DataFrame:
        """Commodities as the plan's file has them."""
        return self._read("commodities")

    def search(self, words: str, unserved: bool = False) -> pl.DataFrame:
        """Commodities whose id, ends or classes hold every word; those with most unserved first."""
        found = self.commodities
        if unserved:
            found = found.filter(pl.col("unserved") > 0)
        text = pl.concat_str(
            "id", "origin", "destination", "service_class", "merchant_class", separator=" "
        ).str.to_lowercase()
        for word in words.lower().split():
            found = found.filter(text.str.contains(word, literal=True))
        return found.sort("unserved", "parcels", descending=True)

    def commodity(self, id: str) -> dict[str, Any] | None:
        """One commodity by its id."""
        found = self.commodities.filter(pl.col("id") == id)
        return found.row(0, named=True) if len(found) else None

    @staticmethod
    def reason(row: Mapping[str, Any]) -> Message:
        """Why a commodity goes where it goes; a plan of an earlier version tells it in English alone."""
        document = row.get("message")
        return from_json(orjson.loads(document) if document else row["reason"])

    def ways(self, commodity: int) -> list[Way]:
        """The ways of a commodity, the cheapest first."""
        paths = self._read("paths").filter(pl.col("commodity") == commodity).sort("cost")
        legs = (
            self._read("legs")
            .filter(pl.col("path").is_in(paths["path"].to_list()))
            .join(self._rides, on="ride")
        )
        first = self._segments
        ways = []
        for p in paths.iter_rows(named=True):
            made = []
            for r in legs.filter(pl.col("path") == p["path"]).sort("leg").iter_rows(named=True):
                a = first.row(r["first_segment"], named=True)
                b = first.row(r["first_segment"] + r["segment_count"] - 1, named=True)
                made.append(
                    Leg(
                        r["mode"],
                        a["service"],
                        self.facilities[a["from_facility"]],
                        self.facilities[b["to_facility"]],
                        self.instant(a["depart"]),
                        self.instant(b["arrive"]),
                    )
                )
            cost = p["cost"] / COST_UNIT
            ways.append(Way(p["parcels"], cost, p["late_minutes"], p["co2e_kg"], tuple(made)))
        return ways
