"""Keys of an installation: made once, rotated while others run, told when lost or stolen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from qafila.openness import keyring, openness_receipts, openness_recording, sequencing, verifier
from qafila.openness.verifier import Broken
from qafila.runtime.database import administrator
from tests.openness.logs import decision, emptied

AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    emptied()
    monkeypatch.setattr(openness_recording, "key_folder", lambda: tmp_path / "keys")
    monkeypatch.setattr(sequencing, "folder", lambda: tmp_path / "log")
    monkeypatch.setattr(openness_receipts, "folder", lambda: tmp_path / "log")
    return tmp_path


def turn(subject: str) -> bytes:
    with administrator() as connection:
        openness_recording.record(connection, [decision(subject)])
    sequencing.integrate(AT)
    with administrator() as connection:
        return openness_receipts.receipts_of(connection, subject)[0].receipt


def judged(folders: Path, receipt: bytes, first: verifier.Key) -> list[str]:
    """As a merchant does it who was given the first key alone, with what is published."""
    statements = json.loads((folders / "log" / "keys.json").read_bytes())["statements"]
    followed = verifier.read_succession(statements, first)
    return verifier.check_told(
        verifier.check_receipt(verifier.read_receipt(receipt), followed.keys), followed
    )


def test_a_rotation_is_seen_by_whoever_runs_and_old_and_new_receipts_are_good(folders: Path) -> None:
    before = turn("o-1")
    first = openness_recording.keys().first
    assert judged(folders, before, first) == []
    sequencing.follow("rotated", AT, None)
    after = turn("o-2")
    assert openness_recording.keys().signer.key != first
    assert judged(folders, after, first) == []
    assert "was told rotated at entry 1" in judged(folders, before, first)[0]


def test_a_key_that_is_lost_is_told_by_the_recovery_key_alone(folders: Path) -> None:
    before = turn("o-1")
    first = openness_recording.keys().first
    (folders / "keys" / f"{first.id:08x}.key").unlink()
    keyring_of = openness_recording._read
    keyring_of.cache_clear()
    with pytest.raises(keyring.NoKey, match="qafila log key lost"):
        turn("o-2")
    with pytest.raises(FileNotFoundError):
        sequencing.follow("lost", AT, folders / "nowhere.key")
    sequencing.follow("lost", AT, folders / "keys" / "recovery.key")
    assert judged(folders, turn("o-2"), first) == []
    assert "was told lost at entry 1" in judged(folders, before, first)[0]


def test_what_a_thief_signs_after_the_theft_was_told_is_refused(folders: Path) -> None:
    turn("o-1")
    ring = openness_recording.keys()
    sequencing.follow("stolen", AT, folders / "keys" / "recovery.key")
    fresh = turn("o-2")
    assert judged(folders, fresh, ring.first) == []
    head = fresh.index(b"\n\n") + 2
    body = fresh[head : fresh.index(b"\n\n", head)].decode() + "\n"
    forged = fresh[:head] + ring.signer.note(body)
    with pytest.raises(Broken, match="Ask for the receipt anew"):
        judged(folders, forged, ring.first)


def test_a_key_cannot_be_told_stolen_by_itself(folders: Path) -> None:
    turn("o-1")
    own = folders / "keys" / f"{openness_recording.keys().first.id:08x}.key"
    with pytest.raises(Broken, match="not signed by the key that may make it"):
        sequencing.follow("stolen", AT, own)
    assert len(openness_recording.keys().statements) == 1


def test_keys_are_made_once_by_however_many_ask(folders: Path) -> None:
    first = keyring.load(folders / "keys", "localhost/qafila")
    assert keyring.load(folders / "keys", "another.example").first == first.first
    with administrator() as connection:
        assert connection.execute(text("SELECT count(*) FROM log_entries")).scalar() == 0
