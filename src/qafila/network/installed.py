"""The network that this home uses: the operator's feed, or the reference network until one is installed.

Kept under `settings().home / "network"`: feeds by the hash of their content, the name of the current one,
and compiled timetables by feed, code, start and length. Many processes may call at once: whoever comes first
builds under a lock, and a folder appears only when it is complete.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pickle
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from uuid import uuid4

from qafila.core.fault import Fault
from qafila.network import network_messages as m
from qafila.network.model import Feed
from qafila.network.timetable import Timetable
from qafila.runtime import kept
from qafila.runtime.settings import own_settings

_REFERENCE = "reference"
_KEPT = 4  # compiled timetables; older ones are removed


class DamagedNetwork(Fault, RuntimeError):
    """The home names a network that it does not hold; the message says what to run."""


def install(feed: Feed) -> str:
    """Make a valid feed the network of this home; gives its hash."""
    digest = keep(feed)
    use(digest)
    return digest


def keep(feed: Feed) -> str:
    """Keeps a valid feed in this home without using it; gives its hash."""
    return _store(feed)


def use(digest: str) -> None:
    """Makes a feed that is kept the network of this home."""
    _point(digest, "installed")


def install_reference() -> str:
    """Make the reference network that this version of qafila ships the network of this home."""
    with _locked("reference"):
        with contextlib.suppress(DamagedNetwork):
            digest, origin = _current()
            if digest is not None and origin == _reference_origin():
                return digest
        from qafila.network.reference import build

        digest = _store(build())
        _point(digest, _reference_origin())
        return digest


class Network:
    """A network: its feed and its compiled timetables. Equal to another of the same id.

    `network()` gives that of this home, which other processes open again by its id; `Network.of` one in memory.
    """

    def __init__(self, id: str) -> None:
        self.id = id

    @staticmethod
    def of(feed: Feed) -> Network:
        """A network that is installed nowhere."""
        return _InMemory(feed, uuid4().hex)

    @property
    def feed(self) -> Feed:
        """Facilities, services, calendars and rates."""
        return _load(self.id)

    def timetable(self, on: date, days: int = 63) -> Timetable:
        """The compiled network over `days` days from the Monday of the week of `on`; compiled once, memory-mapped."""
        return _open(self.id, on - timedelta(days=on.weekday()), days)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)


class _InMemory(Network):
    def __init__(self, feed: Feed, id: str) -> None:
        super().__init__(id)
        self._feed = feed

    @property
    def feed(self) -> Feed:
        return self._feed

    def timetable(self, on: date, days: int = 63) -> Timetable:
        return _compiled(self, on - timedelta(days=on.weekday()), days)


@lru_cache(maxsize=_KEPT)
def _compiled(of: _InMemory, start: date, days: int) -> Timetable:
    from qafila.network.compile import compile_timetable

    return compile_timetable(of.feed, start, days)


def changing() -> contextlib.AbstractContextManager[None]:
    """Held by whoever reads the network in order to install another made of it: none overwrites what another installs."""
    return _locked("changing")


def network() -> Network:
    """The network of this home. For doors: whoever is below one is handed a Context."""
    return Network(_digest())


def feed() -> Feed:
    """The feed of this home. For doors."""
    return network().feed


def timetable(on: date, days: int = 63) -> Timetable:
    """The compiled network of this home, from the Monday of the week of `on`, memory-mapped. For doors."""
    return network().timetable(on, days)


@cache
def _load(digest: str) -> Feed:
    folder = _home() / "feeds" / digest

    def read_again() -> Feed:  # installed by another version of qafila: its CSV files are the truth
        from qafila.network.feed import read

        return read(folder)

    return kept.pickled(folder / _pickle_name(), read_again)


@cache
def _open(digest: str, start: date, days: int) -> Timetable:
    folder = (
        _home()
        / "compiled"
        / f"{digest}-{_code('compile.py', 'cabotage.py', 'clocks.py', 'ride_terms.py', 'timetable.py')}-{start}-{days}"
    )

    def fill(fresh: Path) -> None:
        from qafila.network.compile import compile_timetable

        compile_timetable(_load(digest), start, days).save(fresh)

    if not kept.sound(folder):
        with _locked("compile"):  # whoever comes first compiles, the others wait for it
            kept.folder(folder, fill)
            _forget_old(folder.parent)
    with contextlib.suppress(OSError):  # a home that cannot be written to
        os.utime(folder)
    return Timetable.load(folder)


def _digest() -> str:
    digest, origin = _current()
    stale = origin is not None and origin.startswith(_REFERENCE) and origin != _reference_origin()
    return install_reference() if digest is None or stale else digest


def _store(feed: Feed) -> str:
    from qafila.network.feed import write  # and with it the checks of a feed: a warm start needs neither

    feeds = _home() / "feeds"
    feeds.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=feeds) as scratch:
        folder = Path(scratch) / "feed"
        write(feed, folder)
        total = hashlib.sha256()
        for file in sorted(folder.iterdir()):
            total.update(file.name.encode() + b"\0" + file.read_bytes())
        digest = total.hexdigest()[:16]
        (folder / _pickle_name()).write_bytes(kept.sealed(pickle.dumps(feed, protocol=5)))
        if not (feeds / digest).exists():
            with contextlib.suppress(OSError):  # another process was first: the content is the same
                folder.rename(feeds / digest)
    return digest


def _point(digest: str, origin: str) -> None:
    kept.put(_home() / "current", f"{digest} {origin}\n".encode())


def _pickle_name() -> str:
    return f"feed-{_code('model.py', 'timetable.py')}.pickle"


def _current() -> tuple[str | None, str | None]:
    folder = str(_home())
    try:
        told = os.stat(f"{folder}/current")
    except FileNotFoundError:
        return None, None
    return _pointed(folder, told.st_ino, told.st_mtime_ns)


@lru_cache(maxsize=4)
def _pointed(folder: str, inode: int, changed: int) -> tuple[str, str]:
    """What a pointer says, read once as long as it is the same file: every request asks."""
    pointer = Path(folder) / "current"
    words = pointer.read_text(encoding="utf-8").split()
    if len(words) != 2 or not (Path(folder) / "feeds" / words[0] / "feed.csv").exists():
        raise DamagedNetwork(m.NOT_HERE(file=str(pointer)), m.LOAD_ONE())
    return words[0], words[1]


def _forget_old(folder: Path) -> None:
    compiled = sorted(
        (p for p in folder.iterdir() if not p.name.startswith("tmp")), key=lambda p: p.stat().st_mtime
    )
    for old in compiled[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def _locked(name: str) -> Iterator[None]:
    _home().mkdir(parents=True, exist_ok=True)
    with (_home() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _home() -> Path:
    return own_settings().home / "network"  # a place of practice has the network of its hub


@cache
def _reference_origin() -> str:
    names = kept.contents(
        "qafila.network", ".py", ".csv", folder="reference"
    )  # which a warm start does not import
    return f"{_REFERENCE}-{_code('model.py', *names)}"


@cache
def _code(*names: str) -> str:
    """A short hash of source files of this package: what was built by other code is built again."""
    return kept.digest("qafila.network", *names)
