"""The stand-alone verifier, as a program and by its parts."""

import base64
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from qafila.openness import verifier
from qafila.openness.log import succession
from qafila.openness.log.checkpoints import signed
from qafila.openness.log.log_signing import signer
from qafila.openness.log.tlog_proofs import promise
from qafila.openness.verifier import Broken, check_receipt, read_receipt
from tests.openness.receipts import AT, LEAVES, LOG, WITNESS, Keys, head, proof


def run(*arguments: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", verifier.__file__, *map(str, arguments)], capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def at(tmp_path: Path) -> Path:
    return tmp_path / "OFFER-1.tlog-proof"


def test_it_needs_cryptography_alone(at: Path) -> None:
    at.write_bytes(proof(time=1_700_000_000))
    openings = at.with_name("openings.json")
    openings.write_text(json.dumps({one.field: one.written() for one in LEAVES[7].openings}))
    keys = "--key", LOG.key, "--witness", WITNESS.key, "--quorum", 1
    code, said = run(at, *keys, "--openings", openings)
    assert code == 0
    assert said.startswith("ACCEPTED: entry 7 of 20 in log.example/qafila, signed by 1 key(s)")
    assert "witnessed by witness.example/w1 at 1700000000" in said
    assert '"said":{"n":7}' in said
    code, said = run(at, "--key", signer("log.example/qafila").key)
    assert (code, said.splitlines()[0]) == (
        1,
        "REFUSED: none of the keys given for 'log.example/qafila' has signed the checkpoint",
    )


def test_it_refuses_every_receipt_of_which_a_byte_was_changed() -> None:
    good = proof(time=5)
    keys, witnesses = [LOG.key], [WITNESS.key]
    check_receipt(read_receipt(good), keys, witnesses, 1)
    for place in range(0, len(good), 3):
        bad = bytearray(good)
        bad[place] ^= 1
        with pytest.raises(Broken):
            check_receipt(read_receipt(bytes(bad)), keys, witnesses, 1)


def test_a_receipt_without_its_entry_asks_for_it() -> None:
    bare = read_receipt(proof(carry=False))
    with pytest.raises(Broken, match="give it with --leaf"):
        check_receipt(bare, [LOG.key])
    assert check_receipt(bare, [LOG.key], leaf=verifier.leaf_hash(LEAVES[7].entry)).index == 7
    with pytest.raises(Broken, match="does not follow"):
        check_receipt(bare, [LOG.key], leaf=verifier.leaf_hash(LEAVES[8].entry))


def test_too_few_witnesses_are_too_few() -> None:
    with pytest.raises(Broken, match="0 of the witnesses given have signed, and 1 should have"):
        check_receipt(read_receipt(proof()), [LOG.key], [WITNESS.key], 1)


def test_a_promise_says_what_was_promised_and_only_with_its_signature(at: Path) -> None:
    hashed = verifier.leaf_hash(LEAVES[7].entry)
    note = promise([LOG], hashed, AT, AT.replace(second=30))
    said = verifier.check_promise(note, [LOG.key])
    assert said["leaf"] == base64.b64encode(hashed).decode()
    assert said["by"] == "2026-11-30T03:00:30Z"
    with pytest.raises(Broken, match="does not hold"):
        verifier.check_promise(note.replace(b"03:00:30", b"04:00:30"), [LOG.key])
    at.write_bytes(proof(8))
    at.with_name("promise").write_bytes(note)
    code, said_both = run(at, "--promise", at.with_name("promise"), "--key", LOG.key)
    assert code == 1
    assert "another entry" in said_both


class TestKeysThatFollowOneAnother(Keys):
    @pytest.mark.parametrize("reason", ["rotated", "lost", "stolen"])
    def test_the_new_key_is_good(self, reason: succession.Reason) -> None:
        assert self.judge(reason, proof(by=self.second)) == []

    @pytest.mark.parametrize("reason", ["rotated", "lost"])
    def test_what_a_rotated_or_lost_key_signed_before_is_good_and_told(
        self, reason: succession.Reason
    ) -> None:
        assert self.judge(reason, proof(7, 12))[0].endswith(f"was told {reason} at entry 12")
        with pytest.raises(Broken, match="Ask for the receipt anew"):
            self.judge(reason, proof(7, 20))

    def test_what_a_stolen_key_signed_is_good_only_where_others_saw_it_in_time(self) -> None:
        assert self.judge("stolen", proof(7, 12))  # the very head that was told
        assert self.judge("stolen", proof(7, 10, time=900))
        for late in (proof(7, 10), proof(7, 10, time=1001), proof(7, 20, time=900)):
            with pytest.raises(Broken, match="Ask for the receipt anew"):
                self.judge("stolen", late)

    def test_a_thief_cannot_name_the_next_key_of_a_lost_one(self) -> None:
        own = succession.follow(LOG, self.third.key, "lost", head(12), 1000)
        with pytest.raises(Broken, match="statement 1 is not signed by the key that may make it"):
            verifier.read_succession([self.statements("lost")[0], own], LOG.key)

    def test_a_key_that_no_longer_signs_cannot_be_rotated_again(self) -> None:
        again = succession.follow(LOG, self.third.key, "rotated", head(14), 1000)
        with pytest.raises(Broken, match="statement 2 is not signed"):
            verifier.read_succession([*self.statements("rotated"), again], LOG.key)

    def test_they_are_followed_by_the_program(self, at: Path) -> None:
        at.write_bytes(proof(by=self.second))
        keys = at.with_name("keys.json")
        keys.write_bytes(succession.written(self.statements("stolen")))
        assert run(at, "--key", LOG.key)[0] == 1
        assert run(at, "--key", LOG.key, "--succession", keys)[0] == 0


class TestVectors:
    def test_those_that_are_shared_are_judged_as_stated(self, shared_data: Path) -> None:
        code, said = run("--vectors", shared_data / "log" / "rfc6962")
        assert said.splitlines()[-1] == "92 of 92 as stated"
        assert code == 0

    def test_one_judged_otherwise_is_told(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        good = {"leafIdx": 0, "treeSize": 1, "root": base64.b64encode(bytes(32)).decode(), "proof": None}
        good["leafHash"] = good["root"]
        (tmp_path / "a.json").write_text(json.dumps({**good, "wantErr": True}))
        (tmp_path / "b.json").write_text(json.dumps(good))
        assert verifier.main(["--vectors", str(tmp_path)]) == 1
        assert capsys.readouterr().out.splitlines() == [
            "a.json: accepted   NOT AS STATED",
            "b.json: accepted",
            "1 of 2 as stated",
        ]

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"leafIdx": -1}, "leafidx is -1"),
            ({"leafIdx": 2**64}, "leafidx is 18446744073709551616"),
            ({"leafIdx": True}, "leafidx is True"),
            ({"leafIdx": 1.0}, "leafidx is 1.0"),
            ({"treeSize": 0}, "entries 0 to 0 are no tree"),
            ({"proof": ["AA"]}, "not base64"),
            ({"proof": "AAAA"}, "not a list"),
            ({"proof": 7}, "not a list"),
            ({"root": None}, "not in the form"),
            ({"root": ""}, "does not follow"),
            ({"leafHash": ""}, "32 bytes"),
        ],
    )
    def test_odd_forms_are_refused_with_the_reason(self, change: dict[str, object], why: str) -> None:
        root = base64.b64encode(bytes(32)).decode()
        vector = {"leafIdx": 0, "treeSize": 1, "root": root, "leafHash": root, "proof": None, **change}
        assert why in (verifier.judge_vector(vector) or "accepted")

    @pytest.mark.parametrize("odd", [[], 5, None, {}, {"size1": 0, "size2": 0, "root1": "", "root2": ""}])
    def test_what_is_no_vector_is_refused(self, odd: object) -> None:
        assert verifier.judge_vector(odd)


