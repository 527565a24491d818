"""What practice declares to the house."""

from __future__ import annotations

from qafila.openness.kinds import kind
from qafila.practice import practice_messages
from qafila.practice.certificates import KIND
from qafila.runtime.floor import Floor

FLOOR = Floor(name="practice")

DECISIONS = (kind(KIND, practice_messages.CERTIFICATE),)
