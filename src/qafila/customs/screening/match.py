"""Which listed parties a party may be: a score between 0 and 1 with its reason.

A word of the query is matched with the word of the listed name that is most like it, by spelling
(Jaro-Winkler, and letters folded) or by sound (equal skeletons). Rare words weigh more than common ones, particles and legal
forms little. The score is the weaker of two coverages, softened by the stronger: a listed name that holds
one more word than the query is still near. Joined spellings (Binladin) are compared as a whole.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler, Levenshtein

from qafila.core.message import Country, Message, as_it_is, clauses
from qafila.customs import customs_messages as m
from qafila.customs.screening.lists import Listed
from qafila.customs.screening.names import LIGHT_WORDS, SLIGHT_WORDS, Name, folded, loose, name, skeleton

REVIEW = 0.83
"""From this score on a person must look. Of 200 spellings of 40 names in ten languages 92 % reach it, of 5,000 made
names of strangers 0.6 % (docs/clearance.md)."""
_CANDIDATES = 200
_INITIAL = 0.85


@dataclass(frozen=True, slots=True)
class Party:
    """Who is screened."""

    name: str
    country: str = ""
    birth_date: str = ""
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A listed party that the screened one may be."""

    listed: Listed
    matched_name: str
    score: float
    reason: Message


class Screener:
    """Lists made ready for matching; immutable, shared by threads."""

    def __init__(self, parties: Iterable[Listed]) -> None:
        self.parties = tuple(parties)
        self._names: list[tuple[int, Name]] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._by_identifier: dict[str, list[int]] = defaultdict(list)
        frequency: Counter[str] = Counter()
        for index, party in enumerate(self.parties):
            for text in _alternatives(party.names):
                taken = name(text)
                if not taken.words:
                    continue
                self._names.append((index, taken))
                frequency.update(set(taken.skeletons))
                for key in _keys(taken):
                    self._by_key[key].append(len(self._names) - 1)
            for identifier in party.identifiers:
                self._by_identifier[_plain(identifier)].append(index)
        self._weight = {s: math.log(2 + len(self._names) / count) for s, count in frequency.items()}
        self._weight_of_new = math.log(2 + max(1, len(self._names)))

    def screen(self, party: Party, threshold: float = REVIEW) -> list[Hit]:
        """Hits at or above the threshold, the best first, one for each listed party."""
        best: dict[int, Hit] = {}
        for identifier in party.identifiers:
            for index in self._by_identifier.get(_plain(identifier), []):
                listed = self.parties[index]
                best[index] = Hit(listed, listed.names[0], 1.0, m.IDENTIFIER_LISTED(identifier=identifier))
        query = name(party.name)
        for name_index in self._candidates(query):
            index, listed_name = self._names[name_index]
            score, pairs = self._score(query, listed_name)
            score, remarks = _adjusted(score, party, self.parties[index])
            if score >= threshold and (index not in best or score > best[index].score):
                said = clauses([*pairs, *remarks]) or as_it_is(listed_name.text)
                best[index] = Hit(self.parties[index], listed_name.text, round(score, 3), said)
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.listed.list_id, hit.listed.id))

    def _candidates(self, query: Name) -> list[int]:
        shared: Counter[int] = Counter()
        for key in _keys(query):
            postings = self._by_key.get(key, [])
            weight = math.log(2 + len(self._names) / (1 + len(postings)))
            for posting in postings:
                shared[posting] += weight  # type: ignore[assignment]  # a Counter of floats
        return [posting for posting, _ in shared.most_common(_CANDIDATES)]

    def _score(self, query: Name, listed: Name) -> tuple[float, list[Message]]:
        pairs: list[str] = []
        of_query, matched = self._coverage(query, listed, pairs)
        of_listed, _ = self._coverage(listed, query, [])
        # two telling words in common are enough to look: a patronymic or a second surname is often left out
        stronger = 0.7 if matched >= 2 else 0.25
        by_words = (1 - stronger) * min(of_query, of_listed) + stronger * max(of_query, of_listed)
        joined = _joined(query, listed)
        if joined > by_words:
            return joined, [m.TOGETHER(party=" ".join(query.words), listed=" ".join(listed.words))]
        return by_words, [as_it_is(", ".join(pairs))] if pairs else []

    def _coverage(self, one: Name, other: Name, pairs: list[str]) -> tuple[float, int]:
        """Share of the weight of one's words that the other has, and how many telling words that is."""
        total = found = 0.0
        voweless = one.voweless or other.voweless
        matched = 0
        for word, bones in zip(one.words, one.skeletons, strict=True):
            weight = 0.15 if word in LIGHT_WORDS else self._weight.get(bones, self._weight_of_new)
            total += weight
            likeness, partner = max(
                (_likeness(word, bones, w, b, voweless), w)
                for w, b in zip(other.words, other.skeletons, strict=True)
            )
            if likeness < 0.82:
                continue
            found += weight * likeness
            matched += word not in LIGHT_WORDS and likeness >= 0.88
            sign = "=" if likeness == 1.0 else "≈"
            pairs.append(f"{word} {sign} {partner}")
        return (found / total if total else 0.0), matched


def _alternatives(names: Iterable[str]) -> list[str]:
    """Names as they are listed, and the parts of those that are several with strokes between: Al-Qa'ida/Islamic Army."""
    found = list(names)
    for text in names:
        if "/" in text:
            found += [part.strip() for part in text.split("/") if len(part.strip()) > 4]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=500_000)
