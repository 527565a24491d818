"""The compiled timetable: what engines search, as immutable arrays over one horizon.

Everything that a calendar, a cut-off, opening hours, handling and customs say is folded into two
instants of each ride, so that an engine asks one question only: are the goods at `ride_from` ready no
later than `ride_board_by`? Then they are ready at `ride_to` at `ride_ready_at`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import IntEnum, IntFlag
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

COST_UNIT = 10_000
"""Costs are whole ten-thousandths of the timetable's currency."""


class Mode(IntEnum):
    """How a ride moves. Values are stored in arrays: never renumber."""

    AIR = 0  # the dedicated air fleet: freighters on charter
    BELLY = 1  # space bought under the cabin of passenger flights
    ROAD = 2
    SEA = 3
    RAIL = 4
    DELIVERY = 5  # a van's tour to doors
    COLLECTION = 6  # a van's tour from doors


class Goods(IntFlag):
    """What about goods may bar them from a ride. A ride is barred where `ride_forbids & goods`."""

    NONE = 0
    LITHIUM = 1  # lithium batteries, packed alone or with equipment
    LITHIUM_BUILT_IN = 2  # lithium batteries contained in equipment
    LIQUID_FLAMMABLE = 4  # perfume, spirits, nail varnish …
    AEROSOL = 8
    MAGNETIC = 16
    PERISHABLE = 32
    OVERSIZE = 64  # too long or too heavy for a sorter or a belly hold
    OTHER_DANGEROUS = 128


@dataclass(frozen=True, slots=True, eq=False)
class Timetable:
    """One horizon of the network, compiled. Arrays are read-only and may be memory-mapped.

    Instants are whole minutes since `epoch` (UTC). Let F be facilities, N nodes, S segments, R rides.

    *Nodes*: 0 … F-1 are the facilities' free side (goods in free circulation in their territory);
    behind them come the bonded sides of gateways (goods not yet released) and the doors that a
    facility's vans serve. *Segments* are departures: one service on one day between two consecutive
    calls, with the capacity that booking takes. *Rides* are what a parcel does: board a service at one
    node, leave it at another after one or more consecutive segments of it.
    """

    epoch: datetime
    minutes: int  # length of the horizon
    currency: str
    facility_ids: tuple[str, ...]
    service_ids: tuple[str, ...]

    node_facility: NDArray[np.int32]  # [N] facility in which, or at whose doors, the node is
    bonded_node: NDArray[np.int32]  # [F] bonded side of a gateway, else -1
    door_node: NDArray[np.int32]  # [F] doors served from the facility, else -1

    segment_service: NDArray[np.int32]  # [S]
    segment_call: NDArray[np.int32]  # [S] index of the call from which it departs
    segment_day: NDArray[np.int32]  # [S] service day: days since 1970-01-01, in local time of the first call
    segment_from: NDArray[np.int32]  # [S] facility
    segment_to: NDArray[np.int32]  # [S] facility
    segment_depart: NDArray[np.int32]  # [S] minute
    segment_arrive: NDArray[np.int32]  # [S] minute
    segment_capacity_g: NDArray[np.int64]  # [S] payload in grams
    segment_capacity_cm3: NDArray[np.int64]  # [S] volume in cm³

    # rides are sorted by (ride_board_by, ride_ready_at); always ride_ready_at > ride_board_by
    ride_from: NDArray[np.int32]  # [R] node
    ride_to: NDArray[np.int32]  # [R] node
    ride_board_by: NDArray[np.int32]  # [R] latest minute at which goods are ready at `ride_from`
    ride_ready_at: NDArray[np.int32]  # [R] minute at which they are ready at `ride_to`, handled and cleared
    ride_first_segment: NDArray[np.int32]  # [R] the ride uses segments first … first + count - 1
    ride_segment_count: NDArray[np.int32]  # [R]
    ride_mode: NDArray[np.uint8]  # [R] Mode
    ride_fixed_cost: NDArray[np.int32]  # [R] COST_UNITs for each parcel, handling included
    ride_kg_cost: NDArray[np.int32]  # [R] COST_UNITs for each kg of chargeable weight
    ride_co2e: NDArray[np.int32]  # [R] mg CO2e well-to-wheel for each kg of actual weight (ISO 14083)
    ride_forbids: NDArray[np.uint16]  # [R] Goods

    volumetric_kg_per_m3: NDArray[np.int32]  # [len(Mode)] chargeable kg = max(actual, volume × this)
    weight_step_g: int  # chargeable weight is rounded up to a multiple of this
    # [N] customs territory in which the node's goods are free; -1 for bonded sides, whose goods are free nowhere.
    # Empty: one territory, no borders
    node_territory: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    # where it was loaded from, and what is derived from it may be kept; never of one that was changed since
    folder: Path | None = field(default=None, init=False, repr=False)

    @property
    def facilities(self) -> int:
        """F."""
        return len(self.facility_ids)

    @property
    def nodes(self) -> int:
        """N."""
        return len(self.node_facility)

    @property
    def segments(self) -> int:
        """S: departures in the horizon."""
        return len(self.segment_depart)

    @property
    def rides(self) -> int:
        """R."""
        return len(self.ride_from)

    def minute(self, instant: datetime) -> int:
        """Minutes from the epoch to an aware instant, rounded up (ready at 10:00:01 means 10:01)."""
        return -int(-(instant - self.epoch).total_seconds() // 60)

    def instant(self, minute: int) -> datetime:
        """The aware UTC instant of a minute."""
        return self.epoch + timedelta(minutes=int(minute))

    def chargeable_g(self, grams: int, cm3: int) -> NDArray[np.int64]:
        """Chargeable weight by Mode, in grams: the greater of actual and volumetric, rounded up to a step."""
        volumetric = -(-cm3 * self.volumetric_kg_per_m3.astype(np.int64) // 1000)
        heavier = np.maximum(volumetric, grams)
        return -(-heavier // self.weight_step_g) * self.weight_step_g

    def ride_cost(self, chargeable_g: NDArray[np.int64]) -> NDArray[np.int64]:
        """Cost of each ride in COST_UNITs for one parcel whose chargeable weight by Mode is given."""
        return (
            self.ride_fixed_cost + self.ride_kg_cost.astype(np.int64) * chargeable_g[self.ride_mode] // 1000
        )

    def save(self, folder: Path) -> None:
        """Write each array as a .npy file and the rest as timetable.json into a folder, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        plain: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if not each.init:
                continue
            if isinstance(value, np.ndarray):
                np.save(folder / f"{each.name}.npy", value)
            else:
                plain[each.name] = value.isoformat() if isinstance(value, datetime) else value
        (folder / "timetable.json").write_text(json.dumps(plain), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Timetable:
        """The timetable in a folder, its arrays memory-mapped and read-only.

        They are plain arrays: np.memmap looks after itself at every access, which takes longer than the access.
        """
        plain = json.loads((folder / "timetable.json").read_text(encoding="utf-8"))
        plain["epoch"] = datetime.fromisoformat(plain["epoch"])
        plain["facility_ids"], plain["service_ids"] = (
            tuple(plain["facility_ids"]),
            tuple(plain["service_ids"]),
        )
        arrays = {
            f.name: np.load(folder / f"{f.name}.npy", mmap_mode="r").view(np.ndarray)
            for f in fields(cls)
            if f.init and f.name not in plain
        }
        loaded = cls(**plain, **arrays)
        object.__setattr__(loaded, "folder", folder)
        return loaded
