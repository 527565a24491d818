"""What the delivery floor speaks of: a fleet, deliveries, attempts, proofs. Values and rules, no I/O."""

from __future__ import annotations

import csv
import secrets
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files

from qafila.core.fault import Fault
from qafila.core.figures import NotAFigure, number
from qafila.core.money import Money
from qafila.core.values import value
from qafila.delivery import delivery_messages as m


class State(StrEnum):
    """Where a delivery stands."""

    OPEN = "open"  # known, on no round
    PLANNED = "planned"
    OUT = "out"  # on its way to the door
    FAILED = "failed"  # tried; waits for its next day
    AT_POINT = "at_point"  # in a locker or a pick-up point
    DELIVERED = "delivered"
    RETURNING = "returning"
    GONE = "gone"  # stolen, lost or destroyed on the way


OVER = frozenset({State.DELIVERED, State.RETURNING, State.GONE})
"""After these nothing is delivered any more."""


class Gone(StrEnum):
    """What became of a parcel that is not there any more."""

    STOLEN = "stolen"
    LOST = "lost"
    DESTROYED = "destroyed"


class Answer(StrEnum):
    """What came of calling a buyer before the door."""

    CONFIRMED = "confirmed"
    OTHER_DAY = "other_day"
    WRONG_NUMBER = "wrong_number"
    NO_ANSWER = "no_answer"


class Reason(StrEnum):
    """Why a delivery failed."""

    NOBODY_HOME = "nobody_home"
    REFUSED = "refused"
    NO_CASH = "no_cash"
    WRONG_ADDRESS = "wrong_address"
    NOT_REACHED = "not_reached"  # the driver did not come so far
    CLOSED = "closed"
    UNSAFE = "unsafe"
    DAMAGED = "damaged"
    LATER = "later"  # the buyer asked for another day at the door


TURNS_ROUND = frozenset({Reason.REFUSED, Reason.DAMAGED})
"""Reasons after which nobody tries again."""

MOST_ATTEMPTS = 3
"""After so many failures that somebody caused at the door, a parcel turns round."""

COUNTS = frozenset(Reason) - {Reason.NOT_REACHED, Reason.UNSAFE}
"""Reasons that count as an attempt."""


class Left(StrEnum):
    """Where a parcel is left other than in the buyer's hands."""

    SAFE_PLACE = "safe_place"
    NEIGHBOUR = "neighbour"
    LOCKER = "locker"


class Wish(StrEnum):
    """What a buyer may choose before the door."""

    DAY = "day"
    NEIGHBOUR = "neighbour"
    SAFE_PLACE = "safe_place"
    POINT = "point"
    DOOR = "door"  # as it was


@value
class VehicleKind:
    """A kind of vehicle of the last mile. Costs are in cents for 1,000 m and 1,000 s."""

    kind: str
    kmh: float
    metre: int
    second: int
    fixed: int
    max_g: int
    max_cm3: int
    max_pieces: int
    stop_seconds: int


@cache
def vehicle_kinds() -> dict[str, VehicleKind]:
    """The kinds of vehicle-kinds.csv, by name."""
    with (files("qafila.delivery") / "vehicle-kinds.csv").open(encoding="utf-8") as lines:
        return {
            r["kind"]: VehicleKind(
                r["kind"],
                float(r["kmh"]),
                int(r["metre_cost"]),
                int(r["second_cost"]),
                int(r["fixed"]),
                int(r["max_g"]),
                int(r["max_cm3"]),
                int(r["max_pieces"]),
                int(r["stop_seconds"]),
            )
            for r in csv.DictReader(lines)
        }


@value
class Hours:
    """How long somebody may drive and work in a country, in minutes."""

    after: int
    rest: int
    most: int
    basis: str
    confidence: str


@cache
def _hours() -> tuple[dict[str, str], ...]:
    with (files("qafila.delivery") / "driver-hours.csv").open(encoding="utf-8") as lines:
        return tuple(csv.DictReader(lines))


def hours(country: str, on: date) -> Hours:
    """The rule on breaks that holds in a country on a day."""
    for row in _hours():
        within = row["valid_from"] <= on.isoformat() and (
            not row["valid_to"] or on.isoformat() <= row["valid_to"]
        )
        if within and (country in row["countries"].split() or row["countries"] == "*"):
            return Hours(
                int(row["after_minutes"]),
                int(row["rest_minutes"]),
                int(row["most_minutes"]),
                row["legal_basis"],
                row["confidence"],
            )
    raise LookupError(f"no rule on breaks for {country} on {on}")


