"""Every column of the log's tables, altered by somebody who has the database: the audit finds each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from qafila.openness import auditing, openness_recording, openness_terms, publishing, sequencing
from qafila.openness.auditing import Finding
from qafila.runtime.database import Role, acting_as, administrator
from tests.openness.logs import AT, decision, fresh_log
from tests.web.visitors import tenant

ALTERED = {
    "another kind": "UPDATE log_entries SET kind = 'test.refusal' WHERE subject = 'B'",
    "another subject": "UPDATE log_entries SET subject = 'A' WHERE subject = 'B'",
    "another owner": "UPDATE log_entries SET tenant_id = NULL WHERE subject = 'B'",
    "another entry": "UPDATE log_entries SET entry = CAST(replace(convert_from(entry, 'UTF8'), 'ways', 'ways2') AS bytea) WHERE subject = 'B'",
    "another hash": "UPDATE log_entries SET leaf_hash = sha256(entry) WHERE subject = 'B'",
    "another time": "UPDATE log_entries SET decided_at = decided_at - interval '1 day' WHERE subject = 'B'",
    "another place": "UPDATE log_entries SET leaf_index = 99 WHERE subject = 'B'",
    "an entry gone": "DELETE FROM log_entries WHERE subject = 'B'",
    "another value": "UPDATE log_openings SET value = '\"9.99\"' WHERE field = 'price' AND entry_id = (SELECT max(entry_id) FROM log_openings)",
    "another salt": "UPDATE log_openings SET salt = sha256(salt) WHERE field = 'price' AND entry_id = (SELECT max(entry_id) FROM log_openings)",
    "an opening gone": "DELETE FROM log_openings WHERE field = 'price' AND entry_id = (SELECT max(entry_id) FROM log_openings)",
    "another field": "UPDATE log_openings SET field = 'cost' WHERE field = 'price' AND entry_id = (SELECT max(entry_id) FROM log_openings)",
    "another reader": "UPDATE log_openings SET tenant_id = 'mer_x' WHERE field = 'price' AND entry_id = (SELECT max(entry_id) FROM log_openings)",
    "another checkpoint": "UPDATE log_checkpoints SET note = replace(note, 'localhost', 'elsewhere')",
    "another root": "UPDATE log_checkpoints SET root = sha256(root)",
    "no checkpoints": "DELETE FROM log_checkpoints",
    "other terms": "UPDATE published_terms SET terms = replace(terms::text, '\"0.6\"', '\"0.1\"')::json",
    "terms gone": "DELETE FROM published_terms",
}


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    with fresh_log(tmp_path, monkeypatch):
        souk = tenant().id
        newest = openness_terms.document(openness_terms.shipped()[-1])
        later = {
            **newest,
            "version": "2027-06-01",
            "announced": AT.date().isoformat(),
            "in_force": "2027-06-01",
        }
        later["terms"] = [
            {**one, "value": "16"} if (one["topic"], one["key"]) == ("complaints", "answer_within") else one
            for one in later["terms"]
        ]
        with acting_as(Role.OPERATOR) as connection:
            publishing.publish(connection, later, AT)
            openness_recording.record(connection, [decision(name, souk) for name in ("A", "B", "C")])
        sequencing.integrate(AT)

        def audited() -> list[Finding]:
            with acting_as(Role.OPERATOR) as connection:
                return auditing.audit(connection, sequencing.folder(), openness_recording.keys().keys)

        assert audited() == []
        yield audited


@pytest.mark.parametrize("what", list(ALTERED))
def test_it_is_found(found: object, what: str) -> None:
    with administrator() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert connection.execute(text(ALTERED[what])).rowcount > 0
    assert callable(found)
    assert found(), what
