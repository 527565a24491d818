"""Files of orders on their way through: uploaded, looked at, booked in the background, kept with what came out.

A job is a folder in the home. It outlives the server: a run that was cut off is started again by hand and
books nothing twice. It does not outlive its use: buyers' addresses stand in it, so that a file that was only
looked at goes after a day, and a booked one with its outputs after `keep_files_days`. Shipping the same file
again gives the same outputs.
"""

from __future__ import annotations

import re
import secrets
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson

from qafila.context import Context
from qafila.runtime.settings import settings
from qafila.shipping.files.pipeline import Options, ship_file
from qafila.shipping.files.previewing import Preview, preview
from qafila.shipping.orders.columns import FileRefused
from qafila.shipping.orders.order import Address

OUTPUTS = ("labels.pdf", "documents.pdf", "shipments.csv", "rejected.csv", "events.jsonld")
_ONLY_LOOKED_AT = timedelta(days=1)
_TOKEN = re.compile(r"[0-9a-f]{32}")
_running: dict[str, dict[str, Any]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Job:
    """One uploaded file."""

    token: str
    merchant: str
    name: str
    uploaded: datetime
    rule: str
    sender_city: str = ""
    sender_country: str = ""
    promise_by: str = ""

    @property
    def folder(self) -> Path:
        """Where everything of it is."""
        return _root() / self.token

    @property
    def file(self) -> Path:
        """The file as it was uploaded."""
        return self.folder / "orders"

    @property
    def options(self) -> Options:
        """How it is to be shipped."""
        sender = Address(country=self.sender_country, city=self.sender_city) if self.sender_city else None
        by = date.fromisoformat(self.promise_by) if self.promise_by else None
        return Options(rule=self.rule, sender=sender, promise_by=by)


def keep(merchant: str, name: str, content: bytes, **asked: str) -> Job:
    """A new job from an uploaded file; takes the occasion to remove those that have had their time."""
    sweep(datetime.now(UTC))
    job = Job(secrets.token_hex(16), merchant, name[:200], datetime.now(UTC), **asked)
    job.folder.mkdir(parents=True)
    job.file.write_bytes(content)
    (job.folder / "job.json").write_bytes(orjson.dumps(job))
    return job


def sweep(now: datetime) -> None:
    """Removes the jobs whose time is over. One that is under way stays."""
    with _lock:
        busy = set(_running)
    for folder in _root().iterdir() if _root().exists() else ():
        started = folder / "started"
        since = started if started.exists() else folder
        kept = timedelta(days=settings().keep_files_days) if since is started else _ONLY_LOOKED_AT
        try:
            age = now - datetime.fromtimestamp(since.stat().st_mtime, UTC)
        except FileNotFoundError:  # another server of this home was quicker
            continue
        if folder.name not in busy and age > kept:
            shutil.rmtree(folder, ignore_errors=True)


def find(merchant: str, token: str) -> Job | None:
    """A merchant's own job."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        stored = orjson.loads((_root() / token / "job.json").read_bytes())
    except OSError:
        return None
    if stored["merchant"] != merchant:
        return None
    return Job(**{**stored, "uploaded": datetime.fromisoformat(stored["uploaded"])})


@lru_cache(maxsize=16)
def looked_at(job: Job, context: Context) -> Preview | FileRefused:
    """The preview of a job, or why the file cannot be read at all."""
    try:
        return preview(context, job.file, job.options)
    except FileRefused as refused:
        return refused


def start(job: Job, context: Context) -> None:
    """Books a job's orders in the background; does nothing where that is under way."""
    with _lock:
        if job.token in _running:
            return
        _running[job.token] = {"stage": "Waiting", "done": 0, "of": 0}
    (job.folder / "result.json").unlink(missing_ok=True)
    (job.folder / "started").touch()
    _pool().submit(_run, job, context)


def state(job: Job) -> dict[str, Any]:
    """`{"is": new | running | done | failed | interrupted, …}` with progress or result."""
    with _lock:
        if job.token in _running:
            return {"is": "running", **_running[job.token]}
    try:
        result: dict[str, Any] = orjson.loads((job.folder / "result.json").read_bytes())
        return result
    except OSError:
        return {"is": "interrupted" if (job.folder / "started").exists() else "new"}


def _run(job: Job, context: Context) -> None:
    def tell(stage: str, done: int, of: int) -> None:
        with _lock:
            _running[job.token] = {"stage": stage, "done": done, "of": of}

    try:
        summary = ship_file(context, job.file, job.folder / "out", job.options, tell)
        result: dict[str, Any] = {"is": "done", **summary.as_json(), "lines": summary.lines}
    except FileRefused as refused:
        result = {"is": "failed", "reason": str(refused)}
    except Exception as error:  # told to the person; the log has the whole of it
        import logging

        logging.getLogger(__name__).exception("the file %s could not be shipped", job.token)
        result = {"is": "failed", "reason": f"{type(error).__name__}: {error}"}
    fresh = job.folder / "result.json.new"
    fresh.write_bytes(orjson.dumps(result, default=str))
    fresh.replace(job.folder / "result.json")
    with _lock:
        _running.pop(job.token, None)


@cache
def _pool() -> ThreadPoolExecutor:
    """One file at a time: each uses every core by itself."""
    return ThreadPoolExecutor(1, thread_name_prefix="orders-file")


def _root() -> Path:
    return settings().home / "web" / "files"
