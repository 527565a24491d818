"""Confirmed classifications: what a merchant or broker decided, by SKU, and how they are read from files."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

from qafila.core.fault import Fault
from qafila.core.message import Message
from qafila.core.values import value
from qafila.customs import reading_messages as say


@value
class Decision:
    """A person confirmed that this item belongs to this HS subheading."""

    sku: str
    title: str
    attributes: str = ""
    category: str = ""
    hs6: str = ""  # six digits, HS 2022
    by: str = ""
    on: date | None = None


class DecisionError(Fault):
    """A decisions file that cannot be used, with its remedy."""


@value
class ReadDecisions:
    """Decisions that a file holds, and what was wrong with its other rows."""

    decisions: tuple[Decision, ...]
    problems: tuple[Message, ...]


_CODES = ("hs6", "hs", "hs_code", "hs10_us", "hs10", "hs8", "tariff")
_SKUS = ("sku", "order_id", "id")


def read_decisions(path: Path, codes: Path | None = None) -> ReadDecisions:
    """Decisions from a CSV or JSON file.

    The file has `sku` (or `order_id`), `title`, optionally `attributes`, `category`, `by`, `on`, and the code
    in `hs6` (or `hs`, `hs_code`, `hs10_us`: the first six digits count). When the codes are in a second
    file (`codes`: `sku` or `order_id`, and the code), the two are joined; titles without a code are left out.

    Raises `DecisionError` for a file that cannot be read at all; rows that cannot be used are `problems`.
    """
    rows = _rows(path)
    by_sku: dict[str, str] = {}
    if codes is not None:
        for row in _rows(codes):
            by_sku[_first(row, _SKUS)] = _first(row, _CODES)
    decisions: list[Decision] = []
    problems: list[Message] = []
    for number, row in enumerate(rows, start=2):
        sku = _first(row, _SKUS)
        code = by_sku.get(sku, "") if codes is not None else _first(row, _CODES)
        if codes is not None and not code:
            continue
        digits = "".join(c for c in code if c.isdigit())
        if len(digits) < 6:
            fault = Fault(say.SHORT_CODE(code=code), say.GIVE_SIX())
            problems.append(say.IN_ROW(file=path.name, row=number, told=fault.told))
            continue
        title = str(row.get("title") or "")
        if not title and not sku:
            fault = Fault(say.NAMELESS(), say.GIVE_EITHER())
            problems.append(say.IN_ROW(file=path.name, row=number, told=fault.told))
            continue
        decisions.append(
            Decision(
                sku=sku,
                title=title,
                attributes=_text(row.get("attributes")),
                category=_text(row.get("category")),
                hs6=digits[:6],
                by=_text(row.get("by")),
                on=_day(_text(row.get("on"))),
            )
        )
    return ReadDecisions(tuple(decisions), tuple(problems))


def _refused(path: Path, reason: Message, remedy: Message | None = None) -> DecisionError:
    return DecisionError(say.IN_FILE(file=str(path), told=reason), remedy)


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        content = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise _refused(path, say.NO_FILE()) from None
    except UnicodeDecodeError:
        raise _refused(path, say.NOT_UTF8(), say.SAVE_UTF8()) from None
    if path.suffix.lower() == ".json":
        try:
            loaded = json.loads(content)
        except json.JSONDecodeError as wrong:
            raise _refused(path, say.NOT_JSON(why=str(wrong)), say.GIVE_OBJECTS()) from None
        if not isinstance(loaded, list) or not all(isinstance(row, dict) for row in loaded):
            raise _refused(path, say.NOT_A_LIST(), say.GIVE_OBJECTS())
        return loaded
    reader = csv.DictReader(content.splitlines(keepends=True))
    names = set(reader.fieldnames or ())
    if not names & {*_SKUS, "title"}:
        raise _refused(path, say.NO_COLUMN_OF_THREE(columns=", ".join(sorted(names))))
    return list(reader)


def _first(row: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((_text(row[name]) for name in names if row.get(name)), "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
