"""Another master key: the keys of persons are wrapped by it anew, while everybody works on.

The keys themselves stay, and so does all that is sealed under them. Killed at any instant it is begun again and goes on: until
every key is wrapped by the new master key the former one lies beside it, and either opens.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import text

from qafila.core.folders import sync_folder
from qafila.runtime.database import administrator
from qafila.runtime.privacy import sealing

_BATCH = 1000


def rotate() -> int:
    """Makes a new master key of this home, and wraps every key by it; returns how many were wrapped anew.

    Raises:
        NoMasterKey: a key was wrapped by neither; then the former master key stays.
    """
    former = sealing.former_file()
    if not _begun(former):
        with administrator("the master key changes while nobody wraps") as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": sealing.WRAPPING})
            if not _begun(former):
                _change(former)
    done, last = 0, ("", "", "")
    while True:
        with administrator("keys of everybody's persons are wrapped anew") as connection:
            rows = connection.execute(
                text(
                    "SELECT merchant_id, order_id, purpose, wrapped FROM person_keys WHERE wrapped IS NOT NULL "
                    "AND (merchant_id, order_id, purpose) > (:t, :o, :p) ORDER BY 1, 2, 3 LIMIT :n FOR UPDATE"
                ),
                {"t": last[0], "o": last[1], "p": last[2], "n": _BATCH},
            ).all()
            for tenant, order, purpose, wrapped in rows:
                bound = sealing.about(tenant, order, purpose)
                if _is_new(bytes(wrapped), bound):
                    continue
                again = sealing.box(sealing.master(), sealing.unwrapped(bytes(wrapped), bound), bound)
                connection.execute(
                    text(
                        "UPDATE person_keys SET wrapped = :w WHERE (merchant_id, order_id, purpose) = (:t, :o, :p)"
                    ),
                    {"w": again, "t": tenant, "o": order, "p": purpose},
                )
                done += 1
        if not rows:
            break
        last = rows[-1][0], rows[-1][1], rows[-1][2]
    sync_folder(former.parent)
    former.unlink(missing_ok=True)
    return done


def _begun(former: Path) -> bool:
    """Whether the key was changed already, and some keys may still be wrapped by the former one."""
    return former.exists() and former.read_bytes() != sealing.master_file().read_bytes()


def _is_new(wrapped: bytes, bound: str) -> bool:
    try:
        sealing.unbox(sealing.master(), wrapped, bound)
    except InvalidTag:
        return False
    return True


def _change(former: Path) -> None:
    """Puts a new key in place of the master key, which stays beside it."""
    sealing.master()  # makes one where there is none yet
    fresh = former.with_name("next.key")
    fresh.unlink(missing_ok=True)  # of one that was killed here: nobody has used it
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(AESGCM.generate_key(256))
        file.flush()
        os.fsync(file.fileno())
    if not former.exists():
        os.link(sealing.master_file(), former)
    fresh.replace(sealing.master_file())
    sync_folder(former.parent)  # the new key must be there for good before anything is wrapped by it
