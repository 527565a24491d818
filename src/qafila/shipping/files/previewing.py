"""What would become of an orders file, before anything is booked: which rows are ready, which are not and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qafila.customs.rulebook import rulebook
from qafila.network import installed
from qafila.shipping.files.intake import Intake, Options
from qafila.shipping.files.preparing import proposer
from qafila.shipping.offers.restricting import prohibited
from qafila.shipping.orders.completing import Classify, Proposal, complete
from qafila.shipping.orders.draft import DraftItem
from qafila.shipping.orders.order import Order, Problem

CLASSIFIED = 2_000
"""Descriptions for which an HS code is proposed, at 4 ms each: somebody waits for the page."""


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
    """Reads a file as `ship_file` does, up to the search for ways: goods that are prohibited whatever the way
    are told. Raises FileRefused as it does."""
    intake = Intake(options or Options(), lambda what, done, of: None, now or datetime.now(UTC))
    sheet, raws = intake.read(path)
    known, fresh = intake.known(raws)
    propose = _Bounded(proposer(intake.options.merchant))
    facilities = installed.feed().facility
    ready = 0
    estimates: Counter[str] = Counter()
    for id, draft in intake.drafts(sheet, fresh).items():
        made = complete(draft, propose)
        if isinstance(made, Order):
            made = prohibited(made, facilities, rulebook())[:1] or made  # as an offer would be refused
        if isinstance(made, Order):
            ready += 1
            estimates.update({e.field.rpartition(".")[2] for e in made.estimates})
        else:
            intake.rejects.order(id, made)
    if propose.passed_over:
        intake.warnings.append(
            f"Goods of {propose.passed_over:,} more descriptions have no HS code: whether they are prohibited is told when they are booked."
        )
    problems = sorted(intake.rejects.problems, key=lambda p: p.row)
    return Preview(
        sheet.layout.format, sheet.encoding, sheet.delimiter, sheet.rows, ready, len(known), tuple(problems),
        estimates, tuple(intake.warnings),
    )  # fmt: skip


class _Bounded:
    """Proposes codes for the first descriptions of a file, and counts those that it passed over."""

    def __init__(self, propose: Classify) -> None:
        self._propose = propose
        self._seen: dict[tuple[str, ...], Proposal] = {}

    @property
    def passed_over(self) -> int:
        """Descriptions without a proposal."""
        return max(0, len(self._seen) - CLASSIFIED)

    def __call__(self, item: DraftItem) -> Proposal:
        key = (item.title, item.attributes, item.category, item.sku)
        if key not in self._seen:
            within = len(self._seen) < CLASSIFIED
            self._seen[key] = self._propose(item) if within else Proposal("")
        return self._seen[key]
