"""A merchant is moved to another installation while its parcels are on the way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

import qafila.floors  # noqa: F401  # lists what floors add
from qafila.context import Context
from qafila.core.fault import Conflict
from qafila.ledger.claims import store as claims
from qafila.ledger.invoices import store as invoices
from qafila.openness import openness_recording, sequencing, verifier
from qafila.openness.portability import arriving, portability_leaving
from qafila.openness.portability.arriving import NotWhole
from qafila.openness.portability.portability_tables import LEFT, RECORDS, travelling
from qafila.runtime.database import Role, administrator, engine, merchant_transaction
from qafila.runtime.database.connection import become
from qafila.runtime.database.migrate import upgrade
from tests.api.conftest import MONDAY, NETWORK, RULES, Clock, Login, booked
from tests.openness.logs import fresh_log


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Engine]:
    """Another installation: a database of its own on the same server."""
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS elsewhere"))
        connection.execute(text("CREATE DATABASE elsewhere"))
    made = create_engine(engine().url.set(database="elsewhere"), poolclass=NullPool)
    upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(arriving, "own_name", lambda: "elsewhere.example/log")
    with fresh_log(tmp_path, monkeypatch) as folder:
        yield folder


def owner_of(parcel: str) -> str:
    with administrator() as connection:
        return str(
            connection.execute(
                text("SELECT merchant_id FROM parcels WHERE number = :n"), {"n": parcel}
            ).scalar_one()
        )


def leave(merchant: str, out: Path, of: Engine | None = None) -> Path:
    here = Context(NETWORK, RULES, merchant).at(MONDAY)
    if of is None:
        with portability_leaving.transaction(merchant) as connection:
            manifest = portability_leaving.leave(connection, here, out)
    else:
        with of.begin() as connection:
            become(connection, Role.MERCHANT, merchant)
            manifest = portability_leaving.leave(connection, here, out)
    portability_leaving.finish(out, manifest, "Souk", ["shop"])
    return out


def rows(folder: Path, counted: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Every row of every table, without what each installation numbers for itself."""
    found = {}
    for path in sorted([*(folder / "tables").iterdir(), *(folder / "records").iterdir()]):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        for line in lines:
            for name in counted.get(path.stem, ()):
                line.pop(name, None)
        if lines:
            found[path.stem] = sorted(json.dumps(line, sort_keys=True) for line in lines)
    return found


def counted() -> dict[str, tuple[str, ...]]:
    with administrator() as connection:
        return {table.name: table.counted for table in travelling(connection)}


def test_it_arrives_without_loss_while_parcels_move(
    log: Path,
    login: Login,
    elsewhere: Engine,
    tmp_path: Path,
    carrier_says: Callable[..., None],
    moment: Clock,
) -> None:
    merchant_client = login()
    parcels = [booked(merchant_client)["parcels"][0] for _ in range(2)]
    merchant = owner_of(parcels[0])
    moment.later(hours=3)
    carrier_says(parcels[0], "collected", MONDAY + timedelta(hours=3), "WH")
    sequencing.integrate(MONDAY)
    first = leave(merchant, tmp_path / "first")
    key = openness_recording.keys().first
    with elsewhere.begin() as connection:
        done = arriving.arrive(connection, first, [key])
    assert (done.tenant, done.name, done.aside) == (merchant, "Souk", {})
    assert rows(leave(merchant, tmp_path / "again", elsewhere), counted()) == rows(first, counted())
    span = (MONDAY - timedelta(days=1), MONDAY + timedelta(days=1))
    with administrator() as connection:
        (currency,) = invoices.currencies(connection, merchant, *span)
        assert len(invoices.to_invoice(connection, merchant, currency, *span)) == 2
    with (
        elsewhere.begin() as connection
    ):  # the hub that was left carries and invoices them, and answers for them
        assert invoices.to_invoice(connection, merchant, currency, *span) == []
        assert claims.booked_elsewhere(connection, parcels[0]) == openness_recording.keys().signer.name
        assert connection.execute(text("SELECT count(*) FROM booking_legs")).scalar() == 0
        plain = "SELECT count(*) FROM events WHERE reporter <> 'network' AND details::jsonb ? 'source_name'"
        assert connection.execute(text(plain)).scalar() == 0

    moment.later(hours=2)
    carrier_says(parcels[0], "departed", MONDAY + timedelta(hours=5), "WH")  # it moves on meanwhile
    merchant_client.post(f"bookings/{_booking(parcels[1])}/cancel")
    sequencing.integrate(MONDAY)
    second = leave(merchant, tmp_path / "second")
    with elsewhere.begin() as connection:
        more = arriving.arrive(connection, second, [key])
    assert more.rows["events"] >= 1
    there = rows(leave(merchant, tmp_path / "last", elsewhere), counted())
    assert there == rows(second, counted())
    for path in (tmp_path / "last" / "receipts").glob("*.tlog-proof"):
        verifier.check_receipt(verifier.read_receipt(path.read_bytes()), [key])
        content = json.loads(verifier.read_receipt(path.read_bytes()).extra or b"")
        openings = path.with_name(path.name.removesuffix(".tlog-proof") + ".openings.json")
        verifier.check_openings(content, json.loads(openings.read_bytes()))
    assert len(list((tmp_path / "last" / "receipts").glob("*.tlog-proof"))) >= 4
    epcis = json.loads((second / "events.jsonld").read_bytes())
    assert len(epcis["epcisBody"]["eventList"]) >= 4


