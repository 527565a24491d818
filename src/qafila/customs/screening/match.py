"""Which listed parties a party may be: a score between 0 and 1 with its reason.

A word of the query is matched with the word of the listed name that is most like it, by spelling
(Jaro-Winkler) or by sound (equal skeletons). Rare words weigh more than common ones, particles and legal
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

from qafila.customs.screening.lists import Listed
from qafila.customs.screening.names import LIGHT_WORDS, SLIGHT_WORDS, Name, folded, loose, name, skeleton

REVIEW = 0.85
"""From this score on a person must look (measured on spellings of one name against random other names)."""
_CANDIDATES = 400


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
    reason: str


class Screener:
    """Lists made ready for matching; immutable, shared by threads."""

    def __init__(self, parties: Iterable[Listed]) -> None:
        self.parties = tuple(parties)
        self._names: list[tuple[int, Name]] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._by_identifier: dict[str, list[int]] = defaultdict(list)
        frequency: Counter[str] = Counter()
        for index, party in enumerate(self.parties):
            for text in party.names:
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
                best[index] = Hit(listed, listed.names[0], 1.0, f"the identifier {identifier} is on the list")
        query = name(party.name)
        for name_index in self._candidates(query):
            index, listed_name = self._names[name_index]
            score, pairs = self._score(query, listed_name)
            score, remark = _adjusted(score, party, self.parties[index])
            if score >= threshold and (index not in best or score > best[index].score):
                said = ", ".join(pairs) + (f"; {remark}" if remark else "")
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

    def _score(self, query: Name, listed: Name) -> tuple[float, list[str]]:
        pairs: list[str] = []
        of_query, matched = self._coverage(query, listed, pairs)
        of_listed, _ = self._coverage(listed, query, [])
        # two telling words in common are enough to look: a patronymic or a second surname is often left out
        stronger = 0.7 if matched >= 2 else 0.25
        by_words = (1 - stronger) * min(of_query, of_listed) + stronger * max(of_query, of_listed)
        joined = _joined(query, listed)
        if joined > by_words:
            return joined, [f"{' '.join(query.words)} ≈ {' '.join(listed.words)} written together"]
        return by_words, pairs

    def _coverage(self, one: Name, other: Name, pairs: list[str]) -> tuple[float, int]:
        """Share of the weight of one's words that the other has, and how many telling words that is."""
        total = found = 0.0
        matched = 0
        for word, bones in zip(one.words, one.skeletons, strict=True):
            weight = 0.15 if word in LIGHT_WORDS else self._weight.get(bones, self._weight_of_new)
            total += weight
            likeness, partner = max(
                (_likeness(word, bones, w, b), w) for w, b in zip(other.words, other.skeletons, strict=True)
            )
            if likeness < 0.8:
                continue
            found += weight * likeness
            matched += word not in LIGHT_WORDS and likeness >= 0.88
            sign = "=" if likeness == 1.0 else "≈"
            pairs.append(f"{word} {sign} {partner}")
        return (found / total if total else 0.0), matched


@lru_cache(maxsize=500_000)
def _likeness(word: str, bones: str, other: str, other_bones: str) -> float:
    if word == other:
        return 1.0
    one, two = folded(word), folded(other)
    spelt = 0.97 * max(float(JaroWinkler.similarity(word, other)), float(JaroWinkler.similarity(one, two)))
    if spelt < 0.9 and min(len(one), len(two)) > 5:  # an article written together: Albanna, Alqaida
        spelt = max(spelt, *(0.95 for a, b in ((one, two), (two, one)) if a[:2] == "al" and a[2:] == b), 0.0)
    if bones == other_bones and len(bones) >= 2:
        # short skeletons are shared by strangers (Singh, Zhang): the letters must be alike too
        near = 0.0 if len(bones) >= 5 else 0.5 if len(bones) >= 3 else 0.62
        return max(spelt, 0.96 if spelt >= near + 0.1 or not near else 0.9 if spelt >= near else 0.0)
    bare, other_bare = loose(bones), loose(other_bones)
    if bare == other_bare and len(bare) >= 3 and (len(bare) >= 5 or spelt >= 0.5):
        return max(spelt, 0.92)
    # skeletons of four sounds and more may miss one, long ones two: scribes drop and swap
    if min(len(bare), len(other_bare)) >= 4:
        apart = Levenshtein.distance(bare, other_bare, score_cutoff=2)
        if apart <= 1:
            return max(spelt, 0.88)
        if apart == 2 and min(len(bare), len(other_bare)) >= 6:
            return max(spelt, 0.83)
    return spelt


def _joined(query: Name, listed: Name) -> float:
    """Likeness of the telling words written together, whatever word comes first."""
    words, target_words = _telling(query), _telling(listed)
    if len(words) != len(target_words):
        bones = "".join(map(skeleton, target_words))
        own = [skeleton(word) for word in words]
        turned = {"".join(own[i:] + own[:i]) for i in range(len(own))}
        if len(bones) >= 4 and bones in turned:
            return 0.95
        if len(bones) >= 6 and any(
            Levenshtein.distance(loose(bones), loose(t), score_cutoff=1) <= 1 for t in turned
        ):
            return 0.9
    target = "".join(target_words)
    if len(target) < 6 or len(words) == len(target_words):
        return 0.0  # as many words on either side: the words themselves say more
    spellings = ("".join(words[i:] + words[:i]) for i in range(len(words)))
    return max((Levenshtein.normalized_similarity(t, target) for t in spellings), default=0.0) * 0.98


def _telling(taken: Name) -> tuple[str, ...]:
    return tuple(w for w in taken.words if w not in SLIGHT_WORDS) or taken.words


def _adjusted(score: float, party: Party, listed: Listed) -> tuple[float, str]:
    """Countries and birth dates speak for or against, but never clear anybody by themselves."""
    remarks = []
    if party.birth_date and listed.birth_dates:
        same_year = any(party.birth_date[:4] == born[:4] for born in listed.birth_dates)
        score = min(1.0, score + 0.02) if same_year else score - 0.08
        remarks.append("born in the same year" if same_year else "born in another year")
    if party.country and listed.countries:
        same = party.country.upper() in listed.countries
        score = min(1.0, score + 0.01) if same else score - 0.01
        remarks.append(f"{'linked to' if same else 'not linked to'} {party.country.upper()}")
    return score, ", ".join(remarks)


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
