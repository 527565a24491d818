"""How files and functions are made: names of their own, few arguments, and a layout that the formatter chooses."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "qafila"
_SHARED = {"__init__.py", "floor.py", "model.py", "service.py", "store.py"}
"""Names that every package may use."""
_ARGUMENTS = 12
"""The most that a function takes outside the command line, where each option is an argument."""


def _files() -> list[Path]:
    return [
        path
        for path in sorted(SOURCE.rglob("*.py"))
        if "node_modules" not in path.parts and "versions" not in path.parts
    ]


def test_no_two_files_have_one_name() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in _files():
        places[path.name].append(str(path.relative_to(SOURCE).parent))
    twice = {name: found for name, found in places.items() if len(found) > 1 and name not in _SHARED}
    assert not twice, "put the package's name before one of them, or name what it holds"


def test_no_function_takes_more_than_a_dozen_arguments() -> None:
    found = []
    for path in _files():
        if path.is_relative_to(SOURCE / "cli"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                given = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
                if len([one for one in given if one.arg not in ("self", "cls")]) > _ARGUMENTS:
                    found.append(f"{path.relative_to(SOURCE)}: {node.name}")
    assert not found, "bundle what belongs together in a NamedTuple"


@pytest.mark.parametrize("folder", ["src/qafila", "benchmarks", "tests"])
def test_only_tables_are_kept_from_the_formatter(folder: str) -> None:
    found = []
    for path in sorted((SOURCE.parents[1] / folder).rglob("*.py")):
        text = path.read_text("utf-8") if "node_modules" not in path.parts else ""
        if "fmt: skip" not in text:
            continue
        tables = {
            node.end_lineno
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.stmt) and _is_table(node)
        }
        found += [f"{path.name}:{line}" for line in _kept(text) if line not in tables]
    assert not found, "only a table of constants may keep its own layout"


def _kept(text: str) -> Iterator[int]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and "fmt: skip" in token.string:
            yield token.start[0]


def _is_table(node: ast.stmt) -> bool:
    value = getattr(node, "value", None)
    if isinstance(value, ast.Call) and len(value.args) == 1 and not value.keywords:
        value = value.args[0]  # frozenset({…})
    if isinstance(value, ast.Dict):
        rows: list[ast.expr] = value.values
        if None in value.keys:
            return False
    elif isinstance(value, (ast.List, ast.Set, ast.Tuple)):
        rows = value.elts
    else:
        return False
    plain = (ast.Attribute, ast.Constant, ast.List, ast.Name, ast.Set, ast.Tuple, ast.UnaryOp)
    return len(rows) >= 3 and all(isinstance(row, plain) for row in rows)
