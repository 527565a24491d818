"""Server and worker processes that can be killed by the dozen: `python -m tests.ledger.kills.serving PORT STATION`.

The API is imported and built once; each server is a fork of that, on one listening socket, so that a new one answers in a tenth
of a second. It is told on standard input what to begin (`server`, `worker`) and answers with the number of the process.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI

import qafila.cli.chassis.work
import qafila.context
from qafila.api.app import create_app
from qafila.cli.chassis.serve import listen
from qafila.context import Context, Rules
from qafila.core.money import exchange_rates
from qafila.customs.rulebook import rulebook
from tests.delivery.stations import network_with

LATER = datetime(2027, 4, 5, 9, tzinfo=UTC)
"""The clock of the servers: after all that the set-up did."""


def main() -> None:
    """Begins processes until standard input ends."""
    network, _ = network_with(sys.argv[2])
    context = Context(network, Rules(rulebook(), exchange_rates()), "", lambda: LATER)
    qafila.context.of_this_home = lambda *_: (
        context
    )  # of the worker's jobs, too: the large network takes seconds to load
    app = FastAPI()
    app.mount("/api/v1", create_app(lambda: context))
    app.openapi()
    listener = listen("127.0.0.1", int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    print(listener.getsockname()[1], flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child:
            print(child, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the nursery alone says anything there
        if line.strip() == "worker":
            qafila.cli.chassis.work.work(light=2, parent=0)
        else:
            config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")
            uvicorn.Server(config).run(sockets=[listener])
        os._exit(0)


if __name__ == "__main__":
    main()
