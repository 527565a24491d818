"""How floors whose people act under many roles tell the log what was decided: as the hub, in the transaction of the decision.

    telling.tell(connection, [Decision(...)])

Shipping, whose transactions are the operator's or the owner's own, calls `recording.record` itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from sqlalchemy import Connection

from qafila.openness import openness_recording
from qafila.openness.model import Decision, Recorded
from qafila.runtime.database.connection import as_the_house


def tell(connection: Connection, decisions: Sequence[Decision]) -> list[Recorded]:
    """Records decisions as the operator, whoever acts in the transaction; see `recording.record`."""
    with as_the_house(connection):
        return openness_recording.record(connection, decisions)


@cache
def tables(*names: str) -> str:
    """A hash of the tables that a decision follows, so that it is taken again only by those.

    Args:
        names: packages (every CSV file in them and below), or single files as `package:file`.
    """
    total = hashlib.sha256()
    for name in sorted(names):
        package, _, file = name.partition(":")
        pending = [files(package)]
        while pending:
            for one in sorted(pending.pop().iterdir(), key=lambda path: path.name):
                if one.is_dir() and not file:
                    pending.append(one)
                elif one.name == file or (not file and one.name.endswith(".csv")):
                    total.update(one.name.encode() + b"\0" + one.read_bytes())
    return total.hexdigest()[:16]
