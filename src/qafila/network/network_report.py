"""Problems of a feed, told by file, row and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qafila.core.fault import Fault
from qafila.core.message import Message
from qafila.network import network_messages as m

_SHOWN = 60  # characters of a bad value that a message repeats


@dataclass(frozen=True, slots=True)
class FeedProblem:
    """What is wrong with a feed, where, and what would mend it."""

    file: str
    row: int  # line of data, from 1; 0: the file as a whole
    column: str
    value: str
    reason: Message
    remedy: Message

    @property
    def where(self) -> str:
        """File, row, column and value, as `calls.csv:3 depart '25:99'`; the same in every language."""
        row = f":{self.row}" if self.row else ""
        shown = repr(self.value[:_SHOWN]) if self.value else ""
        return " ".join(filter(None, [f"{self.file}{row}", self.column, shown]))

    @property
    def told(self) -> Message:
        """All of it as one message."""
        return m.PROBLEM(where=self.where, reason=self.reason, remedy=self.remedy)

    def plain(self) -> dict[str, object]:
        """As JSON holds it, in English."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "reason": str(self.reason),
            "remedy": str(self.remedy),
            "where": self.where,
        }

    def __str__(self) -> str:
        return str(self.told)


class FeedErrors(Fault):
    """A feed that cannot be used; `problems` holds everything that is wrong with it, one at least."""

    kind = "invalid-feed"

    def __init__(self, problems: list[FeedProblem]) -> None:
        super().__init__(m.ALL_PROBLEMS(n=len(problems), first=problems[0].told))
        self.problems = problems


@dataclass
class Report:
    """Gathers problems; knows on which line of its file each row of a table stands."""

    lines: Mapping[str, Sequence[int]] = field(default_factory=dict)  # table: line of each row
    spoilt: Mapping[str, frozenset[str]] = field(default_factory=dict)  # ids of rows that could not be read
    problems: list[FeedProblem] = field(default_factory=list)

    def add(
        self, table: str, position: int, column: str, value: object, reason: Message, remedy: Message
    ) -> None:
        """A problem of the row at a position of a table."""
        known = self.lines.get(table)
        row = known[position] if known else position + 1
        self.problems.append(FeedProblem(f"{table}.csv", row, column, str(value), reason, remedy))
