"""Everything that the catalogues must hold: the texts of pages, every template, every text of a data file."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract_from_dir

import qafila
from qafila.core.message import TEMPLATES, Template
from qafila.runtime.language import LANGUAGES
from tests.runtime.language.data_texts import data_texts

PACKAGE = Path(qafila.__file__).parent
Text = str | tuple[str, ...]
"""What a catalogue translates: the English, or both forms where a number changes it; with its context, if any, before it."""
WITHIN = "\x04"  # between context and English, as gettext has it


def every_text(code: str) -> dict[Text, str]:
    """Every text that the catalogue of a language must hold, with the area whose file holds it.

    A language that only papers speak has the words of papers.
    """
    if code not in LANGUAGES:
        load_everything()
        return {text_of(t): "papers" for t in TEMPLATES.values() if t.id.startswith("papers.")}
    return {**data_texts(), **page_texts(), **message_texts()}


def text_of(said: Template | Entry) -> Text:
    """What a template or an entry of a catalogue says in English."""
    if isinstance(said, Template):
        english = f"{said.context}{WITHIN}{said.english}" if said.context else said.english
        return (said.one, english) if said.one else english
    if not isinstance(said.id, str):
        return tuple(said.id)
    return f"{said.context}{WITHIN}{said.id}" if said.context else said.id


@cache
def load_everything() -> None:
    """Imports every module of the package, so that each has listed its templates."""
    for module in pkgutil.walk_packages([str(PACKAGE)], "qafila."):
        if "frontend" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)


@cache
def page_texts() -> dict[Text, str]:
    """Every text in the pages' Python and templates and in the listed terms, as Babel extracts them.

    Returns:
        The area whose catalogue file holds it, by text: of several places the first by name.
    """
    keywords = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
    found: dict[Text, str] = {}
    for folder in (PACKAGE / "web", PACKAGE / "runtime" / "language"):
        texts = extract_from_dir(
            folder,
            method_map=[("*.py", "python"), ("*/*.py", "python"), ("templates/**.html", "jinja2")],
            options_map={"templates/**.html": {"trimmed": "true", "silent": "false"}},
            keywords=keywords,
        )
        for name, _, text, _, _ in sorted(texts, key=lambda found: found[0]):
            if text:
                path = Path(name)
                first = path.parts[1] if path.parts[0] == "templates" else path.parts[0]
                found.setdefault(text, f"page-{Path(first).stem}")
    return found


def message_texts() -> dict[Text, str]:
    """Every template in English, with the area that says it: the first part of its id.

    A text that several areas say belongs to the first of them by name.
    """
    load_everything()
    wanted: dict[Text, str] = {}
    for template in sorted(TEMPLATES.values(), key=lambda template: template.id):
        if template.id.startswith("test."):  # a test's own, in the same process
            continue
        wanted.setdefault(text_of(template), template.id.split(".")[0])
    return wanted
