"""JSON-LD as N-Triples (which is Turtle, too), by the names of its own context: for readers that want RDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import orjson

from qafila.cargo.vocabulary import XSD, Names

_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def triples(document: Mapping[str, Any]) -> Iterator[str]:
    """One line for each triple. Nodes without an address get blank ones; keys that are no names are left out."""
    names, blank = Names(document.get("@context")), count(1)

    def subject(node: Mapping[str, Any]) -> str:
        id = node.get("@id")
        return f"<{names.iri(id.strip())}>" if isinstance(id, str) else f"_:b{next(blank)}"

    def walk(node: Mapping[str, Any], me: str) -> Iterator[str]:
        types = node.get("@type", [])
        for one in types if isinstance(types, list) else [types]:
            yield f"{me} {_TYPE} <{names.iri(one)}> ."
        for key, value in node.items():
            name = names.iri(key)
            if key.startswith("@") or "://" not in name:
                continue
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, Mapping) and "@value" not in one:
                    other = subject(one)
                    yield f"{me} <{name}> {other} ."
                    yield from walk(one, other)
                else:
                    yield f"{me} <{name}> {_literal(one, names)} ."

    yield from walk(document, subject(document))


def _literal(value: Any, names: Names) -> str:
    if isinstance(value, Mapping):
        said = orjson.dumps(str(value["@value"])).decode()
        kind = value.get("@type")
        return f"{said}^^<{names.iri(str(kind))}>" if kind else said
    if isinstance(value, bool):
        return f'"{str(value).lower()}"^^<{XSD}boolean>'
    if isinstance(value, int):
        return f'"{value}"^^<{XSD}integer>'
    if isinstance(value, float):
        return f'"{value}"^^<{XSD}double>'
    return orjson.dumps(str(value)).decode()
