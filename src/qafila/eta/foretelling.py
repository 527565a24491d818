"""A learned model as a document, and what it foretells of whole ways: the probability that a delay is no longer than so much.

The document holds the three boosters as text, and for each group of ways the errors of later weeks, sorted. It says the
same in every process and on every machine that has it, so that an audit can ask it again.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from qafila.core.message import Message
from qafila.core.message_json import from_json, to_json
from qafila.core.values import value
from qafila.eta.table import NARROWEST, WHOLE, Floats
from qafila.network import arrivals

if TYPE_CHECKING:  # the learner is loaded by who learns
    from qafila.eta.learning import Coverage, Learned

_KEPT = 50_000
"""Ways whose range is kept: some ten megabytes."""


@value
class Way:
    """A whole way as the model sees it; there is nothing of a sender, a receiver or a carrier in it.

    Attributes:
        begins, ends: territories of its first and last facility.
        weekday, hour: of the planned departure, UTC.
        minutes: planned from leaving to arriving.
        rides: how many.
        slack: minutes between arriving and leaving again, added up.
    """

    begins: str
    ends: str
    weekday: int
    hour: int
    minutes: float
    rides: int
    slack: float

    @classmethod
    def of(cls, rides: Sequence[tuple[datetime, datetime]], begins: str, ends: str) -> Way:
        """From the planned departure and arrival of each ride."""
        start, end = rides[0][0], rides[-1][1]
        slack = sum(
            max(0.0, (after[0] - before[1]).total_seconds() / 60)
            for before, after in itertools.pairwise(rides)
        )
        return cls(
            begins, ends, start.weekday(), start.hour, (end - start).total_seconds() / 60, len(rides), slack
        )


class Foretold:
    """What a model foretells.

    Attributes:
        id: of the document.
        source: what history it learned from; a simulated one says so.
        held: the part of its 80 % ranges of whole ways that held on weeks it had not seen.
    """

    def __init__(self, id: str, document: Mapping[str, Any]) -> None:
        import lightgbm  # loaded only where something was learned

        self.id = id
        self.source: Message = from_json(document["source"])
        self.held: float = document["held"]
        self._territories = {name: n for n, name in enumerate(document["territories"])}
        self._boosters = [lightgbm.Booster(model_str=said) for said in document["boosters"]]
        self._groups = {int(key): int(group) for key, group in document["groups"].items()}
        self._errors = {int(g): np.asarray(e, dtype=np.float64) for g, e in document["errors"].items()}
        self._known: dict[Way, tuple[float, float, Floats]] = {}

    def see(self, ways: Sequence[Way]) -> None:
        """Foretells several ways at once, so that asking for each is quick afterwards."""
        fresh = [way for way in dict.fromkeys(ways) if way not in self._known]
        if not fresh:
            return
        if len(self._known) > _KEPT:
            self._known = {}
        features = np.array([self._features(way) for way in fresh], dtype=np.float64)
        low, middle, high = (np.asarray(b.predict(features, num_threads=1)) for b in self._boosters)
        width = np.maximum(NARROWEST, high - low)
        for way, at, wide in zip(fresh, middle.tolist(), width.tolist(), strict=True):
            self._known[way] = (at, wide, self._errors[self._group(way)])

    def within(self, way: Way, minutes: float) -> float:
        """The probability that a way is no later than so many minutes, as conformal prediction gives it: never quite 1."""
        self.see([way])
        middle, width, errors = self._known[way]
        held = int(np.searchsorted(errors, (minutes - middle) / width, side="right"))
        return held / (len(errors) + 1)

    def _features(self, way: Way) -> tuple[float, ...]:
        begins, ends = (self._territories.get(t, _UNSEEN) for t in (way.begins, way.ends))
        return (WHOLE, begins, ends, way.weekday, way.hour, way.minutes, way.rides, way.slack)

    def _group(self, way: Way) -> int:
        key = WHOLE * 1000 + self._territories.get(way.ends, _UNSEEN)
        return self._groups.get(key, self._groups[WHOLE * 1000 + 999])


_UNSEEN = 998


def document(learned: Learned, territories: Sequence[str], whole: Coverage) -> bytes:
    """A learned model as JSON.

    Args:
        learned: it.
        territories: names, by the numbers in its rows.
        whole: how often its 80 % ranges of whole ways held on weeks that it had not seen.
    """
    groups = {key: group for key, group in learned.groups.items() if key // 1000 == WHOLE}
    errors = {group: learned.errors(group).tolist() for group in set(groups.values())}
    return orjson.dumps(
        {
            "source": to_json(learned.source),
            "weeks": learned.weeks,
            "territories": list(territories),
            "held": round(whole.share, 4),
            "rides": whole.rides,
            "boosters": [b.model_to_string() for b in learned.boosters],
            "groups": {str(key): groups[key] for key in sorted(groups)},
            "errors": {str(group): errors[group] for group in sorted(errors)},
        }
    )


@lru_cache(maxsize=4)
def installed(id: str) -> Foretold | None:
    """The model of an id; None for the rules. Raises OSError where this home does not have it."""
    return None if id == arrivals.BY_RULE else Foretold(id, orjson.loads(arrivals.read(id)))
