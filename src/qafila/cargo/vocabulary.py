"""The ONE Record ontology as facts: which classes there are, which properties each has, of which kinds and how many.

The facts are read from IATA's published ontology (`facts/onerecord-2025-07.json` says the version); `flaws` holds a JSON-LD
document to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

CARGO = "https://onerecord.iata.org/ns/cargo#"
API = "https://onerecord.iata.org/ns/api#"
CODES = "https://onerecord.iata.org/ns/code-lists/"
XSD = "http://www.w3.org/2001/XMLSchema#"
CONTEXT: dict[str, Any] = {"cargo": CARGO, "api": API, "xsd": XSD, "cl": CODES}
_PREFIXES = (("cargo:", CARGO), ("api:", API), ("xsd:", XSD), ("cl:", CODES))
_DATES = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_LEFT_OUT = frozenset({"api:notifyRequestStatusChange"})
"""Wanted once by the ontology, and left out in the standard's own examples: then it is false."""
_NODE_KEYS = frozenset({"@id", "@type", "@context", "@language", "@index", "_comment"})


@dataclass(frozen=True, slots=True)
class Flaw:
    """Where a document is not what the ontology says: a JSON pointer, and why in plain words."""

    pointer: str
    reason: str


@cache
def facts() -> dict[str, Any]:
    """Classes, properties, individuals and code lists."""
    found: dict[str, Any] = orjson.loads((files("qafila") / "facts" / "onerecord-2025-07.json").read_bytes())
    return found


@cache
def ancestors(name: str) -> tuple[str, ...]:
    """A class and all above it; empty for none of the ontology's."""
    known = facts()["classes"].get(name)
    if known is None:
        return ()
    found = [name]
    for above in known["super"]:
        found += [a for a in ancestors(above) if a not in found]
    return tuple(found)


@cache
def properties(name: str) -> Mapping[str, Mapping[str, Any]]:
    """The properties of a class and those that it has from above, with `range`, `max` and `min`."""
    found: dict[str, Any] = {}
    for one in reversed(ancestors(name)):
        found |= facts()["classes"][one]["props"]
    if name.startswith("cargo:"):  # the API adds these to every logistics object that it serves
        found |= {"api:hasRevision": {"max": 1}, "api:hasLatestRevision": {"max": 1}}
    return found


@cache
def _codes(name: str) -> frozenset[str]:
    return frozenset(facts()["code_lists"].get(name, "").split())


class Names:
    """The names of a document by its @context: what a key or an identifier stands for, with our prefixes."""

    def __init__(self, context: Any) -> None:
        self._terms: dict[str, str] = {}
        self._types: dict[str, str] = {}
        for part in context if isinstance(context, list) else [context]:
            for term, meaning in (part or {}).items() if isinstance(part, Mapping) else ():
                if isinstance(meaning, str):
                    self._terms[term] = meaning
                elif isinstance(meaning, Mapping):
                    if isinstance(meaning.get("@id"), str):
                        self._terms[term] = meaning["@id"]
                    if isinstance(meaning.get("@type"), str):
                        self._types[term] = meaning["@type"]

    def iri(self, text: str) -> str:
        """The whole IRI of a name."""
        if text in self._terms and not text.startswith("@"):
            meaning = self._terms[text]
            return meaning if "://" in meaning else self.iri(meaning) if meaning != text else meaning
        prefix, colon, rest = text.partition(":")
        if colon and not rest.startswith("//") and prefix in self._terms:
            return self._terms[prefix] + rest
        if not colon and "@vocab" in self._terms:
            return self._terms["@vocab"] + text
        return text

    def short(self, text: str) -> str:
        """A name with our prefixes, whatever the document calls it; with a ? before what stands for no address."""
        iri = self.iri(text)
        for prefix, whole in _PREFIXES:
            if iri.startswith(whole):
                return prefix + iri[len(whole) :]
        return iri if "://" in iri else f"?{iri}"

    def type_of(self, key: str) -> str:
        """The datatype that the context gives a key's values; empty where it gives none."""
        return self.short(self._types[key]) if key in self._types else ""


def flaws(document: Any, wanted: str = "") -> list[Flaw]:
    """Everything in a JSON-LD document that the ontology does not allow; empty for a sound one.

    Args:
        document: an object with its @context inside; contexts by address are not fetched.
        wanted: the class that the document is to be of, or below; any where empty.
    """
    if not isinstance(document, Mapping):
        return [Flaw("", "it is no JSON object")]
    names = Names(document.get("@context"))
    return list(_node(document, names, "", wanted))


def _types(node: Mapping[str, Any], names: Names) -> list[str]:
    told = node.get("@type", [])
    return [names.short(t) for t in (told if isinstance(told, list) else [told]) if isinstance(t, str)]


