"""Witnesses that are slow, lie, or say odd things: the log goes on at once, is marked, and an honest witness counts all the same."""

from __future__ import annotations

import contextlib
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qafila.openness import witnesses as asking
from qafila.openness.log import tree
from qafila.openness.log.checkpoints import signed
from qafila.openness.log.log_signing import signer
from qafila.openness.log.witnessing import Submission, Witness
from qafila.openness.verifier import COSIGNATURE, Checkpoint, leaf_hash, read_note, verified
from qafila.openness.witnesses import Witnesses

LOG = signer("log.example")
GOOD, BAD, STRANGER = (signer(f"witness.example/{name}", COSIGNATURE) for name in ("good", "bad", "stranger"))
NODE = tree.of_leaves([leaf_hash(bytes([i])) for i in range(40)])
OTHER = tree.of_leaves([leaf_hash(bytes([i + 1])) for i in range(40)])
Handler = http.server.BaseHTTPRequestHandler


def _note(size: int, node: tree.Node = NODE) -> bytes:
    return signed(Checkpoint("log.example", size, tree.root_at(size, node)), [LOG])


def _of(folder: Path, *signers: object) -> Witness:
    return Witness(list(signers), {"log.example": [LOG.key]}, folder, lambda: 1_700_000_000)  # type: ignore[arg-type]


def _says(to: Handler, status: int, body: bytes) -> None:
    to.send_response(status)
    to.send_header("content-length", str(len(body)))
    to.end_headers()
    to.wfile.write(body)


def _never(to: Handler, body: bytes, _: Path) -> None:
    time.sleep(3)


def _drips(to: Handler, body: bytes, _: Path) -> None:
    to.send_response(200)
    to.end_headers()
    for _n in range(30):  # a byte now and then: no single wait is too long
        to.wfile.write(b"x")
        to.wfile.flush()
        time.sleep(0.1)


def _of_another(to: Handler, body: bytes, folder: Path) -> None:
    """Its own signature, over a checkpoint of another tree."""
    other = Submission(0, (), _note(9, OTHER)).body()
    _says(to, 200, _of(folder / "other", BAD).add_checkpoint(other).body.encode())


def _by_another(to: Handler, body: bytes, folder: Path) -> None:
    """The right checkpoint, signed by a key that nobody knows."""
    _says(to, 200, _of(folder / "stranger", STRANGER).add_checkpoint(body).body.encode())


def _under_its_name(to: Handler, body: bytes, folder: Path) -> None:
    """A signature with the name and the number of its key, made by another."""
    line = _of(folder / "under", STRANGER).add_checkpoint(body).body
    name, _, _code = line.removeprefix("— ").partition(" ")
    _says(to, 200, line.replace(name, BAD.name).encode())


def _answers(status: int, body: bytes) -> Callable[[Handler, bytes, Path], None]:
    return lambda to, _, __: _says(to, status, body)


ODD = {
    "never answers": _never,
    "drips": _drips,
    "signs another checkpoint": _of_another,
    "signs by a strange key": _by_another,
    "forges its own key": _under_its_name,
    "409 far beyond": _answers(409, b"9" * 40),
    "409 the same": _answers(409, b"0"),
    "409 below zero": _answers(409, b"-3"),
    "409 no number": _answers(409, b"many"),
    "409 half": _answers(409, b"4.5"),
    "409 nothing": _answers(409, b""),
    "500": _answers(500, b"<html>"),
    "200 nothing": _answers(200, b""),
    "200 no signature": _answers(200, b"\xff\xfe\x00" * 500),
    "200 without end": _answers(200, b"x" * 3_000_000),
}


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Callable[[Handler, bytes, Path], None]], str]]:
    running = []

    def begin(says: Callable[[Handler, bytes, Path], None]) -> str:
        class Odd(Handler):
            def do_POST(self) -> None:
                with contextlib.suppress(OSError):  # whoever asked has gone
                    says(self, self.rfile.read(int(self.headers["content-length"])), tmp_path)

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield begin
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_witness_is_named_and_left_alone_and_an_honest_one_counts(
    kind: str, serve: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    monkeypatch.setattr(asking, "WHOLE", 0.6)
    good = _of(tmp_path / "good", GOOD)
    honest = serve(lambda to, body, _: _says(to, *_told(good, body)))
    asked = Witnesses.of([f"{BAD.key} {serve(ODD[kind])}", f"{GOOD.key} {honest}"])
    began = time.monotonic()
    note, count = asked.cosigned(_note(9), NODE)
    assert time.monotonic() - began < 2.5  # far less than it would take
    odd = asked.asked[0]
    assert (count, bool(odd.trouble), odd.size) == (1, True, 0)
    assert odd.paused_until > time.monotonic()
    assert [one.key.name for one in verified(read_note(note), [GOOD.key, BAD.key])] == [GOOD.name]
    # it is left alone for a while; the log grows on beside it
    assert asked.cosigned(_note(12), NODE)[1] == 1
    # and what it said of its size is forgotten: once it is honest it signs
    odd.paused_until = 0.0
    odd.address = serve(lambda to, body, _: _says(to, *_told(bad, body)))
    bad = _of(tmp_path / "bad", BAD)
    assert asked.cosigned(_note(15), NODE)[1] == 2
    assert odd.trouble == ""


def _told(witness: Witness, body: bytes) -> tuple[int, bytes]:
    answer = witness.add_checkpoint(body)
    return answer.status, answer.body.encode()
