"""Another master key while people work: what was sealed is read throughout, also where it is killed in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import qafila.floors  # noqa: F401  # lists every event type
from qafila.core.identifiers.own import new_id
from qafila.runtime.accounts import service as accounts
from qafila.runtime.database import administrator
from qafila.runtime.privacy import rotating, sealing
from qafila.runtime.privacy.sealing import NoMasterKey

ORDERS = [f"A-{n}" for n in range(7)]


@pytest.fixture
def tenant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(sealing, "master_file", lambda: tmp_path / "keys" / "master.key")
    with administrator() as connection:
        kept = (
            connection.execute(text("SELECT * FROM person_keys WHERE wrapped IS NOT NULL")).mappings().all()
        )
        connection.execute(text("DELETE FROM person_keys WHERE wrapped IS NOT NULL"))
        made = accounts.create(connection, new_id("Souk")).id
    yield made
    with administrator() as connection:  # those of other tests, wrapped by another home's key
        connection.execute(text("DELETE FROM person_keys WHERE merchant_id = :t"), {"t": made})
        for row in kept:
            names = ", ".join(row)
            connection.execute(
                text(f"INSERT INTO person_keys ({names}) VALUES ({', '.join(f':{name}' for name in row)})"),
                dict(row),
            )


def sealed(tenant: str) -> dict[str, Any]:
    with administrator() as connection:
        return {
            order: sealing.with_sealed(connection, tenant, order, {"name": f"Fatima {order}"}, frozenset())
            for order in ORDERS
        }


def read(details: dict[str, Any]) -> list[Any]:
    with administrator() as connection:
        return [sealing.opened(connection, one).get("name") for one in details.values()]


NAMES = [f"Fatima {order}" for order in ORDERS]


def test_what_was_sealed_is_read_by_the_new_key_and_not_by_the_old(tenant: str) -> None:
    told = sealed(tenant)
    old = sealing.master_file().read_bytes()
    assert rotating.rotate() == len(ORDERS)
    assert sealing.master_file().read_bytes() != old
    assert not sealing.former_file().exists()
    assert sealing.master_file().stat().st_mode & 0o777 == 0o600
    assert read(told) == NAMES
    sealing.master_file().write_bytes(old)  # the stolen file opens nothing any more
    with pytest.raises(NoMasterKey):
        read(told)


@pytest.mark.parametrize("after", [0, 3, 6])
def test_killed_in_the_middle_everything_is_read_and_the_rest_follows(
    tenant: str, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    told = sealed(tenant)
    honest, calls = sealing.box, [0]

    def killed(*given: Any) -> bytes:
        calls[0] += 1
        if calls[0] > after:
            raise KeyboardInterrupt
        return honest(*given)

    monkeypatch.setattr(rotating, "_BATCH", 2)
    with monkeypatch.context() as changed:
        changed.setattr(sealing, "box", killed)
        with pytest.raises(KeyboardInterrupt):
            rotating.rotate()
    assert sealing.former_file().exists()
    assert read(told) == NAMES
    assert read(sealed(tenant)) == NAMES  # and more is sealed meanwhile
    assert rotating.rotate() == len(ORDERS) - after // 2 * 2  # batches are whole or not at all
    assert not sealing.former_file().exists()
    assert read(told) == NAMES


def test_killed_before_the_new_key_is_in_place_it_is_put_there(tenant: str) -> None:
    told = sealed(tenant)
    sealing.former_file().hardlink_to(sealing.master_file())
    assert rotating.rotate() == len(ORDERS)
    assert read(told) == NAMES


def test_what_was_erased_stays_so(tenant: str) -> None:
    told = sealed(tenant)
    with administrator() as connection:
        sealing.erase(connection, tenant, ORDERS[0])
    assert rotating.rotate() == len(ORDERS) - 1
    assert read(told) == [None, *NAMES[1:]]


def test_the_disk_has_the_new_key_before_anything_is_wrapped_by_it_and_all_wraps_before_the_old_goes(
    tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(tenant)
    done: list[str] = []
    honest = sealing.box

    def wrapped(*given: Any) -> bytes:
        done.append("wrap")
        return honest(*given)

    def synced(folder: Path) -> None:
        assert folder == sealing.master_file().parent
        done.append("disk, old key there" if sealing.former_file().exists() else "disk, old key gone")

    monkeypatch.setattr(sealing, "box", wrapped)
    monkeypatch.setattr(rotating, "sync_folder", synced)
    rotating.rotate()
    assert done == ["disk, old key there", *["wrap"] * len(ORDERS), "disk, old key there"]
