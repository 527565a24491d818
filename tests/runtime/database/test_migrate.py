from collections.abc import Callable, Iterator
from importlib.resources import files

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from qafila.clearance import screening, store
from qafila.runtime.database import connection, migrate
from qafila.runtime.language import LANGUAGES, render


@pytest.fixture
def empty() -> Iterator[Engine]:
    """A database of its own, on the server of the tests."""
    server = connection.engine()
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as there:
        there.execute(text("DROP DATABASE IF EXISTS migrated"))
        there.execute(text("CREATE DATABASE migrated"))
    made = create_engine(server.url.set(database="migrated"))
    yield made
    made.dispose()
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as there:
        there.execute(text("DROP DATABASE migrated"))


def schema(engine: Engine) -> set[tuple[str, str]]:
    """Columns, constraints, triggers, indexes, policies, functions and rights, each with its definition."""
    with engine.connect() as there:
        rows = there.execute(
            text(
                "SELECT table_name, concat_ws(' ', column_name, data_type, is_nullable, column_default) "
                "FROM information_schema.columns WHERE table_schema = 'public' UNION ALL "
                "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0 "
                "UNION ALL SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
                "UNION ALL SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' "
                "UNION ALL SELECT tablename, concat_ws(' ', policyname, cmd, CAST(roles AS text), qual, with_check) "
                "FROM pg_policies WHERE schemaname = 'public' "
                "UNION ALL SELECT proname, pg_get_functiondef(oid) FROM pg_proc "
                "WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' "
                "UNION ALL SELECT relname, CAST(relacl AS text) FROM pg_class "
                "WHERE relnamespace = 'public'::regnamespace AND relacl IS NOT NULL"
            )
        )
        return {(table, definition) for table, definition in rows}


def scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("qafila.runtime.database") / "migrations"))
    return config


def test_the_newest_is_the_head_of_the_migrations() -> None:
    assert migrate.newest() == ScriptDirectory.from_config(scripts()).get_current_head()


def test_an_empty_database_is_brought_to_the_newest_and_back_by_a_step(empty: Engine) -> None:
    migrate.upgrade(empty)
    with empty.connect() as there:
        assert there.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == migrate.newest()
    whole = schema(empty)
    config = scripts()
    with empty.begin() as there:
        config.attributes["connection"] = there
        command.downgrade(config, "-1")
    assert schema(empty) != whole
    migrate.upgrade(empty)
    assert schema(empty) == whole
    migrate.upgrade(empty)  # nothing is left to do
    assert schema(empty) == whole


_BOOKED = """
    INSERT INTO merchants VALUES ('m', 'Souk');
    INSERT INTO orders VALUES ('m', 'o', '{"id": "o", "receiver": {"city": "Fès"}}');
    INSERT INTO offers VALUES ('m', 'f', 'o', now(), '{"id": "f", "price": {"amount": "4.00"}}');
    INSERT INTO bookings (merchant_id, booking_id, order_id, offer_id, shipment_id, idempotency_key, fingerprint,
        price, currency, promise_by, grams, cm3) VALUES ('m', 'b', 'o', 'f', 's', 'k', '', 4, 'EUR', now(), 1, 1);
    INSERT INTO booking_legs VALUES ('m', 'b', 0, 'T-1', 7, '{0,1}', 2, 'A', 'B', now(), now(), now(), now());
    INSERT INTO shipments VALUES ('m', 's', 'b', 'o');
    INSERT INTO parcels VALUES ('HA000000014MA', 'm', 's', 1, 1, 1, 1);
    INSERT INTO events (merchant_id, parcel, event_id, type, time_kind, time, source, details)
        VALUES ('m', 'HA000000014MA', gen_random_uuid(), 'departed', 'planned', now(), 'qafila', '{"service": "T-1"}');
"""


