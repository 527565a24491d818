"""The sample fills every page, adds up, and is set up once."""

from __future__ import annotations

from datetime import timedelta

from qafila.runtime.database import administrator
from qafila.storage import shelving, storage_sample, storage_watching
from tests.storage.houses import NOW, name, owner


def test_the_sample_has_work_in_every_state_and_a_second_run_adds_nothing() -> None:
    merchant, facility = owner(), name("WH-XX-SAMPLE-")
    first = storage_sample.set_up(merchant, NOW, [facility])
    with administrator() as connection:
        seen = storage_watching.overview(connection, facility, NOW)
        assert shelving.audit(connection) == []
    assert first == {facility: 25}
    assert set(seen["orders"]) == {
        "waiting",
        "reserved",
        "released",
        "picking",
        "picked",
        "packed",
        "handed_over",
    }
    assert sum(s["orders"] for s in seen["orders"].values()) == 25
    assert seen["tours"]
    assert seen["advices"]
    assert seen["waits_for"][0]["sku"] == "RUG-BENI"
    assert seen["lines_by_hour"]
    storage_sample.set_up(merchant, NOW + timedelta(days=400), [facility])  # also a year later
    with administrator() as connection:
        assert storage_watching.overview(connection, facility, NOW)["orders"] == seen["orders"]
