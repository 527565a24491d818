"""The report as PDF, set by Typst as other papers are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qafila.openness.regulation import regulation_messages as m
from qafila.openness.regulation import regulation_telling
from qafila.openness.regulation.recomputing import queries
from qafila.runtime.language import Language, render
from qafila.runtime.runtime_pages import typeset


def pdf(asked: Mapping[str, Any], language: Language, names: Mapping[str, str]) -> bytes:
    """The report as PDF.

    Args:
        asked: the result of the job.
        language: the reader's.
        names: how tenants are called, by id.

    Raises:
        FontsMissing: the fonts were not built.
    """
    data = {
        "title": render(m.REPORT(), language),
        "language": language.code,
        "rtl": language.direction == "rtl",
        "heading": regulation_telling.heading(asked, language),
        "sections": regulation_telling.sections(asked["report"], language, names),
        "comparisons": regulation_telling.comparisons(asked["report"], language),
        "checkpoint": asked["report"]["checkpoint"],
        "queries": queries(),
        "words": {
            name: render(said(), language)
            for name, said in {
                "equal": m.EQUAL,
                "different": m.DIFFERENT,
                "none": m.NONE,
                "query": m.QUERY,
                "from_log": m.FROM_LOG,
                "page": m.PAGE,
            }.items()
        },
    }
    return typeset("qafila.openness.regulation", "report.typ", data)
