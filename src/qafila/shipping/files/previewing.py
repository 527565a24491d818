"""What would become of an orders file, before anything is booked: which rows are ready, which are not and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qafila.shipping.files.intake import Intake, Options
from qafila.shipping.orders.completing import complete
from qafila.shipping.orders.order import Order, Problem


@dataclass(frozen=True, slots=True)
class Preview:
    """The file as it was understood. rows = those of ready orders + those booked before + problems."""

    format: str
    encoding: str
    delimiter: str
    rows: int
    ready: int  # orders that can be offered for
    booked_before: int  # orders
    problems: tuple[Problem, ...]  # one for each row that would be rejected, by row
    estimates: Counter[str]  # orders with an estimate, by field
    warnings: tuple[str, ...]


def preview(path: Path, options: Options | None = None, now: datetime | None = None) -> Preview:
    """Reads a file as `ship_file` does, up to the search for ways. Raises FileRefused as it does."""
    intake = Intake(options or Options(), lambda what, done, of: None, now or datetime.now(UTC))
    sheet, raws = intake.read(path)
    known, fresh = intake.known(raws)
    ready = 0
    estimates: Counter[str] = Counter()
    for id, draft in intake.drafts(sheet, fresh).items():
        made = complete(draft)
        if isinstance(made, Order):
            ready += 1
            estimates.update({e.field.rpartition(".")[2] for e in made.estimates})
        else:
            intake.rejects.order(id, made)
    problems = sorted(intake.rejects.problems, key=lambda p: p.row)
    return Preview(
        sheet.layout.format, sheet.encoding, sheet.delimiter, sheet.rows, ready, len(known), tuple(problems),
        estimates, tuple(intake.warnings),
    )  # fmt: skip
