"""How a benchmark tells its results: lines and tables on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table


class Report:
    """Called with a line of text, it prints it; tables align figures to the right."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)

    def __call__(self, line: str) -> None:
        self.console.print(line, soft_wrap=True, markup=False)

    def heading(self, name: str) -> None:
        """Begin a benchmark."""
        self.console.print(f"\n{name}", style="bold")

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table whose first column is a name and whose others are figures."""
        table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
        for number, column in enumerate(columns):
            table.add_column(column, justify="left" if number == 0 else "right")
        for row in rows:
            table.add_row(*row)
        self.console.print(table)
