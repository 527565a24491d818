"""What of a file is rejected: one problem for each row, whatever was found in it and however often."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from qafila.core.message import SENTENCES, Term
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.order import Problem


@dataclass(slots=True)
class Rejects:
    """The rejected rows of one file."""

    rows_of: dict[str, tuple[int, ...]] = field(default_factory=dict)  # the rows of each order
    heading: Callable[[str], str] = lambda name: ""  # a field's column as the file calls it
    _by_row: dict[int, Problem] = field(default_factory=dict)
    _told: set[tuple[int, str]] = field(default_factory=set)  # rows and fields of which something is told

    @property
    def problems(self) -> list[Problem]:
        """One for each rejected row."""
        return list(self._by_row.values())

    def add(self, problems: Iterable[Problem]) -> None:
        """Rejects rows. Of several problems of a row the first counts, and names the others."""
        for found in problems:
            problem = replace(found, heading=self.heading(found.field))
            first = self._by_row.get(problem.row)
            if first is not None and (problem.row, problem.field) not in self._told:
                also = m.ALSO(
                    reason=first.reason,
                    field=problem.heading or Term("field", problem.field),
                    other=problem.reason,
                )
                both = SENTENCES(first=first.remedy, second=problem.remedy)
                self._by_row[problem.row] = replace(first, reason=also, remedy=both)
            elif first is None:
                self._by_row[problem.row] = problem
            self._told.add((problem.row, problem.field))

    def order(self, order_id: str, problems: list[Problem]) -> None:
        """Rejects an order: every row of it follows."""
        self.add(problems)
        first = problems[0]
        for row in self.rows_of[order_id]:
            if row not in self._by_row:
                reason = m.ROW_REFUSED(row=str(first.row), reason=first.reason)
                heading = self.heading(first.field)
                self._by_row[row] = replace(first, row=row, reason=reason, heading=heading)
