"""One simulated history, and what was learned from it once for all tests of arrival times."""

from __future__ import annotations

import pytest

from qafila.eta.eta_messages import SIMULATED
from qafila.eta.learning import Learned, learn
from qafila.eta.simulating import Late, simulated
from qafila.eta.table import Rows
from qafila.network.timetable import Mode

LATE = {mode: Late(0.2, 90, 24) for mode in Mode}
SOURCE = SIMULATED(seed=3, parcels=6000, weeks=20)


@pytest.fixture(scope="session")
def history() -> Rows:
    return simulated(LATE, 6000, 20, 4, seed=3)


@pytest.fixture(scope="session")
def learned(history: Rows) -> Learned:
    return learn(history, SOURCE)
