"""The witness as a server of its own."""

from pathlib import Path

from fastapi.testclient import TestClient

from qafila.api.openness.witness_server import create_app, prepare
from qafila.openness.log import tree
from qafila.openness.log.checkpoints import signed, with_cosignatures
from qafila.openness.log.log_signing import signer
from qafila.openness.log.witnessing import LONGEST_REQUEST, Submission, Witness
from qafila.openness.verifier import Checkpoint, leaf_hash, read_note, verified

LOG = signer("log.example")


def test_it_keeps_its_keys_and_answers_logs_and_monitors(tmp_path: Path) -> None:
    made = prepare(tmp_path, "witness.example/w1", [str(LOG.key)])
    assert prepare(tmp_path, "other name", [str(LOG.key)]).keys == made.keys
    note = signed(Checkpoint("log.example", 1, tree.root_of([leaf_hash(b"x")])), [LOG])
    with TestClient(create_app(made)) as client:
        answer = client.post("/add-checkpoint", content=Submission(0, (), note).body())
        assert answer.status_code == 200
        assert with_cosignatures(note, answer.text, made.keys)[1] == list(made.keys)
        conflict = client.post("/add-checkpoint", content=Submission(0, (), note).body())
        assert (conflict.status_code, conflict.text) == (409, "1\n")
        assert conflict.headers["content-type"] == "text/x.tlog.size"
        seen = client.get("/" + Witness.path("log.example"))
        assert len(verified(read_note(seen.content), [LOG.key, *made.keys])) == 3
        assert client.get("/" + Witness.path("other.example")).status_code == 404
        assert client.get("/../keys/ed25519.key").status_code == 404
        assert client.post("/add-checkpoint", content=b"x" * (LONGEST_REQUEST + 1)).status_code == 413
