"""Duties of what came back: relieved where the goods enter again, paid back where they had been paid; by dated rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from qafila.clearance import clearance_duties as assessed
from qafila.clearance import store as declarations
from qafila.clearance.declaration import Procedure
from qafila.clearance.store import Filed
from qafila.context import Context
from qafila.core.fault import Conflict, Fault
from qafila.core.money import Money
from qafila.core.values import value
from qafila.returns import returns_goods
from qafila.returns import returns_messages as m
from qafila.returns.law import DutyRule, duty_rule
from qafila.returns.model import Grade, Line, Return, grades
from qafila.returns.returns_goods import Sent


@value
class Claim:
    """What can be asked of customs for a return.

    Attributes:
        rule: by which.
        country: of the authority.
        filed: the declaration of the way out that it rests on; None where none is kept here.
        since: from when the time runs.
        until: the last day to apply; None where the rule says none.
        lines: the goods that came back in a state for which the rule holds.
        value: of them.
        amount: duties and taxes in proportion to their value; None where none were assessed here.
    """

    rule: DutyRule
    country: str
    filed: Filed | None
    since: datetime
    until: datetime | None
    lines: tuple[Line, ...]
    value: Money
    amount: Money | None


def claims(connection: Connection, context: Context, given: Return) -> tuple[Sent, list[Claim]]:
    """What can be asked of customs for what came back: relief where it enters again, repayment where duties were paid.

    Raises Conflict where the goods crossed no customs border.
    """
    of = returns_goods.sent(connection, context, given.parcel)
    out, back = of.inside.sender.country, of.country
    facilities = context.network.feed.facility
    home = facilities[given.facility].country if given.facility in facilities else out
    territories = {f.country: f.territory for f in context.network.feed.facilities}
    if territories.get(home, home) == territories.get(back, back):
        raise Conflict(m.NO_PAPERS(), field="return", value=given.id)
    filed = declarations.of_parcel(connection, given.parcel)
    came = tuple(line for line in given.lines if (line.asked if line.found is None else line.found))
    found = []
    for kind, country, procedure in (
        ("relief", home, Procedure.EXPORT),
        ("repayment", back, Procedure.IMPORT),
    ):
        one = next((f for f in filed if f.declaration.procedure is procedure), None)
        since = one.changed_at if one is not None else of.record.entry.booked_at
        rule = duty_rule(
            kind,
            country,
            given.cause.value if given.cause.value != "undeliverable" else "refused",
            since.date(),
        )
        if rule is None:
            continue
        fit = tuple(line for line in came if rule.condition != "same_state" or _same_state(line))
        if not fit:
            continue
        worth = sum(
            (line.value * _count(line) for line in fit), Money(Decimal(0), fit[0].value.currency)
        ).rounded()
        until = None if rule.days is None else since.astimezone(UTC) + timedelta(days=rule.days)
        amount = _share(context, of, one, worth) if kind == "repayment" else None
        found.append(Claim(rule, country, one, since, until, fit, worth, amount))
    return of, found


def _count(line: Line) -> int:
    return line.asked if line.found is None else line.found


def _same_state(line: Line) -> bool:
    known: Grade | None = grades().get(line.grade)
    return not line.grade or (known is not None and line.grade in ("as_new", "opened", "faulty", "wrong"))


def _share(context: Context, of: Sent, filed: Filed | None, worth: Money) -> Money | None:
    """The part of the assessed duties and taxes that falls on goods of so much value."""
    if filed is None:
        return None
    whole = filed.declaration.value
    try:
        _, due = assessed.due(
            filed.declaration, filed.changed_at.date(), context.rules.rulebook, context.rules.rates
        )
    except (Fault, LookupError, ValueError):
        return None
    if whole is None or not whole.amount or not due.amount:
        return None
    here = context.rules.rates.convert(worth, whole.currency, filed.changed_at.date())
    return (due * min(Decimal(1), here.amount / whole.amount)).rounded()
