"""No merchant sees or writes what is another's, through any table there is."""

from __future__ import annotations

from uuid import uuid4

import pytest
from psycopg import errors
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from qafila.network.timetable import Mode
from qafila.runtime.database import administrator, merchant_transaction
from qafila.runtime.database.connection import copied
from qafila.shipping import merchants
from qafila.shipping.bookings import booking
from qafila.shipping.bookings.booking import Booked, Request
from qafila.shipping.bookings.numbering import new_id
from tests.shipping.bookables import NOW, Run, legs, offer, order, timetable

# tables that belong to no merchant, and that qafila_merchant may not touch at all
OPERATORS_OWN = {"capacity", "plan_in_place", "reservations", "number_ranges", "alembic_version"}


# a view over tables of tenants, for the doorkeeper alone
VIEWS = {"acting_memberships"}

# what belongs to no tenant and may be read: lists, to screen one's own parties; how warehouses are laid out
COMMON_READING = dict.fromkeys(
    (
        "screening_lists",
        "warehouses",
        "places",
        "tours",
        "log_checkpoints",
        "published_terms",
        "ledger_licences",
        "partner_networks",  # whose keys everybody may check
    ),
    "SELECT",
)


def tables_of(connection: Connection) -> dict[str, str | None]:
    """Every table of the schema, and the column that says whose a row is."""
    rows = connection.execute(
        text(
            "SELECT c.relname, (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid "
            "AND a.attname IN ('merchant_id', 'tenant_id', 'owner', 'tenant') AND NOT a.attisdropped "
            "ORDER BY a.attname LIMIT 1) "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm')"
        )
    )
    return dict(rows.all())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def two() -> tuple[str, str]:
    """Two merchants, each with a row in every table."""
    table = timetable(Run(new_id("flt"), Mode.AIR, (("A", 60), ("B", 90))))
    made = []
    for name in ("Souk", "Rival"):
        with administrator() as connection:
            id = merchants.create(connection, name).id
            merchants.issue_key(connection, id, ["offers:read"])
            connection.execute(
                text("INSERT INTO idempotency_keys VALUES (:m, 'offers', 'k', 'x'::bytea)"), {"m": id}
            )
        asked = order(f"{name}-1")
        outcome = booking.book(id, Request(asked, offer(asked, legs(table, 0)), "k"), table, NOW)
        assert isinstance(outcome, Booked)
        made.append(id)
    return made[0], made[1]


