"""A model as a document says what the model itself says, the same wherever it is read; offers take their promise from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import orjson
import pytest

from qafila.context import Context
from qafila.eta import foretelling
from qafila.eta.foretelling import Foretold, Way, document
from qafila.eta.learning import Coverage, Learned
from qafila.eta.table import WHOLE, Rows
from qafila.network import arrivals
from qafila.network.timetable import Mode
from qafila.openness import replaying, sequencing
from qafila.runtime.database import Role, acting_as, administrator
from qafila.shipping import merchants
from qafila.shipping.files.pipeline import Options, ship_file
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.openness.logs import fresh_log
from tests.openness.test_replaying import HEADER

NAMES = ["MA", "EU", "GB", "CN"]


@pytest.fixture(scope="module")
def written(learned: Learned) -> bytes:
    return document(learned, NAMES, Coverage(-1, -1, 800, 640))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(arrivals, "_home", lambda: tmp_path / "arrivals")
    foretelling.installed.cache_clear()
    yield tmp_path
    foretelling.installed.cache_clear()


def test_the_document_says_what_the_model_says(history: Rows, learned: Learned, written: bytes) -> None:
    rows = history
    read = Foretold("x", orjson.loads(written))
    whole = rows.where(rows.kind == WHOLE).where(np.arange(int((rows.kind == WHOLE).sum())) < 200)
    ways = [
        Way(NAMES[b], NAMES[e], w, h, m, r, s)
        for b, e, w, h, m, r, s in zip(*(c.tolist() for c in whole[1:8]), strict=True)
    ]
    read.see(ways)
    for minutes in (-60.0, 0.0, 45.0, 600.0):
        said = [read.within(way, minutes) for way in ways]
        asked = learned.by(whole, np.full(len(ways), minutes))
        assert (
            np.abs(np.array(said) - asked).max() < 0.011
        )  # the library counts itself in: one part in a hundred
    assert read.within(ways[0], 1e9) < 1
    unseen = replace(ways[0], ends="XX", begins="YY")
    assert 0 <= read.within(unseen, 60) < 1


def test_more_time_never_makes_a_promise_less_sure(written: bytes) -> None:
    read = Foretold("x", orjson.loads(written))
    way = Way("MA", "EU", 2, 9, 3000.0, 4, 200.0)
    said = [read.within(way, minutes) for minutes in range(-600, 6000, 60)]
    assert said == sorted(said)
    assert said[0] < 0.5 < said[-1]


def test_a_way_is_read_from_its_rides() -> None:
    start = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)  # a Tuesday
    hour = timedelta(hours=1)
    way = Way.of([(start, start + 2 * hour), (start + 3 * hour, start + 8 * hour)], "MA", "EU")
    assert way == Way("MA", "EU", 1, 9, 480.0, 2, 60.0)


def test_a_model_is_kept_by_its_content(here: Path, written: bytes) -> None:
    assert arrivals.current() == arrivals.BY_RULE
    id = arrivals.install(written)
    assert arrivals.current() == id == arrivals.install(written)
    assert arrivals.read(id) == written
    arrivals.forget()
    assert arrivals.current() == arrivals.BY_RULE
    assert foretelling.installed(id) is not None
    with pytest.raises(OSError, match=r"\.\./x"):
        arrivals.read("../x")


def test_offers_say_what_they_learned_from_and_an_audit_takes_them_again(
    here: Path, written: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = arrivals.install(written)
    with fresh_log(tmp_path, monkeypatch):
        with administrator() as connection:
            merchant = merchants.create(connection, "Souk").id
        path = tmp_path / "orders.csv"
        row = "s1,,,,,WH,STA,ceramic bowl,691110,1,9,EUR,0.4"
        path.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
        asked = Context(NETWORK, RULES, merchant, arrivals=id).at(MONDAY)
        summary = ship_file(asked, path, tmp_path / "out", Options(documents=False, workers=1))
        assert summary.parcels == 1
        sequencing.integrate(MONDAY)
        ruled = Context(NETWORK, RULES, merchant).at(MONDAY)  # the home goes by rule by now
        with acting_as(Role.REGULATOR) as connection:
            done = replaying.replay(connection, ruled)
        assert (done.same, done.differences, done.elsewhere) == (1, [], 0)
        (here / "arrivals" / f"{id}.json.z").unlink()
        foretelling.installed.cache_clear()
        with acting_as(Role.REGULATOR) as connection:
            assert replaying.replay(connection, ruled).elsewhere == 1


def test_a_mode_is_no_whole_way() -> None:
    assert WHOLE not in {mode.value for mode in Mode}
