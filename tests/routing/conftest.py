"""The reference network, compiled once for the tests of this folder."""

from __future__ import annotations

from datetime import date

import pytest

from qafila.network.timetable import Timetable


@pytest.fixture(scope="session")
def reference_week() -> Timetable:
    """Nine days of the reference network."""
    from qafila.network import installed

    installed.install_reference()
    return installed.timetable(date(2026, 11, 23), days=9)
