"""What an item's seller says of it: title, attributes and category path as one parsed value."""

from __future__ import annotations

import re
from typing import Any

import orjson

from qafila.core.values import value
from qafila.customs.classification.phrase import Phrase, phrases
from qafila.customs.classification.text import tokens

# Attribute keys, as shops name them, that say what a thing is, and those that say what it is made of or for whom.
_KIND_KEYS = (
    "item type",
    "product type",
    "product name",
    "product category",
    "category",
    "classification",
    "type",
    "name",
    "kind",
    "model type",
)
_MATERIAL_KEYS = (
    "material",
    "fabric",
    "composition",
    "metal",
    "upper",
    "cladding",
    "made of",
    "textile",
    "matiere",
    "الخامه",
    "材质",
    "材料",
    "面料",
)
_USER_KEYS = ("gender", "department", "age", "user", "for whom", "genre", "性别", "الجنس")
_MAKE_KEYS = (
    "weaving",
    "knit",
    "fabric",
    "technic",
    "craft",
    "process",
    "power",
    "battery",
    "electric",
    "rechargeable",
    "energy",
)
# Parts that do not decide the classification of the whole.
_OTHER_PARTS = (
    "outsole",
    "insole",
    "lining",
    "filling",
    "filler",
    "packag",
    "packing",
    "setting",
    "heel",
    "buckle",
)


@value
class Description:
    """Tokens of each part of what a seller wrote; category segments from the broadest to the narrowest."""

    title: tuple[str, ...]
    segments: tuple[tuple[str, ...], ...]
    kinds: tuple[tuple[str, ...], ...]  # values of attributes that name the kind of thing
    materials: tuple[tuple[str, ...], ...]
    users: tuple[tuple[str, ...], ...]
    makes: tuple[tuple[str, ...], ...]
    others: tuple[tuple[str, ...], ...]
    shares: tuple[
        tuple[float, tuple[str, ...]], ...
    ] = ()  # "60% cotton": percent, and what is named behind it
    phrases: tuple[Phrase, ...] = ()  # of the title


_SHARE = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*[%٪％]\s*(?:of|de|d'|من)?\s*([^\d%٪％,;/+&()\n]{2,30})")
_BEFORE = re.compile(r"([^\d%٪％,;/+&()\n]{2,30}?)[\s:：]*(\d{1,3}(?:[.,]\d+)?)\s*[%٪％](?!\s*[^\W\d])")


_GAP = re.compile(r"[\s:：]{3,}")


def _shares(text: str) -> tuple[tuple[float, tuple[str, ...]], ...]:
    """What a text says of a composition: "60% cotton and 40% modal", "coton 60 %"."""
    # a long gap is a short one: the patterns would try each of its places as a beginning and as an end
    text = _GAP.sub(
        lambda gap: "\n" if "\n" in gap[0] else ": " if ":" in gap[0] or "：" in gap[0] else " ", text
    )
    found = [(number, name) for number, name in _SHARE.findall(text)]
    found += [(number, name) for name, number in _BEFORE.findall(text)]
    told = []
    for number, name in found:
        words = tuple(tokens(name))[:3]
        if words and (percent := float(number.replace(",", "."))) <= 100:
            told.append((percent, words))
    return tuple(told)


def describe(title: str, attributes: str | dict[str, Any] = "", category: str = "") -> Description:
    """Parse a title, attributes (JSON object or free text) and a category path ("A > B > C" or "A/B/C")."""
    pairs = _pairs(attributes)
    groups: dict[str, list[tuple[str, ...]]] = {k: [] for k in ("kind", "material", "user", "make", "other")}
    for key, said in pairs:
        words = tuple(tokens(said))
        if not words:
            continue
        lowered = key.casefold()
        if lowered in _KIND_KEYS or any(lowered.startswith(k) for k in _KIND_KEYS[:5]):
            groups["kind"].append(words)
        if any(part in lowered for part in _OTHER_PARTS):
            groups["other"].append(words)
        elif any(part in lowered for part in _MATERIAL_KEYS):
            groups["material"].append(words)
        elif any(part in lowered for part in _USER_KEYS):
            groups["user"].append(words)
        else:
            groups["other"].append(words)
        if any(part in lowered for part in _MAKE_KEYS):
            groups["make"].append(words + tuple(tokens(key)) if said.casefold() in {"yes", "true"} else words)
    return Description(
        title=tuple(tokens(title)),
        segments=tuple(s for s in (tuple(tokens(part)) for part in _path(category)) if s),
        kinds=tuple(groups["kind"]),
        materials=tuple(groups["material"]),
        users=tuple(groups["user"]),
        makes=tuple(groups["make"]),
        others=tuple(groups["other"]),
        shares=_shares(title) or _shares("; ".join(said for _, said in pairs)),
        phrases=phrases(title),
    )


def _path(category: str) -> list[str]:
    for mark in (">", "»", "|", "/"):
        if mark in category:
            return category.split(mark)
    return [category] if category else []


def _pairs(attributes: str | dict[str, Any]) -> list[tuple[str, str]]:
    loaded: Any = attributes
    if isinstance(attributes, str):
        text = attributes.strip()
        if not text:
            return []
        if text[0] in "{[":
            try:
                loaded = orjson.loads(text)  # unlike json, it refuses what is nested without end
            except orjson.JSONDecodeError:
                return [("", text)]
        else:
            split = [part.partition(":") for part in text.replace("\n", ";").split(";")]
            return [(k.strip(), v.strip()) if v else ("", k.strip()) for k, _, v in split]
    if isinstance(loaded, dict):
        return [(str(k), _flat(v)) for k, v in loaded.items()]
    return [("", _flat(loaded))]


_DEEPEST = 20


def _flat(value: Any, depth: int = 0) -> str:
    """A value as text; what is nested deeper than any attribute is left out."""
    if depth > _DEEPEST:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(_flat(v, depth + 1) for v in value)
    if isinstance(value, dict):
        return ", ".join(f"{k} {_flat(v, depth + 1)}" for k, v in value.items())
    return "" if value is None else str(value)
