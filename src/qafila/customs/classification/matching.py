"""Find the goods that a description names, and the facets that it states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from qafila.core.values import value
from qafila.customs.classification.classification_goods import Description
from qafila.customs.classification.knowledge import Goods, Knowledge
from qafila.customs.classification.wording import telling

# How much a name counts by the place where it stands. What follows "for" is mostly what the goods go with.
_TITLE = 1.0
_BESIDE = 0.45  # another name in the part of a phrase that names the goods ("olive" in "olive wood spoon")
_BEFORE_UNKNOWN = 0.7  # the last name before a word that is not known ("honey" in "honey dispenser")
_BEHIND = 0.25  # behind a word that links ("box for tea")
_LATER = 0.75  # the goods of a later phrase, where an earlier one named some
_STUFFED = 7  # a part of so many words is a list of search words and has no head
_LAST_SEGMENT = 0.9
_OTHER_SEGMENT = (0.45, 0.2, 0.12)  # next broader ones
_KIND = 0.5
_BY_LENGTH = (0.0, 1.0, 1.9, 2.5, 2.8, 3.0, 3.0, 3.0, 3.0)


@value
class Found:
    """A kind of goods that a description names, how strongly, and by which words."""

    goods: Goods
    weight: float
    words: tuple[str, ...]


@value
class Reading:
    """What was understood of a description."""

    found: tuple[Found, ...]  # strongest first
    said: dict[str, float]  # facet → how clearly it is stated, 0..1
    groups: frozenset[str]  # groups of facets of which anything is stated


def read(description: Description, knowledge: Knowledge) -> Reading:
    """Goods named and facets stated in a description."""
    weights: dict[int, float] = defaultdict(float)
    words: dict[int, dict[str, None]] = defaultdict(dict)
    goods: dict[int, Goods] = {}

    def note(tokens: Sequence[str], weight: float, category: bool, title: bool) -> None:
        spans = _spans(tokens, knowledge)
        places = _places(spans, description, knowledge) if title else [1.0] * len(spans)
        for (start, end), by_place in zip(spans, places, strict=True):
            key = tuple(tokens[start:end])
            place = weight * by_place
            for term in knowledge.terms[key]:
                if term.only_category and not category:
                    continue
                one = id(term.goods)
                goods[one] = term.goods
                gain = place * term.strength * _BY_LENGTH[min(_length(key), 8)]
                # a name said twice counts a little more, not twice
                weights[one] = max(weights[one], gain) + 0.25 * min(weights[one], gain)
                words[one]["".join(key) if key[0] >= "\u4e00" else " ".join(key)] = None

    note(description.title, _TITLE, False, True)
    for kind in description.kinds:
        if len(kind) <= 8:
            note(kind, _KIND, True, False)
    for distance, segment in enumerate(reversed(description.segments)):
        if distance == 0:
            note(segment, _LAST_SEGMENT, True, False)
        elif distance <= len(_OTHER_SEGMENT):
            note(segment, _OTHER_SEGMENT[distance - 1], True, False)
    found = sorted(
        (Found(goods[one], weight, tuple(words[one])) for one, weight in weights.items()),
        key=lambda f: -f.weight,
    )
    said = _facets(description, knowledge)
    return Reading(tuple(found), said, frozenset(knowledge.facets[name].group for name in said))


def _length(key: tuple[str, ...]) -> int:
    """Words in a name; two Chinese characters make about one."""
    chinese = sum(1 for token in key if token >= "\u4e00")
    return len(key) - chinese + (chinese + 1) // 2


def _places(spans: Sequence[tuple[int, int]], description: Description, knowledge: Knowledge) -> list[float]:
    """How much each name in a title counts by the phrase in which it stands."""
    places = [1.0] * len(spans)
    named = False
    for phrase in description.phrases:
        inside = [i for i, (start, end) in enumerate(spans) if phrase.start <= start and end <= phrase.end]
        heads = [i for i in inside if spans[i][0] < phrase.link]
        for i in inside:
            if spans[i][0] >= phrase.link:
                places[i] = _BEHIND
        later = _LATER if named and len(description.title) < _STUFFED else 1.0
        named = named or bool(heads)
        for i in heads:
            places[i] = later
        if not heads or phrase.link - phrase.start >= _STUFFED:
            continue
        head = heads[0] if phrase.first else heads[-1]
        for i in heads:
            if i != head:
                places[i] = later * _BESIDE
        if not phrase.first:
            after = description.title[spans[head][1] : phrase.link]
            if telling([word for word in after if (word,) not in knowledge.facet_terms]):
                places[head] = later * _BEFORE_UNKNOWN
    return places


def _spans(tokens: Sequence[str], knowledge: Knowledge) -> list[tuple[int, int]]:
    """Names in a text; one that stands inside a longer one is part of it and does not count."""
    spans: list[tuple[int, int]] = []
    reach = 0
    for start in range(len(tokens)):
        for end in range(min(len(tokens), start + knowledge.longest), start, -1):
            if end <= reach:
                break
            if tuple(tokens[start:end]) in knowledge.terms:
                spans.append((start, end))
                reach = end
                break
    return spans


_BY_MASS = 1.5
_LESSER = 0.1  # of what another material outweighs


def _by_mass(description: Description, knowledge: Knowledge, scores: dict[str, float]) -> None:
    """Of a textile of several fibres the one that outweighs each other decides (HS, section XI, note 2)."""
    masses: dict[str, float] = defaultdict(float)
    for percent, words in description.shares:
        for length in range(len(words), 0, -1):
            names = [
                name
                for start in range(len(words) - length + 1)
                for name in knowledge.facet_terms.get(words[start : start + length], ())
                if "textile" in knowledge.related.get(name, ()) and name != "textile"
            ]
            if names:
                masses[names[0]] += percent
                break
    if len(masses) < 2:
        return
    most = max(masses.values())
    for name, mass in masses.items():
        scores[name] = _BY_MASS if mass == most else _LESSER


def _facets(description: Description, knowledge: Knowledge) -> dict[str, float]:
    scores: dict[str, float] = defaultdict(float)

    def note(tokens: Sequence[str], weight: float, groups: frozenset[str] | None = None) -> None:
        reach = 0
        for start in range(len(tokens)):
            for end in range(min(len(tokens), start + 4), start, -1):
                if end <= reach:
                    break
                names = knowledge.facet_terms.get(tuple(tokens[start:end]))
                if names:
                    reach = end
                    for name in names:
                        if groups is None or knowledge.facets[name].group in groups:
                            scores[name] = max(scores[name], weight) + 0.2 * min(scores[name], weight)
                    break

    note(description.title, 1.0)
    for words in description.materials:
        note(words, 1.2 if len(words) <= 6 else 0.7, frozenset(("material", "make")))
    for words in description.users:
        note(words, 1.0, frozenset(("user",)))
    for words in description.makes:
        note(words, 0.8, frozenset(("make", "power")))
    for words in description.others:
        if len(words) <= 4:
            note(words, 0.25)
    for segment in description.segments:
        note(segment, 0.9)
    _by_mass(description, knowledge, scores)
    for name in list(scores):
        for general in knowledge.facets[name].implies:
            scores[general] = max(scores[general], scores[name] * 0.9)
    strongest: dict[str, float] = defaultdict(float)
    for name, score in scores.items():
        group = knowledge.facets[name].group
        strongest[group] = max(strongest[group], score)
    return {
        name: score / max(strongest[knowledge.facets[name].group], 0.8)
        for name, score in scores.items()
        if score > 0
    }
