"""Networks with which parcels are exchanged: their keys, which follow one another, their addresses, and who stands for each here."""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from sqlalchemy import Connection, text

from qafila.openness.verifier import Broken, Key, Succession, read_key, read_succession
from qafila.runtime.database import Role, acting_as
from qafila.runtime.outgoing import Manners, Refused, request
from qafila.runtime.settings import settings

GRACE = timedelta(days=30)
"""So long a document that is on the road is taken though the key that signed it was rotated or lost; never a stolen one's."""
_EVERY = timedelta(minutes=10)
_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class Partner:
    """A network that is known.

    Attributes:
        first: the first key of its log, which names it.
        address: where its API answers; empty: it is not asked.
        tenant: who stands for it here; empty: whoever may take parcels in.
        followed: its keys, as far as its statements are known here.
    """

    first: Key
    address: str
    tenant: str
    followed: Succession

    @property
    def origin(self) -> str:
        """The name of its log."""
        return self.first.name

    def keys(self, now: datetime) -> tuple[Key, ...]:
        """The keys whose word is taken: the one that signs now, and those that gave up signing a short while ago."""
        last = self.followed.keys[-1]
        before = [
            key
            for key in self.followed.keys[:-1]
            if (told := self.followed.told.get(str(key))) is not None
            and told.reason != "stolen"
            and datetime.fromtimestamp(told.time, UTC) + GRACE >= now
        ]
        return (last, *before)


def read(line: str) -> tuple[Key, str, str]:
    """What a setting says: `VKEY`, `VKEY ADDRESS` or `VKEY ADDRESS TENANT`; `-` for no address. Raises Broken."""
    parts = line.split()
    if not 1 <= len(parts) <= 3:
        raise Broken(
            f"{line[:80]!r} is no partner: write its key, its address and the tenant that stands for it"
        )
    vkey, address, tenant = (*parts, "", "")[:3]
    if address not in ("", "-") and not address.startswith(("http://", "https://")):
        raise Broken(f"{address[:80]!r} is no address of a partner")
    return read_key(vkey), "" if address == "-" else address.rstrip("/"), tenant


def partners(connection: Connection) -> list[Partner]:
    """Every network that the settings name, with its keys as its statements were read last."""
    known = {
        row.origin: row.statements
        for row in connection.execute(text("SELECT origin, statements FROM partner_networks"))
    }
    found = []
    for line in settings().partner_networks:
        first, address, tenant = read(line)
        followed = _followed(known.get(first.name, []), first)
        found.append(Partner(first, address, tenant, followed))
    return found


def _followed(statements: Sequence[str], first: Key) -> Succession:
    try:
        return read_succession(statements, first)
    except Broken:  # statements of another first key: the settings have changed since
        return Succession((first,), {})


def keys_for(tenant: str, now: datetime) -> list[Key]:
    """The keys by whose word a tenant may take parcels in."""
    with acting_as(Role.OPERATOR) as connection:
        known = partners(connection)
    return [key for one in known if one.tenant in ("", tenant) for key in one.keys(now)]


def follow(one: Partner, now: datetime, anyway: bool = False) -> Partner:
    """The partner with its statements read anew, where that was long ago (or `anyway`) and it can be reached.

    Statements only grow: what does not begin with those that are known is not believed, and noted as trouble.
    """
    with acting_as(Role.OPERATOR) as connection:
        row = connection.execute(
            text("SELECT statements, read_at FROM partner_networks WHERE origin = :o"), {"o": one.origin}
        ).one_or_none()
    if not one.address or (not anyway and row is not None and row.read_at > now - _EVERY):
        return one
    before: list[str] = [] if row is None else list(row.statements)
    statements, trouble = before, ""
    try:
        answer = request("GET", f"{one.address}/log/keys.json", None, {}, Manners(inside=True, most=_MOST))
        if answer.status != 200:
            raise OSError(f"it answered {answer.status}")
        told = [str(note) for note in json.loads(answer.body)["statements"]]
        read_succession(told, one.first)
        if told[: len(before)] != before:
            raise Broken("its statements are not those that it made before")
        statements = told
    except (OSError, Refused, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        trouble = str(error)[:300]
    with acting_as(Role.OPERATOR) as connection:
        connection.execute(
            text(
                "INSERT INTO partner_networks (origin, statements, read_at, trouble) VALUES (:o, CAST(:s AS jsonb), :now, :t) "
                "ON CONFLICT (origin) DO UPDATE SET statements = excluded.statements, read_at = excluded.read_at, "
                "trouble = excluded.trouble"
            ),
            {"o": one.origin, "s": orjson.dumps(statements).decode(), "now": now, "t": trouble},
        )
    return Partner(one.first, one.address, one.tenant, _followed(statements, one.first))
