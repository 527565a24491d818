"""The regulator's figures over a log of which everything is known, computed twice."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import qafila.floors  # noqa: F401  # lists every kind of decision
from qafila.context import Context
from qafila.core.fault import Fault
from qafila.openness import openness_recording, stating, store, suspending
from qafila.openness.complaints import service as complaints
from qafila.openness.regulation import (
    paper,
    recomputing,
    registering,
    regulation_asking,
    regulation_messages,
    regulation_telling,
)
from qafila.openness.regulation.regulation_figures import FIGURES
from qafila.runtime.database import Role, acting_as, administrator
from qafila.runtime.events.envelope import Reporter, Source
from qafila.runtime.language import LANGUAGES
from qafila.shipping import counter, merchants
from qafila.shipping.counter import Quote
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.openness.logs import fresh_log
from tests.openness.test_favouritism import ask

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    with fresh_log(tmp_path, monkeypatch) as folder:
        monkeypatch.setattr(regulation_asking.sequencing, "folder", lambda: folder)
        yield Context(NETWORK, RULES).at(MONDAY)


def booked(here: Context, counts: dict[str, int]) -> dict[str, str]:
    with administrator() as connection:
        tenants = {name: merchants.create(connection, name).id for name in counts}
    for name, count in counts.items():
        for n in range(count):
            quote = ask(here, tenants, name, id=f"{name}-{n}")
            assert isinstance(quote, Quote)
            counter.book(here.of(tenants[name]), quote.offers[0].id)
    return tenants


def rows(made: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return next(one["rows"] for one in made["report"]["figures"] if one["name"] == name)


def test_they_count_what_the_log_says_and_come_out_the_same_from_the_published_files(here: Context) -> None:
    booked(here, {"Atlas": 3, "Rif": 1})
    made = regulation_asking.made(here, SINCE, UNTIL)
    assert [one["name"] for one in made["report"]["figures"] if not one["equal"]] == []
    assert rows(made, "hhi_volume")[0]["hhi"] == pytest.approx(75**2 + 25**2)
    assert rows(made, "hhi_capacity")[0]["hhi"] == pytest.approx(75**2 + 25**2)
    assert rows(made, "own_share") == [{"share": 0.0}]
    assert rows(made, "price_dispersion")[0]["dispersion"] == pytest.approx(0)
    assert rows(made, "trade") == [{"direction": "export", "bookings": 4}]
    kinds = {row["kind"]: row["entries"] for row in rows(made, "entries")}
    assert (kinds["shipping.offers"], kinds["shipping.booking"]) == (4, 4)
    places = rows(made, "congestion")
    assert places
    assert all(0 < row["percent"] < 100 for row in places)
    assert made["report"]["openings"]["broken"] == []
    assert not any(one["biased"] for one in made["report"]["comparisons"])


def test_what_is_erased_is_counted_and_the_rest_stays(here: Context) -> None:
    booked(here, {"Atlas": 2, "Rif": 1})
    before = regulation_asking.made(here, SINCE, UNTIL)
    with administrator() as connection:
        store.erase(connection, ["Rif-0"], MONDAY, personal_only=True)
    made = regulation_asking.made(here, SINCE, UNTIL)
    assert rows(made, "erased") == [{"entries": 1}]
    assert all(one["equal"] for one in made["report"]["figures"])
    assert rows(made, "price_dispersion") == rows(
        before, "price_dispersion"
    )  # what is alike is no secret of a person


def test_a_changed_value_is_told_and_figures_differ(here: Context) -> None:
    booked(here, {"Atlas": 2, "Rif": 1})
    regulation_asking.made(here, SINCE, UNTIL)
    with administrator() as connection:
        connection.execute(
            text(
                "UPDATE log_openings SET value = CAST(jsonb_set(CAST(value AS jsonb), '{grams}', '99999') AS text) "
                "WHERE field = 'room' AND tenant_id = (SELECT min(tenant_id) FROM log_openings WHERE field = 'room')"
            )
        )
    made = regulation_asking.made(here, SINCE, UNTIL)
    assert {field for _, field in made["report"]["openings"]["broken"]} == {"room"}
    assert "hhi_capacity" in {one["name"] for one in made["report"]["figures"] if not one["equal"]}


def test_an_owner_changed_in_the_database_is_told(here: Context) -> None:
    tenants = booked(here, {"Atlas": 2, "Rif": 2})
    regulation_asking.made(here, SINCE, UNTIL)
    with administrator() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("UPDATE log_entries SET tenant_id = :a WHERE tenant_id = :r AND kind = 'shipping.booking'"),
            {"a": tenants["Atlas"], "r": tenants["Rif"]},
        )
    made = regulation_asking.made(here, SINCE, UNTIL)
    assert rows(made, "hhi_volume")[0]["hhi"] == pytest.approx(10_000)
    again = next(one for one in made["report"]["figures"] if one["name"] == "hhi_volume")
    assert again["recomputed"][0]["hhi"] == pytest.approx(5_000)
    assert not again["equal"]


def test_published_files_that_are_not_what_was_signed_end_it(here: Context) -> None:
    booked(here, {"Atlas": 1})
    regulation_asking.made(here, SINCE, UNTIL)
    folder = regulation_asking.sequencing.folder()
    bundles = [path for path in (folder / "tile" / "entries").rglob("*") if path.is_file()]
    told = [path for path in bundles if b'"to":"FR"' in path.read_bytes()]
    assert told  # other tests have told the log, too: not every bundle has what is altered here
    for bundle in told:
        bundle.write_bytes(bundle.read_bytes().replace(b'"to":"FR"', b'"to":"ES"'))
    with pytest.raises(Fault, match="not what was signed"):
        regulation_asking.made(here, SINCE, UNTIL)


def test_the_copy_answers_by_the_documented_queries_alone(here: Context, tmp_path: Path) -> None:
    booked(here, {"Atlas": 3, "Rif": 1})
    made = regulation_asking.made(here, SINCE, UNTIL, tmp_path / "r" / "copy.sqlite")
    assert (tmp_path / "r" / "copy.sqlite").stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(tmp_path / "r" / "copy.sqlite") as database:
        for figure in made["report"]["figures"]:
            again = recomputing.rows(database, recomputing.queries()[figure["name"]])
            assert recomputing.equal(again, figure["rows"]), figure["name"]


def test_an_independent_program_comes_to_the_same_figures(here: Context, tmp_path: Path) -> None:
    """`regulator.py` has nothing of qafila: it reads the log's files, the copy and the documented queries."""
    tenants = booked(here, {"Atlas": 3, "Rif": 2})
    with administrator() as connection:
        store.erase(connection, ["Rif-0"], MONDAY, personal_only=True)
    with acting_as(Role.MERCHANT, tenants["Atlas"]) as connection:
        complaints.file(
            connection, tenants["Atlas"], "delay", "Late.", "", "Amina", MONDAY - timedelta(days=3)
        )
        stating.state_sales(connection, tenants["Atlas"], 2026, "1000.00", "EUR", MONDAY)
    copy, told = tmp_path / "copy.sqlite", tmp_path / "report.json"
    made = regulation_asking.made(here, SINCE, UNTIL, copy)
    told.write_text(json.dumps(made, default=str))
    queries = Path(recomputing.__file__).parent / "queries"
    program = Path(__file__).with_name("regulator.py")
    key, folder = str(openness_recording.keys().first), regulation_asking.sequencing.folder()

    def checked() -> tuple[int, str]:
        asked = [sys.executable, "-I", str(program), str(copy), str(folder), key, str(told), str(queries)]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    code, said = checked()
    assert code == 0, said
    assert said.count("equal") == 4 + len(FIGURES) + 6
    made["report"]["figures"][0]["rows"][0]["hhi"] += 1  # a figure that somebody made up
    told.write_text(json.dumps(made, default=str))
    code, said = checked()
    assert code == 1
    assert "query hhi_volume: DIFFERENT" in said
    assert "by hand hhi_volume: DIFFERENT" in said
    with sqlite3.connect(copy) as database:  # and a value that no entry committed to
        database.execute("UPDATE opened SET value = replace(value, 'Atlas', 'Rif') WHERE field = 'about'")
        database.execute(
            "UPDATE opened SET value = '{\"grams\": 1, \"departures\": []}' WHERE field = 'room'"
        )
    assert "values: DIFFERENT" in checked()[1]


