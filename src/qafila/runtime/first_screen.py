"""What a floor puts on the first screen after sign-in: what waits for somebody, and the few figures that tell how it goes.

A floor declares its tiles in its `floor.py`; the screen of a role is made of the tiles that name it. A tile reads for
whoever looks, under his own rights, and says nothing (None) where it has nothing to say to him.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from qafila.core.message import Message, Template
from qafila.core.money import Money
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind

LINES = 6
"""Lines of a list at most; the rest is behind its link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that waits.

    Attributes:
        what: what it is.
        link: the page where it is decided.
        by: until when, or since when it waits; shown in `zone`.
        state: done, attention, stop, moving or quiet: how it is marked, beside its words.
        why: what is wrong or missing, where something is.
    """

    what: Message
    link: str
    by: datetime | None = None
    zone: str = "UTC"
    state: str = "quiet"
    why: Message | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits for a decision, the most urgent first; `count` is of all, `lines` are the first few."""

    count: int
    lines: tuple[Line, ...] = ()
    link: str = ""
    nothing: Message | None = None  # said where nothing waits: what to do instead


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A figure a day, oldest first: drawn as bars from zero."""

    values: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A whole in parts, each with its word: drawn as one bar. `of` says what is counted, and since when."""

    parts: tuple[tuple[Message, int, str], ...]  # word, count, state
    of: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Amounts, one a currency, each the mean of so many."""

    amounts: tuple[tuple[Money, int], ...]
    of: Message


Shown: TypeAlias = Waiting | Days | Parts | Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A part of a first screen.

    Attributes:
        name: `floor.what_it_shows`.
        title: its heading.
        scope: the right to read it; whoever does not hold it never sees it.
        roles: on whose screen it stands. A key stands for a clerk.
        kinds: in which kinds of organisations.
        look: reads it: for whoever looks, in the surroundings (`qafila.context.Context`) of his request.
    """

    name: str
    title: Template
    scope: str
    roles: tuple[str, ...]
    look: Callable[[Actor, Any], Shown | None]
    kinds: frozenset[TenantKind] = frozenset(TenantKind)

    def stands_for(self, actor: Actor) -> bool:
        """Whether it is on this person's screen."""
        roles = actor.roles if actor.person else {"clerk"}
        return actor.kind in self.kinds and actor.may(self.scope) and not roles.isdisjoint(self.roles)


def each_day(counted: dict[date, int], last: date, days: int = 7) -> Days:
    """A week's bars, with the days on which nothing was."""
    since = last.toordinal() - days + 1
    all_days = [date.fromordinal(n) for n in range(since, since + days)]
    return Days(values=tuple((day, counted.get(day, 0)) for day in all_days))


def mean(total: Decimal, count: int, currency: str) -> tuple[Money, int]:
    """A mean amount and of how many it is."""
    return Money(total / count, currency), count
