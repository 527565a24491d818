"""A report in a reader's language: each figure's name, meaning, columns, rows and picture, for the page and the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.numbers import format_decimal, format_percent

from qafila.core.message import Template
from qafila.openness.fairness.fairness_preference import FEWEST
from qafila.openness.regulation import regulation_messages as m
from qafila.openness.regulation.regulation_drawing import bars, intervals
from qafila.runtime.language import Language, render

_DRAWN = {
    "refusals": ("reason", "refusals"),
    "congestion": ("facility", "percent"),
    "trade": ("direction", "bookings"),
    "complaints": ("topic", "days"),
}
_MOST = 15
"""Bars of a picture: more of them are read in the table."""
_SHARES = frozenset({"share", "accepted"})
_WORDED = frozenset({"direction", "class", "reason"})


def sections(result: Mapping[str, Any], language: Language, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The figures of a report, ready to be shown.

    Args:
        result: the document of a report.
        language: the reader's.
        names: how tenants are called, by id.

    Returns:
        For each figure: name, title, meaning, columns (title, whether a number), rows of texts, a picture or "",
        whether it is the same from the published log, and what is found there where it is not.
    """
    found = []
    for figure in result["figures"]:
        title, meaning = m.NAMES[figure["name"]]
        columns = list(
            figure["rows"][0] if figure["rows"] else figure["recomputed"][0] if figure["recomputed"] else ()
        )
        found.append(
            {
                "name": figure["name"],
                "title": render(title(), language),
                "meaning": render(meaning(), language),
                "columns": [
                    (render(m.COLUMNS[c](), language), _is_number(figure["rows"], c)) for c in columns
                ],
                "rows": [[cell(row[c], c, language, names) for c in columns] for row in figure["rows"]],
                "again": []
                if figure["equal"]
                else [[cell(row[c], c, language, names) for c in columns] for row in figure["recomputed"]],
                "picture": _picture(figure, language, names),
                "equal": figure["equal"],
            }
        )
    return found


def comparisons(result: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The comparisons of a report: title, meaning, columns, rows and a picture of those with enough observations."""
    rows, drawn = [], []
    for one in result["comparisons"]:
        label = f"{_word(one['group'], language)}: {_word(one['measure'], language)}"
        said = m.TOO_FEW if not one["enough"] else m.BIASED if one["biased"] else m.CHANCE
        if one["enough"]:
            drawn.append((label, one["difference"], one["low"], one["high"]))
        span = f"{_number(one['low'], language)} … {_number(one['high'], language)}" if one["enough"] else "–"
        rows.append([label, _number(one["difference"], language), span, render(said(), language)])
    return {
        "title": render(m.PREFERENCE(), language),
        "meaning": render(m.PREFERENCE_MEANING(fewest=FEWEST), language),
        "columns": [
            (render(m.COLUMNS["class"](), language), False),
            (render(m.DIFFERENCE(), language), True),
            (render(m.INTERVAL(), language), True),
            (render(m.SAID(), language), False),
        ],
        "rows": rows,
        "picture": intervals(drawn) if drawn else "",
    }


def cell(value: Any, column: str, language: Language, names: Mapping[str, str]) -> str:
    """One cell as it is read."""
    if value is None:
        return "–"
    if column in _SHARES:
        return str(format_percent(value, format="#,##0.0 %", locale=Locale.parse(language.locale)))
    if column == "year":
        return str(value)
    if isinstance(value, int | float):
        return _number(value, language)
    if column == "owner":
        return f"{names[value]} ({value})" if value in names else str(value)
    if column == "country":
        return str(Locale.parse(language.locale).territories.get(value, value))
    return _word(str(value), language) if column in _WORDED else str(value)


def _is_number(rows: Sequence[Mapping[str, Any]], column: str) -> bool:
    return column != "year" and any(isinstance(row[column], int | float) for row in rows)


def _number(value: float | None, language: Language) -> str:
    if value is None:
        return "–"
    places = 0 if isinstance(value, int) or abs(value) >= 1000 else 2 if abs(value) >= 1 or value == 0 else 4
    return str(format_decimal(round(Decimal(str(value)), places), locale=Locale.parse(language.locale)))


def _word(said: str, language: Language) -> str:
    known: Template | None = m.WORDS.get(said)
    return said if known is None else render(known(), language)


def _picture(figure: Mapping[str, Any], language: Language, names: Mapping[str, str]) -> str:
    if figure["name"] not in _DRAWN or not figure["rows"]:
        return ""
    label, value = _DRAWN[figure["name"]]
    rows = sorted(figure["rows"], key=lambda row: -(row[value] or 0))[:_MOST]
    return bars(
        [
            (
                cell(row[label], label, language, names),
                row[value] or 0,
                cell(row[value], value, language, names),
            )
            for row in rows
        ],
        100 if value == "percent" else None,
    )


def heading(asked: Mapping[str, Any], language: Language) -> list[str]:
    """What stands above all figures: the span, the method, what became of the openings, whether all are the same."""
    result = asked["report"]
    openings = result["openings"]
    differ = sum(not one["equal"] for one in result["figures"])
    first, behind = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
    day = first.date(), (behind - timedelta(microseconds=1)).date()
    return [
        render(m.SPAN(since=day[0], until=day[1], size=asked["size"]), language),
        render(m.METHOD(), language),
        render(
            m.OPENINGS(fit=openings["fit"], erased=openings["erased"], broken=len(openings["broken"])),
            language,
        ),
        render(m.SOME_DIFFER(n=differ) if differ else m.ALL_EQUAL(), language),
    ]
