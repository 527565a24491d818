"""The help of each page: its words, one example, the lesson that teaches it, the page of the docs. Data: `facts/help.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """A word and what it means, in one language; `id` names it in a page."""

    id: str
    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Help:
    """What explains a page, in one language.

    Attributes:
        words: those that it uses.
        example: one.
        lesson: id of the lesson that teaches what the page is for.
        docs: name of the page of the docs.
    """

    words: tuple[Word, ...]
    example: str
    lesson: str
    docs: str


@cache
def told() -> Mapping[str, Any]:
    """The data file."""
    return tomllib.loads((files("qafila") / "facts" / "help.toml").read_text(encoding="utf-8"))


def help_for(path: str, language: str) -> Help:
    """The help of a page by its address: of the entry with the longest beginning that fits."""
    entries = [(at, page) for page in told()["pages"] for at in page["at"]]
    fitting = [(at, page) for at, page in entries if at == "/" or path == at or path.startswith(f"{at}/")]
    return _of(max(fitting, key=lambda one: len(one[0]))[0], language)


@cache
def _of(at: str, language: str) -> Help:
    page = next(page for page in told()["pages"] if at in page["at"])
    words = tuple(Word(id, *told()["words"][id][language]) for id in page["words"])
    return Help(words, page[language], page["lesson"], page["docs"])
