"""How a declaration is written as a dataset (CN22, CN23, H7, DUM, ITMATT), by a table.

datasets/NAME.csv has a row for each field: `field` (ours: `importer.name`, `lines[].hs`), `element` (theirs:
a path, `/` between levels, `[]` behind a level that repeats), `need` (M mandatory, C conditional, O optional),
`when` (for C: the condition, see `_holds`), `remedy`. The table is the documentation, the writer, the
reader and the completeness check at once, so that they cannot differ.
"""

from __future__ import annotations

import csv
import dataclasses
import re
import types
import typing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree

from qafila.clearance import clearance_messages as m
from qafila.clearance.clearance_checks import wrong
from qafila.clearance.declaration import Declaration
from qafila.core.fault import Fault, NotFound
from qafila.core.message import Choice, Message, fact
from qafila.core.money import Money
from qafila.core.plain_text import xml_text

_STEP = re.compile(r"(\w+)(\[\])?")


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a dataset."""

    field: str
    element: str
    need: str
    when: str
    remedy: Message


@dataclass(frozen=True, slots=True)
class Missing:
    """A field without which the declaration is not lodged."""

    field: str  # with the line's number: lines[2].hs
    element: str
    reason: Message
    remedy: Message


class UnmappedField(Fault):
    """A field is filled in that the dataset has no place for: it would be lost on the way."""


class NoForm(NotFound):
    """There is no dataset of this name."""


@cache
def rows(dataset: str) -> tuple[Row, ...]:
    """The table of a dataset; raises NoForm with the names that there are."""
    folder = files("qafila.clearance") / "datasets"
    table = folder / f"{dataset}.csv"
    if not table.is_file():
        known = sorted(f.name.removesuffix(".csv") for f in folder.iterdir() if f.name.endswith(".csv"))
        datasets = Choice(tuple(known))
        raise NoForm(m.NO_FORM(dataset=dataset), m.CHOOSE_DATASET(datasets=datasets), value=dataset)
    with table.open(encoding="utf-8") as lines:
        return tuple(
            Row(r["field"], r["element"], r["need"], r["when"], fact("clearance", r["remedy"]))
            for r in csv.DictReader(lines)
        )


def missing(declaration: Declaration, dataset: str | None = None) -> list[Missing]:
    """What must be filled in or mended before lodging, field by field."""
    found = []
    for row in rows(dataset or declaration.dataset):
        if row.need == "O":
            continue
        for path, value, line in values(declaration, row.field):
            if filled(value) or (row.need == "C" and not _holds(row.when, declaration, line)):
                continue
            reason = (
                m.MANDATORY(element=row.element)
                if row.need == "M"
                else m.MANDATORY_WHERE(element=row.element, condition=row.when)
            )
            found.append(Missing(path, row.element, reason, row.remedy))
    elements = {re.sub(r"\[\]", "", row.field): row.element for row in rows(dataset or declaration.dataset)}
    for fault in wrong(declaration if dataset is None else dataclasses.replace(declaration, dataset=dataset)):
        element = elements.get(re.sub(r"\[\d+\]", "", fault.field), fault.field)
        found.append(
            Missing(fault.field, element, m.IS_WRONG(element=element, reason=fault.reason), fault.remedy)
        )
    return found


def write(declaration: Declaration, dataset: str | None = None) -> dict[str, Any]:
    """The declaration as the dataset's tree of elements (for JSON).

    Raises UnmappedField where a filled field has no element: nothing is dropped silently.
    """
    table = rows(dataset or declaration.dataset)
    mapped = {row.field for row in table}
    lost = sorted({re.sub(r"\[\d+\]", "[]", p) for p in _filled_fields(declaration)} - mapped)
    if lost:
        told = Choice(tuple(lost), every=True)
        raise UnmappedField(
            m.NO_PLACE_FOR(dataset=dataset or declaration.dataset, fields=told), field=lost[0]
        )
    tree: dict[str, Any] = {}
    for row in table:
        for path, value, _ in values(declaration, row.field):
            if filled(value):
                _place(tree, row.element, _indices(path), text(value))
    return tree


def read(tree: dict[str, Any], dataset: str) -> Declaration:
    """The declaration of a tree that `write` made. Raises ValueError, naming the element."""
    flat: dict[str, Any] = {}
    for row in rows(dataset):
        for indices, text in _taken(tree, row.element.split("/"), ()):
            path = row.field
            for index in indices:
                path = path.replace("[]", f"[{index}]", 1)
            flat[path] = text
    made = _build(Declaration, flat, "")
    assert isinstance(made, Declaration)
    return made


def to_xml(tree: dict[str, Any], root: str) -> bytes:
    """The tree as XML: an element for each level, repeated where it repeats; `@` marks an attribute."""

    def grow(parent: etree._Element, node: dict[str, Any]) -> None:
        for name, value in node.items():
            if name.startswith("@"):
                parent.set(name[1:], xml_text(value))
                continue
            for part in value if isinstance(value, list) else [value]:
                child = etree.SubElement(parent, name)
                if isinstance(part, dict):
                    grow(child, part)
                else:
                    child.text = xml_text(part)

    top = etree.Element(root)
    grow(top, tree)
    return etree.tostring(top, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def filled(value: Any) -> bool:
    """Whether a field holds anything."""
    return value is not None and value != "" and value != ()


def values(record: Any, path: str) -> list[tuple[str, Any, Any]]:
    """(path with indices, value, the line it is in) of a field; lists are walked through."""
    found = [("", record, None)]
    for name, many in _STEP.findall(path):
        following = []
        for prefix, node, line in found:
            value = getattr(node, name) if node is not None else None
            here = f"{prefix}.{name}" if prefix else name
            if many:
                items = value or ()
                for index, item in enumerate(items):
                    following.append((f"{here}[{index}]", item, line if line is not None else item))
                if not items and not prefix:  # an empty list lacks what is mandatory in each of its members
                    following.append((f"{here}[0]", None, None))
            else:
                following.append((here, value, line))
        found = following
    return found


def _filled_fields(record: Any, prefix: str = "") -> list[str]:
    found = []
    for f in dataclasses.fields(record):
        value = getattr(record, f.name)
        here = prefix + f.name
        if isinstance(value, tuple):
            for index, item in enumerate(value):
                found += _filled_fields(item, f"{here}[{index}].")
        elif dataclasses.is_dataclass(value) and not isinstance(value, Money):
            found += _filled_fields(value, here + ".")
        elif isinstance(value, Money):
            found += [here + ".amount", here + ".currency"]
        elif filled(value):
            found.append(here)
    return found


def _holds(condition: str, declaration: Declaration, line: Any) -> bool:
    """Whether a condition holds: `scheme=ioss`, `mode!=post`, `line.preference`, `a;b` for both."""
    for part in condition.split(";"):
        match = re.fullmatch(r"(line\.)?([\w.]+)(?:(!?=)([\w|]*))?", part.strip())
        if match is None:
            raise ValueError(f"not a condition: {part!r}")
        of_line, path, sign, wanted = match.groups()
        value: Any = line if of_line else declaration
        for name in path.split("."):
            value = getattr(value, name, None)
        holds = filled(value) if sign is None else (text(value) if filled(value) else "") in wanted.split("|")
        if holds == (sign == "!="):
            return False
    return True


def text(value: Any) -> str:
    """A field's value as a dataset writes it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _indices(path: str) -> list[int]:
    return [int(i) for i in re.findall(r"\[(\d+)\]", path)]


