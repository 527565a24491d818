"""The adapters that come with the house; one that is installed beside it registers itself under `qafila.carriers`."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from qafila.carriers.adapter import ADAPTERS, Adapter, Line
from qafila.carriers.by_files import ByFiles
from qafila.carriers.over_http import OverHttp

ADAPTERS |= {"http": OverHttp, "files": ByFiles}


@cache
def names() -> tuple[str, ...]:
    """The names of all adapters, those of other packages too (entry points of the group `qafila.carriers`)."""
    for found in entry_points(group="qafila.carriers"):
        if found.name not in ADAPTERS:
            ADAPTERS[found.name] = found.load()
    return tuple(sorted(ADAPTERS))


def reach(name: str, line: Line) -> Adapter:
    """A line to a carrier's system. Raises KeyError where there is no such adapter."""
    names()
    return ADAPTERS[name](line)
