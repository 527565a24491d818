"""The pages of one home, asked over ASGI, and for the browser served on a port of this machine."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

from qafila.api.storage import going_out
from qafila.cli.chassis.serve import listen
from qafila.context import of_this_home
from qafila.runtime.accounts.sessions import first_link
from qafila.web.chassis import assets
from qafila.web.shipping import quote_form
from qafila.web.storage import storage_pages
from tests.applications import portal_of_home
from tests.web.browser import CHROMIUM, browser


@pytest.fixture(scope="session", autouse=True)
def _tours_are_waited_for() -> Iterator[None]:
    """In a fresh clone their machine code is made first, which takes longer than a page waits."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(going_out, "_PATIENCE_SECONDS", None)
        changed.setattr(storage_pages, "_PATIENCE_SECONDS", None)
        yield


@pytest.fixture(scope="session")
def app() -> FastAPI:
    """The application; skips where its front end is not built."""
    if not (assets.BUILT / "manifest.json").exists():
        pytest.skip("the front end is not built: python src/qafila/web/frontend/build.py")
    return portal_of_home()


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """The operator of this machine, signed in by a link of its command line."""
    made = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000), follow_redirects=False)
    assert made.get(f"/enter/{first_link(datetime.now(UTC), anyway=True)}").status_code == 303
    return made


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    """Somebody elsewhere."""
    return TestClient(
        app, base_url="https://portal.test", client=("203.0.113.9", 50000), follow_redirects=False
    )


@pytest.fixture(scope="session")
def address(app: FastAPI) -> Iterator[str]:
    """The application on a port; skips where there is no browser to look at it."""
    if CHROMIUM is None or shutil.which(CHROMIUM) is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    socket = listen("127.0.0.1", 18400)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    quote_form.warm(
        of_this_home()
    )  # kernels are compiled once; no page is to wait for that longer than a browser does
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def chromium(address: str) -> Iterator[Browser]:
    """One browser for all."""
    with browser() as launched:
        yield launched


@pytest.fixture
def phone(chromium: Browser, address: str) -> Iterator[Page]:
    """A handheld scanner."""
    context = chromium.new_context(base_url=address, viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.goto(f"/enter/{first_link(datetime.now(UTC), anyway=True)}")
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert broken == []
