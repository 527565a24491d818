"""What takes long to work out and never changes, kept in the home for the next process.

A path that is kept names what it was made of (`digest`), so it is never out of date. Many processes may make the
same at once: a file or folder appears whole or not at all, and who comes last finds it there.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import logging
import os
import pickle
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def put(path: Path, content: bytes) -> None:
    """Writes a file at once: others may be reading it, or writing the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a name must never outlive a power cut that its content did not
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)  # a full disk: nothing of it stays
        raise


def sealed(content: bytes) -> bytes:
    """Content with its own checksum before it."""
    return _SEAL + hashlib.blake2b(content, digest_size=16).digest() + content


def _unsealed(stored: bytes) -> bytes | None:
    """What was sealed; None where it is cut off, altered, or was never sealed."""
    head = len(_SEAL) + 16
    content = stored[head:]
    same = hashlib.blake2b(content, digest_size=16).digest() == stored[len(_SEAL) : head]
    return content if stored.startswith(_SEAL) and same else None


_SEAL = b"qafila kept 1\n"


def pickled(path: Path, make: Callable[[], _T]) -> _T:
    """The object at a path, made where it is not there yet, or not as it was written. Only for what qafila itself has made
    in this home: who may write there may run code.
    """
    content = None
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        content = _unsealed(path.read_bytes())
        if content is None:
            _log.warning("%s is damaged and is made again", path)
    if content is not None:
        with contextlib.suppress(ImportError, AttributeError):  # its classes had other names then: made again
            return _loaded(content)
    made = make()
    with contextlib.suppress(OSError):  # a home that cannot be written to: the next makes it again
        put(path, sealed(pickle.dumps(made, protocol=5)))
    return made


def _loaded(content: bytes) -> Any:
    collecting = gc.isenabled()
    gc.disable()  # many new objects, none of them garbage: twice as quick
    try:
        return pickle.loads(content)
    finally:
        if collecting:
            gc.enable()


def folder(path: Path, fill: Callable[[Path], object]) -> Path:
    """The folder at a path; where it is not there yet, or not as it was written, `fill` makes it under another name."""
    if path.exists() and not sound(path):
        _log.warning("%s is damaged and is made again", path)
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch, contextlib.suppress(FileNotFoundError):
            path.rename(Path(scratch) / "damaged")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            fresh = Path(scratch) / "new"
            fill(fresh)
            _list(fresh)
            with contextlib.suppress(OSError):  # another process was first: it made the same
                fresh.rename(path)
    return path


def _list(folder: Path) -> None:
    """Writes what a folder holds: size, time and checksum of each file."""
    found = {}
    for file in sorted(p for p in folder.iterdir() if p.is_file()):
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
        facts = file.stat()
        found[file.name] = [facts.st_size, facts.st_mtime_ns, _checksum(file)]
    (folder / _CONTENTS).write_text(json.dumps(found), encoding="utf-8")


def sound(folder: Path) -> bool:
    """Whether a folder holds what was written. A file of the same size and time is believed, any other is read whole."""
    try:
        listed = json.loads((folder / _CONTENTS).read_text(encoding="utf-8"))
        for name, (size, time, checksum) in listed.items():
            facts = (folder / name).stat()
            if facts.st_size != size or (facts.st_mtime_ns != time and _checksum(folder / name) != checksum):
                return False
    except (OSError, ValueError, TypeError):
        return False
    return True


def _checksum(path: Path) -> int:
    total = 0
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            total = zlib.crc32(part, total)
    return total


_CONTENTS = "contents.json"


def digest(package: str, *names: str, of: Iterable[str] = ()) -> str:
    """A short hash of files of a package, and of other facts: versions of what is used, say."""
    total = hashlib.blake2b(digest_size=5)
    for fact in of:
        total.update(fact.encode() + b"\0")
    for name in names:
        total.update(files(package).joinpath(name).read_bytes())
    return total.hexdigest()


def contents(package: str, *suffixes: str, folder: str = "") -> list[str]:
    """Names of a package's files with these endings, in subfolders too, in order; or those in one `folder` of it, of
    which nothing is imported."""

    def walk(place: Traversable, before: str) -> Iterable[str]:
        for file in place.iterdir():
            if file.is_dir():
                yield from walk(file, f"{before}{file.name}/")
            elif file.name.endswith(suffixes):
                yield before + file.name

    if folder:
        return sorted(walk(files(package) / folder, f"{folder}/"))
    return sorted(walk(files(package), ""))
