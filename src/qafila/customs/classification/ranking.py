"""From what is known of a description to shares of subheadings, and from shares to calibrated confidence."""

from __future__ import annotations

import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from qafila.core.values import value
from qafila.customs import nomenclature
from qafila.customs.classification.classification_goods import Description
from qafila.customs.classification.knowledge import Knowledge
from qafila.customs.classification.matching import Reading
from qafila.customs.classification.memory import Like
from qafila.customs.classification.wording import WordIndex, stems, telling

_GOODS_READ = 8
_BEST_WORDED = 30
_CLEAR = 0.8  # weight of the strongest goods from which they count in full


@value
class Weights:
    """The ranker's few numbers, from ranking.toml."""

    sharpness: float
    wording: float
    wording_alone: float
    wording_sharpness: float
    memory_new: float
    memory_raise: float
    memory: float
    memory_middle: float
    memory_slope: float
    memory_sharpness: float
    abstain_below: float
    ask_below: float
    share: tuple[float, ...]
    subheading: tuple[float, ...]
    heading: tuple[float, ...]


@cache
def shipped_weights() -> Weights:
    """The weights that come with the project."""
    raw = tomllib.loads((files(__package__) / "ranking.toml").read_text("utf-8"))
    calibration: dict[str, list[float]] = raw.pop("calibration")
    curves: dict[str, Any] = {name: tuple(values) for name, values in calibration.items()}
    return Weights(**raw, **curves)


def from_goods(reading: Reading, knowledge: Knowledge, sharpness: float) -> dict[str, float]:
    """Shares by subheading from the goods that the description names; empty when it names none."""
    shares: dict[str, float] = defaultdict(float)
    for found in reading.found[:_GOODS_READ]:
        weighed = [(share.hs6, knowledge.weigh(share, reading.said)) for share in found.goods.shares]
        total = sum(weight for _, weight in weighed) or 1.0
        strength = found.weight**sharpness
        for hs6, weight in weighed:
            shares[hs6] += strength * weight / total
    # goods named only in passing ("for iPhone") are weak evidence: their shares do not add up to one
    clear = min(1.0, reading.found[0].weight / _CLEAR) if reading.found else 0.0
    return {hs6: clear * share for hs6, share in _normalised(shares).items()}


def from_wording(
    description: Description, index: WordIndex, sharpness: float
) -> tuple[Mapping[str, float], float]:
    """Shares by subheading from BM25, and the best score (about 0–60) as a measure of how much was matched."""
    query: dict[str, float] = defaultdict(float)
    for stem in telling(description.title):
        query[stem] = 1.0
    for distance, segment in enumerate(reversed(description.segments[-3:])):
        for stem in stems(segment):
            query[stem] += (0.8, 0.4, 0.2)[distance]
    for kind in (*description.kinds, *description.materials):
        if len(kind) <= 6:
            for stem in stems(kind):
                query[stem] = max(query[stem], 0.4)
    return _worded(index, tuple(query.items()), sharpness)


@lru_cache(maxsize=4096)  # a seller's goods differ in sizes and numbers, which name no goods
def _worded(
    index: WordIndex, query: tuple[tuple[str, float], ...], sharpness: float
) -> tuple[Mapping[str, float], float]:
    scores = index.scores(dict(query))
    best = np.flatnonzero(scores > 0)
    if not len(best):
        return {}, 0.0
    if len(best) > _BEST_WORDED:
        best = best[np.argpartition(scores[best], -_BEST_WORDED)[-_BEST_WORDED:]]
    top = float(scores[best].max())
    codes = nomenclature.subheadings()
    return _normalised({codes[i]: float(scores[i] / top) ** sharpness for i in best}), top


def fuse(
    goods: Mapping[str, float],
    wording: Mapping[str, float],
    likes: Sequence[Like],
    weights: Weights,
) -> dict[str, float]:
    """One distribution out of goods, wording and past decisions.

    Decisions on somewhat like goods raise what is already thought of; a decision on nearly the same goods
    takes over. Both follow from the cosine of likeness, so one decision teaches at once.
    """
    # words alone are a weak witness: their shares do not add up to one
    of_wording = weights.wording if goods else weights.wording_alone
    shares: dict[str, float] = defaultdict(float)
    for source, part in ((goods, 1 - weights.wording), (wording, of_wording)):
        for hs6, share in source.items():
            shares[hs6] += part * share
    if not likes:
        return dict(shares)
    support: dict[str, float] = defaultdict(float)
    for like in likes:
        support[like.decision.hs6] += like.similarity**2
    raised = _normalised(
        {
            hs6: (shares.get(hs6, 0.0) + (weights.memory_new if hs6 in support else 0.0))
            * (1 + weights.memory_raise * support.get(hs6, 0.0))
            for hs6 in {**shares, **support}
        }
    )
    nearest = likes[0].similarity
    takes_over = weights.memory / (1 + math.exp(-weights.memory_slope * (nearest - weights.memory_middle)))
    near = _normalised(_sum((like.decision.hs6, like.similarity**weights.memory_sharpness) for like in likes))
    return {
        hs6: (1 - takes_over) * raised.get(hs6, 0.0) + takes_over * near.get(hs6, 0.0)
        for hs6 in {**raised, **near}
    }


def _sum(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for hs6, weight in pairs:
        total[hs6] += weight
    return total


def confidence(share: float, weights: Weights, level: str = "subheading") -> float:
    """How often a candidate with this share is right; `level` is "subheading" or "heading"."""
    return float(np.interp(share, weights.share, getattr(weights, level)))


def _normalised(shares: Mapping[str, float]) -> dict[str, float]:
    total = sum(shares.values())
    return {hs6: share / total for hs6, share in shares.items()} if total > 0 else {}
