"""Acts with money are done once by their key, and answered alike however often and however late they are sent again.

Entries have keys of their own; but an act is more than its entry. A count that was sent again after the driver had counted anew
would be taken for the second count, and a theft of half a bag, told twice, for the theft of both halves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from qafila.ledger import posting
from qafila.ledger.cash.model import Act
from qafila.runtime.answered import acts
from qafila.runtime.answered.keys import KeyReused
from qafila.runtime.database import Role


def once(
    act: Act,
    kind: str,
    asked: Mapping[str, Any],
    do: Callable[[Connection], Any],
    role: Role = Role.OPERATOR,
    tenant: str = "",
) -> Any:
    """Does an act in a transaction of its own, and notes its answer in it.

    Args:
        act: its key, who acts, and when.
        kind: what it is: `receive`, `deposit` …
        asked: what JSON can hold of the request.
        do: does it and returns what JSON can hold; it may be called several times, each in a new transaction.
        role, tenant: as whom it acts.

    Raises KeyReused where the key stands for another request.
    """
    by = acts.Actor(act.by.tenant, act.by.name)
    noted = acts.Act(f"money|{act.key}", by, act.at)
    try:
        return posting.transact(lambda c: acts.noted(c, noted, f"money-{kind}", asked, do), role, tenant)
    except KeyReused as reused:  # named as whoever sent it knows it
        raise KeyReused(act.key.removeprefix(f"{act.by.tenant}:")) from reused
