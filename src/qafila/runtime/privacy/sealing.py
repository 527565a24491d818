"""Keys of persons, and sealing under them (AES-256-GCM by `cryptography`).

A person's key is kept in the database wrapped by the home's master key, which is a file of its own and in no backup of the
database. Once a key is erased nothing that was sealed under it can be read, wherever a copy of it lies.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, text

from qafila.runtime.settings import settings

SEALED = "sealed"
"""The name under which details hold what is sealed: `{"tenant": …, "order": …, "box": …}`."""
PLAIN = frozenset(
    {"event", "corrected_by", "epcis", "declaration", "procedure", "reason", "code", "cause", "handling_unit", "flight",
     "bag", "chute", "to", "weight_g"}
)  # fmt: skip
"""Details of reports about parcels that are about no person; whatever else is said lies sealed."""
_NONCE = 12
WRAPPING = 0x7065_7273_6F6E
"""The lock that whoever wraps a key shares, and whoever changes the master key has alone."""


class NoMasterKey(LookupError):
    """There are sealed values, and the file that opens their keys is not there."""


def master_file() -> Path:
    """Where the master key lies."""
    return settings().home / "person-keys" / "master.key"


def former_file() -> Path:
    """Where the master key before it lies, while keys are wrapped anew (`rotating.py`)."""
    return master_file().with_name("former.key")


def master() -> AESGCM:
    """The master key that wraps keys now."""
    return _read(master_file(), _stamp())


def _masters() -> list[AESGCM]:
    """The master keys by which a key may be wrapped: that of now, and for a while the one before it."""
    found, former = [master()], former_file()
    with contextlib.suppress(FileNotFoundError):
        found.append(_read(former, former.stat().st_mtime))
    return found


def about(tenant: str, order: str, purpose: str) -> str:
    """What a wrapped key is bound to."""
    return f"{tenant}|{order}|{purpose}"


def unwrapped(wrapped: bytes, bound: str) -> bytes:
    """A person's key. Raises NoMasterKey where no master key of this home has wrapped it."""
    for one in _masters():
        try:
            return unbox(one, wrapped, bound)
        except InvalidTag:
            continue
    raise NoMasterKey(f"{master_file()} is not the key that was used; restore it from where it is kept")


def _stamp() -> float:
    path = master_file()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (path.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # whoever comes first makes it
            if not path.exists():
                beside = path.with_suffix(f".{os.getpid()}")
                handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(AESGCM.generate_key(256))
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(path)
    return path.stat().st_mtime


@lru_cache(maxsize=4)
def _read(path: Path, stamp: float) -> AESGCM:
    return AESGCM(path.read_bytes())


def box(key: AESGCM, plain: bytes, bound: str) -> bytes:
    """Bytes sealed under a key and bound to what they are about."""
    nonce = os.urandom(_NONCE)
    return nonce + key.encrypt(nonce, plain, bound.encode())


def unbox(key: AESGCM, sealed: bytes, bound: str) -> bytes:
    """What `box` sealed. Raises InvalidTag."""
    return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound.encode())


def keys(
    connection: Connection, tenant: str, orders: Sequence[str], purpose: str = "live"
) -> dict[str, AESGCM]:
    """The keys that the connection's role sees of some orders' persons, by order; those erased are left out.

    Raises:
        NoMasterKey: there are keys, and the home's master key is not the one that wrapped them.
    """
    rows = connection.execute(
        text(
            "SELECT order_id, wrapped FROM person_keys WHERE merchant_id = :t AND order_id = ANY(:o) AND purpose = :p "
            "AND wrapped IS NOT NULL"
        ),
        {"t": tenant, "o": list(orders), "p": purpose},
    ).all()
    found = {}
    for order, wrapped in rows:
        found[order] = AESGCM(unwrapped(bytes(wrapped), about(tenant, order, purpose)))
    return found


def key(connection: Connection, tenant: str, order: str, purpose: str = "live") -> AESGCM | None:
    """The key of an order's person, made where there is none yet; None where it was erased."""
    known = keys(connection, tenant, [order], purpose)
    if order in known:
        return known[order]
    fresh = AESGCM.generate_key(256)
    connection.execute(text("SELECT pg_advisory_xact_lock_shared(:n)"), {"n": WRAPPING})
    wrapped = box(master(), fresh, about(tenant, order, purpose))
    connection.execute(
        text(
            "INSERT INTO person_keys (merchant_id, order_id, purpose, wrapped) VALUES (:t, :o, :p, :w) ON CONFLICT DO NOTHING"
        ),
        {"t": tenant, "o": order, "p": purpose, "w": wrapped},
    )
    return keys(connection, tenant, [order], purpose).get(
        order
    )  # another may have been quicker, or it was erased


def seal(under: AESGCM, tenant: str, order: str, value: Any) -> str:
    """A value sealed under a key, as text."""
    return base64.b64encode(box(under, orjson.dumps(value), f"{tenant}|{order}")).decode()


def unseal(under: AESGCM, tenant: str, order: str, sealed: str) -> Any:
    """The value of a sealed text. Raises InvalidTag where it was sealed under another key or for another order."""
    return orjson.loads(unbox(under, base64.b64decode(sealed), f"{tenant}|{order}"))


def opened(connection: Connection, details: Mapping[str, Any]) -> Mapping[str, Any]:
    """Details with what is sealed in them opened; without it where the role may not see the key, or it was erased."""
    sealed = details.get(SEALED)
    if not isinstance(sealed, dict) or not {"tenant", "order", "box"} <= sealed.keys():
        return details
    plain = {name: value for name, value in details.items() if name != SEALED}
    tenant, order = str(sealed["tenant"]), str(sealed["order"])
    under = keys(connection, tenant, [order]).get(order)
    if under is None:
        return plain
    try:
        return {**plain, **unseal(under, tenant, order, sealed["box"])}
    except (InvalidTag, ValueError):
        return plain


def with_sealed(
    connection: Connection, tenant: str, order: str, details: Mapping[str, Any], plain: frozenset[str]
) -> Mapping[str, Any]:
    """Details of which all but the plain names lie sealed under the key of an order's person.

    Args:
        connection: as somebody who may add a key of the tenant.
        plain: names whose values are about no person. Where the key was erased, the others are left out.
    """
    personal = {name: value for name, value in details.items() if name not in plain and name != SEALED}
    if not personal:
        return details
    rest = {name: value for name, value in details.items() if name in plain}
    under = key(connection, tenant, order)
    if under is None:
        return rest
    return {**rest, SEALED: {"tenant": tenant, "order": order, "box": seal(under, tenant, order, personal)}}


def erase(connection: Connection, tenant: str, order: str, purpose: str = "live") -> bool:
    """Erases a key for good; whether there was one. As the owner of the tables."""
    return bool(
        connection.execute(
            text(
                "UPDATE person_keys SET wrapped = NULL, erased_at = now() WHERE merchant_id = :t AND order_id = :o "
                "AND purpose = :p AND wrapped IS NOT NULL"
            ),
            {"t": tenant, "o": order, "p": purpose},
        ).rowcount
    )