def _likeness(word: str, bones: str, other: str, other_bones: str, voweless: bool) -> float:
    """How likely two words are one name: 1 the same, 0.96 the same sounds, less where a sound is missing."""
    if word == other:
        return 1.0
    if (len(word) == 1 or len(other) == 1) and word[:1] == other[:1] and word.isalpha() and other.isalpha():
        return _INITIAL  # J. for Jean: it may be he, and alone it is not enough
    one, two = folded(word), folded(other)
    alike = float(Levenshtein.normalized_similarity(one, two))
    spelt = 0.97 * alike
    if min(len(word), len(other)) >= 4:
        spelt = max(spelt, 0.97 * float(JaroWinkler.similarity(word, other)))
    if min(len(one), len(two)) >= 5 and alike >= 0.7:
        spelt = max(spelt, 0.97 * float(JaroWinkler.similarity(one, two)))
    for long, short in ((word, other), (other, word)):  # an article written together: Albanna, Alqaida
        if len(short) >= 2 and len(long) >= 6 and long[:2] in ("al", "el"):
            rest = skeleton(long[2:])
            if folded(long[2:]) == folded(short) or (voweless and len(rest) >= 2 and rest == skeleton(short)):
                return 0.95
    bare, other_bare = loose(bones), loose(other_bones)
    if voweless:  # one of them shows its consonants only: these must be the same
        if bones and bones == other_bones:
            return max(spelt, 0.96 if len(bones) >= 2 else 0.86)
        if bare and bare == other_bare:
            return max(spelt, 0.92 if len(bare) >= 3 else 0.86)
    elif bones == other_bones:
        # short skeletons are shared by strangers (Singh, Zhang): the vowels must be alike too
        needed = {0: 2.0, 1: 2.0, 2: 0.75, 3: 0.76, 4: 0.6}.get(len(bones), 0.0)
        if alike >= needed:
            return max(spelt, 0.96)
    elif bare == other_bare and len(bare) >= 3 and alike >= (0.6 if len(bare) < 5 else 0.4):
        return max(spelt, 0.92)
    # skeletons of four sounds and more may miss one: scribes drop and swap
    long_enough = min(len(bare), len(other_bare)) >= 4 and (voweless or alike >= 0.5)
    if long_enough and Levenshtein.distance(bare, other_bare, score_cutoff=1) <= 1:
        return max(spelt, 0.88)
    return spelt


def _joined(query: Name, listed: Name) -> float:
    """Likeness of the words written together, whatever word comes first; with particles and without."""
    voweless = query.voweless or listed.voweless
    return max(
        _together(query.words, listed.words, voweless), _together(_telling(query), _telling(listed), voweless)
    )


def _together(words: tuple[str, ...], others: tuple[str, ...], voweless: bool) -> float:
    target = "".join(others)
    if len(words) == len(others) or len(target) < 6:
        return 0.0  # as many words on either side: the words themselves say more
    bones, plain = skeleton(target), folded(target)
    best = 0.0
    for first in range(len(words)):
        turned = "".join(words[first:] + words[:first])
        alike = float(Levenshtein.normalized_similarity(folded(turned), plain))
        best = max(best, 0.98 * alike)
        if len(bones) >= 4 and skeleton(turned) == bones and (voweless or alike >= 0.7):
            best = max(best, 0.95)
    return best


def _telling(taken: Name) -> tuple[str, ...]:
    return tuple(w for w in taken.words if w not in SLIGHT_WORDS) or taken.words


def _adjusted(score: float, party: Party, listed: Listed) -> tuple[float, list[Message]]:
    """Countries and birth dates speak for or against, but never clear anybody by themselves."""
    remarks: list[Message] = []
    if party.birth_date and listed.birth_dates:
        same_year = any(party.birth_date[:4] == born[:4] for born in listed.birth_dates)
        score = min(1.0, score + 0.02) if same_year else score - 0.08
        remarks.append(m.SAME_YEAR() if same_year else m.OTHER_YEAR())
    if party.country and listed.countries:
        same = party.country.upper() in listed.countries
        score = min(1.0, score + 0.01) if same else score - 0.01
        country = Country(party.country.upper())
        remarks.append(m.LINKED(country=country) if same else m.NOT_LINKED(country=country))
    return score, remarks


def _keys(taken: Name) -> set[str]:
    """What a name is found by: each skeleton, each with one sound left out, and all of it together."""
    keys = {"=" + "".join(sorted(taken.skeletons))}
    for bones, word in zip(taken.skeletons, taken.words, strict=True):
        if word in LIGHT_WORDS and len(taken.words) > 1:
            continue
        keys.add(bones or word)
        for form in {loose(bones), loose(skeleton(word[2:])) if _ARTICLE.match(word) else ""}:
            if len(form) >= 2:
                keys.add("~" + form)
            if len(form) >= 4:
                keys.update("~" + form[:i] + form[i + 1 :] for i in range(len(form)))
        if len(bones) >= 4:
            keys.update(bones[:i] + bones[i + 1 :] for i in range(len(bones)))
    whole = [loose(skeleton(word)) for word in _telling(taken)]
    keys.update("+" + "".join(whole[i:] + whole[:i]) for i in range(len(whole)))
    return keys


_ARTICLE = re.compile(r"[ae]l[^aeiou].{2}")


def _plain(identifier: str) -> str:
    return "".join(c for c in identifier.upper() if c.isalnum())