def test_every_table_of_merchants_is_bound_by_row_level_security() -> None:
    with administrator() as connection:
        bound = dict(
            connection.execute(
                text(
                    "SELECT relname, relrowsecurity FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                )
            ).all()  # type: ignore[arg-type]
        )
        policies: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for row in connection.execute(
            text("SELECT *, CAST(roles AS text[]) AS held_by FROM pg_policies WHERE schemaname = 'public'")
        ):
            if row.permissive == "RESTRICTIVE":
                continue  # it takes away from what the others give
            assert "public" not in row.held_by, row  # each policy names its role
            for role in row.held_by:
                # an INSERT has no USING; an UPDATE without WITH CHECK is checked by its USING
                policies.setdefault((row.tablename, role), []).append(
                    (row.qual or row.with_check or "", row.with_check or row.qual or "")
                )
        for table, owned in tables_of(connection).items():
            if not owned:
                continue
            assert bound[table] or table in VIEWS, f"{table} has a {owned} and no row-level security"
            for role in ("qafila_merchant", "qafila_accounts"):
                touched = connection.execute(
                    text("SELECT has_any_column_privilege(:r, :t, 'SELECT, INSERT, UPDATE')"),
                    {"r": role, "t": table},
                ).scalar_one()
                assert not touched or table not in VIEWS, (
                    f"{role} reads {table} past the policies of its tables"
                )
                for using, check in policies.get((table, role), [("", "")] if touched else []):
                    if table == "access_records" and using == check == "(tenant_id IS NULL)":
                        continue  # looks of the hub at everybody's goods are everybody's to read
                    assert "current_setting('qafila.merchant'" in using, (table, role)
                    assert "current_setting('qafila.merchant'" in check, (table, role)


def test_tables_without_a_merchant_are_closed_to_merchants() -> None:
    """A new table must say whose it is: a tenant's (merchant_id or tenant_id, a policy) or the operator's own."""
    with administrator() as connection:
        for table, owned in tables_of(connection).items():
            if owned:
                continue
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
                held = connection.execute(
                    text("SELECT has_table_privilege('qafila_merchant', :t, :r)"), {"t": table, "r": right}
                ).scalar_one()
                assert not held or COMMON_READING.get(table) == right, (
                    f"merchants may {right} {table}, which is nobody's"
                )


def test_each_sees_only_his_own_rows(two: tuple[str, str]) -> None:
    with administrator() as connection:
        owned = {t: column for t, column in tables_of(connection).items() if column}
    assert {
        "tenants",
        "api_keys",
        "orders",
        "offers",
        "bookings",
        "booking_legs",
        "shipments",
        "parcels",
        "events",
        "idempotency_keys",
    } <= set(owned)
    for mine, others in (two, two[::-1]):
        for table, column in owned.items():
            with merchant_transaction(mine) as connection:
                granted = connection.execute(
                    text("SELECT has_column_privilege(:t, :c, 'SELECT')"), {"t": table, "c": column}
                ).scalar_one()
                if not granted:
                    continue
                seen = connection.execute(text(f"SELECT DISTINCT {column} FROM {table}")).scalars().all()
                assert others not in seen, table
                if table in ("tenants", "orders", "bookings", "parcels", "events"):
                    assert seen == [mine]


def test_none_writes_into_anothers_rows(two: tuple[str, str]) -> None:
    mine, others = two
    with administrator() as connection:
        owned = {t: column for t, column in tables_of(connection).items() if column}
    for table, column in owned.items():
        for action in (
            f"UPDATE {table} SET {column} = {column} WHERE {column} = :other",
            f"DELETE FROM {table} WHERE {column} = :other",
        ):
            try:
                with merchant_transaction(mine) as connection:
                    assert connection.execute(text(action), {"other": others}).rowcount == 0, (table, action)
            except (ProgrammingError, OperationalError) as refused:
                if isinstance(refused, OperationalError) and table not in VIEWS:
                    raise  # through a view nobody writes
        with pytest.raises(DBAPIError), merchant_transaction(mine) as connection:
            connection.execute(text(f"INSERT INTO {table} ({column}) VALUES (:other)"), {"other": others})


def test_the_row_itself_is_refused_not_only_its_form(two: tuple[str, str]) -> None:
    mine, others = two
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        merchant_transaction(mine) as connection,
    ):
        connection.execute(
            text("INSERT INTO orders (merchant_id, order_id, document) VALUES (:other, 'x', '{}')"),
            {"other": others},
        )


def test_without_a_merchant_nothing_is_seen(two: tuple[str, str]) -> None:
    with merchant_transaction("") as connection:
        assert connection.execute(text("SELECT count(*) FROM events")).scalar_one() == 0


def test_the_hash_of_a_key_is_not_a_merchants_to_read(two: tuple[str, str]) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        merchant_transaction(two[0]) as connection,
    ):
        connection.execute(text("SELECT secret_hash FROM api_keys"))


@pytest.mark.parametrize(
    "change", ["UPDATE events SET source = 'me'", "DELETE FROM events", "TRUNCATE events"]
)
def test_not_even_the_operator_rewrites_history(two: tuple[str, str], change: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), administrator() as connection:
        connection.execute(text(change))


_EVENT = """
    INSERT INTO events (merchant_id, subject_id, event_id, type, time_kind, time, source)
    SELECT :merchant, parcel, gen_random_uuid(), 'seen', 'actual', now(), 'test' FROM unnest(CAST(:parcels AS text[])) parcel
"""


