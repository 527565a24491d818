"""The question whose answer would separate the best candidates."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from qafila.core.message import Choice, Message, Named, Template
from qafila.customs.classification import messages as m
from qafila.customs.classification.knowledge import LANGUAGES, Goods, Knowledge
from qafila.customs.classification.matching import Reading

_ABOUT: dict[str, Template] = {
    "material": m.MATERIAL, "user": m.USER, "make": m.MAKE, "power": m.POWER, "light": m.LIGHT, "link": m.LINK,
}  # fmt: skip
"""What is asked, by the group of facets."""


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


def question(reading: Reading, candidates: Sequence[str], knowledge: Knowledge) -> Message | None:
    """What to ask so that the candidates (subheadings, best first) can be told apart; None if nothing would.

    First a facet that the best goods' subheadings ask for and that the seller did not state; else which of two
    kinds of goods it is; with no candidates at all, what the thing is.
    """
    if not candidates:
        return m.NOTHING()
    wanted: dict[str, dict[str, None]] = defaultdict(dict)
    for found in reading.found[:2]:
        for share in found.goods.shares:
            if share.hs6 in candidates:
                for name in share.facets:
                    group = knowledge.facets[name].group
                    if group not in reading.groups:
                        wanted[group][name] = None
    if wanted:
        group = max(wanted, key=lambda g: len(wanted[g]))
        return _ABOUT[group](
            options=Choice(tuple(_facet_names()[name] for name in list(wanted[group])[:5]), every=True)
        )
    kinds = list({found.goods.name: found.goods for found in reading.found[:3]}.values())
    if len(kinds) > 1:
        return m.GOODS(options=Choice(tuple(goods_name(goods) for goods in kinds)))
    return None
