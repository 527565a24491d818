"""No circle of imports: neither of modules, nor of packages that lie side by side."""

from __future__ import annotations

from collections.abc import Iterator

import grimp
import networkx
import pytest

KNOWN = {
    # a message's written form is asked for by pydantic alone, when a document is made: two files of one thing
    ("qafila.core.message", "qafila.core.message_json"),
    # the list of floors names all of them; shipping asks it for the rights that keys of merchants may have
    ("qafila.shipping", "qafila.floors"),
    # accounts give rights to what floors declare, and are a floor themselves (`accounts/floor.py`, with its tiles)
    ("qafila.runtime.accounts", "qafila.runtime.floor"),
    ("qafila.runtime.accounts", "qafila.runtime.first_screen"),
}
"""Imports that would close a circle, each with its reason."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """What imports what while the house runs; what only a type checker reads is left out."""
    return grimp.build_graph("qafila", exclude_type_checking_imports=True, cache_dir=None)


def _circles(edges: Iterator[tuple[str, str]]) -> list[list[str]]:
    made = networkx.DiGraph(edge for edge in edges if edge not in KNOWN)
    return [sorted(one) for one in networkx.strongly_connected_components(made) if len(one) > 1]


def test_no_modules_import_each_other(graph: grimp.ImportGraph) -> None:
    edges = (
        (module, other)
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
    )
    assert _circles(edges) == []


def test_no_packages_side_by_side_import_each_other(graph: grimp.ImportGraph) -> None:
    found = {}
    for package in sorted(graph.modules):
        beside = graph.find_children(package)
        edges = (
            (one, other)
            for one in beside
            for other in beside
            if one != other and graph.direct_import_exists(importer=one, imported=other, as_packages=True)
        )
        if circles := _circles(edges):
            found[package] = circles
    assert found == {}


def test_a_planted_circle_is_found(graph: grimp.ImportGraph) -> None:
    assert _circles(iter([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")])) == [["a", "b", "c"]]
    assert {("qafila.core.fault", "qafila.core.message")} <= {
        ("qafila.core.fault", other) for other in graph.find_modules_directly_imported_by("qafila.core.fault")
    }
