"""The question whose answer would separate the best candidates, in four languages."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from qafila.customs.classification.knowledge import LANGUAGES, Knowledge
from qafila.customs.classification.matching import Reading

_SEPARATORS = {"en": ", ", "fr": ", ", "ar": "، ", "zh": "、"}


@cache
def _texts() -> dict[str, dict[str, str]]:
    with (files(__package__) / "questions.csv").open("r", encoding="utf-8") as lines:
        return {row["about"]: {lang: row[lang] for lang in LANGUAGES} for row in csv.DictReader(lines)}


@cache
def _facet_names() -> dict[str, dict[str, str]]:
    with (files(__package__) / "knowledge" / "facets.csv").open("r", encoding="utf-8") as lines:
        return {
            row["facet"]: {lang: row[lang].split("|")[0] or row["facet"] for lang in LANGUAGES}
            for row in csv.DictReader(lines)
        }


def question(
    reading: Reading, candidates: Sequence[str], knowledge: Knowledge, language: str = "en"
) -> str | None:
    """What to ask so that the candidates (subheadings, best first) can be told apart; None if nothing would.

    First a facet that the best goods' subheadings ask for and that the seller did not state; else which of two
    kinds of goods it is; with no candidates at all, what the thing is.
    """
    if language not in LANGUAGES:
        language = "en"
    if not candidates:
        return _texts()["nothing"][language]
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
        options = [_facet_names()[name][language] for name in wanted[group]]
        return _fill(group, options[:5], language)
    kinds = {found.goods.names.get(language, found.goods.name): None for found in reading.found[:3]}
    if len(kinds) > 1:
        return _fill("goods", list(kinds), language)
    return None


def _fill(about: str, options: Sequence[str], language: str) -> str:
    return _texts()[about][language].format(options=_SEPARATORS[language].join(options))