def _place(tree: dict[str, Any], element: str, indices: list[int], text: str) -> None:
    *levels, leaf = element.split("/")
    left = list(indices)
    for level in levels:
        if level.endswith("[]"):
            many = tree.setdefault(level[:-2], [])
            index = left.pop(0)
            while len(many) <= index:
                many.append({})
            tree = many[index]
        else:
            tree = tree.setdefault(level, {})
    tree[leaf] = text


def _taken(tree: Any, levels: list[str], indices: tuple[int, ...]) -> list[tuple[tuple[int, ...], str]]:
    if not levels:
        return [(indices, tree)]
    level, rest = levels[0], levels[1:]
    if level.endswith("[]"):
        return [
            found
            for index, item in enumerate(tree.get(level[:-2], []))
            for found in _taken(item, rest, (*indices, index))
        ]
    return _taken(tree[level], rest, indices) if level in tree else []


def _build(kind: Any, flat: dict[str, Any], prefix: str) -> Any:
    """A frozen value of `kind` from the flat fields below `prefix`; None where there are none."""
    mine = {p: v for p, v in flat.items() if p.startswith(prefix)}
    if not mine:
        return None
    hints = typing.get_type_hints(kind)
    values = {}
    for f in dataclasses.fields(kind):
        wanted = hints[f.name]
        if typing.get_origin(wanted) is tuple:
            inner = typing.get_args(wanted)[0]
            head = f"{prefix}{f.name}["
            count = 1 + max(
                (int(p[len(head) :].split("]")[0]) for p in mine if p.startswith(head)), default=-1
            )
            values[f.name] = tuple(_build(inner, flat, f"{head}{i}].") for i in range(count))
            continue
        if isinstance(wanted, types.UnionType):
            wanted = next(a for a in typing.get_args(wanted) if a is not type(None))
        if dataclasses.is_dataclass(wanted):
            if (made := _build(wanted, flat, f"{prefix}{f.name}.")) is not None:
                values[f.name] = made
        elif (path := prefix + f.name) in mine:
            values[f.name] = _parsed(wanted, mine[path], path)
    return kind(**values)


def _parsed(wanted: Any, text: str, path: str) -> Any:
    try:
        return date.fromisoformat(text) if wanted is date else wanted(text)
    except (ValueError, InvalidOperation) as error:
        raise ValueError(f"{path}: {text!r} is not {wanted.__name__}") from error
