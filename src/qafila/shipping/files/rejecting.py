"""What of a file is rejected: one problem for each row, whatever was found in it and however often."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from qafila.shipping.orders.order import Problem


@dataclass(slots=True)
class Rejects:
    """The rejected rows of one file."""

    rows_of: dict[str, tuple[int, ...]] = field(default_factory=dict)  # the rows of each order
    _by_row: dict[int, Problem] = field(default_factory=dict)

    @property
    def problems(self) -> list[Problem]:
        """One for each rejected row."""
        return list(self._by_row.values())

    def add(self, problems: Iterable[Problem]) -> None:
        """Rejects rows. Of several problems of a row the first counts, and names the others."""
        for problem in problems:
            if (first := self._by_row.get(problem.row)) is None:
                self._by_row[problem.row] = problem
            elif problem.field != first.field and f" Also {problem.field}: " not in first.reason:
                also = f"{first.reason} Also {problem.field}: {problem.reason}"
                self._by_row[problem.row] = replace(
                    first, reason=also, remedy=f"{first.remedy} {problem.remedy}"
                )

    def order(self, order_id: str, problems: list[Problem]) -> None:
        """Rejects an order: every row of it follows."""
        self.add(problems)
        first = problems[0]
        for row in self.rows_of[order_id]:
            if row not in self._by_row:
                reason = f"Row {first.row} of the same order was refused: {first.reason}"
                self._by_row[row] = replace(first, row=row, reason=reason)
