"""Jobs on the real queue, done by workers in this process."""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

import pytest

from qafila.core.fault import Fault
from qafila.core.message import template
from qafila.runtime import telemetry
from qafila.runtime.database import administrator, merchant_transaction
from qafila.runtime.jobs import queue, store, worker
from qafila.runtime.jobs.jobs_types import Job, Running
from qafila.runtime.settings import settings

WRONG = template("test.job_wrong", "The file {name} is empty.")
MEND = template("test.job_mend", "Choose another.")


def surroundings(tenant: str) -> Any:
    return f"context of {tenant}"


def kept(id: str) -> store.Kept:
    with administrator() as connection:
        found = store.find(connection, id)
    assert found is not None
    return found


def test_a_job_is_done_with_its_progress_and_result_and_its_tenant_sees_it() -> None:
    seen: list[Any] = []

    def run(running: Running) -> dict[str, Any]:
        running.tell("Counting", 3, 7)
        seen.append((running.tenant, running.context, running.arguments, kept(running.id)))
        return {"sum": running.arguments["a"] + 1}

    job = Job(name="test.count", run=run)
    asked = queue.ask(job, "m-1", {"a": 41})
    assert (asked.state, asked.over) == ("waiting", False)
    worker.work_off([job], surroundings)
    ((tenant, context, arguments, during),) = seen
    assert (tenant, context, arguments) == ("m-1", "context of m-1", {"a": 41})
    assert (during.state, during.stage, during.done, during.of) == ("running", "Counting", 3, 7)
    done = kept(asked.id)
    assert (done.state, done.result, done.attempts) == ("done", {"sum": 42}, 1)
    for merchant, sees in (("m-1", True), ("m-2", False)):
        with merchant_transaction(merchant) as connection:
            assert (store.find(connection, asked.id) is not None) == sees


def test_what_is_asked_for_twice_under_a_key_is_one_job_and_one_that_failed_is_tried_anew() -> None:
    fail = True
    runs: list[str] = []

    def run(running: Running) -> dict[str, Any]:
        runs.append(running.id)
        if fail:
            raise Fault(WRONG(name="a.csv"), MEND())
        return {}

    job = Job(name="test.keyed", run=run, heavy=True)
    first = queue.ask(job, None, key="file-1")
    assert queue.ask(job, None, key="file-1").id == first.id
    worker.work_off([job], surroundings)
    assert runs == [first.id]
    assert kept(first.id).fault == {
        "kind": "invalid",
        "reason": "The file a.csv is empty.",
        "remedy": "Choose another.",
    }
    fail = False
    again = queue.ask(job, None, key="file-1")
    assert (again.id, again.state, again.fault) == (first.id, "waiting", None)
    worker.work_off([job], surroundings)
    assert (len(runs), kept(first.id).state) == (2, "done")
    assert queue.ask(job, None, key="file-1").state == "done"
    worker.work_off([job], surroundings)
    assert len(runs) == 2


def test_a_job_is_there_if_and_only_if_what_asked_for_it_is_committed() -> None:
    job = Job(name="test.within", run=lambda running: {})
    with administrator() as connection:
        gone = queue.ask_within(connection, job, None)
        connection.rollback()
    with administrator() as connection:
        assert store.find(connection, gone.id) is None


def test_what_is_still_being_done_is_not_done_by_another() -> None:
    began, go = threading.Event(), threading.Event()
    runs: list[str] = []

    def run(running: Running) -> None:
        runs.append(running.id)
        began.set()
        go.wait(10)

    job = Job(name="test.slow", run=run)
    asked = queue.ask(job, None)
    first = threading.Thread(target=worker.run_one, args=(job, asked.id, surroundings))
    first.start()
    began.wait(10)
    with pytest.raises(worker.Busy):
        worker.run_one(job, asked.id, surroundings)
    go.set()
    first.join()
    worker.run_one(job, asked.id, surroundings)  # it is done: nothing is left to do
    assert runs == [asked.id]


def test_a_failure_is_tried_again_as_often_as_the_job_says_and_then_told() -> None:
    job = Job(name="test.broken", run=lambda running: 1 / 0, attempts=2)  # type: ignore[arg-type,return-value]
    asked = queue.ask(job, None)
    with pytest.raises(ZeroDivisionError):
        worker.run_one(job, asked.id, surroundings)
    assert kept(asked.id).state == "running"
    worker.run_one(job, asked.id, surroundings)
    fault = kept(asked.id).fault
    assert fault is not None
    assert fault["reason"].startswith("ZeroDivisionError")


def test_a_job_hears_that_it_is_to_end() -> None:
    def run(running: Running) -> dict[str, Any]:
        queue.stop(running.id)
        return {"stopped": running.stopped()}

    job = Job(name="test.stopped", run=run)
    asked = queue.ask(job, None)
    worker.run_one(job, asked.id, surroundings)
    assert kept(asked.id).result == {"stopped": True}
    assert not queue.stop(asked.id)


def test_every_line_that_is_logged_in_a_job_names_it_and_no_line_after_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings(), "log_format", "json")
    log, root = logging.getLogger("qafila.test"), logging.getLogger()
    before, level = root.handlers[:], root.level

    def run(running: Running) -> dict[str, Any]:
        log.warning("counting")
        return {}

    job = Job(name="test.logging", run=run)
    try:
        telemetry.start_logging()
        ids = [queue.ask(job, None).id for _ in range(2)]
        worker.work_off([job], surroundings)
        log.warning("afterwards")
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    finally:
        root.handlers[:], root.level = before, level
    told = {line["job"] for line in lines if line["event"] == "counting"}
    assert told == set(ids)
    assert all("job" not in line for line in lines if line["event"] == "afterwards")
