"""From a decision to its receipt, on a real database."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from qafila.core.fault import NotFound
from qafila.openness import openness_receipts, openness_recording, sequencing, store, verifier
from qafila.openness.log.log_signing import signer
from qafila.openness.log.witnessing import Witness
from qafila.openness.model import Decision
from qafila.openness.openness_receipts import NotYet
from qafila.openness.verifier import COSIGNATURE
from qafila.openness.witnesses import Witnesses
from qafila.runtime.database import administrator, merchant_transaction
from qafila.shipping import merchants
from tests.openness.logs import decision, fresh_log

AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with fresh_log(tmp_path, monkeypatch) as folder:
        yield folder


def record(*decisions: Decision) -> list[openness_recording.Recorded]:
    with administrator() as connection:
        return openness_recording.record(connection, decisions)


def test_a_decision_is_promised_at_once_and_proved_after_a_turn(log: Path, tmp_path: Path) -> None:
    (promised,) = record(decision("o-1"))
    with (
        administrator() as connection,
        pytest.raises(NotYet, match="will be in the log by 2026-11-30 03:01 UTC"),
    ):
        openness_receipts.receipts_of(connection, "o-1")
    turn = sequencing.integrate(AT)
    assert turn == sequencing.Turn(1, 1, 0)
    with administrator() as connection:
        (given,) = openness_receipts.receipts_of(connection, "o-1")
    files = {"o-1.tlog-proof": given.receipt, "o-1.json": given.openings, "promise": promised.promise}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            verifier.__file__,
            "o-1.tlog-proof",
            "--key",
            str(openness_recording.keys().first),
            "--openings",
            "o-1.json",
            "--promise",
            "promise",
            "--succession",
            log / "keys.json",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "ACCEPTED: entry 0 of 1 in localhost/qafila" in done.stdout


def test_a_decision_that_is_rolled_back_is_in_no_log(log: Path) -> None:
    def decide_and_fail() -> None:
        with administrator() as connection:
            openness_recording.record(connection, [decision("o-1")])
            raise RuntimeError("no room")

    with pytest.raises(RuntimeError, match="no room"):
        decide_and_fail()
    assert sequencing.integrate(AT) == sequencing.Turn(0, 0, 0)
    with administrator() as connection, pytest.raises(NotFound, match="no entry about “o-1”"):
        openness_receipts.receipts_of(connection, "o-1")


def test_many_turns_make_one_log_whose_files_are_sound(log: Path) -> None:
    for n in range(4):
        record(*(decision(f"o-{n}-{i}") for i in range(200)))
        sequencing.integrate(AT)
    head = verifier.read_checkpoint(verifier.read_note((log / "checkpoint").read_bytes()).text)
    assert head.size == 800
    assert list(verifier.walk_tree(log, head)) == []
    assert verifier.main(["--tree", str(log), "--key", str(openness_recording.keys().first)]) == 0


def test_whatever_was_killed_between_places_and_checkpoint_is_taken_up(log: Path) -> None:
    record(*(decision(f"o-{i}") for i in range(300)))
    sequencing.integrate(AT)
    record(*(decision(f"p-{i}") for i in range(300)))
    with administrator() as connection:
        store.give_places(connection, 1000)
        sequencing.TileStore(log).append(300, store.placed(connection, 300, 500))  # and some of the tiles
    assert sequencing.integrate(AT) == sequencing.Turn(0, 600, 0)
    head = verifier.read_checkpoint(verifier.read_note((log / "checkpoint").read_bytes()).text)
    assert list(verifier.walk_tree(log, head)) == []


def test_nothing_is_signed_over_a_database_that_was_set_back(log: Path) -> None:
    record(decision("o-1"), decision("o-2"))
    sequencing.integrate(AT)
    with administrator() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DELETE FROM log_openings"))
        connection.execute(text("DELETE FROM log_entries WHERE leaf_index = 1"))
    with pytest.raises(sequencing.Diverged, match="2 entries are published and the database has 1"):
        sequencing.integrate(AT)


def test_the_database_lets_nobody_change_the_log(log: Path) -> None:
    record(decision("o-1"))
    sequencing.integrate(AT)
    for change in (
        "UPDATE log_entries SET entry = 'x'",
        "UPDATE log_entries SET leaf_index = 5",
        "DELETE FROM log_entries",
        "TRUNCATE log_entries CASCADE",
        "DELETE FROM log_checkpoints",
    ):
        with pytest.raises(DBAPIError, match="append-only"), administrator() as connection:
            connection.execute(text(change))


def test_a_merchant_finds_its_own_entries_only(log: Path) -> None:
    with administrator() as connection:
        one, other = (merchants.create(connection, name).id for name in ("Atlas", "Rif"))
    for owner in (one, other):
        with merchant_transaction(owner) as connection:
            openness_recording.record(connection, [decision("o-1", owner=owner)])
    with merchant_transaction(one) as connection, pytest.raises(DBAPIError, match="row-level security"):
        openness_recording.record(connection, [decision("o-2", owner=other)])
    sequencing.integrate(AT)
    with merchant_transaction(one) as connection:
        (given,) = openness_receipts.receipts_of(connection, "o-1")
    assert given.entry.owner == one
    with administrator() as connection:
        assert len(openness_receipts.receipts_of(connection, "o-1")) == 2


def test_what_is_erased_is_gone_and_the_log_stays_valid(log: Path) -> None:
    record(decision("o-1"))
    sequencing.integrate(AT)
    with administrator() as connection:
        assert store.erase(connection, ["o-1"], AT, personal_only=True) == 1
    with administrator() as connection:
        (given,) = openness_receipts.receipts_of(connection, "o-1")
        kept = connection.execute(text("SELECT field, salt, value FROM log_openings ORDER BY field")).all()
    assert b"Fatima" not in given.openings
    assert b"12.40" in given.openings
    assert [(row.field, row.value) for row in kept] == [
        ("about", '{"owner":null,"subject":"o-1"}'),
        ("price", '"12.40"'),
        ("receiver", None),
    ]
    assert verifier.main(["--tree", str(log), "--key", str(openness_recording.keys().first)]) == 0


class TestWitnesses:
    @pytest.fixture
    def served(self, tmp_path: Path) -> Iterator[tuple[str, Witness]]:
        name = signer("witness.example/w1", COSIGNATURE)
        witness = Witness(
            [name],
            {"localhost/qafila": [openness_recording.keys().first]},
            tmp_path / "w",
            lambda: 1_700_000_000,
        )

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                answer = witness.add_checkpoint(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(answer.status)
                self.send_header("content-type", answer.content_type)
                self.end_headers()
                self.wfile.write(answer.body.encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"{name.key} http://127.0.0.1:{server.server_address[1]}", witness
        server.shutdown()
        server.server_close()

    def test_its_signature_is_on_the_checkpoint_and_in_receipts(
        self, log: Path, served: tuple[str, Witness], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = Witnesses.of([served[0]])
        monkeypatch.setattr(sequencing, "witnesses", lambda: asked)
        for n in range(3):
            record(decision(f"o-{n}"))
            assert sequencing.integrate(AT) == sequencing.Turn(1, n + 1, 1)
        with administrator() as connection:
            (given,) = openness_receipts.receipts_of(connection, "o-0")
        verdict = verifier.check_receipt(
            verifier.read_receipt(given.receipt), [openness_recording.keys().first], asked.asked[0].keys, 1
        )
        assert verdict.witnessed[0].time == 1_700_000_000

    def test_one_that_forgot_where_it_was_is_asked_again_from_the_size_that_it_tells(
        self, log: Path, served: tuple[str, Witness], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for n in range(2):
            monkeypatch.setattr(sequencing, "witnesses", lambda: Witnesses.of([served[0]]))
            record(decision(f"o-{n}"))
            assert sequencing.integrate(AT) == sequencing.Turn(1, n + 1, 1)

    def test_without_one_the_log_goes_on_and_is_marked_and_it_signs_later(
        self, log: Path, served: tuple[str, Witness], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lost = Witnesses.of([served[0].rpartition(":")[0] + ":1"])
        monkeypatch.setattr(sequencing, "witnesses", lambda: lost)
        record(decision("o-0"))
        assert sequencing.integrate(AT) == sequencing.Turn(1, 1, 0)
        assert "refused" in lost.asked[0].trouble
        with administrator() as connection:
            assert [row[4] for row in store.checkpoints(connection)] == [0]
        back = Witnesses.of([served[0]])
        monkeypatch.setattr(sequencing, "witnesses", lambda: back)
        assert sequencing.integrate(AT) == sequencing.Turn(0, 1, 1)
        assert "witness.example/w1" in (log / "checkpoint").read_text()
