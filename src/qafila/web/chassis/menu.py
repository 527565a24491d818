"""The main menu: what a person's roles work with stands in it; what else he may open is one step away, under More."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias

Entry: TypeAlias = tuple[str, str]
"""Address and name."""

SHOWN = 7
"""Entries that fit beside the language at 1440 pixels in each language."""

_WORK: dict[str, tuple[str, ...]] = {
    "administrator": ("/ship", "/shipments", "/money"),
    "clerk": ("/ship", "/shipments", "/duty", "/money"),
    "dispatcher": ("/shipments", "/sorting", "/rounds", "/hauled", "/air", "/storage"),
    "picker": ("/storage", "/sorting"),
    "driver": ("/rounds", "/hauled", "/money"),
    "broker": ("/desk", "/duty"),
    "compliance": ("/desk",),
    "planner": ("/plan", "/network", "/sorting", "/air"),
    "accountant": ("/money", "/shipments"),
    "officer": ("/t", "/desk"),
    "regulator": ("/oversight", "/network"),
}
"""The pages of each role, the first first."""


def split(
    entries: Sequence[Entry], path: str, roles: Collection[str] = ()
) -> tuple[list[Entry], list[Entry]]:
    """The menu and what is under More, each in the order given.

    Args:
        entries: what this visitor may open, `/today` among them where he is signed in.
        path: the page that he is on: its entry always stands in the menu.
        roles: what he is.
    """
    if len(entries) <= SHOWN + 1:  # More with one entry in it would be one step more for nothing
        return list(entries), []
    known = [address for address, _ in entries]
    here = [a for a in known if path == a or path.startswith(f"{a}/")]
    turns = [_WORK[role] for role in sorted(roles) if role in _WORK]
    depth = max((len(t) for t in turns), default=0)
    work = [t[n] for n in range(depth) for t in turns if n < len(t)]  # of several roles each has its first
    wanted = dict.fromkeys(a for a in ("/today", *here, *work, *known) if a in known)
    chosen = set(list(wanted)[:SHOWN])
    return [e for e in entries if e[0] in chosen], [e for e in entries if e[0] not in chosen]