def test_a_whole_log_is_checked_as_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from qafila.openness.log.log_tiles import TileStore

    store = TileStore(tmp_path)
    store.append(0, [one.entry for one in LEAVES])
    store.publish("checkpoint", signed(head(), [LOG]))
    assert verifier.main(["--tree", str(tmp_path), "--key", str(LOG.key)]) == 0
    assert capsys.readouterr().out == "SOUND: log.example/qafila, 20 entries, 0 faults\n"
    path = tmp_path / verifier.tile_path("entries", 0, 20)
    path.write_bytes(path.read_bytes().replace(b'"n":13}', b'"n":14}'))
    assert verifier.main(["--tree", str(tmp_path), "--key", str(LOG.key)]) == 1
    assert capsys.readouterr().out.startswith("entry 13: its content is not the one that was hashed")


class TestCertificateLogs:
    """A tree of static-ct-api: data tiles, and a tree head that ECDSA signs (RFC 6962, 3.5)."""

    CERTIFICATE, ISSUER, EXTENSION = b"\x30\x03abc", bytes(range(32)), b"\x00\x00\x05\x00\x00\x00\x00\x07"

    def tree(self, at: Path) -> list[bytes]:
        """Two entries, one of a certificate and one of what comes before it, published with a signed head."""

        def sized(value: bytes, size: int) -> bytes:
            return len(value).to_bytes(size, "big") + value

        stamp, certificate = (1_767_139_200_000).to_bytes(8, "big"), sized(self.CERTIFICATE, 3)
        plain = stamp + b"\x00\x00" + certificate + sized(self.EXTENSION, 2)
        before = stamp + b"\x00\x01" + self.ISSUER + certificate + sized(self.EXTENSION, 2)
        chain = sized(bytes(64), 2)
        leaves = [b"\x00\x00" + plain, b"\x00\x00" + before]
        hashes = [verifier.leaf_hash(one) for one in leaves]
        self.key = ec.generate_private_key(ec.SECP256R1())
        raw = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        root = verifier.root_of(hashes)
        signed = self.key.sign(b"\x00\x01" + stamp + (2).to_bytes(8, "big") + root, ec.ECDSA(SHA256()))
        number = verifier.key_id("ct.example/2026", verifier.CT_TREE_HEAD, raw).to_bytes(4, "big")
        line = number + stamp + b"\x04\x03" + sized(signed, 2)
        for path, content in {
            "tile/data/000.p/2": gzip.compress(plain + chain + before + sized(b"precertificate", 3) + chain),
            "tile/0/000.p/2": b"".join(hashes),
            "checkpoint": (
                f"ct.example/2026\n2\n{base64.b64encode(root).decode()}\n\n"
                f"— ct.example/2026 {base64.b64encode(line).decode()}\n"
            ).encode(),
            "log.v3.json": json.dumps(
                {"submission_url": "https://ct.example/2026/", "key": base64.b64encode(raw).decode()}
            ).encode(),
        }.items():
            (at / path).parent.mkdir(parents=True, exist_ok=True)
            (at / path).write_bytes(content)
        return leaves

    def judged(self, at: Path) -> int:
        return verifier.main(["--tree", str(at), "--key", str(at / "log.v3.json")])

    def test_it_is_sound_as_it_was_published(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.tree(tmp_path)
        assert self.judged(tmp_path) == 0
        assert capsys.readouterr().out == "SOUND: ct.example/2026, 2 entries, 0 faults\n"

    @pytest.mark.parametrize(
        ("path", "change", "why"),
        [
            (
                "tile/data/000.p/2",
                lambda b: gzip.compress(gzip.decompress(b).replace(b"abc", b"abd", 1)),
                "entry 0",
            ),
            ("tile/data/000.p/2", lambda b: gzip.compress(gzip.decompress(b)[:-1]), "ends within an entry"),
            ("tile/0/000.p/2", lambda b: b[:-1] + b"\x00", "hash 1 is not that of entry 1"),
            ("checkpoint", lambda b: b.replace(b"\n2\n", b"\n3\n"), "does not hold"),
            (
                "checkpoint",
                lambda b: b.replace(b"ct.example/2026\n2", b"ct.example/2027\n2"),
                "none of the keys",
            ),
        ],
    )
    def test_what_was_changed_is_named(
        self,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        path: str,
        change: Callable[[bytes], bytes],
        why: str,
    ) -> None:
        self.tree(tmp_path)
        (tmp_path / path).write_bytes(change((tmp_path / path).read_bytes()))
        assert self.judged(tmp_path) == 1
        assert why in capsys.readouterr().out

    def test_a_key_of_another_kind_is_refused(self) -> None:
        with pytest.raises(Broken, match="no public key in DER"):
            verifier.read_ct_log(b'{"submission_url": "https://x/", "key": "AAAA"}')
