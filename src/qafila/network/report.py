"""Problems of a feed, told by file, row and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_SHOWN = 60  # characters of a bad value that a message repeats


@dataclass(frozen=True, slots=True)
class FeedProblem:
    """What is wrong with a feed, where, and what would mend it."""

    file: str
    row: int  # line of data, from 1; 0: the file as a whole
    column: str
    value: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        place = self.file
        place += f" row {self.row}" if self.row else ""
        place += f" {self.column}" if self.column else ""
        shown = f" {self.value[:_SHOWN]!r}" if self.value else ""
        return f"{place}{shown}: {self.reason}; {self.remedy}"


class FeedErrors(ValueError):
    """A feed that cannot be used; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: list[FeedProblem]) -> None:
        self.problems = problems
        more = f" … and {len(problems) - 3} more" if len(problems) > 3 else ""
        super().__init__("; ".join(map(str, problems[:3])) + more)


@dataclass
class Report:
    """Gathers problems; knows on which line of its file each row of a table stands."""

    lines: Mapping[str, Sequence[int]] = field(default_factory=dict)  # table: line of each row
    spoilt: Mapping[str, frozenset[str]] = field(default_factory=dict)  # ids of rows that could not be read
    problems: list[FeedProblem] = field(default_factory=list)

    def add(self, table: str, position: int, column: str, value: object, reason: str, remedy: str) -> None:
        """A problem of the row at a position of a table."""
        known = self.lines.get(table)
        row = known[position] if known else position + 1
        self.problems.append(FeedProblem(f"{table}.csv", row, column, str(value), reason, remedy))
