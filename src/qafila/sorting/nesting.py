"""What lies in what, worked out from acts in any order: late, doubled and lost scans give the same answer as if all had
come in time.

An act has its own time. Of a thing's acts the latest before an instant says where it is: it was put into a unit, or taken
out. Emptying a unit takes everything out of it that was put in before. A unit that moves moves all that lies in it then,
through as many layers as there are. Nothing here depends on the order in which acts became known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

Moment = tuple[datetime, str]
"""A time and the key of the act: two acts of one instant are in the order of their keys."""


class Put(NamedTuple):
    """A thing was put into a unit, or taken out (`unit` is empty)."""

    at: datetime
    key: str
    child: str
    unit: str


class Emptied(NamedTuple):
    """A unit was opened and emptied: nothing lies in it any more."""

    at: datetime
    key: str
    unit: str


class Moved(NamedTuple):
    """A unit left a facility or came in, with all that lay in it."""

    at: datetime
    key: str
    unit: str
    step: str  # departed or arrived
    facility: str


Act = Put | Emptied | Moved


class Stay(NamedTuple):
    """A thing lay in a unit from one moment to another; `end` is None while it does, `lost` where emptying ended it."""

    unit: str
    begin: Moment
    end: Moment | None
    lost: str = ""  # key of the emptying that found it neither taken out nor put elsewhere


class Told(NamedTuple):
    """What a unit's act means to a thing in it: it moved along, or it was not there when the unit was emptied."""

    key: str  # of the act
    at: datetime
    step: str  # departed, arrived or missing
    facility: str
    chain: tuple[str, ...]  # the units that held it, from the innermost


class Log:
    """Acts, sorted for questions. Equal acts count once."""

    def __init__(self, acts: Iterable[Act]) -> None:
        self._puts: dict[str, list[Put]] = defaultdict(list)
        self._empties: dict[str, list[Moment]] = defaultdict(list)
        self._moves: dict[str, list[Moved]] = defaultdict(list)
        for act in sorted(set(acts), key=lambda a: (a.at, a.key)):
            if isinstance(act, Put):
                self._puts[act.child].append(act)
            elif isinstance(act, Emptied):
                self._empties[act.unit].append((act.at, act.key))
            else:
                self._moves[act.unit].append(act)

    def stays(self, child: str) -> list[Stay]:
        """Where a thing lay, one stay after the other; a unit that it was put into twice is one stay."""
        found: list[Stay] = []
        puts = self._puts.get(child, [])
        for n, put in enumerate(puts):
            begin: Moment = (put.at, put.key)
            following: Moment | None = (puts[n + 1].at, puts[n + 1].key) if n + 1 < len(puts) else None
            if not put.unit:
                continue
            if found and found[-1].unit == put.unit and found[-1].end == begin:
                begin = found.pop().begin  # scanned into the same unit once more
            empties = self._empties.get(put.unit, [])
            at = bisect_right(empties, (put.at, put.key))
            emptied = empties[at] if at < len(empties) else None
            if emptied is not None and (following is None or emptied < following):
                found.append(Stay(put.unit, begin, emptied, emptied[1]))
            else:
                found.append(Stay(put.unit, begin, following))
        return found

    def holder(self, child: str, moment: Moment | None = None) -> str:
        """The unit in which a thing lies, at a moment or after all acts; empty: in none."""
        for stay in reversed(self.stays(child)):
            if moment is None:
                return stay.unit if stay.end is None else ""
            if stay.begin <= moment:
                return stay.unit if stay.end is None or moment < stay.end else ""
        return ""

    def chain(self, child: str, moment: Moment | None = None) -> tuple[str, ...]:
        """The units around a thing, from the innermost."""
        found: list[str] = []
        while (unit := self.holder(found[-1] if found else child, moment)) and unit not in found:
            found.append(unit)
        return tuple(found)

    def told(self, child: str) -> list[Told]:
        """All that units' acts mean to a thing, in order of time."""
        return sorted(self._told(child, (), None, None), key=lambda t: (t.at, t.key, t.step))

    def _told(
        self, child: str, inner: tuple[str, ...], begin: Moment | None, end: Moment | None
    ) -> Iterator[Told]:
        for stay in self.stays(child):
            if (
                stay.unit in inner
            ):  # no larger thing ever lies in a smaller one; a log that says so is cut here
                continue
            since = stay.begin if begin is None else max(begin, stay.begin)
            until = end if stay.end is None else stay.end if end is None else min(end, stay.end)
            if until is not None and until <= since:
                continue
            chain = (*inner, stay.unit)
            for move in self._moves.get(stay.unit, ()):
                if since < (move.at, move.key) and (until is None or (move.at, move.key) < until):
                    yield Told(move.key, move.at, move.step, move.facility, chain)
            if stay.lost and stay.end == until and not inner:
                yield Told(stay.lost, stay.end[0] if stay.end else since[0], "missing", "", chain)
            yield from self._told(stay.unit, chain, since, until)

    def contents(self, unit: str, moment: Moment | None = None) -> list[str]:
        """What lies directly in a unit."""
        return sorted(child for child in self._puts if self.holder(child, moment) == unit)


def flat(contents: Mapping[str, Iterable[str]], unit: str) -> list[str]:
    """Everything that lies in a unit, through all layers: what holds nothing itself."""
    inside = list(contents.get(unit, ()))
    found: list[str] = []
    for one in inside:
        found += flat(contents, one) if one in contents else [one]
    return found
