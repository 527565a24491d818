"""What somebody says happened, before it is checked, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qafila.core.message import Message
from qafila.runtime.events.envelope import Source, SubjectKind, TimeKind
from qafila.tracking.told import Told


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says happened. `type` is a word of ours or a UPU EMSEVT code."""

    subject: str  # of a parcel: its S10 number
    type: str
    time: datetime
    source: Source
    time_kind: str = TimeKind.ACTUAL
    facility: str | None = None
    leg: int | None = None
    id: str | None = None  # the reporter's own, a UUID; without it equal facts are the same event
    details: Mapping[str, Any] = field(default_factory=dict)
    offset: int | None = None  # minutes east of UTC; None: that of `time`
    kind: SubjectKind = SubjectKind.PARCEL
    told: Told | None = None  # in the words of an EPCIS document


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a report was not recorded, and what would mend it."""

    field: str
    value: str
    reason: Message
    remedy: Message
