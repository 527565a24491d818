"""Every kind of tampering with a live log is found, and the entry named."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from qafila.openness import auditing, openness_recording, sequencing
from qafila.openness.log import tree
from qafila.openness.log.checkpoints import signed
from qafila.openness.log.log_signing import signer
from qafila.openness.log.log_tiles import TileStore
from qafila.openness.verifier import Checkpoint, leaf_hash
from qafila.runtime.database import administrator
from tests.openness.logs import decision, fresh_log

AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
COUNT = 600


@dataclass(frozen=True)
class Log:
    folder: Path
    promises: list[bytes]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    with fresh_log(tmp_path, monkeypatch) as folder:
        promises: list[bytes] = []
        for turn in range(3):
            with administrator() as connection:
                some = [decision(f"o-{turn}-{i}") for i in range(COUNT // 3)]
                promises += [one.promise for one in openness_recording.record(connection, some)]
            sequencing.integrate(AT)
        yield Log(folder, promises)


def found(
    log: Log, others: list[bytes] | None = None, promises: list[bytes] | None = None
) -> list[tuple[str, int | None]]:
    with administrator() as connection:
        findings = auditing.audit(
            connection, log.folder, openness_recording.keys().keys, others or [], promises or []
        )
    return [(one.kind, one.index) for one in findings]


def tamper(*changes: str) -> None:
    """Changes the tables as somebody would who owns the database and has switched its own guards off."""
    with administrator() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for change in changes:
            connection.execute(text(change))


def move(connection: Connection, start: int, by: int) -> None:
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    away = 1_000_000  # past the unique index, by way of places that nobody has
    connection.execute(
        text(f"UPDATE log_entries SET leaf_index = leaf_index + {away} WHERE leaf_index >= {start}")
    )
    connection.execute(
        text(f"UPDATE log_entries SET leaf_index = leaf_index - {away - by} WHERE leaf_index >= {away}")
    )


def test_a_log_that_nobody_touched_has_no_findings(log: Log) -> None:
    assert found(log, [(log.folder / "checkpoint").read_bytes()], log.promises) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("UPDATE log_entries SET entry = '{}' WHERE leaf_index = 123", [("altered", 123)]),
        ("UPDATE log_entries SET leaf_hash = sha256('x') WHERE leaf_index = 123", [("altered", 123)]),
        ("DELETE FROM log_entries WHERE leaf_index = 400", [("removed", 400)]),
        ("DELETE FROM log_entries WHERE leaf_index = 599", [("removed", 599)]),
        (
            "UPDATE log_openings SET value = '\"9.00\"' WHERE field = 'price' AND entry_id = (SELECT entry_id FROM log_entries WHERE leaf_index = 7)",
            [("opening", 7)],
        ),
        ("UPDATE log_entries SET tenant_id = 'mine' WHERE leaf_index = 7", [("altered", 7)]),
        ("UPDATE log_entries SET subject = 'mine' WHERE leaf_index = 7", [("altered", 7)]),
        ("UPDATE log_entries SET kind = 'mine' WHERE leaf_index = 7", [("altered", 7)]),
        (
            "DELETE FROM log_openings WHERE field = 'price' AND entry_id = (SELECT entry_id FROM log_entries WHERE leaf_index = 7)",
            [("opening", 7)],
        ),
        ("UPDATE log_checkpoints SET size = 199 WHERE size = 200", [("checkpoint", None)]),
        ("DELETE FROM log_checkpoints WHERE size = 600", [("checkpoint", None)]),
    ],
)
def test_what_was_changed_in_the_database_is_named(
    log: Log, change: str, expected: list[tuple[str, int]]
) -> None:
    tamper(change)
    assert found(log) == expected


def test_an_entry_that_was_taken_out_and_the_gap_closed_is_named(log: Log) -> None:
    with administrator() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DELETE FROM log_entries WHERE leaf_index = 250"))
        move(connection, 251, -1)
    assert found(log) == [("removed", 250)]


def test_an_entry_that_was_put_between_is_named(log: Log) -> None:
    with administrator() as connection:
        move(connection, 250, 1)
        connection.execute(
            text(
                "INSERT INTO log_entries (leaf_index, kind, subject, entry, leaf_hash, decided_at, promised_by) "
                "VALUES (250, 'test.offer', 'x', '{}', sha256(decode('00', 'hex') || '{}'), now(), now())"
            )
        )
    assert found(log) == [("inserted", 250)]


def test_entries_that_changed_places_are_named(log: Log) -> None:
    with administrator() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for was, now in ((100, 10_000), (300, 100), (10_000, 300)):
            connection.execute(text(f"UPDATE log_entries SET leaf_index = {now} WHERE leaf_index = {was}"))
    kinds = found(log)
    assert {kind for kind, _ in kinds} == {"reordered"}
    assert {index for _, index in kinds} == {100, 300}


def test_a_published_file_that_was_changed_is_named(log: Log) -> None:
    path = log.folder / "tile" / "entries" / "001"
    path.write_bytes(path.read_bytes().replace(b'"ways":1', b'"ways":9', 1))
    assert found(log) == [("files", None)]


def test_a_log_that_was_forked_between_two_readers_is_told_with_where_they_part(
    log: Log, tmp_path: Path
) -> None:
    held = (log.folder / "checkpoint").read_bytes()
    own = TileStore(log.folder)
    entries = [own.entry(i, COUNT) for i in range(COUNT)]
    entries[450] = b"something else"
    forked = TileStore(tmp_path / "fork")
    forked.append(0, entries)
    root = tree.root_of([leaf_hash(entry) for entry in entries])
    other = signed(Checkpoint("localhost/qafila", COUNT, root), [openness_recording.keys().signer])
    assert found(log, [other]) == [("forked", COUNT)]
    assert found(log, [held]) == []
    assert auditing.where_they_part(log.folder, COUNT, tmp_path / "fork", COUNT) == 450
    assert auditing.where_they_part(log.folder, COUNT, log.folder, 200) is None


def test_a_log_that_was_cut_back_is_told_by_whoever_saw_more(log: Log) -> None:
    longer = signed(Checkpoint("localhost/qafila", COUNT + 1, bytes(32)), [openness_recording.keys().signer])
    assert found(log, [longer]) == [("forked", COUNT)]


def test_checkpoints_of_others_are_told_for_what_they_are(log: Log) -> None:
    stranger = signer("localhost/qafila")
    assert found(log, [signed(Checkpoint("localhost/qafila", 1, bytes(32)), [stranger])]) == [
        ("checkpoint", None)
    ]
    foreign = signed(Checkpoint("other.example", 1, bytes(32)), [openness_recording.keys().signer])
    assert found(log, [foreign]) == [("checkpoint", None)]


def test_a_promise_that_was_not_kept_is_told(log: Log) -> None:
    with administrator() as connection:
        (waits,) = openness_recording.record(connection, [decision("late")])
    assert found(log, promises=[waits.promise]) == [("promise", None)]
    sequencing.integrate(AT)
    assert found(log, promises=[waits.promise]) == []
    with administrator() as connection:
        (never,) = openness_recording.record(connection, [decision("never")])
        connection.rollback()
    with administrator() as connection:
        (said,) = auditing.audit(
            connection, log.folder, openness_recording.keys().keys, promises=[never.promise]
        )
    assert "was promised by 2026-11-30T03:01:00Z and is not in the log" in str(said.said)


def test_files_that_were_all_made_anew_with_the_key_are_found_by_whoever_holds_an_older_checkpoint(
    log: Log, tmp_path: Path
) -> None:
    held = (log.folder / "checkpoint").read_bytes()
    tamper(
        "UPDATE log_entries SET entry = "
        "convert_to(replace(convert_from(entry, 'UTF8'), 'ways', 'days'), 'UTF8') WHERE leaf_index = 5",
        "UPDATE log_entries SET leaf_hash = sha256(decode('00', 'hex') || entry) WHERE leaf_index = 5",
        "DELETE FROM log_checkpoints",
    )
    shutil.rmtree(log.folder)
    sequencing.integrate(AT)
    assert found(log) == []  # the hub alone cannot tell: that is what witnesses and receipts are for
    assert found(log, [held]) == [("forked", COUNT)]