def _node(node: Mapping[str, Any], names: Names, at: str, wanted: str) -> Iterator[Flaw]:
    types = _types(node, names)
    if not types:
        if not node.keys() - _NODE_KEYS and isinstance(node.get("@id"), str):
            return  # a reference
        yield Flaw(f"{at}/@type", "it says no class")
        return
    for one in types:
        if not ancestors(one):
            yield Flaw(f"{at}/@type", f"the ontology has no class {one}")
    types = [t for t in types if ancestors(t)]
    if wanted and types and not any(wanted in ancestors(t) for t in types):
        yield Flaw(f"{at}/@type", f"{types[0]} is no {wanted}")
    allowed: dict[str, Any] = {}
    for one in types:
        allowed |= properties(one)
    told: dict[str, int] = {}
    for key, value in node.items():
        if key in _NODE_KEYS or key.startswith("@"):
            continue
        name = names.short(key)
        rule = allowed.get(name)
        if rule is None:
            if types:
                yield Flaw(f"{at}/{key}", f"{types[0]} has no property {name}")
            continue
        values = value if isinstance(value, list) else [value]
        told[name] = told.get(name, 0) + len(values)
        for n, one in enumerate(values):
            place = f"{at}/{key}/{n}" if isinstance(value, list) else f"{at}/{key}"
            yield from _value(one, names, place, rule.get("range", []), names.type_of(key))
    for name, rule in allowed.items():
        if told.get(name, 0) > rule.get("max", 10**9):
            yield Flaw(f"{at}/{name}", f"it stands {told[name]} times, and may {rule['max']}")
        if name not in _LEFT_OUT and rule.get("min", 0) > told.get(name, 0) and "@id" not in node:
            yield Flaw(f"{at}/{name}", "it is missing")


def _value(value: Any, names: Names, at: str, kinds: list[str], given: str) -> Iterator[Flaw]:
    classes = [k for k in kinds if not k.startswith(("xsd:", "rdfs:"))]
    if isinstance(value, Mapping) and "@value" in value:
        said = names.short(str(value.get("@type", ""))) or given
        yield from _literal(value["@value"], said, at, kinds)
    elif isinstance(value, Mapping):
        if kinds and not classes and value.keys() - {"@id"}:
            yield Flaw(at, f"it is an object where {kinds[0]} is wanted")
        yield from _code(value, names, at, classes)
        if value.keys() - {"@id"}:
            yield from _node(
                value,
                names,
                at,
                classes[0]
                if len(classes) == 1 and classes[0] in facts()["classes"] and not classes[0].startswith("cl:")
                else "",
            )
    elif isinstance(value, list):
        yield Flaw(at, "it is a list within a list")
    elif kinds and classes and len(classes) == len(kinds) and given != "@id":
        if not (
            isinstance(value, str) and "://" in value
        ):  # an address may stand as text where the context says nothing
            yield Flaw(at, f"it is text where {classes[0]} is wanted")
    else:
        yield from _literal(value, given, at, kinds)


def _code(value: Mapping[str, Any], names: Names, at: str, classes: list[str]) -> Iterator[Flaw]:
    """A reference into a closed list names one of its elements."""
    id = value.get("@id")
    if not isinstance(id, str):
        return
    short = names.short(id)
    for one in classes:
        allowed = facts()["classes"].get(one, {}).get("one_of")
        if allowed and (short.startswith(("cargo:", "api:"))) and short not in allowed:
            yield Flaw(at, f"{short} is none of {one}")
    if short.startswith("cl:") and "#" in short:
        name, _, code = short[3:].partition("#")
        if name not in facts()["code_lists"]:
            yield Flaw(at, f"there is no code list {name}")
        elif code not in _codes(name):
            yield Flaw(at, f"{code} is none of the code list {name}")
        elif classes and all(c.startswith("cl:") for c in classes) and f"cl:{name}" not in classes:
            yield Flaw(at, f"it is of the code list {name}, where {classes[0][3:]} is wanted")


def _literal(value: Any, given: str, at: str, kinds: list[str]) -> Iterator[Flaw]:
    wanted = [k for k in kinds if k.startswith("xsd:")]
    if not wanted:
        return
    if given.startswith("xsd:") and given not in wanted and not _close(given, wanted):
        yield Flaw(at, f"it is {given} where {wanted[0]} is wanted")
        return
    if not any(_fits(value, k) for k in wanted):
        yield Flaw(at, f"{str(value)[:60]!r} is no {wanted[0]}")


def _close(given: str, wanted: list[str]) -> bool:
    numbers = {
        "xsd:double",
        "xsd:decimal",
        "xsd:float",
        "xsd:integer",
        "xsd:int",
        "xsd:positiveInteger",
        "xsd:nonNegativeInteger",
    }
    return given in numbers and any(w in numbers for w in wanted)


def _fits(value: Any, kind: str) -> bool:
    if kind == "xsd:boolean":
        return isinstance(value, bool) or value in ("true", "false")
    if kind in ("xsd:double", "xsd:decimal", "xsd:float"):
        return (isinstance(value, int | float) and not isinstance(value, bool)) or _number(value)
    if kind in ("xsd:integer", "xsd:int"):
        return (isinstance(value, int) and not isinstance(value, bool)) or (
            isinstance(value, str) and re.fullmatch(r"[+-]?\d+", value) is not None
        )
    if kind in ("xsd:positiveInteger", "xsd:nonNegativeInteger"):
        low = 1 if kind == "xsd:positiveInteger" else 0
        return (
            isinstance(value, int | str)
            and not isinstance(value, bool)
            and str(value).isdigit()
            and int(value) >= low
        )
    if kind == "xsd:dateTime":
        return isinstance(value, str) and _DATES.fullmatch(value) is not None
    return isinstance(value, str)


def _number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return isinstance(value, str)
