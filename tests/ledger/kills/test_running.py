"""Servers and workers are killed in the middle of acts with money; each act is sent again; every cent is where it belongs."""

from __future__ import annotations

import pytest

from tests.ledger.kills.running import run
from tests.ledger.kills.sums import entries_before, wrong


@pytest.mark.timeout(900)  # every killed server begins again, which a busy machine is slow at
def test_killed_in_the_middle_of_acts_and_sent_again_every_cent_is_where_it_belongs() -> None:
    before = entries_before()
    told = run(seed=1, doors=6, refunds=1)
    assert wrong(told, before) == []
    assert told.kills > 1
    assert told.again > 0
