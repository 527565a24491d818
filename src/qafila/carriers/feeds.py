"""A carrier's rate card and timetable come into the network, or leave it: one at a time, told to the log."""

from __future__ import annotations

import contextlib
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from qafila.carriers import carriers_messages as m
from qafila.carriers import store
from qafila.carriers.carriers_connecting import needs_carrier
from qafila.core.fault import Conflict, Fault
from qafila.network import installed
from qafila.network.feed import write
from qafila.network.model import Feed
from qafila.network.network_joining import BROUGHT, NEEDED, join, leave, part_of
from qafila.openness import openness_recording
from qafila.openness.kinds import kind
from qafila.openness.model import Decision
from qafila.runtime.database import Role, acting_as

KIND = kind("carriers.feed", m.JOINED)
MOST = 20 << 20
"""Bytes of all files of a feed together."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a carrier brought: rows of each file, and the id of the network with it; none where it was only checked."""

    rows: Mapping[str, int]
    network: str


def files_of(uploads: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a feed by their names; a ZIP is taken apart.

    Raises:
        Fault: there is none, one that no carrier brings, or too much of it.
    """
    found: dict[str, bytes] = {}
    for name, content in uploads.items():
        if name.lower().endswith(".zip"):
            found |= _unpacked(content)
        elif name:
            found[name.rsplit("/", 1)[-1]] = content
    allowed = {f"{one}.csv" for one in BROUGHT}
    if strange := sorted(found.keys() - allowed):
        names = ", ".join(f"{one}.csv" for one in (*NEEDED, *(b for b in BROUGHT if b not in NEEDED)))
        raise Fault(
            m.STRANGE_FILE(name=strange[0][:80]), m.BRING_THESE(names=names), field="files", value=strange[0]
        )
    if not found:
        raise Fault(m.NO_FILES(), m.SEND_FILES(), field="files")
    if sum(map(len, found.values())) > MOST:
        raise Fault(m.TOO_LARGE(most=MOST >> 20), m.SEND_LESS(), field="files")
    return found


def _unpacked(content: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    room = MOST
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for one in packed.infolist():
                if one.is_dir() or one.filename.startswith("__MACOSX/"):
                    continue
                with packed.open(one) as inner:
                    text = inner.read(room + 1)
                room -= len(text)
                if room < 0:
                    raise Fault(m.TOO_LARGE(most=MOST >> 20), m.SEND_LESS(), field="files")
                found[one.filename.rsplit("/", 1)[-1]] = text
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        raise Fault(m.NO_ZIP(), m.ZIP_AGAIN(), field="files") from None
    return found


def bring(carrier: str, files: Mapping[str, bytes], now: datetime, dry: bool = False) -> Brought:
    """Lets a carrier join by its feed; what it brought before is replaced.

    The log is told first: where the machine stops in between, the carrier finds its services missing and brings them again.

    Args:
        carrier: the tenant's id.
        files: of `files_of`.
        now: the clock.
        dry: whether it is only checked.

    Raises:
        UnknownTenant, Suspended, Conflict: it is no carrier that may act. FeedErrors: what is wrong, by file, line and column.
    """
    with tempfile.TemporaryDirectory(prefix="qafila-feed-") as scratch, _alone(dry):
        folder = Path(scratch)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        with acting_as(Role.OPERATOR) as db:  # the network is nobody's own; what may change in it is checked
            needs_carrier(db, carrier)
            made = join(installed.feed(), folder, carrier, store.owned(db, carrier))
            if dry:
                return Brought(made.brought, "")
            digest = installed.keep(made.feed)
            store.own(db, carrier, made.ids, now)
            _tell(
                db,
                carrier,
                digest,
                {"act": "brought", "rows": dict(made.brought), "files": _digest(files)},
                now,
            )
        installed.use(digest)
        return Brought(made.brought, digest)


def take_out(carrier: str, now: datetime) -> int:
    """Takes a carrier's services out of the network; how many they were. What is booked on them stays booked.

    Raises:
        Conflict: it has none there.
    """
    with _alone():
        before = installed.feed()
        after = leave(before, carrier)
        gone = len(before.services) - len(after.services)
        if not gone:
            raise Conflict(m.NOTHING_THERE(), field="carrier", value=carrier)
        digest = installed.keep(after)
        with acting_as(Role.OPERATOR) as db:
            _tell(db, carrier, digest, {"act": "left", "services": gone}, now)
        installed.use(digest)
        return gone


def packed(feed: Feed, carrier: str) -> bytes:
    """What a carrier has in the network, as a ZIP of CSV files that it can bring again."""
    with tempfile.TemporaryDirectory(prefix="qafila-feed-") as scratch:
        own = part_of(feed, carrier)
        write(own, Path(scratch))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            for name in BROUGHT:
                if getattr(own, name) or name in NEEDED:
                    made.write(Path(scratch) / f"{name}.csv", f"{name}.csv")
        return out.getvalue()


def _tell(db: Connection, carrier: str, digest: str, said: Mapping[str, object], now: datetime) -> None:
    told = {**said, "carrier": carrier, "network": digest}
    openness_recording.record(db, [Decision(KIND.name, carrier, now, told, {})])


@contextlib.contextmanager
def _alone(dry: bool = False) -> Iterator[None]:
    """One carrier joins at a time: whoever comes second joins the network with the first in it."""
    if dry:
        yield
        return
    with installed.changing():
        yield


def _digest(files: Mapping[str, bytes]) -> str:
    total = hashlib.sha256()
    for name, content in sorted(files.items()):
        total.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return f"sha256:{total.hexdigest()}"
