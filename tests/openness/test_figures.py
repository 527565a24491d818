"""The regulator's figures over a log of which everything is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qafila.context import Context
from qafila.openness import store
from qafila.openness.figures import figures
from qafila.runtime.database import Role, acting_as, administrator
from qafila.shipping import counter, merchants
from qafila.shipping.counter import Quote
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.openness.logs import fresh_log
from tests.openness.test_favouritism import ask


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    with fresh_log(tmp_path, monkeypatch):
        yield Context(NETWORK, RULES).at(MONDAY)


def test_they_count_what_the_log_says(here: Context) -> None:
    with administrator() as connection:
        tenants = {name: merchants.create(connection, name).id for name in ("Atlas", "Rif")}
    for name, count in (("Atlas", 3), ("Rif", 1)):
        for n in range(count):
            quote = ask(here, tenants, name, id=f"{name}-{n}")
            assert isinstance(quote, Quote)
            counter.book(here.of(tenants[name]), quote.offers[0].id)
    with acting_as(Role.REGULATOR) as connection:
        told = figures(connection, "MA")
    assert told.entries == {"shipping.offers": 4, "shipping.booking": 4}
    assert told.hhi_volume == pytest.approx(75**2 + 25**2)
    assert told.hhi_capacity == pytest.approx(75**2 + 25**2)
    assert (told.own_share, told.exports, told.imports, told.erased) == (0.0, 4, 0, 0)
    assert told.price_dispersion == 0.0
    assert not any(one.biased for one in told.preference)
    with administrator() as connection:
        store.erase(connection, ["Rif-0"], MONDAY, personal_only=True)
    with acting_as(Role.REGULATOR) as connection:
        assert figures(connection, "MA").erased == 1