def _booking(parcel: str) -> str:
    with administrator() as connection:
        return str(
            connection.execute(
                text(
                    "SELECT booking_id FROM parcels JOIN shipments USING (merchant_id, shipment_id) WHERE number = :n"
                ),
                {"n": parcel},
            ).scalar_one()
        )


def test_new_numbers_there_go_on_after_those_that_came(
    log: Path, login: Login, elsewhere: Engine, tmp_path: Path
) -> None:
    parcel = booked(login())["parcels"][0]
    folder = leave(owner_of(parcel), tmp_path / "out")
    with elsewhere.begin() as connection:
        arriving.arrive(connection, folder)
        from qafila.shipping.bookings.numbering import parcel_numbers

        fresh = parcel_numbers(connection, 3)
        known = set(connection.execute(text("SELECT number FROM parcels")).scalars())
    assert not known & set(fresh)


def test_a_folder_that_is_not_whole_is_refused_with_the_file(
    log: Path, login: Login, elsewhere: Engine, tmp_path: Path
) -> None:
    folder = leave(owner_of(booked(login())["parcels"][0]), tmp_path / "out")
    arriving.checked(folder, [openness_recording.keys().first])
    orders = folder / "tables" / "orders.jsonl"
    whole = orders.read_bytes()
    for change, told in (
        (
            lambda: orders.write_bytes(whole.replace(b"argan", b"other")),
            "tables/orders.jsonl is not as the manifest",
        ),
        (lambda: orders.unlink(), "tables/orders.jsonl is in the manifest and not in the folder"),
        (lambda: (folder / "more").write_text("x"), "more is in the folder and not in the manifest"),
    ):
        change()
        with pytest.raises(NotWhole, match=told):
            arriving.checked(folder)
        (folder / "more").unlink(missing_ok=True)
        orders.write_bytes(whole)
    manifest = folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"Souk"', b'"Sook"'))
    arriving.checked(folder)
    with pytest.raises(NotWhole, match="not signed as it should be"):
        arriving.checked(folder, [openness_recording.keys().first])


def test_rows_of_others_and_numbers_of_others_are_refused_and_nothing_is_taken_in(
    log: Path, login: Login, elsewhere: Engine, tmp_path: Path
) -> None:
    parcel = booked(login())["parcels"][0]
    merchant = owner_of(parcel)
    folder = leave(merchant, tmp_path / "out")
    forged = tmp_path / "forged"
    shutil.copytree(folder, forged)
    _rewrite(
        forged,
        lambda name, data: (
            data.replace(merchant.encode(), b"mer_x") if name == "tables/parcels.jsonl" else data
        ),
    )
    with pytest.raises(NotWhole, match="rows of somebody else"), elsewhere.begin() as connection:
        arriving.arrive(connection, forged)
    with elsewhere.connect() as connection:
        assert (
            connection.execute(
                text("SELECT count(*) FROM tenants WHERE tenant_id = :m"), {"m": merchant}
            ).scalar()
            == 0
        )
    with elsewhere.begin() as connection:
        connection.execute(text("INSERT INTO tenants (tenant_id, name) VALUES ('mer_y', 'Other')"))
    twin = tmp_path / "twin"
    shutil.copytree(folder, twin)
    _rewrite(twin, lambda name, data: data.replace(merchant.encode(), b"mer_y"))
    with elsewhere.begin() as connection:
        arriving.arrive(connection, folder)
    with pytest.raises(Conflict, match="belong to somebody else here"), elsewhere.begin() as connection:
        arriving.arrive(connection, twin)


def _rewrite(folder: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Changes files and the manifest with them, as somebody would who means to deceive."""
    import hashlib

    manifest = json.loads((folder / "manifest.json").read_bytes())
    for one in manifest["files"]:
        data = change(one["path"], (folder / one["path"]).read_bytes())
        (folder / one["path"]).write_bytes(data)
        one["sha256"] = hashlib.sha256(data).hexdigest()
    (folder / "manifest.json").write_bytes(change("manifest.json", json.dumps(manifest).encode()))


def test_every_table_of_merchants_travels_or_says_why_not() -> None:
    with administrator() as connection:
        travels = {table.name for table in travelling(connection)}
        named = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
        known = set(connection.execute(text(named)).scalars())
    readable = {name for name in travels if _merchants_may(name)}
    assert not travels & (LEFT.keys() | RECORDS.keys())
    assert not LEFT.keys() & RECORDS.keys()
    assert (LEFT.keys() | RECORDS.keys()) <= known
    assert readable == travels  # nothing stays behind in silence
    assert {
        "orders",
        "offers",
        "bookings",
        "parcels",
        "events",
        "declarations",
        "products",
        "returns",
    } <= readable
    assert {"stock", "claims", "invoices", "complaints", "cash_collections"} <= RECORDS.keys()


def _merchants_may(table: str) -> bool:
    with merchant_transaction("mer_none") as connection:
        return portability_leaving.may_read(connection, table)