def test_what_was_booked_before_is_there_after_an_upgrade_and_back(empty: Engine) -> None:
    config = scripts()

    def to(revision: str, by: Callable[[Config, str], None]) -> None:
        with empty.begin() as there:
            config.attributes["connection"] = there
            by(config, revision)

    def kept() -> list[object]:
        with empty.connect() as there:
            found = [
                there.execute(text(query)).scalar_one()
                for query in (
                    "SELECT document->'receiver'->>'city' FROM orders",
                    "SELECT document->'price'->>'amount' FROM offers",
                    "SELECT service_id || service_day || CAST(calls AS text) || from_facility || to_facility FROM booking_legs",
                    "SELECT details->>'service' FROM events",
                )
            ]
            return [*found, there.execute(text("SELECT count(*) FROM parcels")).scalar_one()]

    to("0006", command.upgrade)
    with empty.begin() as there:
        there.execute(text(_BOOKED.replace(":", "\\:")))
    before = kept()
    assert before == ["Fès", "4.00", "T-17{0,1}AB", "T-1", 1]
    migrate.upgrade(empty)
    assert kept() == before
    to("0006", command.downgrade)
    assert kept() == before
    migrate.upgrade(empty)
    assert kept() == before


_TOLD = """
    INSERT INTO events (merchant_id, parcel, event_id, type, time_kind, time, facility, leg, source, details) VALUES
        ('m', 'HA000000014MA', '00000000-0000-8000-a000-000000000001', 'booked', 'actual',
         '2026-11-30T00:42:00.123456+01', NULL, NULL, 'qafila', NULL),
        ('m', 'HA000000014MA', '00000000-0000-8000-a000-000000000002', 'arrived', 'planned',
         '2026-12-01T08:00Z', 'CDG', 1, 'qafila', '{"service": "T-1", "ready_at": "2026-12-01T09:00:00+00:00"}'),
        ('m', 'HA000000014MA', '00000000-0000-8000-a000-000000000003', 'arrived', 'estimated',
         '2026-12-01T08:30Z', 'CDG', NULL, 'm', NULL),
        ('m', 'HA000000014MA', '00000000-0000-8000-a000-000000000004', 'collected', 'actual',
         '2026-11-30T09:00Z', NULL, 0, 'van 7 "Atlas"', '{"note": "tab\\there é"}'),
        ('m', 'HA000000014MA', '00000000-0000-8000-a000-000000000005', 'customs_held', 'actual',
         '2026-11-30T12:00Z', NULL, NULL, 'sandbox', '{"declaration": "d-1", "procedure": "export"}'),
        ('m', 'HA000000014MA', '00000000-0000-8000-a000-000000000006', 'delivered', 'actual',
         '2026-11-30T13:00Z', NULL, NULL, 'qafila', NULL);
"""
_WHO = ["network", "network", "merchant", "", "authority", ""]
"""A merchant could call himself qafila: only what qafila itself writes is taken for its own."""


@pytest.mark.parametrize("revision", [f"{n:04}" for n in range(2, 10)])
def test_histories_of_every_earlier_version_migrate_without_loss(empty: Engine, revision: str) -> None:
    config = scripts()

    def to(revision: str, by: Callable[[Config, str], None]) -> None:
        with empty.begin() as there:
            config.attributes["connection"] = there
            by(config, revision)

    def told(parcel: str) -> list[tuple[object, ...]]:
        with empty.connect() as there:
            rows = there.execute(
                text(
                    f"SELECT merchant_id, {parcel}, event_id, type, time_kind, time, recorded_at, facility, leg, source, "
                    "CAST(CAST(details AS jsonb) AS text), seq FROM events ORDER BY event_id"
                )
            )
            return [tuple(row) for row in rows]

    to(revision, command.upgrade)
    with empty.begin() as there:
        if revision >= "0008":
            there.execute(text("INSERT INTO tenants (tenant_id, name) VALUES ('m', 'Souk')"))
        else:
            there.execute(text("INSERT INTO merchants (merchant_id, name) VALUES ('m', 'Souk')"))
        rest = [
            s
            for s in _BOOKED.split(";\n")
            if not any(w in s for w in ("merchants", "booking_legs", "events"))
        ]
        there.exec_driver_sql(";".join(rest))
        there.exec_driver_sql(_TOLD)
    before = told("parcel")
    assert len(before) == 6
    migrate.upgrade(empty)
    assert told("subject_id") == before
    with empty.connect() as there:
        rows = there.execute(
            text("SELECT subject_kind, reporter, tenant, offset_minutes FROM events ORDER BY event_id")
        ).all()
    assert [tuple(r) for r in rows] == [
        ("parcel", who, "m" if who == "merchant" else None, None) for who in _WHO
    ]
    with empty.begin() as there:  # and goes on from there, as append-only as it was
        there.exec_driver_sql(
            "INSERT INTO events (subject_kind, subject_id, event_id, type, time_kind, time, source) "
            "VALUES ('vehicle', 'CN-RGE', gen_random_uuid(), 'departed', 'actual', now(), 'gate')"
        )
    with pytest.raises(DBAPIError, match="append-only"), empty.begin() as there:
        there.exec_driver_sql("DELETE FROM events")
    to(revision, command.downgrade)
    assert told("parcel") == before


