from pathlib import Path

import pytest

from qafila.openness.log.log_signing import keep, kept, read_signer, signer
from qafila.openness.verifier import (
    COSIGNATURE,
    ML_DSA_COSIGNATURE,
    Broken,
    read_checkpoint,
    read_key,
    read_note,
    verified,
)

# the examples of C2SP signed-note and, for the private key, of the Go module cache's note package
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
CHECKPOINT = "log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


def test_the_example_of_the_specification_verifies() -> None:
    key = read_key(VKEY)
    assert str(key) == VKEY
    (signed,) = verified(read_note(NOTE.encode()), [key])
    assert signed.key == key
    assert signed.time is None


@pytest.mark.parametrize("part", ["example message", "Uw2QOkn8srV1yJ"])
def test_it_does_not_where_it_was_changed(part: str) -> None:
    changed = NOTE.replace(part, part[:-1] + ("X" if part[-1] != "X" else "Y"))
    with pytest.raises(Broken, match="does not hold"):
        verified(read_note(changed.encode()), [read_key(VKEY)])


def test_signatures_of_keys_that_are_not_known_are_passed_over() -> None:
    other = signer("example.com/foo")
    both = NOTE + other.line("This is an example message.\n")
    assert len(verified(read_note(both.encode()), [read_key(VKEY)])) == 1
    assert verified(read_note(NOTE.encode()), [other.key]) == []


@pytest.mark.parametrize(
    "bad",
    [
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530D903A"),
        VKEY.replace("example.com/foo", "exam ple"),
        VKEY[:-1],
        "example.com/foo",
        "",
    ],
)
def test_a_key_that_is_not_whole_is_refused(bad: str) -> None:
    with pytest.raises(Broken):
        read_key(bad)


@pytest.mark.parametrize(
    "bad",
    [
        NOTE[:-1],
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("This", "Th\x01s"),
        NOTE.replace("Uw2Q", "Uw2*"),
        "text\n\n",
        "",
    ],
)
def test_a_note_that_is_no_note_is_refused(bad: str) -> None:
    with pytest.raises(Broken):
        verified(read_note(bad.encode()), [read_key(VKEY)])


@pytest.mark.parametrize("kind", [COSIGNATURE, ML_DSA_COSIGNATURE])
def test_cosignatures_of_both_kinds_hold_with_their_time_and_not_for_another_checkpoint(kind: int) -> None:
    witness = signer("witness.example/w1", kind)
    line = witness.line(CHECKPOINT, 1679315147)
    assert read_key(str(witness.key)) == witness.key
    (signed,) = verified(read_note(f"{CHECKPOINT}\n{line}".encode()), [witness.key])
    assert signed.time == 1679315147
    with pytest.raises(Broken, match=r"witness\.example/w1 does not hold"):
        verified(read_note(f"{CHECKPOINT.replace('0', '1')}\n{line}".encode()), [witness.key])
    with pytest.raises(Broken):
        witness.line("no checkpoint\n")


def test_a_private_key_is_kept_for_its_owner_alone_and_never_written_over(tmp_path: Path) -> None:
    one = signer("log.example")
    path = tmp_path / "keys" / "log.key"
    keep(path, one)
    assert path.stat().st_mode & 0o777 == 0o600
    assert kept(path) == one
    with pytest.raises(FileExistsError):
        keep(path, signer("log.example"))
    secret = one.secret().split("+", 4)[4]
    assert secret not in repr(one)
    assert secret not in str(one)
    with pytest.raises(Broken) as error:
        read_signer(one.secret().replace("log.example", "other.example"))
    assert secret not in str(error.value)


def test_a_private_key_of_another_implementation_is_read() -> None:
    # key of the test log of transparency-dev/tessera (testdata/build_log.sh), which is published there
    theirs = read_signer(
        "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
    )
    assert str(theirs.key) == "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


@pytest.mark.parametrize(
    "bad",
    ["log\n01\n", "log\n1\nAAAA\n", "\n1\n", "log\n-1\nx\n", "log\n18446744073709551616\nx\n", "log\n1\n"],
)
def test_a_text_that_is_no_checkpoint_is_refused(bad: str) -> None:
    with pytest.raises(Broken):
        read_checkpoint(bad)
