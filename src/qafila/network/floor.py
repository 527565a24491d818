"""What the network declares to the house: its import and its export as jobs."""

from __future__ import annotations

from typing import Any

from qafila.runtime.floor import Floor
from qafila.runtime.jobs.jobs_types import Job, Running


def _install(running: Running) -> Any:
    from qafila.network import handling  # the checks of a feed, for who installs one

    return handling.install(running)


def _write_out(running: Running) -> Any:
    from qafila.network import handling

    return handling.write_out(running)


INSTALL = Job(name="network.install", run=_install, heavy=True)
WRITE_OUT = Job(name="network.write_out", run=_write_out)

FLOOR = Floor(name="network", jobs=(INSTALL, WRITE_OUT))
