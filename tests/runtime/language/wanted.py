"""Everything that the catalogues must hold: the texts of pages, every template, every text of a data file."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from babel.messages.extract import extract_from_dir

import qafila
from qafila.core.message import TEMPLATES

PACKAGE = Path(qafila.__file__).parent
Text = str | tuple[str, ...]


def load_everything() -> None:
    """Imports every module of the package, so that each has listed its templates."""
    for module in pkgutil.walk_packages([str(PACKAGE)], "qafila."):
        if "frontend" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def page_texts() -> set[Text]:
    """Every text in the pages' Python and templates and in the listed terms, as Babel extracts them."""
    keywords = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
    found: set[Text] = set()
    for folder in (PACKAGE / "web", PACKAGE / "runtime" / "language"):
        texts = extract_from_dir(
            folder,
            method_map=[("*.py", "python"), ("*/*.py", "python"), ("templates/**.html", "jinja2")],
            options_map={"templates/**.html": {"trimmed": "true"}},
            keywords=keywords,
        )
        found |= {text for _, _, text, _, _ in texts if text}
    return found


def message_texts() -> dict[Text, str]:
    """Every template and text of a data file in English, with where it is listed: an id or a data file."""
    load_everything()
    wanted: dict[Text, str] = {}
    for template in TEMPLATES.values():
        if template.id.startswith("test."):  # a test's own, in the same process
            continue
        wanted.setdefault((template.one, template.english) if template.one else template.english, template.id)
    return wanted


def facts() -> dict[Text, str]:
    """Every text of a data file that people may read, with the file."""
    return {}