def test_days_before_and_after_count_for_nothing(here: Context) -> None:
    booked(here, {"Atlas": 1})
    made = regulation_asking.made(here, SINCE.replace(year=2020), UNTIL.replace(year=2021))
    assert rows(made, "entries") == []
    assert rows(made, "hhi_volume") == [{"hhi": None}]
    assert all(one["equal"] for one in made["report"]["figures"])


@pytest.mark.parametrize("code", ["en", "fr", "ar", "zh"])
def test_it_is_told_in_every_language_and_set_as_a_paper(here: Context, code: str) -> None:
    tenants = booked(here, {"Atlas": 1})
    made = regulation_asking.made(here, SINCE, UNTIL)
    language = LANGUAGES[code]
    told = regulation_telling.sections(made["report"], language, tenants)
    assert [one["name"] for one in told] == list(FIGURES)
    assert (told[0]["title"] == regulation_messages.NAMES["hhi_volume"][0].english) == (code == "en")
    assert paper.pdf(made, language, tenants).startswith(b"%PDF")


def test_complaints_suspensions_and_sales_are_in_the_figures(here: Context) -> None:
    tenants = booked(here, {"Atlas": 2, "Rif": 1})
    source = Source(Reporter.OPERATOR.value, "local", "")
    with acting_as(Role.MERCHANT, tenants["Atlas"]) as connection:
        late, soon, still = (
            complaints.file(
                connection, tenants["Atlas"], "delay", "Late.", "", "Amina", MONDAY - timedelta(days=days)
            )
            for days in (40, 3, 20)
        )
        stating.state_sales(connection, tenants["Atlas"], 2026, "1000.00", "EUR", MONDAY)
        stating.state_sales(connection, tenants["Atlas"], 2026, "2000.00", "EUR", MONDAY)
    with acting_as(Role.OPERATOR) as connection:
        for one, days in ((late, 20), (soon, 1)):
            complaints.follow(
                connection,
                one.id,
                "answered",
                "So.",
                "rejected",
                "N",
                True,
                one.filed_at + timedelta(days=days),
                source,
            )
        suspending.suspend(connection, tenants["Rif"], True, "hub", MONDAY, "Bills.", "unpaid", 30)
        suspending.suspend(connection, tenants["Rif"], True, "hub", MONDAY)
    made = regulation_asking.made(here, SINCE, UNTIL)
    assert [one["name"] for one in made["report"]["figures"] if not one["equal"]] == []
    (row,) = rows(made, "complaints")
    assert (row["filed"], row["answered"], row["late"], row["overdue"]) == (3, 2, 1, 1)
    assert row["days"] == pytest.approx(10.5)
    assert still.answer_by < MONDAY
    assert rows(made, "suspensions") == [{"suspensions": 2, "with_reasons": 1, "with_notice": 1}]
    (row,) = rows(made, "dependency")
    assert (row["owner"], row["year"], row["stated"]) == (tenants["Atlas"], 2026, 2000.0)
    assert row["share"] == pytest.approx(row["sold"] / 2000)
    assert row["sold"] > 0


def test_where_data_lie_is_told_when_it_changes_and_not_again(here: Context) -> None:
    places = ["database;MA;Example Hosting", "backups;FR;Example"]
    with acting_as(Role.OPERATOR) as connection:
        registering.register(connection, [], MONDAY)
        assert registering.register(connection, places, MONDAY) == 1
        assert registering.register(connection, places, MONDAY) == 0
        assert registering.register(connection, places[:1], MONDAY) == 1
    with administrator() as connection:
        assert registering.register(connection, places, MONDAY) == 1
    from qafila.runtime.settings import settings

    object.__setattr__(settings(), "data_places", places)
    try:
        made = regulation_asking.made(here, SINCE, UNTIL)
    finally:
        object.__setattr__(settings(), "data_places", [])
    assert [(row["what"], row["country"]) for row in rows(made, "data_places")] == [
        ("backups", "FR"),
        ("database", "MA"),
    ]
    assert all(one["equal"] for one in made["report"]["figures"])
