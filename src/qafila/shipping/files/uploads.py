"""Files of orders on their way through: uploaded, looked at, booked by a worker, kept with what came out.

A file is a folder in the home; that it is booked is a job of the queue, which outlives servers and workers: one that was
killed is carried on by another and books nothing twice. A file does not outlive its use: buyers' addresses stand in
it, so that one that was only looked at goes after a day, and a booked one with its outputs after `keep_files_days`.
Shipping the same file again gives the same outputs.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from qafila.context import Context
from qafila.core.message_json import to_json
from qafila.runtime.jobs import queue
from qafila.runtime.jobs.jobs_types import Job as QueueJob
from qafila.runtime.jobs.jobs_types import Running
from qafila.runtime.settings import settings
from qafila.shipping.files.pipeline import Options, ship_file
from qafila.shipping.files.previewing import Preview, preview
from qafila.shipping.orders.columns import FileRefused
from qafila.shipping.orders.order import Address

OUTPUTS = ("labels.pdf", "documents.pdf", "shipments.csv", "rejected.csv", "events.jsonld")
_ONLY_LOOKED_AT = timedelta(days=1)
_TOKEN = re.compile(r"[0-9a-f]{32}")


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


def keep(merchant: str, now: datetime, name: str, content: bytes, **asked: str) -> Job:
    """A new job from an uploaded file; takes the occasion to remove those that have had their time."""
    sweep(now)
    job = Job(secrets.token_hex(16), merchant, name[:200], now, **asked)
    job.folder.mkdir(parents=True, mode=0o700)  # buyers' addresses: nobody else on the machine reads them
    with os.fdopen(os.open(job.file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
    (job.folder / "job.json").write_bytes(orjson.dumps(job))
    return job


def sweep(now: datetime) -> None:
    """Removes the jobs whose time is over. One that is under way stays."""
    for folder in _root().iterdir() if _root().exists() else ():
        started = folder / "started"
        since = started if started.exists() else folder
        kept = timedelta(days=settings().keep_files_days) if since is started else _ONLY_LOOKED_AT
        try:
            age = now - datetime.fromtimestamp(since.stat().st_mtime, UTC)
        except FileNotFoundError:  # another server of this home was quicker
            continue
        if age > kept and not _under_way(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


def _under_way(token: str) -> bool:
    kept = queue.find(key=f"orders-file:{token}")
    return kept is not None and not kept.over


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


def listed(merchant: str, most: int = 20) -> list[tuple[Job, dict[str, Any]]]:
    """A merchant's files that are still kept, the latest first, each with its state."""
    found: list[Job] = []
    for folder in _root().iterdir() if _root().exists() else ():
        job = find(merchant, folder.name)
        if job is not None:
            found.append(job)
    found.sort(key=lambda job: job.uploaded, reverse=True)
    return [(job, state(job)) for job in found[:most]]


@lru_cache(maxsize=16)
def looked_at(job: Job, context: Context) -> Preview | FileRefused:
    """The preview of a job, or why the file cannot be read at all."""
    try:
        return preview(context, job.file, job.options)
    except FileRefused as refused:
        return refused


def ship(running: Running) -> Mapping[str, Any]:
    """The queue's job: books a file's orders; what an earlier run booked it finds booked."""
    job = find(running.tenant or "", running.arguments["token"])
    if job is None:
        return {"is": "failed", "reason": ""}
    try:
        summary = ship_file(running.context, job.file, job.folder / "out", job.options, running.tell)
    except FileRefused as refused:
        return {"is": "failed", "reason": to_json(refused.told)}
    return {
        "is": "done",
        **summary.told(),
        "lines": summary.lines,
    }


def start(job: Job, kind: QueueJob) -> None:
    """Has a job's orders booked by a worker; does nothing where that is under way or done."""
    (job.folder / "started").touch()
    before = ended(job)
    if before is not None and before["is"] == "failed":
        queue.forget(_key(job))
    queue.ask(kind, job.merchant, {"token": job.token}, key=_key(job))


def state(job: Job) -> dict[str, Any]:
    """`{"is": new | running | done | failed, …}` with progress or result."""
    kept = queue.find(key=_key(job))
    if kept is None:
        return {"is": "new"}
    if not kept.over:
        return {"is": "running", "stage": kept.stage or "Waiting", "done": kept.done, "of": kept.of}
    return ended(job) or {"is": "failed", "reason": ""}


def ended(job: Job) -> dict[str, Any] | None:
    """The result of a job that has come to its end."""
    kept = queue.find(key=_key(job))
    if kept is None or not kept.over:
        return None
    if kept.fault is not None:
        return {"is": "failed", "reason": kept.fault["reason"]}
    return dict(kept.result or {})


def _key(job: Job) -> str:
    return f"orders-file:{job.token}"


def _root() -> Path:
    return settings().home / "web" / "files"


def with_any(merchant: str, texts: Sequence[str], delete: bool) -> int:
    """How many of a merchant's files hold any of some texts, in the file or in what came out of it; they may be deleted.

    A workbook cannot be looked into as it lies; what came out of it is.
    """
    wanted = [one.encode() for one in texts]
    found = 0
    for folder in list(_root().iterdir()) if _root().exists() else ():
        job = find(merchant, folder.name)
        if job is None or _under_way(job.token):
            continue
        plain = [p for p in folder.rglob("*") if p.is_file() and p.suffix in ("", ".csv", ".json", ".jsonld")]
        if any(text in path.read_bytes() for path in plain for text in wanted):
            found += 1
            if delete:
                shutil.rmtree(folder, ignore_errors=True)
    return found
