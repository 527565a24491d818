"""BM25 over the words of the nomenclature, each subheading's text joined by the editors' names for its goods."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qafila.customs import nomenclature
from qafila.customs.classification.knowledge import Knowledge
from qafila.customs.classification.text import tokens

_K1, _B = 1.2, 0.6


@cache
def small_words(kind: str) -> frozenset[str]:
    """Small words by what they do: without a say anywhere ("noise") or in a title ("vague": "gift", "sample"), or a
    "link" to what goes with the goods, "of", a "measure" of them, "french" ones. Chinese: characters."""
    with (files(__package__) / "knowledge" / "small-words.csv").open("r", encoding="utf-8") as lines:
        return frozenset(
            t for row in csv.DictReader(lines) if row["kind"] == kind for t in tokens(row["words"])
        )


@cache
def _english() -> Any:
    import snowballstemmer  # a quarter of a second, for one language of thirty; few words come to it

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    # only forms that a plural does not explain; stemming every word would double the time to start
    return str(_english().stemWord(word)) if word.endswith(("ing", "ed")) and word.isascii() else word


def stems(words: Iterable[str]) -> list[str]:
    """Word stems without the words that say nothing of goods."""
    noise = small_words("noise")
    return [_stem(word) for word in words if word not in noise and not word.isdigit()]


@cache
def text_stems(code: str) -> tuple[str, ...]:
    """Stems of the words of a code of the nomenclature."""
    return tuple(stems(tokens(nomenclature.texts().get(code, ""))))


class WordIndex:
    """An inverted index over documents of stems, scored by BM25."""

    def __init__(self, documents: Sequence[Mapping[str, float]]) -> None:
        """`documents`: stem → (weighted) count for each document."""
        lengths = np.array([sum(d.values()) for d in documents], dtype=np.float32)
        norm = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()), 1e-6))
        numbers: dict[str, int] = {}
        entries = [
            (numbers.setdefault(stem, len(numbers)), number, count)
            for number, document in enumerate(documents)
            for stem, count in document.items()
        ]
        stem_of, document_of, counts = (np.array(column) for column in zip(*entries, strict=True))
        order = np.argsort(stem_of, kind="stable")
        bounds = np.searchsorted(stem_of[order], np.arange(len(numbers) + 1))
        size = len(documents)
        idf = np.log(1 + (size - np.diff(bounds) + 0.5) / (np.diff(bounds) + 0.5))
        weights = counts * (_K1 + 1) / (counts + norm[document_of]) * idf[stem_of]
        self._size = size
        self._bounds = {stem: (int(bounds[n]), int(bounds[n + 1])) for stem, n in numbers.items()}
        self._documents: NDArray[np.int32] = document_of[order].astype(np.int32)
        self._weights: NDArray[np.float32] = weights[order].astype(np.float32)

    def scores(self, query: Mapping[str, float]) -> NDArray[np.float32]:
        """Score of each document for weighted query stems, shape (documents,)."""
        total = np.zeros(self._size, dtype=np.float32)
        for stem, weight in query.items():
            if stem in self._bounds:
                low, high = self._bounds[stem]
                total[self._documents[low:high]] += self._weights[low:high] * np.float32(weight)
        return total


def nomenclature_index(knowledge: Knowledge | None) -> WordIndex:
    """Index over the six-digit subheadings (ascending); with the editors' names of goods when given."""
    documents: list[dict[str, float]] = []
    names: dict[str, dict[str, float]] = defaultdict(dict)
    if knowledge is not None:
        for key, terms in knowledge.terms.items():
            found = stems(key)
            for term in terms:
                best = max(share.weight for share in term.goods.shares)
                for share in term.goods.shares:
                    gain = term.strength * share.weight / best
                    of_code = names[share.hs6]
                    for stem in found:
                        if of_code.get(stem, 0.0) < gain:
                            of_code[stem] = gain
    for code in nomenclature.subheadings():
        document: dict[str, float] = defaultdict(float)
        for word in text_stems(code):
            document[word] += 1
        for word in text_stems(code[:4]):
            document[word] += 0.4
        for word, weight in names.get(code, {}).items():
            document[word] += 1.5 * weight
        documents.append(document)
    return WordIndex(documents)


def telling(words: Iterable[str]) -> list[str]:
    """Stems of a title that could name goods: neither noise nor vague ("gift", "sample")."""
    noise, vague = small_words("noise"), small_words("vague")
    return [_stem(word) for word in words if word not in noise and word not in vague and not word.isdigit()]
