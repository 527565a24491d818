"""The kinds of decisions: a floor registers its own, with how one is taken again from what was recorded.

OFFERS = kind("shipping.offers", template("shipping.decision.offers", "Offers for an order"), again=_offers_again)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qafila.context import Context
from qafila.core.message import Template
from qafila.core.values import value
from qafila.openness.model import Entry

Values = Mapping[str, Any]
"""The opened hidden values of an entry, by field."""

Again = Callable[[Context, Values, bool], Any]
"""Takes a decision again. Given: a context of this home, whose network and clock it sets to those recorded; the opened
values; whether identities are to be taken out first. Returns what is compared with the recorded field `answer`.
Raises CannotAgain where what it was made from is no longer here."""


class CannotAgain(LookupError):
    """A decision cannot be taken again: its network or its rules are not here any more."""


@value
class Difference:
    """A decision that would be otherwise.

    Attributes:
        entry: the entry.
        how: `again` where the engine on the recorded inputs says otherwise, `identity` where it does without
            identities, `room` where the room that was looked at was not the room that there was, `facts` where what
            it was made from is not what the history says.
        place: where in the answer.
        recorded: what was decided there.
        now: what it is instead.
    """

    entry: Entry
    how: str
    place: str
    recorded: Any
    now: Any


Check = Callable[[Context, Sequence[tuple[Entry, Values]]], list[Difference]]
"""Looks at all decisions of a log together, in the order in which they were recorded. Given a context of this home."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of decision.

    Attributes:
        name: `floor.what`.
        meaning: how people call it.
        again: takes one again; None where nothing can be taken again, as with a person's own decision.
    """

    name: str
    meaning: Template
    again: Again | None = None


KINDS: dict[str, Kind] = {}
"""Every kind of the floors that are loaded; `qafila/floors.py` loads them all."""

CHECKS: list[Check] = []
"""What floors check over all decisions together."""


def kind(name: str, meaning: Template, again: Again | None = None) -> Kind:
    """Lists a kind of decision. Raises ValueError where the name is taken by another."""
    made = Kind(name, meaning, again)
    if KINDS.setdefault(name, made) != made:
        raise ValueError(f"two kinds of decisions are called {name}")
    return KINDS[name]
