"""The tools over stdio on the small network, for a client in another process: `python -m tests.mcp.small_server`."""

from __future__ import annotations

import os

from qafila.api.app import create_app
from qafila.context import Context
from qafila.mcp.mcp_hub import Hub
from qafila.mcp.tools import server
from tests.api.conftest import MONDAY, NETWORK, RULES

if __name__ == "__main__":
    here = Context(NETWORK, RULES, clock=lambda: MONDAY)
    server(Hub(create_app(lambda: here)), os.environ.get("QAFILA_KEY", "")).run("stdio")
