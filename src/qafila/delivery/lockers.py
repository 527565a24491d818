"""Who opens the doors of a locker: one small interface, written once for each maker (docs/delivery.md leads through it).

An adapter may be slow or away: it is asked while nothing is locked but the parcel's own compartment, and what it raises
ends the act, which can be tried again under the same key.
"""

from __future__ import annotations

from typing import Protocol


class Locker(Protocol):
    """A maker's lockers."""

    def assign(self, facility: str, compartment: str, code: str) -> None:
        """Tells the locker which code opens a compartment, for it to work without a line."""

    def open(self, facility: str, compartment: str) -> None:
        """Unlocks a compartment."""


class Counter:
    """A shelf behind a counter: somebody hands out by the number of the place, and nothing is unlocked."""

    def assign(self, facility: str, compartment: str, code: str) -> None:
        """Nothing to tell."""

    def open(self, facility: str, compartment: str) -> None:
        """Nothing to unlock."""


class Sandbox:
    """Notes what it is asked, for trials and tests."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    def assign(self, facility: str, compartment: str, code: str) -> None:
        """Notes the code."""
        self.asked.append(("assign", facility, compartment))

    def open(self, facility: str, compartment: str) -> None:
        """Notes that it was opened."""
        self.asked.append(("open", facility, compartment))


ADAPTERS: dict[str, Locker] = {"counter": Counter(), "sandbox": Sandbox()}
"""By the name that compartments give."""


def of(name: str) -> Locker:
    """The adapter of a name; a counter where it is not here any more."""
    return ADAPTERS.get(name, ADAPTERS["counter"])
