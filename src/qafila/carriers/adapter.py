"""The interface of a carrier's own system: parcels go there, labels and events come back.

Whoever connects a carrier writes a class with these four methods and lists it in `ADAPTERS`; docs/carriers.md says it
with an example. An adapter knows nothing of bookings, histories and the database: it speaks with its carrier alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class NotReached(Exception):
    """The carrier's system does not answer, or answers nonsense: it is asked again later. The text says why."""


class NotTaken(Exception):
    """The carrier will not carry this parcel; the text is its reason."""


@dataclass(frozen=True, slots=True)
class Consignment:
    """A parcel for the carrier, with what it needs to carry it and nothing more.

    Attributes:
        parcel: its number here (S10); asked again with the same number it is the same consignment.
        service: the carrier's own service, by its feed's id.
        day: the day of that service's departure, as ISO writes it.
        origin: id of the facility at which the carrier takes it over.
        destination: id of the facility to which the carrier brings it.
        board_by: until when it must be there, aware.
        grams: its weight.
        to: the buyer's address by field, where this carrier brings it to the door; else nothing.
    """

    parcel: str
    service: str
    day: str
    origin: str
    destination: str
    board_by: datetime
    grams: int
    to: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the carrier, as it is printed: `kind` is application/pdf, image/png or application/zpl."""

    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """The carrier has the consignment: its number there, and its label where it comes at once."""

    reference: str
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the carrier says happened.

    Attributes:
        parcel: the parcel's number here, or the carrier's own reference.
        type: a word of ours (`arrived`, `delivered` …) or a UPU code.
        time: when, aware.
        facility: id of the facility; None where it is at none.
        id: the carrier's own, a UUID; without it equal facts are one event.
        details: whatever else belongs to it.
    """

    parcel: str
    type: str
    time: datetime
    facility: str | None = None
    id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class Adapter(Protocol):
    """A line to one carrier's system. Each call may be repeated, for whoever calls may be killed in the middle."""

    def consign(self, one: Consignment) -> Taken:
        """Gives a parcel to the carrier. Raises NotTaken, NotReached."""

    def withdraw(self, parcel: str, reference: str) -> None:
        """Takes it back: its booking was cancelled. Raises NotReached."""

    def label(self, parcel: str, reference: str) -> Label | None:
        """The label of a consignment that had none at once; None while there is none. Raises NotReached."""

    def events(self, after: str) -> tuple[Sequence[Told], str]:
        """What happened behind a position (empty: from the beginning), and the position behind it. Raises NotReached."""


@dataclass(frozen=True, slots=True)
class Line:
    """How a carrier's system is reached: `address` as its adapter reads it, `secret` what it asks for, `inside` whether
    addresses of private networks may be asked."""

    address: str
    secret: str = ""
    inside: bool = False


ADAPTERS: dict[str, Callable[[Line], Adapter]] = {}
"""How each kind of adapter is made, by its name; `adapters.py` lists them."""
