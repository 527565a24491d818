"""What the editors know: everyday goods in four languages and the subheadings they usually fall under.

`knowledge/goods-*.csv` has one row for each kind of goods:

- `en`, `fr`, `ar`, `zh`: its names, separated by `|`. `~name` is a weak hint (the word also means other things),
  `^name` counts only where the seller's category path or "item type" says it.
- `hs`: subheadings with their usual share, `711719 6; 711311 1@silver`. What follows `@` are facets that the
  subheading asks for (`cotton+knit`): said of the goods they raise the share, contradicted they lower it.
- `note`: why, where the nomenclature's notes decide.

`knowledge/facets.csv` names the facets (materials, who wears it, how it is made, how it is driven).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import field
from functools import cache
from importlib.resources import files

from qafila.core.fault import Fault
from qafila.core.values import value
from qafila.customs.classification import classification_messages as m
from qafila.customs.classification.text import tokens

LANGUAGES = ("en", "fr", "ar", "zh")
_SAID = 6.0  # how much a facet that the seller states speaks for a subheading that asks for it
_CONTRADICTED = 0.12
_MADE = {"61": ("knit", "woven"), "62": ("woven", "knit")}


class KnowledgeError(Fault, ValueError):
    """A row of the shipped knowledge that cannot be used; names file and row."""


@value
class Share:
    """One subheading that a kind of goods may fall under."""

    hs6: str
    weight: float
    facets: tuple[str, ...] = ()


@value
class Goods:
    """A kind of goods."""

    name: str  # its first English name
    names: dict[str, str]  # first name by language, where known
    shares: tuple[Share, ...]
    note: str
    source: str  # file and row


@value
class Term:
    """A name under which goods are found; `strength` below one where the name is ambiguous."""

    goods: Goods
    strength: float
    only_category: bool


@value
class Facet:
    """A property that separates subheadings, such as being of cotton or for women."""

    name: str
    group: str
    implies: tuple[str, ...]


@value
class Knowledge:
    """All goods and facets, found by their tokens."""

    goods: tuple[Goods, ...]
    terms: dict[tuple[str, ...], tuple[Term, ...]]
    longest: int
    facets: dict[str, Facet]
    facet_terms: dict[tuple[str, ...], tuple[str, ...]]
    related: dict[str, frozenset[str]] = field(
        default_factory=dict
    )  # facet → itself, implied and implying ones

    plain: dict[str, Goods] = field(
        default_factory=dict
    )  # heading or subheading → the goods whose name says it best

    def weigh(self, share: Share, said: dict[str, float]) -> float:
        """Weight of a subheading for goods of which the facets `said` are stated (name → strength 0..1)."""
        weight = share.weight
        for name in share.facets:
            group = self.facets[name].group
            best = said.get(name, 0.0)
            if best > 0:
                weight *= 1 + (_SAID - 1) * best
                continue
            against = max(
                (s for f, s in said.items() if self.facets[f].group == group and f not in self.related[name]),
                default=0.0,
            )
            weight *= 1 - (1 - _CONTRADICTED) * against
        return weight * self._made(share, said)

    @staticmethod
    def _made(share: Share, said: dict[str, float]) -> float:
        """Chapter 61 is of what is knitted, 62 of what is not: what is said of the making decides between them."""
        own, other = _MADE.get(share.hs6[:2], ("", ""))
        if not own or own in share.facets or share.hs6[:4] == "6212":  # corsetry of any fabric
            return 1.0
        return 1 - (1 - _CONTRADICTED) * max(0.0, said.get(other, 0.0) - said.get(own, 0.0))


@cache
def knowledge() -> Knowledge:
    """The shipped knowledge, read once (about 0.1 s)."""
    facets: dict[str, Facet] = {}
    facet_terms: dict[tuple[str, ...], list[str]] = {}
    for _, row in _rows("facets.csv"):
        facets[row["facet"]] = Facet(row["facet"], row["group"], tuple(row["implies"].split()))
        for language in LANGUAGES:
            for name in _names(row[language]):
                facet_terms.setdefault(tuple(tokens(name)), []).append(row["facet"])
    goods: list[Goods] = []
    terms: dict[tuple[str, ...], list[Term]] = {}
    for source, row in _all_goods():
        names = {lang: _names(row.get(lang) or "") for lang in LANGUAGES}
        if not names["en"]:
            raise KnowledgeError(m.NO_ENGLISH_NAME(where=source))
        one = Goods(
            name=names["en"][0].lstrip("~^"),
            names={lang: found[0].lstrip("~^") for lang, found in names.items() if found},
            shares=tuple(_share(part, source, facets) for part in row["hs"].split(";") if part.strip()),
            note=(row.get("note") or "").strip(),
            source=source,
        )
        goods.append(one)
        for found in names.values():
            for name in found:
                key = tuple(tokens(name))
                if not key:
                    raise KnowledgeError(m.NAME_WITHOUT_LETTERS(where=source, name=name))
                strength = 0.3 if "~" in name[:2] else 1.0
                terms.setdefault(key, []).append(Term(one, strength, "^" in name[:2]))
    return Knowledge(
        goods=tuple(goods),
        terms={key: tuple(found) for key, found in terms.items()},
        longest=max(map(len, terms), default=0),
        facets=facets,
        facet_terms={key: tuple(dict.fromkeys(found)) for key, found in facet_terms.items()},
        related=_related(facets),
        plain=_plain(goods),
    )


def _plain(goods: list[Goods]) -> dict[str, Goods]:
    """For each code the goods that fall under it more than under others; better with names in all languages."""
    best: dict[str, tuple[float, Goods]] = {}
    for one in goods:
        total = sum(share.weight for share in one.shares)
        of_code: dict[str, float] = {}
        for share in one.shares:
            for code in (share.hs6, share.hs6[:4]):
                of_code[code] = of_code.get(code, 0.0) + share.weight / total
        for code, part in of_code.items():
            good = part * (0.5 + 0.5 * len(one.names) / len(LANGUAGES))
            if part > (0.34 if len(code) == 4 else 0.5) and good > best.get(code, (0.0, one))[0]:
                best[code] = (good, one)
    return {code: one for code, (_, one) in best.items()}


def _related(facets: dict[str, Facet]) -> dict[str, frozenset[str]]:
    related: dict[str, set[str]] = {name: {name} for name in facets}
    for facet in facets.values():
        for general in facet.implies:
            related[facet.name].add(general)
            related[general].add(facet.name)
    return {name: frozenset(found) for name, found in related.items()}


def _share(part: str, source: str, facets: dict[str, Facet]) -> Share:
    code, _, rest = part.strip().partition(" ")
    weight, _, asked = rest.strip().partition("@")
    names = tuple(asked.strip().split("+")) if asked else ()
    if len(code) != 6 or not code.isdigit():
        raise KnowledgeError(m.CODE_NOT_SIX_DIGITS(where=source, code=code))
    unknown = [name for name in names if name not in facets]
    if unknown:
        raise KnowledgeError(m.NO_SUCH_FACET(where=source, facets=", ".join(unknown)))
    return Share(code, float(weight or 1), names)


def _names(cell: str) -> list[str]:
    return [name.strip() for name in cell.split("|") if name.strip()]


def _all_goods() -> Iterator[tuple[str, dict[str, str]]]:
    for file in sorted(f.name for f in (files(__package__) / "knowledge").iterdir()):
        if file.startswith("goods-"):
            yield from _rows(file)


def _rows(file: str) -> Iterator[tuple[str, dict[str, str]]]:
    with (files(__package__) / "knowledge" / file).open("r", encoding="utf-8") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            if None in row or None in row.values():
                raise KnowledgeError(m.CELLS_MISSING(where=f"{file}:{number}"))
            yield f"{file} row {number}", row
