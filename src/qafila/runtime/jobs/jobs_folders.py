"""Folders that jobs are handed and hand out. They lie in the home, which every worker reaches, whatever becomes of who asked."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qafila.core.identifiers.own import new_id
from qafila.runtime.settings import settings


def handed_in(folder: Path) -> str:
    """Copies a folder for a job to read; the name under which the job finds it. Raises OSError."""
    name = new_id("in")
    beside = _home() / f"{name}.part"
    shutil.copytree(folder, beside)
    beside.rename(_home() / name)
    return name


def find(name: str) -> Path:
    """A folder that was handed in, or that a job handed out, by its name or the job's id."""
    return _home() / Path(name).name


def let_go(name: str) -> None:
    """Deletes one, where it is still there."""
    shutil.rmtree(find(name), ignore_errors=True)


@contextmanager
def handing_out(job: str) -> Iterator[Path]:
    """A new empty folder for what a job makes; it appears under the job's id when all of it is there."""
    beside, whole = _home() / f"{job}.part", find(job)
    shutil.rmtree(beside, ignore_errors=True)  # of a worker that was killed
    beside.mkdir(mode=0o700)
    yield beside
    shutil.rmtree(whole, ignore_errors=True)
    beside.rename(whole)


def fetched(job: str, to: Path) -> None:
    """Moves what a job handed out to a new or empty folder.

    Raises:
        FileNotFoundError: there is nothing of this job any more.
        FileExistsError: there is something in the folder.
    """
    made = find(job)
    if not made.is_dir():
        raise FileNotFoundError(f"{job} has handed out nothing, or it was fetched, or its time is over")
    needs_room(to)
    if to.exists():
        to.rmdir()
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(made, to)


def needs_room(to: Path) -> None:
    """Raises FileExistsError where there is something in a folder, or a file in its place."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise FileExistsError(f"{to} is not empty; give a new folder")


def sweep(days: int) -> int:
    """Deletes what nobody fetched for some days; how many folders."""
    old = [one for one in _home().iterdir() if one.stat().st_mtime < time.time() - days * 86_400]
    for one in old:
        shutil.rmtree(one, ignore_errors=True)
    return len(old)


def _home() -> Path:
    folder = settings().home / "jobs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # a merchant's whole data may lie here
    return folder
