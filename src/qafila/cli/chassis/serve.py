"""`qafila serve`: the pages and the API on one address."""

from __future__ import annotations

import gc
import os
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fastapi import FastAPI


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (QAFILA_HOST).")] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port; the next free one is taken if it is busy (QAFILA_PORT)."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that answer; as many as there are cores serve most.")
    ] = 1,
) -> None:
    """Serve the portal and the HTTP API, and print the address."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from qafila.context import of_this_home
    from qafila.core.terminal import Terminal
    from qafila.openness.sequencing import Sequencer
    from qafila.runtime import calculating
    from qafila.runtime.accounts.sessions import first_link
    from qafila.runtime.jobs.keeper import Keeper
    from qafila.runtime.settings import settings
    from qafila.runtime.telemetry import start_logging
    from qafila.web.chassis.connections import BoundedProtocol
    from qafila.web.network.atlas import atlas
    from qafila.web.portal import create_app
    from qafila.web.shipping import quote_form as counter

    start_logging()
    console = Terminal(markup=True)
    host = host or settings().host
    listener = listen(host, port or settings().port)
    with console.status("Starting the database and loading the network …"):
        _share_connections(workers)
        here = of_this_home()
        atlas(here)
        app = create_app()
    calculating.serve()
    threading.Thread(target=_warm, args=(partial(counter.warm, here),), name="warm", daemon=True).start()
    Sequencer(here.clock).start()  # any number of servers may: one of them publishes the log at a time
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}"
    console.print(f"[bold]qafila[/bold] is served at [link]{address}/[/link]")
    if token := first_link(datetime.now(UTC)):
        console.print(
            f"This link signs you in, once: {address}/enter/{token}", soft_wrap=True, highlight=False
        )
        console.print("Another one: qafila account link", style="dim")
    console.print("Stop it with Ctrl-C.", style="dim")
    config = uvicorn.Config(
        "qafila.cli.chassis.serve:one_of_several" if workers > 1 else app,
        factory=workers > 1,
        workers=workers,
        http=BoundedProtocol,
        ws="none",
        timeout_worker_healthcheck=60,
        log_level="warning",
        access_log=False,
        # a client that pauses for a few seconds must not find its connection closed under its next request
        timeout_keep_alive=75,
        # whose address counts where a proxy of ours stands in front
        proxy_headers=bool(settings().proxies),
        forwarded_allow_ips=settings().proxies or "",
    )
    server = uvicorn.Server(config)
    keeper = Keeper()
    keeper.start()
    try:
        if workers > 1:
            Multiprocess(config, [listener]).run()
        else:
            server.run(sockets=[listener])
    finally:
        keeper.close()


def _share_connections(workers: int) -> None:
    """Gives each process as many connections to the database as fit. Raises Fault where too few do."""
    from qafila.runtime.database import engine
    from qafila.runtime.database.pools import Pools, share
    from qafila.runtime.settings import settings

    with engine().connect() as connection:
        each = share(connection, workers, ours=1)  # this one: nothing else has asked yet
    if workers > 1 and each < Pools().most and settings().connections is None:
        os.environ["QAFILA_CONNECTIONS"] = str(each)  # for the processes that are started


def one_of_several() -> FastAPI:
    """The application of one of several processes, with what its first requests would wait for."""
    from qafila.context import of_this_home
    from qafila.runtime import calculating
    from qafila.runtime.database import engine
    from qafila.runtime.telemetry import start_logging
    from qafila.web.network.atlas import atlas
    from qafila.web.portal import create_app
    from qafila.web.shipping import quote_form

    start_logging()
    engine()
    here = of_this_home()
    atlas(here)
    calculating.serve()
    threading.Thread(target=_warm, args=(partial(quote_form.warm, here),), name="warm", daemon=True).start()
    return create_app()


def _warm(market: Callable[[], None]) -> None:
    """What first requests would wait for; then what stays for good is looked through for garbage no more.

    The network and the rules are a million objects, which would be gone through some times a second under load.
    """
    from qafila.storage.readiness import ready

    market()
    ready()
    gc.collect()
    gc.freeze()


def listen(host: str, port: int, tries: int = 50) -> socket.socket:
    """A listening socket on `port`, or on the next free one after it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + tries, 65536)):
        # named as TCP, so that asyncio sets TCP_NODELAY: without it a small answer waits 40 ms
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(1024)
        except OSError as error:
            listener.close()
            if error.errno not in (98, 48, 13):  # in use (Linux, macOS), not permitted
                raise
            continue
        listener.set_inheritable(True)
        return listener
    raise OSError(f"no free port among {port} to {port + tries - 1} on {host}; choose one with --port")
