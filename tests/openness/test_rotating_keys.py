"""Keys of witnesses, of the API and of sessions change; what was decided under the ones before stays checkable, and a key that is
lost opens nothing and is told. (The log's own keys: test_keyring.py; the key of personal data: runtime/privacy/test_rotating.py.)
"""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from qafila.floors import RIGHTS
from qafila.openness import openness_receipts, openness_recording, sequencing, verifier
from qafila.openness.log.log_signing import signer
from qafila.openness.log.witnessing import Witness
from qafila.openness.verifier import COSIGNATURE, Key
from qafila.openness.witnesses import Witnesses
from qafila.runtime.accounts import accounts_people, service, sessions
from qafila.runtime.accounts.accounts_people import SignIn
from qafila.runtime.database import Role, acting_as, administrator
from tests.openness.logs import AT, decision, fresh_log
from tests.runtime.accounts.somebody import NOW, PASSWORD, address, somebody, tenant


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with fresh_log(tmp_path, monkeypatch) as folder:
        yield folder


def _recorded(subject: str, owner: str | None = None) -> bytes:
    """The receipt of a new decision."""
    with administrator() as connection:
        openness_recording.record(connection, [decision(subject, owner)])
    sequencing.integrate(AT)
    return _receipt(subject)


def _receipt(subject: str) -> bytes:
    with administrator() as connection:
        return openness_receipts.receipts_of(connection, subject)[0].receipt


def _checked(receipt: bytes, witnesses: list[Key], least: int) -> int:
    found = verifier.check_receipt(
        verifier.read_receipt(receipt), [openness_recording.keys().first], witnesses, least
    )
    return len(found.witnessed)


def test_a_witness_changes_its_key_and_receipts_of_both_are_good(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, lost = (
        signer(f"witness.example/{n}", COSIGNATURE) for n in ("2025", "2026", "nobody-was-told")
    )
    logs = {"localhost/qafila": [openness_recording.keys().first]}
    signing = {"now": [old]}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            witness = Witness(signing["now"], logs, tmp_path / "w", lambda: 1_700_000_000)
            answer = witness.add_checkpoint(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(answer.status)
            self.end_headers()
            self.wfile.write(answer.body.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    at = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        known = Witnesses.of([f"{old.key} {at}"])
        monkeypatch.setattr(sequencing, "witnesses", lambda: known)
        first = _recorded("o-old")
        signing["now"] = [old, new]  # for a while it signs with both, and the hub is told of the new one
        known = Witnesses.of([f"{old.key} {at}", f"{new.key} {at}"])
        both = _recorded("o-both")
        signing["now"] = [new]
        known = Witnesses.of([f"{new.key} {at}"])
        second = _recorded("o-new")
        assert [
            _checked(first, [old.key], 1),
            _checked(both, [old.key], 1),
            _checked(both, [new.key], 1),
        ] == [1, 1, 1]
        assert _checked(second, [new.key], 1) == 1
        with pytest.raises(verifier.Broken):
            _checked(second, [old.key], 1)
        signing["now"] = [lost]  # its key is lost, and nobody was told of the next one
        unwitnessed = _recorded("o-lost")
        assert known.asked[0].trouble == "it signed with no key that is known"
        assert _checked(unwitnessed, [new.key], 0) == 0
        assert _checked(first, [old.key], 1) == 1
    finally:
        server.shutdown()
        server.server_close()


def test_a_key_of_the_api_changes_and_receipts_of_before_are_had_and_good(log: Path) -> None:
    with administrator() as connection:
        souk = service.create(connection, "Souk")
        key, shown = service.issue_key(connection, RIGHTS, souk.id, ["offers:read"], "till")
    before = _recorded("o-1", souk.id)
    with administrator() as connection:
        _, following = service.issue_key(connection, RIGHTS, souk.id, ["offers:read"], "till, 2027")
        assert service.revoke_key(connection, key.id)  # lost: it opens nothing from here on
        assert service.authenticate(connection, shown) is None
        actor = service.authenticate(connection, following)
    assert actor is not None
    with acting_as(Role.MERCHANT, actor.tenant) as connection:
        (given,) = openness_receipts.receipts_of(connection, "o-1")
    assert _checked(given.receipt, [], 0) == _checked(before, [], 0) == 0


def test_a_password_changes_and_other_sessions_end_and_receipts_of_before_are_good(log: Path) -> None:
    souk, email = tenant(), address()
    amina = somebody(souk, "clerk", email=email)
    stolen, kept = (sessions.sign_in(email, PASSWORD, place, NOW) for place in ("there", "here"))
    before = _recorded("o-1", souk.id)
    accounts_people.set_sign_in(amina.id, SignIn(email, "five camels at the well", PASSWORD), NOW, kept)
    assert sessions.session(stolen, RIGHTS, NOW) is None
    here = sessions.session(kept, RIGHTS, NOW)
    assert here is not None
    with acting_as(Role.MERCHANT, here.actor.tenant) as connection:
        (given,) = openness_receipts.receipts_of(connection, "o-1")
    assert _checked(given.receipt, [], 0) == _checked(before, [], 0) == 0
