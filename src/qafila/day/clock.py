"""The clock of a day that runs fast, and chance that is the same in every such day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b

from qafila.context import Context

WEEKS_BACK = 11
"""A day begins on a Monday so many weeks ago: whatever it brings has happened by now."""


@dataclass(slots=True)
class Clock:
    """Time that is set forward from one act to the next, and never back."""

    at: datetime

    def now(self) -> datetime:
        """The instant that it shows."""
        return self.at

    def set(self, instant: datetime) -> datetime:
        """Moves it forward to an instant; one that has passed leaves it where it is. Returns what it shows."""
        self.at = max(self.at, instant)
        return self.at

    def on(self, context: Context) -> Context:
        """A context that lives by it."""
        return replace(context, clock=self.now)


def beginning(today: date) -> datetime:
    """When a day begins that is run on a date: a Monday at six o'clock UTC, some weeks before."""
    monday = today - timedelta(days=today.weekday(), weeks=WEEKS_BACK)
    return datetime.combine(monday, time(6), UTC)


def chance(*of: str) -> float:
    """A number from 0 to 1 that follows from some words: the same words give the same."""
    return int.from_bytes(blake2b("|".join(of).encode(), digest_size=6).digest(), "big") / 2**48