@value
class FleetVehicle:
    """A vehicle of a station with its driver's working day.

    Attributes:
        from_minute, until_minute: the working day, in minutes of the station's clock.
        trips: how often it may load in a day.
        before: seconds that its driver worked more than the others in past weeks.
        carrier: the tenant whose vehicle it is; empty: the hub's own.
    """

    facility: str
    id: str
    kind: str
    driver: str = ""
    max_g: int = 0
    max_cm3: int = 0
    max_pieces: int = 0
    from_minute: int = 8 * 60
    until_minute: int = 18 * 60
    skills: frozenset[str] = frozenset()
    trips: int = 1
    active: bool = True
    before: int = 0
    carrier: str = ""

    def checked(self) -> FleetVehicle:
        """The same with the capacities of its kind where it has none of its own. Raises Fault."""
        if self.kind not in vehicle_kinds():
            raise Fault(
                m.NO_KIND(kind=self.kind[:40]),
                m.USE_KINDS(kinds=", ".join(vehicle_kinds())),
                field="kind",
                value=self.kind[:40],
            )
        kind = vehicle_kinds()[self.kind]
        for field in ("max_g", "max_cm3", "max_pieces"):
            if getattr(self, field) < 0:
                raise Fault(
                    m.BAD_ROW(value=str(getattr(self, field)), field=field),
                    m.MEND_ROW(),
                    field=field,
                    value=str(getattr(self, field)),
                )
        if not 0 <= self.from_minute < self.until_minute <= 36 * 60:
            raise Fault(
                m.BAD_ROW(value=f"{self.from_minute}–{self.until_minute}", field="working day"),
                m.MEND_ROW(),
                field="until_minute",
                value=str(self.until_minute),
            )
        return FleetVehicle(
            self.facility,
            self.id,
            self.kind,
            self.driver,
            self.max_g or kind.max_g,
            self.max_cm3 or kind.max_cm3,
            self.max_pieces or kind.max_pieces,
            self.from_minute,
            self.until_minute,
            self.skills,
            max(1, self.trips),
            self.active,
            self.before,
            self.carrier,
        )


@value
class Delivery:
    """A parcel that is to come to its buyer.

    Attributes:
        token: the secret part of the buyer's link.
        code: six digits that the buyer tells at the door or types at a locker.
        slot: the window that was promised to him, if any.
        told: the window that he was told last.
        pin: where he says that his door is.
        collect: what is to be collected in cash.
        gone: of one that is gone, a `Gone`.
        called: what the last call to its buyer came to, an `Answer`; empty: nobody called.
        called_at: when that was.
    """

    merchant_id: str
    parcel: str
    facility: str
    token: str
    code: str
    state: State
    day: date | None
    attempts: int
    slot: tuple[datetime, datetime] | None
    told: tuple[datetime, datetime] | None
    pin: tuple[float, float] | None
    landmark: str
    confirmed_at: datetime | None
    wish: str
    wish_detail: str
    point: str
    language: str
    round_id: str
    collect: Money | None
    receiver: dict[str, str]
    grams: int
    size_mm: tuple[int, int, int]
    gone: str = ""
    called: str = ""
    called_at: datetime | None = None

    @property
    def cm3(self) -> int:
        """Volume."""
        length, width, height = self.size_mm
        return -(-length * width * height // 1000)


@value
class Proof:
    """What shows that a parcel was handed over, or left."""

    name: str = ""
    signature: str = ""  # the path of an SVG: M and L with whole numbers
    photo: bytes = b""
    code: str = ""
    collected: Money | None = None
    lat: float | None = None
    lon: float | None = None

    @property
    def enough(self) -> bool:
        """A signature with a name, a photo, or the buyer's code."""
        return bool((self.name and self.signature) or self.photo or self.code)


LARGEST_PHOTO = 600_000


def photo_kind(photo: bytes) -> str:
    """The media type of a picture; empty where it is none that is taken."""
    if photo.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/png" if photo.startswith(b"\x89PNG\r\n\x1a\n") else ""


def new_token() -> str:
    """The secret of a buyer's link: 192 bits that nobody guesses."""
    return secrets.token_urlsafe(24)


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(10**6):06d}"


def amount(told: object, currency: str) -> Money | None:
    """Money that somebody typed; None where nothing was typed. Raises Fault where it is no amount."""
    if told is None or told == "":
        return None
    try:
        found = number(str(told))
        if not found.is_finite() or found < 0 or found > Decimal(10) ** 9:
            raise ValueError
    except (NotAFigure, ValueError):
        raise Fault(
            m.BAD_ROW(value=str(told)[:40], field="amount"),
            m.MEND_ROW(),
            field="collected",
            value=str(told)[:40],
        ) from None
    return Money(found, currency)
