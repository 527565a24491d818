"""All processes together open no more connections than the server gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from qafila.core.fault import Fault
from qafila.runtime.database import pools as module
from qafila.runtime.database.connection import Role, engine
from qafila.runtime.database.pools import LEAST, Pools, pools, share


def test_there_are_readers_of_each_role() -> None:
    assert len(Role) == module._ROLES


@given(st.integers(LEAST, 200))
def test_pools_fit_into_what_is_allowed(allowed: int) -> None:
    found = pools(allowed)
    assert found.most <= allowed
    assert found.kept == Pools().kept
    assert found.of_a_role >= 1
    assert pools(allowed + 1).most >= found.most


def test_enough_is_as_good_as_unlimited() -> None:
    assert pools(None) == pools(10_000) == pools(Pools().most) == Pools()


def test_each_process_gets_its_share_and_too_many_are_refused_with_the_number_that_fits() -> None:
    with engine().connect() as connection:
        most = int(connection.execute(text("SHOW max_connections")).scalar_one())
        alone = share(connection, 1, 0)
        assert LEAST <= alone < most
        assert share(connection, 1, 5) <= alone + 5
        with pytest.raises(Fault) as told:
            share(connection, most, 0)
        fewer = (alone // LEAST) if alone // LEAST else 0
        assert f"--workers {fewer}" in str(told.value.remedy)
        assert share(connection, fewer, 0) >= LEAST
        with pytest.raises(Fault):
            share(connection, fewer + 1, 0)
