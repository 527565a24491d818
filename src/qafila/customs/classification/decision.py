"""Confirmed classifications: what a merchant or broker decided, by SKU, and how they are read from files."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

from qafila.core.values import value


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


class DecisionError(ValueError):
    """A decisions file that cannot be used, with its remedy."""


@value
class ReadDecisions:
    """Decisions that a file holds, and what was wrong with its other rows."""

    decisions: tuple[Decision, ...]
    problems: tuple[str, ...]


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
    problems: list[str] = []
    for number, row in enumerate(rows, start=2):
        sku = _first(row, _SKUS)
        code = by_sku.get(sku, "") if codes is not None else _first(row, _CODES)
        if codes is not None and not code:
            continue
        digits = "".join(c for c in code if c.isdigit())
        if len(digits) < 6:
            problems.append(
                f"{path.name} row {number}: hs {code!r} has fewer than six digits; give HS-6 or longer"
            )
            continue
        title = str(row.get("title") or "")
        if not title and not sku:
            problems.append(f"{path.name} row {number}: neither sku nor title; give one of them")
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


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        content = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise DecisionError(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise DecisionError(f"{path}: is not UTF-8; save it as UTF-8") from None
    if path.suffix.lower() == ".json":
        try:
            loaded = json.loads(content)
        except json.JSONDecodeError as wrong:
            raise DecisionError(f"{path}: is not JSON ({wrong}); give a list of objects") from None
        if not isinstance(loaded, list) or not all(isinstance(row, dict) for row in loaded):
            raise DecisionError(f"{path}: must be a list of objects with sku, title and hs6")
        return loaded
    reader = csv.DictReader(content.splitlines(keepends=True))
    names = set(reader.fieldnames or ())
    if not names & {*_SKUS, "title"}:
        raise DecisionError(
            f"{path}: has no column sku, order_id or title (it has {', '.join(sorted(names))})"
        )
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
