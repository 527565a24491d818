"""Writes two pages when the site is built: how to contribute, from the root, and the glossary: the terms of `facts/vocabulary.csv`, each with the place in the code
that carries it and what its docstring says first."""

from __future__ import annotations

import csv
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

TABLE = Path(__file__).parents[2] / "src" / "qafila" / "facts" / "vocabulary.csv"


def on_files(files: Files, config: Any) -> Files:
    """MkDocs' hook: adds the page."""
    files.append(File.generated(config, "glossary.md", content=page()))
    files.append(File.generated(config, "contributing.md", content=contributing()))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """MkDocs' hook: what stands in the sources is named, not linked: the site does not hold them."""
    return re.sub(r"\[([^\]]+)\]\(\.\./(?:src|tests|benchmarks)/[^)]*\)", r"\1", markdown)


def contributing() -> str:
    """CONTRIBUTING.md of the root, its links as they are from here."""
    text = (TABLE.parents[3] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return text.replace("](docs/", "](").replace("](src/qafila/facts/vocabulary.csv)", "](glossary.md)")


def page() -> str:
    """The page as Markdown."""
    told = [
        "# Glossary",
        "",
        "The words that code, API, files and pages share, and where each lives in the code.",
        "",
    ]
    told += ["| term | meaning | standards | in the code |", "|---|---|---|---|"]
    with TABLE.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            first = first_line(row["object"])
            told.append(
                f"| **{row['term']}** | {row['meaning']} | {row['standard']} | `{row['object']}`: {first} |"
            )
    return "\n".join(told) + "\n"


def first_line(name: str) -> str:
    """The first line of the docstring of a module or of what stands in one. Raises ImportError, AttributeError."""
    try:
        found: Any = importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, inside = name.rpartition(".")
        found = getattr(importlib.import_module(module), inside)
    text = inspect.getdoc(found) or ""
    return text.partition("\n")[0].replace("|", "\\|")
