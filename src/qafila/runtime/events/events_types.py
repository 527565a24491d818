"""Event types as data: a floor declares them in its `floor.py`, and whoever reads a history asks here what they mean.

    STOWED = event_type(
        "stowed",
        template("event.stowed", "Put on a shelf"),
        subjects={SubjectKind.STOCK},
        reporters={Reporter.STATION, Reporter.OPERATOR},
        codes=[Codes("storing", "in_progress", source="CBV 2.0", since="2022-06-01")],
    )

docs/events.md leads through it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qafila.core.message import Template
from qafila.runtime.events.envelope import (
    Event,
    Reporter,
    Source,
    Subject,
    SubjectKind,
    TimeKind,
    identify,
    offset_of,
)


@dataclass(frozen=True, slots=True)
class Codes:
    """What an event type is called elsewhere, at a stage of the way.

    Attributes:
        biz_step: EPCIS bizStep: a bare word of the CBV, or a URI of our own where it has none.
        disposition: EPCIS disposition, likewise.
        upu: UPU EMSEVT code; empty where the UPU has none.
        stage: outward, transit, inward, inland or delivery; empty at any.
        source: where that is written; `since` the date from which it holds.
        confidence: official, secondary or indicative.
    """

    biz_step: str
    disposition: str
    upu: str = ""
    stage: str = ""
    source: str = ""
    since: str = ""
    confidence: str = "official"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an actual event of a type does to the status of its subject.

    Attributes:
        state: the state it brings.
        rank: of several events at one instant the one with the highest rank is the last.
        over: nothing more is expected afterwards.
        handed_over: the subject is no more where it was read before.
        present: told at a facility, it says that the subject is there.
        only_after: it counts only where the history so far was decided by an event of one of these types, or, for "",
            by none; None: always.
        then_only: once it has decided, only these types decide anew; None: any.
        then_not: once it has decided, these types do not.
    """

    state: str
    rank: int = 0
    over: bool = False
    handed_over: bool = False
    present: bool = False
    only_after: frozenset[str] | None = None
    then_only: frozenset[str] | None = None
    then_not: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """A kind of thing that can happen.

    Attributes:
        name: what events, the API and files call it: lower case, words joined by `_`.
        meaning: how pages say it.
        subjects: the kinds of subjects to which it can happen.
        reporters: who may report it; each retracts only what was his own.
        codes: what it is called elsewhere.
        effect: what it does to the subject's status; None: nothing.
        public: whether somebody who has only a parcel's number sees it.
    """

    name: str
    meaning: Template
    subjects: frozenset[SubjectKind]
    reporters: frozenset[Reporter]
    codes: tuple[Codes, ...] = ()
    effect: Effect | None = None
    public: bool = True


EVENT_TYPES: dict[str, EventType] = {}
"""Every event type of the floors that are loaded, by name; `qafila/floors.py` loads them all."""


def event_type(
    name: str,
    meaning: Template,
    *,
    subjects: Collection[SubjectKind],
    reporters: Collection[Reporter],
    codes: Iterable[Codes] = (),
    effect: Effect | None = None,
    public: bool = True,
) -> EventType:
    """Lists an event type; a floor names it in its `Floor.event_types` too.

    Raises:
        ValueError: the name is listed with another meaning, or is no plain word.
    """
    if not name.replace("_", "").isalpha() or name != name.lower():
        raise ValueError(f"an event type is named by lower-case words joined by _: {name!r}")
    made = EventType(
        name=name,
        meaning=meaning,
        subjects=frozenset(subjects),
        reporters=frozenset(reporters),
        codes=tuple(codes),
        effect=effect,
        public=public,
    )
    known = EVENT_TYPES.setdefault(name, made)
    if known != made:
        raise ValueError(f"two event types are called {name}")
    return known


def types_of(subject: SubjectKind | str) -> list[EventType]:
    """The types that can happen to a kind of subject, in the order in which they were listed."""
    return [t for t in EVENT_TYPES.values() if subject in t.subjects]


def effect_of(type: str) -> Effect | None:
    """What an event of a type does to a status; None also where no floor knows the type any more."""
    known = EVENT_TYPES.get(type)
    return None if known is None else known.effect


def may_report(type: str, role: str) -> bool:
    """Whether who reports in a role may report an event of a type."""
    known = EVENT_TYPES.get(type)
    return known is not None and role in known.reporters


def is_public(type: str) -> bool:
    """Whether somebody who has only a parcel's number sees events of a type; of one that is not known: no."""
    known = EVENT_TYPES.get(type)
    return known is not None and known.public


def event(
    type: EventType,
    subject: Subject,
    time: datetime,
    source: Source,
    *,
    kind: TimeKind = TimeKind.ACTUAL,
    facility: str | None = None,
    leg: int | None = None,
    id: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Event:
    """An event of a registered type.

    Args:
        time: aware, in the zone of the place, whose offset is kept. In UTC no offset is kept.
        source: who says so; its role must be one that may report the type.
        id: a UUID; without one, equal facts make the same id.
        details: what JSON can hold.

    Raises:
        ValueError: the type cannot happen to such a subject, the role may not report it, or the time has no zone.
    """
    if subject.kind not in type.subjects:
        raise ValueError(f"{type.name} does not happen to a {subject.kind}")
    if source.role not in type.reporters:
        raise ValueError(f"{source.role or 'nobody known'} may not report {type.name}")
    if time.tzinfo is None:
        raise ValueError("the time of an event has a zone")
    if id is None:
        id = identify(
            subject.id,
            type.name,
            kind,
            time,
            facility,
            leg,
            f"{source.tenant or ''}|{source.role}|{source.device}",
        )
    return Event(
        subject.id,
        id,
        type.name,
        kind.value,
        time,
        source,
        facility,
        leg,
        None,
        details or {},
        offset_of(time),
        subject.kind,
    )
