"""The report as PDF, set by Typst as other papers are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import orjson
import typst

from qafila.openness.regulation import messages as m
from qafila.openness.regulation import telling
from qafila.openness.regulation.recomputing import queries
from qafila.runtime.language import Language, render


def pdf(asked: Mapping[str, Any], language: Language, names: Mapping[str, str]) -> bytes:
    """The report as PDF.

    Args:
        asked: the result of the job.
        language: the reader's.
        names: how tenants are called, by id.

    Raises:
        RuntimeError: the fonts were not built; the message says how.
    """
    data = {
        "title": render(m.REPORT(), language), "language": language.code, "rtl": language.direction == "rtl",
        "heading": telling.heading(asked, language), "sections": telling.sections(asked["report"], language, names),
        "comparisons": telling.comparisons(asked["report"], language), "checkpoint": asked["report"]["checkpoint"],
        "queries": queries(),
        "words": {name: render(said(), language) for name, said in
                  {"equal": m.EQUAL, "different": m.DIFFERENT, "none": m.NONE, "query": m.QUERY, "from_log": m.FROM_LOG, "page": m.PAGE}.items()},
    }  # fmt: skip
    with as_file(files("qafila.openness.regulation") / "report.typ") as template:
        made = typst.compile(
            template, font_paths=_fonts(), sys_inputs={"data": orjson.dumps(data).decode()}, format="pdf"
        )
    assert isinstance(made, bytes)  # one file is asked for, not one for each page
    return made


@cache
def _fonts() -> typst.Fonts:
    """The fonts of all papers, which the build of the front end brings."""
    with as_file(files("qafila") / "shipping" / "papers" / "fonts") as folder:
        if not any(folder.glob("*.ttf")):
            raise RuntimeError("no fonts for papers: run `make run` once, or the front end's build.py")
        return typst.Fonts(include_system_fonts=False, font_paths=[folder])
