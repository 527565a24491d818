"""How many connections to PostgreSQL a process keeps, so that all processes together fit into what the server allows.

A server that has no connection left refuses the next with an error in the middle of somebody's request. So `qafila serve`
looks at its start: each process gets its share, its pools become smaller where that is little, and it says what does not fit.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from qafila.core.fault import Fault
from qafila.runtime.database import database_messages as m

_ROLES = 7
"""Roles of which a process may keep readers (`database_standing`); a test holds it to `Role`."""

_BESIDE = 6
"""Connections of the process that starts the others: the keeper of jobs, the log, a look now and then."""

_KEPT, _MORE, _READERS = 10, 10, 3


@dataclass(frozen=True, slots=True)
class Pools:
    """The connections of one process.

    Attributes:
        kept: open all the time once they were used.
        more: opened for a moment, where all of those are in use.
        of_a_role: readers of each role.
    """

    kept: int = _KEPT
    more: int = _MORE
    of_a_role: int = _READERS

    @property
    def most(self) -> int:
        """What the process opens at most."""
        return self.kept + self.more + _ROLES * self.of_a_role


LEAST = Pools(_KEPT, 0, 1).most
"""With fewer, requests that begin a second transaction would wait for one another."""


def pools(allowed: int | None = None) -> Pools:
    """The pools of a process that may open so many connections; None: as many as are of use."""
    if allowed is None or allowed >= Pools().most:
        return Pools()
    readers = max(n for n in range(1, _READERS + 1) if n == 1 or _KEPT + 5 + _ROLES * n <= allowed)
    left = max(allowed - _ROLES * readers, _KEPT)
    return Pools(_KEPT, min(left - _KEPT, _MORE), readers)


_ALLOWED = text(
    """
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true), '0')::int,
        (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
    """
)


def share(connection: Connection, processes: int, ours: int) -> int:
    """The connections that each of some processes may open beside those of others.

    Args:
        connection: any.
        processes: how many are about to start.
        ours: connections that this process has open, which are not others'.

    Raises:
        Fault: there are too few.
    """
    most, used = connection.execute(_ALLOWED).one()
    others = max(used - ours, 0)
    each = int((most - others - _BESIDE) // processes)
    if each >= LEAST:
        return each
    fewer = max((most - others - _BESIDE) // LEAST, 0)
    wanted = others + _BESIDE + processes * Pools().most + 3
    told = m.TOO_FEW(most=most, others=others, processes=processes, least=LEAST * processes + _BESIDE)
    remedy = m.FEWER_WORKERS(wanted=wanted, fewer=fewer) if fewer else m.MORE_CONNECTIONS(wanted=wanted)
    raise Fault(told, remedy, field="workers", value=str(processes))