def parcels_of(merchant: str) -> list[str]:
    with merchant_transaction(merchant) as connection:
        return list(connection.execute(text("SELECT number FROM parcels")).scalars())


def test_an_event_is_of_a_parcel_of_its_merchant_whoever_writes_it(two: tuple[str, str]) -> None:
    mine, others = parcels_of(two[0]), parcels_of(two[1])
    assert mine
    assert others
    for strange in ([*mine, others[0]], [*mine, "HA999999999MA"]):
        values = {"merchant": two[0], "parcels": strange}
        with pytest.raises(IntegrityError, match=strange[-1]), merchant_transaction(two[0]) as connection:
            connection.execute(text(_EVENT), values)
        with pytest.raises(IntegrityError, match=strange[-1]), administrator() as connection:
            connection.execute(text(_EVENT), values)
    with merchant_transaction(two[0]) as connection:
        assert connection.execute(text(_EVENT), {"merchant": two[0], "parcels": mine}).rowcount == len(mine)
        connection.rollback()


_LEG = """
    INSERT INTO booking_legs (merchant_id, booking_id, leg, service_id, service_day, calls, from_facility, to_facility, board_by)
    SELECT :merchant, booking, 90, 'F', 1, '{0}', 'A', 'B', now() FROM unnest(CAST(:bookings AS text[])) booking
"""


def test_a_leg_is_of_a_booking_of_its_merchant_whoever_writes_it(two: tuple[str, str]) -> None:
    with administrator() as connection:
        mine, others = (
            connection.execute(text("SELECT booking_id FROM bookings WHERE merchant_id = :m"), {"m": m})
            .scalars()
            .all()
            for m in two
        )
    for strange in ([*mine, others[0]], [*mine, "bkg_none"]):
        values = {"merchant": two[0], "bookings": strange}
        with pytest.raises(IntegrityError, match=strange[-1]), merchant_transaction(two[0]) as connection:
            connection.execute(text(_LEG), values)
        with pytest.raises(IntegrityError, match=strange[-1]), administrator() as connection:
            connection.execute(text(_LEG), values)
    with merchant_transaction(two[0]) as connection:
        assert connection.execute(text(_LEG), {"merchant": two[0], "bookings": mine}).rowcount == len(mine)
        connection.rollback()


@pytest.mark.parametrize(
    "change", ["DELETE FROM bookings", "UPDATE bookings SET booking_id = 'x' || booking_id"]
)
def test_a_booking_stays_with_its_legs(two: tuple[str, str], change: str) -> None:
    with pytest.raises(IntegrityError, match="shipments"), administrator() as connection:
        connection.execute(text(change))


def test_copying_is_held_to_the_same_rules(two: tuple[str, str]) -> None:
    """Merchants cannot copy at all, and the operator gives nobody what is of another's parcel."""
    columns = "merchant_id, subject_id, event_id, type, time_kind, time, source"
    strange = (two[0], parcels_of(two[1])[0], str(uuid4()), "seen", "actual", NOW.isoformat(), "test")
    with pytest.raises(errors.FeatureNotSupported), merchant_transaction(two[0]) as connection:
        copied(connection, "events", columns, [strange])
    with pytest.raises(errors.ForeignKeyViolation, match=strange[1]), administrator() as connection:
        copied(connection, "events", columns, [strange])


@pytest.mark.parametrize(
    "change", ["DELETE FROM parcels", "UPDATE parcels SET number = 'x' || number", "TRUNCATE parcels CASCADE"]
)
def test_a_parcel_stays_with_its_history(two: tuple[str, str], change: str) -> None:
    with pytest.raises(DBAPIError, match="parcels stay"), administrator() as connection:
        connection.execute(text(change))


def test_capacity_cannot_be_oversold_by_any_code(two: tuple[str, str]) -> None:
    with pytest.raises(DBAPIError, match="never_oversold"), administrator() as connection:
        connection.execute(text("UPDATE capacity SET taken_g = total_g + 1"))
