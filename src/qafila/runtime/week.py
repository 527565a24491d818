"""A week's bars for a first screen, counted by the database; apart, for who only declares a tile knows no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from qafila.runtime.first_screen import Days, each_day


def by_day(connection: Connection, counted: str, now: datetime) -> Days | None:
    """A week's bars of what a statement counts; None where it counts nothing.

    Args:
        connection: of the role under whose rights is counted.
        counted: `SELECT … FROM …` of a day (UTC) as `day` and a count as `n`, grouped by day; it has `:since`, the first
            instant of the week.
        now: this moment; its day is the last one.
    """
    today = now.astimezone(UTC).date()
    since = datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=6)
    rows = connection.execute(text(counted), {"since": since}).all()
    return each_day({row.day: int(row.n) for row in rows}, today) if rows else None
