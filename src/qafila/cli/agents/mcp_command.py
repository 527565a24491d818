"""`qafila mcp`: the tools for agents, over stdio or HTTP."""

from __future__ import annotations

import os
import signal
from typing import Annotated

import typer


def mcp(
    hub: Annotated[
        str | None,
        typer.Option(
            help="Address of a hub elsewhere, as https://hub.example; without it the tools ask the hub of this machine."
        ),
    ] = None,
    http: Annotated[
        bool,
        typer.Option(
            "--http", help="Serve streamable HTTP at /mcp instead of stdio; each request brings its own key."
        ),
    ] = False,
    host: Annotated[str, typer.Option(help="Address to listen on, with --http.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port, with --http; the next free one if it is busy.")
    ] = 8450,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            help="Name under which the server may be asked, as hub.example:443, with --http. Repeatable."
        ),
    ] = None,
    language: Annotated[str, typer.Option(help="Language of what is refused: en, fr, ar, zh.")] = "en",
) -> None:
    """Let agents quote, route, compute duty, classify, track, and book after a person said yes (Model Context Protocol).

    Over stdio the key is the environment's QAFILA_KEY, so that no list of processes shows it; without one, only what
    needs no key works. The tools ask the HTTP API: a key opens to an agent just what it opens to a program.
    """
    from qafila.api.app import create_app
    from qafila.mcp.mcp_hub import Hub
    from qafila.mcp.tools import server

    if hub is not None and not hub.startswith(("https://", "http://")):
        raise typer.BadParameter("write it with https:// in front", param_hint="--hub")
    asked = Hub(hub if hub is not None else create_app(), language)
    if not http:
        server(asked, os.environ.get("QAFILA_KEY", "").strip()).run("stdio")
        signal.signal(
            signal.SIGTERM, signal.SIG_IGN
        )  # the client has gone and is impatient; the database ends in order
        return
    serve_http(asked, host, port, allow or [])


def serve_http(hub: object, host: str, port: int, allowed: list[str]) -> None:
    """Serves until stopped. Names that are not this machine's own are answered only where they are allowed."""
    import uvicorn
    from mcp.server.transport_security import TransportSecuritySettings

    from qafila.cli.chassis.serve import listen
    from qafila.mcp.mcp_hub import Hub
    from qafila.mcp.tools import server
    from qafila.runtime.database import engine
    from qafila.runtime.settings import settings
    from qafila.web.chassis.limiting import LimitMiddleware

    assert isinstance(hub, Hub)
    listener = listen(host, port)
    bound = listener.getsockname()[1]
    names = [f"127.0.0.1:{bound}", f"localhost:{bound}", f"[::1]:{bound}", *allowed]
    app = server(hub).streamable_http_app(
        json_response=True,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=names,
            allowed_origins=[f"{s}://{n}" for n in names for s in ("http", "https")],
        ),
    )
    if settings().limits:
        app.add_middleware(LimitMiddleware, connect=None if hub.elsewhere else lambda: engine().connect())
    typer.echo(f"Tools for agents at http://{host}:{bound}/mcp. Stop it with Ctrl-C.", err=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])
