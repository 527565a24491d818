"""Who opens the doors of a locker: one small interface, written once for each maker (docs/delivery.md leads through it).

An adapter may be slow or away: it is asked while nothing is locked but the parcel's own compartment, and what it raises
ends the act, which can be tried again under the same key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from qafila.delivery.http_lockers import HttpLocker, away
from qafila.runtime.settings import settings


class Locker(Protocol):
    """A maker's lockers."""

    def assign(self, facility: str, compartment: str, code: str) -> None:
        """Tells the locker which code opens a compartment, for it to work without a line."""

    def clear(self, facility: str, compartment: str) -> None:
        """The code opens it no more: the parcel was collected or taken back, or nobody brought it."""

    def open(self, facility: str, compartment: str) -> None:
        """Unlocks a compartment."""


class Counter:
    """A shelf behind a counter: somebody hands out by the number of the place, and nothing is unlocked."""

    def assign(self, facility: str, compartment: str, code: str) -> None:
        """Nothing to tell."""

    def clear(self, facility: str, compartment: str) -> None:
        """Nothing to take back."""

    def open(self, facility: str, compartment: str) -> None:
        """Nothing to unlock."""


class Sandbox:
    """Notes what it is asked, for trials and tests."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    def assign(self, facility: str, compartment: str, code: str) -> None:
        """Notes the code."""
        self.asked.append(("assign", facility, compartment))

    def clear(self, facility: str, compartment: str) -> None:
        """Notes that the code was taken back."""
        self.asked.append(("clear", facility, compartment))

    def open(self, facility: str, compartment: str) -> None:
        """Notes that it was opened."""
        self.asked.append(("open", facility, compartment))


ADAPTERS: dict[str, Locker] = {"counter": Counter(), "sandbox": Sandbox()}
"""By the name that compartments give: those of the house, and of programs that add their own."""


def known() -> Mapping[str, Locker]:
    """Every adapter by its name, with those that the settings name by an address."""
    return {**ADAPTERS, **{name: HttpLocker(address) for name, address in settings().lockers.items()}}


def of(name: str) -> Locker:
    """The adapter of a name; one that says so of each act where it is not here any more."""
    if name in ADAPTERS:
        return ADAPTERS[name]
    address = settings().lockers.get(name)
    return HttpLocker(address) if address else _Gone(name)


class _Gone:
    """A maker whose adapter the house has no more: its doors are not opened, and nobody is told that they were."""

    def __init__(self, name: str) -> None:
        self._name = name

    def assign(self, facility: str, compartment: str, code: str) -> None:
        """Raises LockerAway."""
        raise away(facility, compartment, f"adapter {self._name}")

    def clear(self, facility: str, compartment: str) -> None:
        """Raises LockerAway."""
        raise away(facility, compartment, f"adapter {self._name}")

    def open(self, facility: str, compartment: str) -> None:
        """Raises LockerAway."""
        raise away(facility, compartment, f"adapter {self._name}")
