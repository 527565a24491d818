"""Sentences of the engines, in the reader's language.

Below the doors every reason and remedy is one English sentence with values in it. Here each is listed once
as a template; a sentence that fits one is said by the template's translation, with its values, of which countries are
named in its language too. What fits none is shown as it is.
"""

from __future__ import annotations

import gettext
import re
from functools import cache

from qafila.core.message import TEMPLATES
from qafila.network.places import country_code, country_name
from qafila.runtime.language.terms import N_, TERMS
from qafila.web.chassis.sentences import SENTENCES


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Templates as patterns, the most literal first."""
    made = []
    for template in (*SENTENCES, *_braced()):
        pattern = re.escape(template.replace("%%", "%"))
        # a rate is no part of the name before it
        pattern = re.sub(r"%\\\(rate\\\)s", r"(?P<rate>\\d.*?|[Ff]ree)", pattern)
        pattern = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", pattern)
        made.append((re.compile(pattern, re.DOTALL), template))
    return sorted(made, key=lambda pair: -len(re.sub(r"%\(\w+\)s", "", pair[1])))


@cache
def _braced() -> dict[str, str]:
    """Listed messages that are still handed on as English sentences: as a template of this file → as it is listed."""
    return {
        re.sub(r"\{(\w+)\}", r"%(\1)s", t.english.replace("%", "%%")): t.english
        for id, t in TEMPLATES.items()
        if id.startswith("orders.")
    }


def _translated(template: str, catalogue: gettext.NullTranslations) -> str:
    listed = _braced().get(template)
    if listed is None:
        return catalogue.gettext(template)
    return re.sub(r"\{(\w+)\}", r"%(\1)s", catalogue.gettext(listed).replace("%", "%%"))


def say(text: str, catalogue: gettext.NullTranslations) -> str:
    """The sentence in the catalogue's language, or as it is. Several are said one by one, and a value whose
    key begins with `name` is a sentence itself.
    """
    for pattern, template in _patterns():
        found = pattern.fullmatch(text)
        # a value holds no second sentence, unless the template itself is made of several
        if found and ("; " in template or not any("; " in v for v in found.groupdict().values())):
            values = {
                k: say(v, catalogue) if k.startswith("name") else _place(v, catalogue) if k in _PLACES else v
                for k, v in found.groupdict().items()
            }
            if _NAME_THERE in template and values["name2"].casefold() == values["name"].casefold():
                # the name in brackets is the reader's own: once is enough
                return say(text.replace(f" ({found['name2']})", "", 1), catalogue)
            return _set_apart(_translated(template, catalogue), values)
    names = TERMS["mode"]
    ways = text.split(_ARROW)
    if all(way in names for way in ways):
        return catalogue.gettext(_ARROW).join(catalogue.gettext(names[way]) for way in ways)
    parts = text.split("; ")
    if len(parts) > 1:
        said, between = [say(part, catalogue) for part in parts], catalogue.gettext(_BETWEEN)
        return text if said == parts else between.join(_in(between, part) for part in said)
    sentences = _END.split(text)
    return " ".join(say(s, catalogue) for s in sentences) if len(sentences) > 1 else text


def _place(name: str, catalogue: gettext.NullTranslations) -> str:
    """A country or an area that has a code of its own, in the catalogue's language."""
    code = country_code(name)
    return country_name(code, catalogue.info().get("language", "en")) if code else name


_PLACES = frozenset({"country", "area"})


def _set_apart(said: str, values: dict[str, str]) -> str:
    """The sentence with its values; in one that runs from right to left each keeps its own direction."""
    return said % {k: _in(said, v) for k, v in values.items()}


def _in(around: str, value: str) -> str:
    """A value in a text: from right to left, words of another script are set apart from it."""
    return f"\u2068{value}\u2069" if _ARABIC.search(around) and not _ARABIC.search(value) else value


_ARABIC = re.compile("[\u0600-\u06ff]")
_NAME_THERE = "%(name)s (%(name2)s)"
_ARROW, _BETWEEN = N_(" → "), N_("; ")
_END = re.compile(r"(?<=[.?]) (?=[A-Z])")
