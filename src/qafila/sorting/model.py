"""What sorting speaks of: centres with chutes, parcels that are expected, readings and verdicts. Values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from qafila.core.fault import Fault
from qafila.core.message import Message
from qafila.core.values import value
from qafila.sorting import sorting_messages


class Special(StrEnum):
    """Why a parcel goes to a chute that is no destination's. Each has a chute of its own, or shares one."""

    UNKNOWN = "unknown"  # no number, or one that nobody booked
    DAMAGED = "damaged"
    OVERWEIGHT = "overweight"
    OVERSIZE = "oversize"
    HELD = "held"  # by customs
    MISSED = "missed"  # its departure takes no more
    RECALLED = "recalled"
    ASTRAY = "astray"  # booked, but not by way of this centre
    NO_CHUTE = "no_chute"  # the sort plan has no chute for its next stop


@value
class Chute:
    """Where parcels slide to, and who empties it."""

    id: str
    zone: str = ""  # the people who serve it together
    metres: float = 0.0  # from the chute to where its full bags are taken
    room: int = 0  # parcels that it takes in a shift; 0: any number


@value
class Limits:
    """What the sorter itself can carry; heavier and larger parcels go round it."""

    grams: int = 31_500
    longest_mm: int = 1_200
    girth_mm: int = 3_000  # length + 2 × (width + height)


@value
class Centre:
    """A facility that sorts.

    Attributes:
        special: the chute of each `Special`; what is not named goes to that of `unknown`.
        around: minutes that a parcel needs from induction until it is in its departure.
        bag: parcels that fill a bag: how often somebody walks.
    """

    facility: str
    chutes: tuple[Chute, ...]
    special: tuple[tuple[str, str], ...]
    limits: Limits = Limits()
    around: int = 0
    bag: int = 20

    def has(self, chute: str) -> bool:
        """Whether a chute is one of its own, or that of a reason."""
        return any(c.id == chute for c in self.chutes) or any(c == chute for _, c in self.special)


def centre_from(told: Mapping[str, Any]) -> Centre:
    """A centre from what JSON holds: `facility`, `chutes`, `special`, and, if they differ, `limits`, `around`, `bag`.

    Raises Fault, naming what is missing or double.
    """
    try:
        chutes = tuple(
            Chute(
                str(c["id"]).strip(), str(c.get("zone", "")), float(c.get("metres", 0)), int(c.get("room", 0))
            )
            for c in told["chutes"]
        )
        special = tuple(sorted((str(why), str(chute)) for why, chute in told["special"].items()))
        limits = Limits(**{str(k): int(v) for k, v in dict(told.get("limits", {})).items()})
        made = Centre(
            str(told["facility"]),
            chutes,
            special,
            limits,
            int(told.get("around", 0)),
            int(told.get("bag", 20)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Fault(
            sorting_messages.CENTRE_WRONG(what=str(error)[:200]), sorting_messages.CENTRE_FORM()
        ) from error
    ids = [c.id for c in chutes]
    double = next((id for id in ids if ids.count(id) > 1 or not id), None)
    if double is not None:
        raise Fault(sorting_messages.CHUTE_TWICE(chute=double), field="chutes", value=double)
    if Special.UNKNOWN not in dict(special):
        raise Fault(sorting_messages.NO_UNKNOWN(), sorting_messages.CENTRE_FORM(), field="special")
    for why, chute in special:
        if why not in set(Special):
            raise Fault(
                sorting_messages.NO_SPECIAL(why=why[:40], known=", ".join(Special)),
                field="special",
                value=why[:40],
            )
        if not chute:
            raise Fault(sorting_messages.CHUTE_TWICE(chute=""), field="special", value=why)
    if made.bag < 1 or made.around < 0 or any(not 0 <= c.metres < 1e6 or c.room < 0 for c in chutes):
        raise Fault(
            sorting_messages.CENTRE_WRONG(what="bag, around, metres, room"), sorting_messages.CENTRE_FORM()
        )
    return made


class Expected(NamedTuple):
    """A parcel on its way through this centre. A tuple: a centre holds hundreds of thousands."""

    parcel: str  # S10 number
    owner: str  # tenant id of its merchant
    next: str  # facility of its next stop; empty at the last
    service: str
    day: int  # service day
    board_by: datetime  # the latest it must be at the departure
    leg: int
    held: str = ""  # `held` or `recalled`; empty: it may go on


@dataclass(frozen=True, slots=True)
class Reading:
    """What the scanner, the camera and the scales say of one thing on the belt."""

    code: str
    at: datetime
    damaged: bool = False
    grams: int = 0  # 0: not weighed
    size_mm: tuple[int, int, int] = (0, 0, 0)  # zeros: not measured
    put: str = ""  # the chute that it was put into already, decided without connection


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where the thing goes, and why.

    Attributes:
        parcel: its number; empty where it is not known.
        why: a `Special`, or `plan`.
        corrected: what was read, where another number was meant for certain.
    """

    chute: str
    why: str
    reason: Message
    parcel: str = ""
    expected: Expected | None = None
    corrected: str = ""


@dataclass(frozen=True, slots=True)
class SortPlan:
    """Which next stop has which chutes, of one centre and shift.

    Attributes:
        chutes: next stop -> its chutes; of several, parcels take turns.
        groups: chute -> the next stops that are sorted in a second pass from it.
        second: group's chute -> next stop -> chute of the second pass.
    """

    id: str
    facility: str
    shift: str
    chutes: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    second: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@value
class By:
    """Who acts: the tenant, the role of the database under which it does, and the station's or person's name."""

    tenant: str
    role: str = "qafila_operator"
    station: str = ""


class UnitKind(StrEnum):
    """What holds parcels; each lies in a larger one only, so that nothing ever lies in itself."""

    BAG = "bag"
    PALLET = "pallet"
    ULD = "uld"
    VEHICLE = "vehicle"  # a truck's run or a flight


RANK = {UnitKind.BAG: 1, UnitKind.PALLET: 2, UnitKind.ULD: 3, UnitKind.VEHICLE: 4}
"""Parcels have rank 0; what lies in something has a lower rank than it."""
