"""Declarations written by hand: from JSON to a Declaration, every field that cannot be read named.

A field that is left out is no fault here: the desk asks for it before the declaration is lodged. A field
that nobody knows is one, since it would be dropped on the way.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from qafila.clearance import clearance_messages as m
from qafila.clearance.declaration import Declaration, Procedure
from qafila.clearance.mapping import rows
from qafila.core.fault import Fault
from qafila.core.identifiers.own import new_id
from qafila.core.message import SENTENCES, Choice, Message, Term, sentences
from qafila.core.money import Money
from qafila.customs.hs_codes import CodeRefused, read_code

_DECLARATION: TypeAdapter[Declaration] = TypeAdapter(Declaration)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field that cannot be taken, and what would mend it."""

    field: str
    reason: Message
    remedy: Message


class DeclarationError(Fault):
    """What is written is no declaration; `problems` names the fields, of which there is one at least."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        told = [
            m.FIELD_IS_WRONG(field=p.field, reason=SENTENCES(first=p.reason, second=p.remedy))
            for p in problems
        ]
        super().__init__(sentences(told) or m.MISSING())
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Form:
    """A dataset with where and for what it is lodged (forms.csv)."""

    dataset: str
    territory: str  # * everywhere
    procedures: tuple[str, ...]
    usual_for: tuple[str, ...]
    name: str


@cache
def forms() -> tuple[Form, ...]:
    """The datasets in which declarations are lodged."""
    with (files("qafila.clearance") / "forms.csv").open(encoding="utf-8") as lines:
        return tuple(
            Form(
                r["dataset"],
                r["territory"],
                tuple(r["procedures"].split()),
                tuple(r["usual_for"].split()),
                r["name"],
            )
            for r in csv.DictReader(lines)
        )


def usual_dataset(procedure: Procedure, territory: str) -> str:
    """The form in which an authority takes a procedure."""
    return next(
        f.dataset for f in forms() if f.territory in (territory, "*") and procedure.value in f.usual_for
    )


def misused(declaration: Declaration) -> FieldProblem | None:
    """Why a declaration cannot be lodged in its dataset; None where it can."""
    fitting = [
        f.dataset
        for f in forms()
        if f.territory in (declaration.territory, "*") and declaration.procedure.value in f.procedures
    ]
    if declaration.dataset in fitting:
        return None
    reason = m.DATASET_MISUSED(
        territory=declaration.territory,
        dataset=declaration.dataset,
        procedure=Term("procedure", declaration.procedure.value),
    )
    return FieldProblem("dataset", reason, m.CHOOSE_DATASET(datasets=Choice(tuple(fitting))))


def declaration_from(data: Any) -> Declaration:
    """The declaration that JSON describes (docs/clearance.md lists its fields). Raises DeclarationError.

    The id is ours; the dataset is the usual one of the territory and procedure where none is named.
    """
    if not isinstance(data, Mapping):
        raise DeclarationError([FieldProblem("declaration", m.NOT_AN_OBJECT(), m.WRITE_OBJECT())])
    problems = list(_unknown(Declaration, data, ""))
    if "id" in data:
        problems.append(FieldProblem("id", m.OWN_ID(), m.OWN_REFERENCE()))
    remedies: dict[str, Message] = {row.field: row.remedy for row in rows("dum")}
    for name in ("procedure", "territory", "parcel"):
        if not data.get(name):
            remedy = remedies.get(name) or m.NAME_TERRITORY()
            problems.append(FieldProblem(name, m.MISSING(), remedy))
    if problems:
        raise DeclarationError(problems)
    filled = {**data, "id": new_id("dcl"), "dataset": data.get("dataset") or "cn23"}
    try:
        made = _DECLARATION.validate_python(filled)
        if not data.get("dataset"):
            filled["dataset"] = usual_dataset(made.procedure, made.territory)
            made = _DECLARATION.validate_python(filled)
    except ValidationError as error:
        raise DeclarationError([_problem(e) for e in error.errors()]) from None
    if wrong := misused(made):
        raise DeclarationError([wrong])
    return coded(made)


def coded(declaration: Declaration, lines: Collection[int] | None = None) -> Declaration:
    """The declaration with the HS codes of its lines (of those named) as digits, as tariffs and restrictions look them
    up. Raises DeclarationError for those that HS 2022 does not have, with what may be meant."""
    read, problems = [], []
    for n, line in enumerate(declaration.lines):
        try:
            asked = line.hs and (lines is None or n in lines)
            read.append(replace(line, hs=read_code(line.hs)) if asked else line)
        except CodeRefused as refused:
            remedy = refused.remedy or m.SEE_FIELDS()
            problems.append(FieldProblem(f"lines[{n}].hs", refused.message, remedy))
    if problems:
        raise DeclarationError(problems)
    return replace(declaration, lines=tuple(read))


def schema() -> dict[str, Any]:
    """The JSON schema of what `declaration_from` takes, without references."""
    whole = _DECLARATION.json_schema()
    shapes = whole.pop("$defs", {})

    def inlined(node: Any) -> Any:
        if isinstance(node, list):
            return [inlined(part) for part in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return inlined(shapes[node["$ref"].rpartition("/")[2]])
        return {key: inlined(value) for key, value in node.items()}

    made: dict[str, Any] = inlined(whole)
    made["properties"].pop("id")
    made["required"] = ["procedure", "territory", "parcel"]
    return made


def _unknown(kind: Any, data: Mapping[str, Any], prefix: str) -> list[FieldProblem]:
    found = []
    known = {f.name for f in fields(kind)}
    hints = get_type_hints(kind)
    for name, value in data.items():
        if name not in known:
            remedy = m.KNOWN(fields=", ".join(sorted(known - {"id"})))
            found.append(FieldProblem(f"{prefix}{name}", m.UNKNOWN(), remedy))
            continue
        inner = next(
            (a for a in (hints[name], *get_args(hints[name])) if is_dataclass(a) and a is not Money), None
        )
        for index, part in enumerate(value if isinstance(value, list) else [value]):
            if inner is not None and isinstance(part, Mapping):
                at = f"{prefix}{name}[{index}]." if isinstance(value, list) else f"{prefix}{name}."
                found += _unknown(inner, part, at)
    return found


def _problem(error: Any) -> FieldProblem:
    path = ""
    for part in error["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f"{'.' if path else ''}{part}"
    reason = m.NOT_READABLE(given=str(error.get("input"))[:60], why=error["msg"])
    return FieldProblem(path, reason, m.SEE_FIELDS())
