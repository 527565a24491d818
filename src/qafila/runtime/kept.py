"""What takes long to work out and never changes, kept in the home for the next process.

A path that is kept names what it was made of (`digest`), so it is never out of date. Many processes may make the
same at once: a file or folder appears whole or not at all, and who comes last finds it there.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import pickle
import tempfile
import threading
from collections.abc import Callable, Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

_T = TypeVar("_T")


def put(path: Path, content: bytes) -> None:
    """Writes a file at once: others may be reading it, or writing the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    fresh.write_bytes(content)
    fresh.replace(path)


def pickled(path: Path, make: Callable[[], _T]) -> _T:
    """The object at a path, made where it is not there yet. Only for what qafila itself has made in this home."""
    if not path.exists():
        made = make()
        with contextlib.suppress(OSError):  # a home that cannot be written to: the next makes it again
            put(path, pickle.dumps(made, protocol=5))
        return made
    content = path.read_bytes()
    collecting = gc.isenabled()
    gc.disable()  # many new objects, none of them garbage: twice as quick
    try:
        loaded: _T = pickle.loads(content)
    finally:
        if collecting:
            gc.enable()
    return loaded


def folder(path: Path, fill: Callable[[Path], object]) -> Path:
    """The folder at a path; where it is not there yet, `fill` makes it under another name."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            fresh = Path(scratch) / "new"
            fill(fresh)
            with contextlib.suppress(OSError):  # another process was first: it made the same
                fresh.rename(path)
    return path


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
