"""BM25 over the words of the nomenclature, each subheading's text joined by the editors' names for its goods."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
import snowballstemmer
from numpy.typing import NDArray

from qafila.customs.classification import nomenclature
from qafila.customs.classification.knowledge import Knowledge
from qafila.customs.classification.text import tokens

_K1, _B = 1.2, 0.6


@cache
def _ignored(kind: str) -> frozenset[str]:
    """Words without a say: "noise" anywhere, "vague" ones ("gift", "sample") in a title. Chinese: characters."""
    with (files(__package__) / "knowledge" / "ignored-words.csv").open("r", encoding="utf-8") as lines:
        return frozenset(
            t for row in csv.DictReader(lines) if row["kind"] == kind for t in tokens(row["words"])
        )


_english = snowballstemmer.stemmer("english")


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return str(_english.stemWord(word)) if word.isascii() else word


def stems(words: Iterable[str]) -> list[str]:
    """Word stems without the words that say nothing of goods."""
    noise = _ignored("noise")
    return [_stem(word) for word in words if word not in noise and not word.isdigit()]


class WordIndex:
    """An inverted index over documents of stems, scored by BM25."""

    def __init__(self, documents: Sequence[Mapping[str, float]]) -> None:
        """`documents`: stem → (weighted) count for each document."""
        lengths = np.array([sum(d.values()) for d in documents], dtype=np.float32)
        norm = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()), 1e-6))
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, document in enumerate(documents):
            for stem, count in document.items():
                postings[stem].append((number, count * (_K1 + 1) / (count + float(norm[number]))))
        n = len(documents)
        self._size = n
        self._postings: dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]] = {}
        for stem, entries in postings.items():
            idf = float(np.log(1 + (n - len(entries) + 0.5) / (len(entries) + 0.5)))
            self._postings[stem] = (
                np.array([e[0] for e in entries], dtype=np.int32),
                np.array([e[1] * idf for e in entries], dtype=np.float32),
            )

    def scores(self, query: Mapping[str, float]) -> NDArray[np.float32]:
        """Score of each document for weighted query stems, shape (documents,)."""
        total = np.zeros(self._size, dtype=np.float32)
        for stem, weight in query.items():
            posting = self._postings.get(stem)
            if posting is not None:
                total[posting[0]] += posting[1] * np.float32(weight)
        return total


def nomenclature_index(knowledge: Knowledge | None) -> WordIndex:
    """Index over the six-digit subheadings (ascending); with the editors' names of goods when given."""
    documents: list[dict[str, float]] = []
    names: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    if knowledge is not None:
        for key, terms in knowledge.terms.items():
            found = stems(key)
            for term in terms:
                best = max(share.weight for share in term.goods.shares)
                for share in term.goods.shares:
                    for stem in found:
                        gain = term.strength * share.weight / best
                        names[share.hs6][stem] = max(names[share.hs6][stem], gain)
    texts = nomenclature.texts()
    for code in nomenclature.subheadings():
        document: dict[str, float] = defaultdict(float)
        for word in stems(tokens(texts[code])):
            document[word] += 1
        for word in stems(tokens(texts.get(code[:4], ""))):
            document[word] += 0.4
        for word, weight in names.get(code, {}).items():
            document[word] += 1.5 * weight
        documents.append(document)
    return WordIndex(documents)


def telling(words: Iterable[str]) -> list[str]:
    """Stems of a title that could name goods: neither noise nor vague ("gift", "sample")."""
    noise, vague = _ignored("noise"), _ignored("vague")
    return [_stem(word) for word in words if word not in noise and word not in vague and not word.isdigit()]