@pytest.mark.parametrize("revision", ["0007", "0021"])
def test_shipments_booked_before_have_one_parcel(empty: Engine, revision: str) -> None:
    config = scripts()

    def to(revision: str, by: Callable[[Config, str], None]) -> None:
        with empty.begin() as there:
            config.attributes["connection"] = there
            by(config, revision)

    def one(query: str) -> object:
        with empty.connect() as there:
            return there.execute(text(query)).scalar_one()

    to("0006", command.upgrade)
    with empty.begin() as there:
        there.execute(text(_BOOKED.replace(":", "\\:")))
    to(revision, command.upgrade)
    migrate.upgrade(empty)
    assert one("SELECT position FROM parcels") == 1
    assert one("SELECT offer_id FROM parcels") is None
    assert one("SELECT parcels FROM bookings") == 1
    assert one("SELECT parcel || coalesce(grams, 7) FROM booking_legs") == "7"
    to(revision, command.downgrade)
    assert one("SELECT count(*) FROM parcels") == 1
    migrate.upgrade(empty)
    with empty.begin() as there:
        there.execute(
            text(
                "INSERT INTO parcels (number, merchant_id, shipment_id, position, grams, length_mm, width_mm,"
                " height_mm) VALUES ('HA000000028MA', 'm', 's', 2, 1, 1, 1, 1)"
            )
        )
        there.execute(text("UPDATE bookings SET parcels = 2"))
    with pytest.raises(DBAPIError, match="several parcels"):
        to("0021", command.downgrade)  # nothing is lost by stepping back
    with pytest.raises(DBAPIError, match="parcels_of_a_shipment"), empty.begin() as there:
        there.execute(text("UPDATE parcels SET position = 1"))


_DECLARED = """
    INSERT INTO declarations (merchant_id, declaration_id, parcel, procedure, territory, state, document, opened_at,
        changed_at) VALUES ('m', 'd', 'HA000000014MA', 'export', 'MA', 'held', '{}', now(), now());
    INSERT INTO declaration_steps (merchant_id, declaration_id, state, at, by) VALUES ('m', 'd', 'draft', now(), 'clerk');
    INSERT INTO declaration_steps (merchant_id, declaration_id, state, at, by, reason)
        VALUES ('m', 'd', 'held', now(), 'sandbox', 'needs "a licence"; {braces}');
    INSERT INTO screening_hits (merchant_id, hit_id, declaration_id, role, party_name, list_id, listed_id, listed_name,
        score, reason) VALUES ('m', 'h', 'd', 'importer', 'P', 'l', '1', 'X', 0.9, 'p = x');
"""


@pytest.mark.parametrize("revision", ["0003", "0028"])
def test_reasons_that_were_text_are_told_as_they_were(empty: Engine, revision: str) -> None:
    config = scripts()
    with empty.begin() as there:
        config.attributes["connection"] = there
        command.upgrade(config, revision)
    with empty.begin() as there:
        of = "tenants (tenant_id" if revision >= "0008" else "merchants (merchant_id"
        there.exec_driver_sql(f"INSERT INTO {of}, name) VALUES ('m', 'Souk')")
        there.exec_driver_sql(_DECLARED)
    migrate.upgrade(empty)
    with empty.connect() as there:
        steps = store.steps(there, "d")
        (hit,) = screening.hits(there, "d")
    assert [noted.step.reason and str(noted.step.reason) for noted in steps] == [
        None,
        'needs "a licence"; {braces}',
    ]
    assert render(hit.reason, LANGUAGES["ar"]) == "p = x"
    with empty.begin() as there:
        config.attributes["connection"] = there
        command.downgrade(config, "0028")
    with empty.connect() as there:
        rows = there.execute(text("SELECT reason FROM declaration_steps ORDER BY seq")).scalars()
        assert list(rows) == ["", 'needs "a licence"; {braces}']
