"""Past decisions: the same SKU is answered from memory, like goods by their nearest confirmed ones."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise

from qafila.core.values import value
from qafila.customs.classification.classification_goods import Description, describe
from qafila.customs.classification.decision import Decision
from qafila.customs.classification.knowledge import Knowledge
from qafila.customs.classification.matching import Reading, read
from qafila.customs.classification.wording import stems

_NEAREST = 12


@value
class Like:
    """A past decision on like goods; `similarity` is a cosine, 0..1."""

    decision: Decision
    similarity: float


class Memory:
    """Decisions, searchable by SKU and by likeness. Adding one takes effect at once."""

    def __init__(self, knowledge: Knowledge, decisions: Iterable[Decision] = ()) -> None:
        self._knowledge = knowledge
        self._by_sku: dict[str, Decision] = {}
        self._decisions: list[Decision] = []
        self._features: list[dict[str, float]] = []
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for decision in decisions:
            self.add(decision)

    def __len__(self) -> int:
        return len(self._decisions)

    def add(self, decision: Decision) -> None:
        """Remember a decision; a later one on the same SKU replaces what is answered for it."""
        if decision.sku:
            self._by_sku[decision.sku] = decision
        if not decision.title:
            return
        described = describe(decision.title, decision.attributes, decision.category)
        features = _features(described, read(described, self._knowledge))
        number = len(self._decisions)
        self._decisions.append(decision)
        self._features.append(features)
        for feature, weight in features.items():
            self._postings[feature].append((number, weight))

    def same(self, sku: str | None) -> Decision | None:
        """The decision on this very SKU."""
        return self._by_sku.get(sku) if sku else None

    def like(self, description: Description, reading: Reading) -> list[Like]:
        """The nearest decisions, most alike first."""
        if not self._decisions:
            return []
        total = len(self._decisions)
        dots: dict[int, float] = defaultdict(float)
        own = 0.0
        for feature, weight in _features(description, reading).items():
            posting = self._postings.get(feature, ())
            idf = math.log(1 + total / (1 + len(posting)))
            own += (weight * idf) ** 2
            if not posting or (total > 1000 and len(posting) > total // 5):
                continue
            for number, theirs in posting:
                dots[number] += weight * theirs * idf * idf
        nearest = sorted(dots.items(), key=lambda item: -item[1])[: _NEAREST * 3]
        likes = [
            Like(self._decisions[number], dot / max(math.sqrt(own) * self._norm(number), 1e-9))
            for number, dot in nearest
        ]
        return sorted(likes, key=lambda found: -found.similarity)[:_NEAREST]

    def _norm(self, number: int) -> float:
        total = len(self._decisions)
        return math.sqrt(
            sum(
                (weight * math.log(1 + total / (1 + len(self._postings[feature])))) ** 2
                for feature, weight in self._features[number].items()
            )
        )


def _features(description: Description, reading: Reading) -> dict[str, float]:
    features: Counter[str] = Counter()
    words = stems(description.title)
    for word in words:
        features[word] = 1
    for first, second in pairwise(words):
        features[f"{first} {second}"] = 1
    if description.segments:
        features["> " + " ".join(description.segments[-1])] = 2
        if len(description.segments) > 1:
            features[">> " + " ".join(description.segments[-2])] = 1
    for found in reading.found[:4]:
        features["= " + found.goods.source] = 2
    for name, strength in reading.said.items():
        if strength > 0.5:
            features["@ " + name] = 1
    return dict(features)
