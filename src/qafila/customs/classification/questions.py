"""The question whose answer would separate the best candidates."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import takewhile

from qafila.core.message import SENTENCES, Choice, Message, Named, Template
from qafila.customs import nomenclature
from qafila.customs.classification import classification_messages as m
from qafila.customs.classification.knowledge import LANGUAGES, Goods, Knowledge
from qafila.customs.classification.matching import Reading

_ABOUT: dict[str, Template] = {
    "material": m.MATERIAL, "user": m.USER, "make": m.MAKE, "power": m.POWER, "light": m.LIGHT, "link": m.LINK,
}  # fmt: skip
"""What is asked, by the group of facets."""
_NEAR = 0.12  # share of the best candidate from which another is worth naming
_OPTIONS = 4
_LONG = 60


@cache
def _facet_names() -> dict[str, Named]:
    with (files(__package__) / "knowledge" / "facets.csv").open("r", encoding="utf-8") as lines:
        return {
            row["facet"]: Named(tuple((lang, row[lang].split("|")[0] or row["facet"]) for lang in LANGUAGES))
            for row in csv.DictReader(lines)
        }


def facet_name(facet: str) -> Named:
    """A property by its name in each language."""
    return _facet_names()[facet]


def goods_name(goods: Goods) -> Named:
    """A kind of goods by its name in each language; in English where a language has none."""
    return Named(tuple({**goods.names, "en": goods.names.get("en") or goods.name}.items()))


def question(
    reading: Reading, candidates: Sequence[tuple[str, float]], knowledge: Knowledge
) -> Message | None:
    """What to ask so that the candidates can be told apart; None if nothing would.

    `candidates` are subheadings with their shares, best first. Where they fall under several headings, two to four of
    these are named in plain words, with what would decide between them; where under one, a property that its
    subheadings ask for and that the seller did not state, else the kinds of goods. With no candidates: what it is.
    """
    if not candidates:
        return m.NOTHING()
    about = _about(reading, [hs6 for hs6, _ in candidates], knowledge)
    options = _options(reading, candidates, knowledge)
    headings = {hs6[:4] for hs6, share in candidates if share >= _NEAR * candidates[0][1]}
    if len(options) > 1 and (len(headings) > 1 or about is None):
        which = m.GOODS(options=Choice(options))
        return SENTENCES(first=which, second=about) if about is not None else which
    return about


def _about(reading: Reading, candidates: Sequence[str], knowledge: Knowledge) -> Message | None:
    """A property that the best goods' subheadings ask for and that was not said."""
    wanted: dict[str, dict[str, None]] = defaultdict(dict)
    for found in reading.found[:2]:
        for share in found.goods.shares:
            if share.hs6 in candidates:
                for name in share.facets:
                    group = knowledge.facets[name].group
                    if group not in reading.groups:
                        wanted[group][name] = None
    if not wanted:
        return None
    group = max(wanted, key=lambda g: len(wanted[g]))
    return _ABOUT[group](
        options=Choice(tuple(_facet_names()[name] for name in list(wanted[group])[:5]), every=True)
    )


def _options(
    reading: Reading, candidates: Sequence[tuple[str, float]], knowledge: Knowledge
) -> tuple[Named, ...]:
    """Two to four headings (or subheadings of one) that the goods may be, in plain words with their number."""
    best = candidates[0][1]
    near = [hs6 for hs6, share in candidates if share >= _NEAR * best]
    headings = list(dict.fromkeys(hs6[:4] for hs6 in near))
    codes = headings if len(headings) > 1 else near
    codes = codes[:_OPTIONS]
    goods = {code: _meant(reading, code) or knowledge.plain.get(code) for code in codes}
    if len(codes[0]) == 6 and len({one.name if one else "" for one in goods.values()} - {""}) < len(codes):
        goods = dict.fromkeys(codes)  # names of some beside law's words of others would be no choice
    named: dict[str, Named] = {}
    for code, one in goods.items():
        number = code if len(code) == 4 else f"{code[:4]}.{code[4:]}"
        names = dict((goods_name(one) if one else Named((("en", _short(code, codes)),))).names)
        if names["en"] not in named:  # the same words twice would ask nothing
            named[names["en"]] = Named(tuple((lang, f"{name} ({number})") for lang, name in names.items()))
    return tuple(named.values())


def _short(code: str, codes: Sequence[str]) -> str:
    """The first words of a code's text, which is a paragraph of law; of subheadings what tells them apart."""
    text = nomenclature.text(code)
    if len(code) == 6 and len(codes) > 1:
        texts = [nomenclature.text(one).split() for one in codes]
        alike = sum(1 for _ in takewhile(lambda words: len(set(words)) == 1, zip(*texts, strict=False)))
        text = re.sub(r"^(?:and|or|of) ", "", " ".join(text.split()[alike:])) or text
    first = re.split(r"[;(]", text)[0].strip()
    return first if len(first) <= _LONG else first[:_LONG].rsplit(",", 1)[0].rsplit(" of ", 1)[0]


def _meant(reading: Reading, code: str) -> Goods | None:
    """The goods that were named and of which most falls under this code."""
    for found in reading.found[:4]:
        shares = found.goods.shares
        if 2 * sum(s.weight for s in shares if s.hs6.startswith(code)) > sum(s.weight for s in shares):
            return found.goods
    return None
