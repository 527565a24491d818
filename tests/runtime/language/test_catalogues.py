"""Every text that people read is in every language, with the same values in it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from qafila.core.message import TEMPLATES, template
from qafila.runtime.language import LANGUAGES
from qafila.runtime.language.spoken import catalogue
from tests.runtime.language.update import area_files, read
from tests.runtime.language.wanted import PACKAGE, Text, every_text

FOREIGN = [code for code in LANGUAGES if code != "en"]


def untranslated(code: str) -> set[Text]:
    """What people may read and this language lacks."""
    there = {entry.id if isinstance(entry.id, str) else tuple(entry.id) for entry in catalogue(code)}
    return {text for text in every_text() if text not in there}


@pytest.mark.parametrize("code", FOREIGN)
def test_every_text_is_translated(code: str) -> None:
    assert untranslated(code) == set()


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
    wanted = set(every_text())
    there = {
        entry.id if isinstance(entry.id, str) else tuple(entry.id) for entry in catalogue(code) if entry.id
    }
    assert there - wanted == set()


@pytest.mark.parametrize("code", FOREIGN)
def test_a_text_stands_in_one_file_only(code: str) -> None:
    seen: dict[str, str] = {}
    for path in area_files(code):
        for entry in read(path, code):
            if entry.id:
                text = entry.id if isinstance(entry.id, str) else entry.id[0]
                assert seen.setdefault(text, path.name) == path.name, text


def test_no_template_is_listed_that_nobody_uses() -> None:
    sources = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    used = Counter(word for source in sources for word in re.findall(r"\b[A-Z][A-Z0-9_]+\b", source))
    listed = [name for source in sources for name in re.findall(r"^(\w+) = template\(", source, re.MULTILINE)]
    assert len(listed) > 500
    times_listed = Counter(listed)
    assert [name for name in times_listed if used[name] <= times_listed[name]] == []


def test_a_planted_message_without_a_translation_is_found() -> None:
    template("planted.here", "No translator saw {this}.")
    try:
        assert all("No translator saw {this}." in untranslated(code) for code in FOREIGN)
    finally:
        del TEMPLATES["planted.here"]


def _values(text: str) -> set[str]:
    return {old or new for old, new in re.findall(r"%\((\w+)\)s|\{(\w+)\}", text)}
