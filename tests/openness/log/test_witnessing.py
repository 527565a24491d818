import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from qafila.openness.log import tree
from qafila.openness.log.checkpoints import signed, with_cosignatures
from qafila.openness.log.log_signing import signer
from qafila.openness.log.witnessing import Submission, Witness, read_submission
from qafila.openness.verifier import (
    COSIGNATURE,
    ML_DSA_COSIGNATURE,
    Broken,
    Checkpoint,
    leaf_hash,
    read_note,
    verified,
)

LOG = signer("log.example")
WITNESS = signer("witness.example/w1", COSIGNATURE)
SECOND = signer("witness.example/w1", ML_DSA_COSIGNATURE)
HASHES = [leaf_hash(bytes([i])) for i in range(40)]
NODE = tree.of_leaves(HASHES)


def head(size: int) -> Checkpoint:
    return Checkpoint("log.example", size, tree.root_at(size, NODE))


def request(old: int, size: int, **changed: object) -> bytes:
    proof = changed.get("proof", tree.prove_consistency(min(old, size), size, NODE))
    note = changed.get("note", signed(head(size), [LOG]))
    assert isinstance(proof, list)
    assert isinstance(note, bytes)
    return Submission(old, tuple(proof), note).body()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness([WITNESS, SECOND], {"log.example": [LOG.key]}, tmp_path, lambda: 1_700_000_000)


def test_it_signs_what_continues_what_it_saw_with_both_its_keys(witness: Witness) -> None:
    assert witness.add_checkpoint(request(0, 5)).status == 200
    answer = witness.add_checkpoint(request(5, 23))
    assert answer.status == 200
    note, by = with_cosignatures(signed(head(23), [LOG]), answer.body, [WITNESS.key, SECOND.key])
    assert by == [WITNESS.key, SECOND.key]
    assert [one.time for one in verified(read_note(note), [WITNESS.key, SECOND.key])] == [1_700_000_000] * 2
    latest = witness.latest("log.example")
    assert latest is not None
    assert len(verified(read_note(latest), [LOG.key, WITNESS.key, SECOND.key])) == 3


def test_it_says_what_it_saw_last_to_whoever_does_not_know(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 5))
    answer = witness.add_checkpoint(request(0, 9))
    assert (answer.status, answer.body, answer.content_type) == (409, "5\n", "text/x.tlog.size")


def test_the_same_checkpoint_is_signed_again(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 5))
    assert witness.add_checkpoint(request(5, 5)).status == 200


def test_a_fork_is_not_signed(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 5))
    forked = tree.of_leaves([leaf_hash(b"other"), *HASHES[1:]])
    other = Checkpoint("log.example", 9, tree.root_at(9, forked))
    proof = tree.prove_consistency(5, 9, forked)
    assert witness.add_checkpoint(request(5, 9, proof=proof, note=signed(other, [LOG]))).status == 422
    same_size = Checkpoint("log.example", 5, tree.root_at(5, forked))
    assert witness.add_checkpoint(request(5, 5, note=signed(same_size, [LOG]))).status == 422
    assert witness.add_checkpoint(request(5, 9)).status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (lambda: request(0, 5, note=signed(Checkpoint("other.example", 5, bytes(32)), [LOG])), 404),
        (lambda: request(0, 5, note=signed(head(5), [signer("log.example")])), 403),
        (lambda: request(0, 5).replace(b"\n5\n", b"\n6\n"), 403),
        (lambda: request(7, 5), 400),
        (lambda: request(0, 5, proof=[bytes(32)]), 422),
        (lambda: request(0, 0, note=signed(Checkpoint("log.example", 0, bytes(32)), [LOG])), 422),
        (lambda: request(0, 0), 200),
        (lambda: b"old 00\n\n" + signed(head(5), [LOG]), 400),
        (lambda: b"new 0\n\n" + signed(head(5), [LOG]), 400),
        (lambda: request(0, 5, proof=[bytes(32)] * 64), 400),
        (lambda: b"", 400),
        (lambda: b"old 0\n\n\xff", 400),
    ],
)
def test_each_case_has_the_status_of_the_protocol(
    witness: Witness, body: Callable[[], bytes], status: int
) -> None:
    assert witness.add_checkpoint(body()).status == status


def test_the_request_reads_as_it_was_written() -> None:
    body = request(5, 23)
    assert read_submission(body).body() == body


def test_of_many_at_once_the_newest_stands(tmp_path: Path) -> None:
    logs = {"log.example": [LOG.key]}
    witnesses = [Witness([WITNESS], logs, tmp_path, lambda: 1) for _ in range(4)]
    answers: list[int] = []

    def submit(one: Witness) -> None:
        for size in range(1, 40):
            answers.append(one.add_checkpoint(request(size - 1, size)).status)

    threads = [threading.Thread(target=submit, args=(one,)) for one in witnesses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(200) == 39
    assert set(answers) == {200, 409}


def test_lines_of_others_are_not_taken_and_false_ones_are_told() -> None:
    note, text = signed(head(5), [LOG]), read_note(signed(head(5), [LOG])).text
    stranger = signer("witness.example/w9", COSIGNATURE)
    assert with_cosignatures(note, stranger.line(text, 1), [WITNESS.key]) == (note, [])
    with pytest.raises(Broken, match="does not hold"):
        with_cosignatures(note, WITNESS.line(read_note(signed(head(6), [LOG])).text, 1), [WITNESS.key])
    with pytest.raises(Broken):
        with_cosignatures(note, "<html>", [WITNESS.key])
