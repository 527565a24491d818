"""Every text that people read is in every language, with the same values in it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator

import pytest

from qafila.core.message import TEMPLATES, template
from qafila.runtime.language import LANGUAGES, ON_PAPER
from qafila.runtime.language.spoken import catalogue
from qafila.shipping.papers.papers_messages import WORDS
from tests.guards import untranslated
from tests.runtime.language.data_texts import fact_sources
from tests.runtime.language.update import area_files, read
from tests.runtime.language.wanted import PACKAGE, Text, every_text, text_of

FOREIGN = [code for code in ON_PAPER if code != "en"]


@pytest.mark.parametrize("code", FOREIGN)
def test_every_text_is_translated(code: str) -> None:
    assert untranslated(code) == []


@pytest.mark.parametrize("code", FOREIGN)
def test_every_entry_is_whole_and_names_the_same_values(code: str) -> None:
    for entry in catalogue(code):
        if not entry.id:
            continue
        assert not entry.fuzzy, entry.id
        texts = [entry.string] if isinstance(entry.string, str) else list(entry.string)
        assert texts, entry.id
        assert all(texts), entry.id
        sources = [entry.id] if isinstance(entry.id, str) else list(entry.id)
        allowed = {name for s in sources for name in _values(s)}
        for text in texts:
            # a form for one or two may say the number in words; no form may name what is not given
            assert _values(text) <= allowed, (entry.id, text)
        if isinstance(entry.id, str):
            assert _values(texts[0]) == allowed, (entry.id, texts[0])


@pytest.mark.parametrize("code", FOREIGN)
def test_no_entry_is_left_over_from_a_text_that_is_gone(code: str) -> None:
    there = {text_of(entry) for entry in catalogue(code) if entry.id}
    assert there - set(every_text(code)) == set()


@pytest.mark.parametrize("code", FOREIGN)
def test_a_text_stands_in_one_file_only(code: str) -> None:
    seen: dict[Text, str] = {}
    for path in area_files(code):
        for entry in read(path, code):
            if entry.id:
                text = text_of(entry)
                assert seen.setdefault(text, path.name) == path.name, text


def test_no_template_is_listed_that_nobody_uses() -> None:
    sources = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    used = Counter(word for source in sources for word in re.findall(r"\b[A-Z][A-Z0-9_]+\b", source))
    listed = [name for source in sources for name in re.findall(r"^(\w+) = template\(", source, re.MULTILINE)]
    assert len(listed) > 500
    times_listed = Counter(listed)
    assert [name for name in times_listed if used[name] <= times_listed[name]] == []


def test_every_kind_of_fact_is_walked() -> None:
    named = re.compile(r'\bfact\(\s*"([\w.]+)"')
    made = {source for path in PACKAGE.rglob("*.py") for source in named.findall(path.read_text("utf-8"))}
    assert len(made) > 8
    assert made - set(fact_sources()) == set()


def test_every_file_that_speaks_for_itself_speaks_every_language() -> None:
    """Lessons and help are read in several languages from one file: what has English in it has the others."""
    spoken = 0
    for path in PACKAGE.rglob("*.toml"):
        for said in _said(tomllib.loads(path.read_text("utf-8"))):
            assert {code for code in LANGUAGES if said.get(code)} == set(LANGUAGES), (path.name, said)
            spoken += 1
    assert spoken > 80


def test_every_word_of_papers_stands_on_one() -> None:
    folder = PACKAGE / "shipping" / "papers" / "templates"
    forms = "".join(path.read_text("utf-8") for path in folder.glob("*.typ"))
    records = (folder.parent / "documents.py").read_text("utf-8")
    assert [key for key in WORDS if f'"{key}"' not in forms and f'"{key}"' not in records] == []


def test_pages_and_answers_say_messages_in_the_readers_language() -> None:
    """`str()` of a message is its English: a door renders it instead."""
    plain = re.compile(r"\bstr\((?:\w+\.)+(?:reason|remedy|message|told|why|meaning)\)")
    found = [
        f"{path.name}: {line.strip()}"
        for door in ("api", "web", "mcp")
        for path in (PACKAGE / door).rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if plain.search(line)
    ]
    assert found == []


def _said(one: object) -> Iterator[dict[str, object]]:
    """The tables in a document that hold a text in English."""
    if isinstance(one, dict):
        if "en" in one:
            yield one
        for value in one.values():
            yield from _said(value)
    elif isinstance(one, list):
        for value in one:
            yield from _said(value)


def test_a_planted_message_without_a_translation_is_found() -> None:
    template("planted.here", "No translator saw {this}.")
    try:
        assert all(
            "No translator saw {this}." in " ".join(untranslated(code)) for code in LANGUAGES if code != "en"
        )
    finally:
        del TEMPLATES["planted.here"]


def _values(text: str) -> set[str]:
    return {old or new for old, new in re.findall(r"%\((\w+)\)s|\{(\w+)\}", text)}
