"""Checks what a transparency log gave, offline and without qafila: this one file, Python and `cryptography`.

    python verifier.py OFFER.tlog-proof --key VKEY      a receipt: is this entry in the log that this key signs?
    python verifier.py --promise FILE --key VKEY        a signed promise that an entry will be in the log
    python verifier.py --tree FOLDER --key VKEY         a whole log as files: every entry, every tile, the checkpoint
    python verifier.py --vectors FOLDER                 known proofs, good and broken: are they judged as stated?

Formats: RFC 6962 and 9162 (hashes and proofs), draft-ietf-plants-merkle-tree-certs (subtrees), and from C2SP:
signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof and static-ct-api (whole trees). Ends with 0 where all is well, with 1
where it is not.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import gzip
import hashlib
import hmac
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

EMPTY_ROOT = hashlib.sha256(b"").digest()
ED25519, COSIGNATURE, CT_TREE_HEAD, ML_DSA_COSIGNATURE = 0x01, 0x04, 0x05, 0x06
TILE = 256
_UINT64 = 1 << 64


class Broken(ValueError):
    """What was given is not what it claims to be; the text says why."""


# Hashes and proofs -------------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, or over the roots of equal and full subtrees."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) & ~1 :]
    return level[0]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raises Broken unless the proof puts the leaf hash at `index` of the tree of `size` leaves with this root."""
    verify_subtree_inclusion(index, 0, size, leaf, proof, root)


def verify_subtree_inclusion(
    index: int, start: int, end: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """The same within the subtree of leaves start <= i < end. Raises Broken."""
    _valid_subtree(start, end)
    if not start <= index < end:
        raise Broken(f"there is no entry {index} among entries {start} to {end}")
    if len(leaf) != 32:
        raise Broken(f"a leaf hash has 32 bytes, not {len(leaf)}")
    index, last = index - start, end - start - 1
    inner = (index ^ last).bit_length()
    _of_length(proof, inner + (index >> inner).bit_count())
    _matches(_border(_inner(leaf, proof[:inner], index), proof[inner:]), root, "the root")


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    """Raises Broken unless the tree of size2 continues the one of size1 (which is not 0) without change."""
    if size1 == 0:
        raise Broken("a proof from the empty tree says nothing")
    verify_subtree_consistency(0, size1, size2, root1, root2, proof)


def verify_subtree_consistency(
    start: int, end: int, size: int, root1: bytes, root2: bytes, proof: Sequence[bytes]
) -> None:
    """Raises Broken unless root1 is that of the leaves start <= i < end within the tree of `size` with root2."""
    _valid_subtree(start, end, may_be_empty=True)
    if end > size:
        raise Broken(f"the later tree has {size} entries, fewer than {end}")
    if start == end or (start == 0 and end == size):
        _of_length(proof, 0)
        _matches(root1, EMPTY_ROOT if start == end else root2, "the root")
        return
    if not proof:
        raise Broken("the proof is empty")
    if end == size:  # the subtree ends where the tree ends: only nodes to its left are missing
        _of_length(proof, (start >> ((end - 1) ^ start).bit_length()).bit_count())
        _matches(_border(root1, proof), root2, "the later root")
        return
    fork = ((end - 1) ^ (size - 1)).bit_length()
    border = ((end - 1) >> fork).bit_count()
    shift = ((end - start) & (start - end)).bit_length() - 1
    perfect = end - start == 1 << shift
    _of_length(proof, (not perfect) + fork - shift + border)
    seed, rest = (root1, proof) if perfect else (proof[0], proof[1:])
    path, inner = (end - 1) >> shift, fork - shift
    if not perfect:
        height = ((end - 1) ^ start).bit_length()
        own = rest[: min(height, fork) - shift]
        beyond = max(0, border - ((end - 1) >> height).bit_count())
        first = _border(seed, [node for level, node in enumerate(own) if path >> level & 1])
        _matches(_border(first, rest[inner : inner + beyond]), root1, "the earlier root")
    _matches(_border(_inner(seed, rest[:inner], path), rest[inner:]), root2, "the later root")


def _valid_subtree(start: int, end: int, may_be_empty: bool = False) -> None:
    if not (0 <= start < end or (may_be_empty and 0 <= start == end)) or end >= _UINT64:
        raise Broken(f"entries {start} to {end} are no tree")
    if end > start and start % (1 << (end - start - 1).bit_length()):
        raise Broken(f"entries {start} to {end} are no subtree of a log")


def _of_length(proof: Sequence[bytes], wanted: int) -> None:
    if len(proof) != wanted:
        raise Broken(f"the proof has {len(proof)} hashes and should have {wanted}")


def _matches(found: bytes, stated: bytes, what: str) -> None:
    if not hmac.compare_digest(found, stated):
        raise Broken(f"{what} does not follow from the proof")


def _inner(seed: bytes, proof: Sequence[bytes], path: int) -> bytes:
    for level, node in enumerate(proof):
        seed = node_hash(node, seed) if path >> level & 1 else node_hash(seed, node)
    return seed


def _border(seed: bytes, proof: Sequence[bytes]) -> bytes:
    for node in proof:
        seed = node_hash(node, seed)
    return seed


# Keys, notes, checkpoints ------------------------------------------------------------------------


def from_base64(text: str) -> bytes:
    """Bytes of standard base64 in its one canonical form. Raises Broken."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Broken(f"{text[:60]!r} is not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise Broken(f"{text[:60]!r} is not base64 in its canonical form")
    return raw


def decimal(text: str) -> int:
    """A number below 2^64 in ASCII digits without leading zeroes. Raises Broken."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,19}", text, re.ASCII) or int(text) >= _UINT64:
        raise Broken(f"{text[:40]!r} is not a whole number without leading zeroes")
    return int(text)


@dataclass(frozen=True)
class Key:
    """A public key that signs notes: its name, its id, the kind of signature (0x01, 0x04, 0x05, 0x06), its bytes (of 0x05
    the SubjectPublicKeyInfo)."""

    name: str
    id: int
    kind: int
    raw: bytes

    def __str__(self) -> str:
        return f"{self.name}+{self.id:08x}+{base64.b64encode(bytes([self.kind]) + self.raw).decode()}"


def key_id(name: str, kind: int, raw: bytes) -> int:
    """The id of a key as C2SP signed-note computes it, and static-ct-api for keys of Certificate Transparency."""
    raw = hashlib.sha256(raw).digest() if kind == CT_TREE_HEAD else raw
    return int.from_bytes(hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + raw).digest()[:4], "big")


def read_key(vkey: str) -> Key:
    """The key of a verifier key `name+id+base64`. Raises Broken."""
    parts = vkey.strip().split("+", 2)
    if len(parts) != 3 or not re.fullmatch("[0-9a-f]{8}", parts[1]) or not _is_name(parts[0]):
        raise Broken(f"{vkey.strip()[:80]!r} is no verifier key (name+id+key)")
    encoded = from_base64(parts[2])
    kind, raw = encoded[0] if encoded else 0, encoded[1:]
    if kind == CT_TREE_HEAD:
        _ct_key(raw)
    elif len(raw) != {ED25519: 32, COSIGNATURE: 32, ML_DSA_COSIGNATURE: 1312}.get(kind):
        raise Broken(f"the key of {parts[0]!r} is of a kind or length that is not known here")
    if int(parts[1], 16) != key_id(parts[0], kind, raw):
        raise Broken(f"the key of {parts[0]!r} has another id than the one given")
    return Key(parts[0], int(parts[1], 16), kind, raw)


def _ct_key(raw: bytes) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Broken("the key is no public key in DER") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Broken("a log of Certificate Transparency signs with ECDSA on P-256, and this is another key")
    return key


def read_ct_log(data: bytes) -> Key:
    """The key of a log of Certificate Transparency, from its entry in a list of logs (log.v3.json). Raises Broken."""
    try:
        said = json.loads(data)
        name, raw = str(said.get("submission_url") or said["url"]), from_base64(str(said["key"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Broken(f"this is no entry of a list of logs ({error!r})") from error
    name = re.sub("^https?://|/+$", "", name)
    if not _is_name(name):
        raise Broken(f"{name[:80]!r} is no name of a log")
    _ct_key(raw)
    return Key(name, key_id(name, CT_TREE_HEAD, raw), CT_TREE_HEAD, raw)


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


@dataclass(frozen=True)
class Signature:
    """One signature line of a note: whose it claims to be, and its bytes."""

    name: str
    id: int
    raw: bytes


@dataclass(frozen=True)
class Note:
    """A text and its signatures, none of them verified yet."""

    text: str
    signatures: tuple[Signature, ...]


def read_note(data: bytes) -> Note:
    """The parts of a signed note (C2SP signed-note). Raises Broken."""
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Broken("the note is not UTF-8") from error
    if any(sign < " " and sign != "\n" for sign in whole) or len(data) > 1_000_000:
        raise Broken("the note has control characters or is beyond any use")
    text, gap, lines = whole.rpartition("\n\n")
    if not gap or not text or not lines.endswith("\n"):
        raise Broken("the note has no signatures after an empty line")
    return Note(text + "\n", tuple(map(read_signature, lines[:-1].split("\n"))))


def read_signature(line: str) -> Signature:
    """The parts of a signature line, without its newline. Raises Broken."""
    dash, _, rest = line.partition(" ")
    name, gap, encoded = rest.partition(" ")
    raw = from_base64(encoded) if gap else b""
    if dash != "—" or not _is_name(name) or len(raw) < 5:
        raise Broken(f"{line[:60]!r} is no signature line")
    return Signature(name, int.from_bytes(raw[:4], "big"), raw[4:])


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: whose, how many entries, the root over them, and further lines of the text."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def read_checkpoint(text: str) -> Checkpoint:
    """What the text of a checkpoint says (C2SP tlog-checkpoint). Raises Broken."""
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise Broken("a checkpoint has at least three lines, none of them empty")
    root = from_base64(lines[2])
    if len(root) != 32:
        raise Broken(f"a root hash has 32 bytes, not {len(root)}")
    return Checkpoint(lines[0], decimal(lines[1]), root, tuple(lines[3:]))


@dataclass(frozen=True)
class Signed:
    """A signature that holds: by which key, and for cosignatures when (seconds since 1970)."""

    key: Key
    time: int | None


def verified(note: Note, keys: Sequence[Key]) -> list[Signed]:
    """The signatures of the keys that are known; those of others are passed over, as the format asks.

    Raises Broken where a known key's signature does not hold. The list may be empty.
    """
    known = {(key.name, key.id): key for key in keys}
    found = ((known.get((line.name, line.id)), line.raw) for line in note.signatures)
    return [_verify(key, note.text, raw) for key, raw in found if key is not None]


def _verify(key: Key, text: str, signature: bytes) -> Signed:
    time = None if key.kind in (ED25519, CT_TREE_HEAD) else int.from_bytes(signature[:8], "big")
    try:
        if key.kind == ED25519:
            Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, text.encode())
        elif key.kind == COSIGNATURE:
            read_checkpoint(text)
            message = f"cosignature/v1\ntime {time}\n{text}".encode()
            Ed25519PublicKey.from_public_bytes(key.raw).verify(signature[8:], message)
        elif key.kind == CT_TREE_HEAD:
            _verify_ct(key, read_checkpoint(text), signature)
        else:
            from cryptography.hazmat.primitives.asymmetric import mldsa

            message = cosigned_message(key.name, time or 0, read_checkpoint(text))
            mldsa.MLDSA44PublicKey.from_public_bytes(key.raw).verify(signature[8:], message)
    except InvalidSignature as error:
        raise Broken(f"the signature of {key.name} does not hold") from error
    if time is not None and time >= 1 << 63:
        raise Broken(f"the signature of {key.name} has no time")
    return Signed(key, time)


def _verify_ct(key: Key, head: Checkpoint, signature: bytes) -> None:
    """A tree head as RFC 6962, 3.5 signs it, within a note as static-ct-api says. Raises Broken, InvalidSignature."""
    timestamp, how, length = signature[:8], signature[8:10], int.from_bytes(signature[10:12], "big")
    if how != b"\x04\x03" or len(signature) != 12 + length:
        raise Broken(f"the signature of {key.name} is not one by SHA-256 and ECDSA")
    signed = b"\x00\x01" + timestamp + head.size.to_bytes(8, "big") + head.root
    _ct_key(key.raw).verify(signature[12:], signed, ec.ECDSA(hashes.SHA256()))


def cosigned_message(name: str, time: int, head: Checkpoint) -> bytes:
    """What an ML-DSA-44 cosignature signs (C2SP tlog-cosignature): the bytes of a `cosigned_message`."""
    cosigner, origin = name.encode(), head.origin.encode()
    if len(cosigner) > 255 or len(origin) > 255:
        raise Broken("a name is longer than 255 bytes")
    numbers = (0).to_bytes(8, "big") + head.size.to_bytes(8, "big")
    named = bytes([len(cosigner)]) + cosigner + time.to_bytes(8, "big") + bytes([len(origin)]) + origin
    return b"subtree/v1\n\0" + named + numbers + head.root


# Receipts and promises ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Receipt:
    """A C2SP tlog-proof: where an entry is, the proof, the signed checkpoint, and opaque further data."""

    extra: bytes | None
    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


def read_receipt(data: bytes) -> Receipt:
    """The parts of a .tlog-proof file. Raises Broken."""
    head, gap, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Broken("the receipt has signs beyond ASCII before its checkpoint") from error
    if not gap or lines.pop(0) != "c2sp.org/tlog-proof@v1":
        raise Broken(
            "this is no receipt: its first line is not c2sp.org/tlog-proof@v1, or no checkpoint follows"
        )
    extra = from_base64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index "):
        raise Broken("the receipt says no index")
    index, proof = decimal(lines[0][6:]), tuple(map(from_base64, lines[1:]))
    if len(proof) > 64 or any(len(node) != 32 for node in proof):
        raise Broken("a proof has at most 64 hashes of 32 bytes")
    return Receipt(extra, index, proof, checkpoint)


@dataclass(frozen=True)
class Verdict:
    """A receipt that holds: the entry's hash and place, the checkpoint, who signed and who witnessed it."""

    leaf: bytes
    index: int
    checkpoint: Checkpoint
    signed: tuple[Signed, ...]
    witnessed: tuple[Signed, ...]


def check_receipt(
    receipt: Receipt,
    keys: Sequence[Key],
    witnesses: Sequence[Key] = (),
    quorum: int = 0,
    leaf: bytes | None = None,
) -> Verdict:
    """Verifies a receipt as C2SP tlog-proof says; `leaf` is the entry's hash, by default that of the extra data.

    Raises Broken with the first reason why it does not hold.
    """
    if leaf is None and receipt.extra is None:
        raise Broken("the receipt does not carry its entry: give it with --leaf or --leaf-hash")
    leaf = leaf_hash(receipt.extra or b"") if leaf is None else leaf
    note = read_note(receipt.checkpoint)
    head = read_checkpoint(note.text)
    own = [key for key in keys if key.name == head.origin]
    if not own:
        raise Broken(f"the checkpoint is of the log {head.origin!r}, for which no key was given")
    signed = verified(note, own)
    if not signed:
        raise Broken(f"none of the keys given for {head.origin!r} has signed the checkpoint")
    witnessed = verified(note, witnesses)
    if len({one.key.raw for one in witnessed}) < quorum:
        raise Broken(f"{len(witnessed)} of the witnesses given have signed, and {quorum} should have")
    verify_inclusion(receipt.index, head.size, leaf, receipt.proof, head.root)
    return Verdict(leaf, receipt.index, head, tuple(signed), tuple(witnessed))


def commitment(salt: bytes, value: bytes) -> str:
    """The commitment to a value (its canonical JSON) under its salt, as a leaf shows it."""
    return "sha256:" + base64.b64encode(hashlib.sha256(b"\x02" + salt + value).digest()).decode()


def check_openings(leaf: Any, openings: dict[str, Any]) -> None:
    """Raises Broken unless each opening (`field: {"salt", "value"}`, the value as canonical JSON) fits the leaf."""
    for field, opening in openings.items():
        stated = leaf.get("hidden", {}).get(field) if isinstance(leaf, dict) else None
        if commitment(from_base64(opening["salt"]), opening["value"].encode()) != stated:
            raise Broken(f"the value given for {field!r} is not the one that the log committed to")


def check_promise(data: bytes, keys: Sequence[Key]) -> dict[str, str]:
    """What a signed promise of inclusion says: log, leaf (hash, base64), made, by. Raises Broken."""
    note = read_note(data)
    lines = note.text[:-1].split("\n")
    if len(lines) != 5 or lines[0] != "qafila promise of inclusion v1":
        raise Broken("this is no promise of inclusion")
    if not verified(note, [key for key in keys if key.name == lines[1]]):
        raise Broken(f"none of the keys given for {lines[1]!r} has signed the promise")
    said = dict(line.split(" ", 1) for line in lines[2:] if " " in line)
    if set(said) != {"leaf", "made", "by"} or len(from_base64(said["leaf"])) != 32:
        raise Broken("the promise does not say which entry, when it was made and until when it will be kept")
    return {"log": lines[1], **said}


# Trees of tiles ----------------------------------------------------------------------------------


def tile_path(level: int | str, number: int, width: int = TILE) -> str:
    """The path of a tile or, at level "entries", of a bundle (C2SP tlog-tiles)."""
    digits = f"{number % 1000:03d}"
    while number := number // 1000:
        digits = f"x{number % 1000:03d}/{digits}"
    return f"tile/{level}/{digits}" + ("" if width == TILE else f".p/{width}")


def read_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle, each after its length in two bytes. Raises Broken."""
    entries, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise Broken("the bundle ends within an entry")
        entries.append(data[at + 2 : end])
        at = end
    return entries


def read_ct_bundle(data: bytes) -> list[bytes]:
    """The MerkleTreeLeaf of each entry of a data tile (static-ct-api), which is what a leaf hash is over. Raises Broken."""
    entries, at = [], 0

    def take(count: int) -> bytes:
        nonlocal at
        at += count
        if at > len(data):
            raise Broken("the data tile ends within an entry")
        return data[at - count : at]

    def take_sized(bytes_of_size: int) -> bytes:
        size = take(bytes_of_size)
        return size + take(int.from_bytes(size, "big"))

    while at < len(data):
        stamp, kind = take(8), take(2)
        if kind not in (b"\x00\x00", b"\x00\x01"):
            raise Broken(f"the data tile has an entry of the kind {kind.hex()}")
        signed = take_sized(3) if kind == b"\x00\x00" else take(32) + take_sized(3)
        extensions = take_sized(2)
        if kind == b"\x00\x01":
            take_sized(3)  # the certificate before it was signed: not hashed
        take_sized(2)  # fingerprints of the chain: not hashed
        entries.append(b"\x00\x00" + stamp + kind + signed + extensions)
    return entries


def read_tile(folder: Path, level: int | str, number: int, width: int) -> bytes | None:
    """A tile's bytes, or those of the full tile where the partial one was removed; None where neither is."""
    for wanted in dict.fromkeys((width, TILE)):
        path = folder / tile_path(level, number, wanted)
        if path.is_file():
            return path.read_bytes()
    return None


def walk_tree(folder: Path, head: Checkpoint) -> Iterator[str]:
    """Every fault of a log kept as files, against its checkpoint, by entry and tile; nothing where it is sound."""
    hashed: list[bytes] = []  # as the tiles say
    shown: list[bytes] = []  # as the entries themselves hash
    faults: list[str] = []
    for number, width in _tiles(head.size):
        nodes = _nodes(folder, 0, number, width, faults)
        entries = _entries(folder, number, width, faults)
        hashed += nodes or entries or [b""] * width
        shown += entries or nodes or [b""] * width
    by_tiles, by_entries = root_of(hashed) == head.root, root_of(shown) == head.root
    for index, (node, own) in enumerate(zip(hashed, shown, strict=True)):
        if node != own and not by_entries:
            faults.append(f"entry {index}: its content is not the one that was hashed into the log")
        elif node != own:
            path = tile_path(0, index // TILE, min(TILE, head.size - index // TILE * TILE))
            faults.append(f"{path}: hash {index % TILE} is not that of entry {index}")
    if not by_tiles and not by_entries:
        faults.append(f"the checkpoint's root does not follow from the {head.size} entries")
    level, below = 0, hashed if by_tiles else shown
    while len(below) >= TILE:
        level, below = (
            level + 1,
            [root_of(below[i : i + TILE]) for i in range(0, len(below) - TILE + 1, TILE)],
        )
        for number, width in _tiles(len(below)):
            nodes = _nodes(folder, level, number, width, faults)
            for i, node in enumerate(nodes):
                if node != below[number * TILE + i]:
                    lower = tile_path(level - 1, number * TILE + i)
                    faults.append(f"{tile_path(level, number, width)}: hash {i} is not that of {lower}")
    yield from faults


def _tiles(hashes: int) -> Iterator[tuple[int, int]]:
    for number in range(-(-hashes // TILE)):
        yield number, min(TILE, hashes - number * TILE)


def _nodes(folder: Path, level: int, number: int, width: int, faults: list[str]) -> list[bytes]:
    data = read_tile(folder, level, number, width)
    path = tile_path(level, number, width)
    if data is None or len(data) < width * 32:
        faults.append(f"{path}: missing" if data is None else f"{path}: shorter than {width} hashes")
        return []
    if len(data) not in (width * 32, TILE * 32):  # a full tile may stand for a partial one
        faults.append(f"{path}: {len(data)} bytes, and not {width} hashes")
    return [data[i : i + 32] for i in range(0, width * 32, 32)]


def _entries(folder: Path, number: int, width: int, faults: list[str]) -> list[bytes]:
    level = "data" if (folder / "tile" / "data").is_dir() else "entries"  # static-ct-api, or tlog-tiles
    path, data = tile_path(level, number, width), read_tile(folder, level, number, width)
    try:
        if data is None:
            raise Broken("missing")
        data = gzip.decompress(data) if data[:3] == b"\x1f\x8b\x08" else data
        entries = read_ct_bundle(data) if level == "data" else read_bundle(data)
        if len(entries) < width:
            raise Broken(f"{len(entries)} entries are fewer than {width}")
        if len(entries) not in (width, TILE):
            faults.append(f"{path}: {len(entries)} entries, and not {width}")
    except (Broken, OSError, EOFError) as error:
        faults.append(f"{path}: {error}")
        return []
    return [leaf_hash(entry) for entry in entries[:width]]


# Vectors -----------------------------------------------------------------------------------------


def judge_vector(vector: Any) -> str | None:
    """None where the proof of a vector is accepted, otherwise why it is not."""
    try:
        said = {re.sub("[^a-z0-9]", "", key.lower()): value for key, value in vector.items()}
        nodes = said.get("proof")
        if not (nodes is None or isinstance(nodes, list)):
            raise Broken(f"the proof is {nodes!r}, not a list of hashes")
        proof = [from_base64(node) for node in ([] if nodes is None else nodes)]
        if "leafhash" in said:
            root, leaf = from_base64(said["root"]), from_base64(said["leafhash"])
            start, end = (_number(said, "start"), _number(said, "end")) if "end" in said else (0, None)
            size = _number(said, "treesize") if end is None else end
            verify_subtree_inclusion(_number(said, "leafidx"), start, size, leaf, proof, root)
        else:
            root1, root2 = from_base64(said["root1"]), from_base64(said["root2"])
            if "end" in said:
                sizes = _number(said, "start"), _number(said, "end"), _number(said, "size")
                verify_subtree_consistency(*sizes, root1, root2, proof)
            else:
                verify_consistency(_number(said, "size1"), _number(said, "size2"), root1, root2, proof)
    except Broken as broken:
        return str(broken)
    except (KeyError, TypeError, AttributeError) as error:
        return f"not in the form of a vector ({error!r})"
    return None


def _number(said: dict[str, Any], name: str) -> int:
    value = said.get(name, 0)
    if type(value) is not int or not 0 <= value < _UINT64:
        raise Broken(f"{name} is {value!r}, not a whole number from 0 to 2^64 - 1")
    return value


def judge_vectors(folder: Path) -> tuple[list[str], int, int]:
    """A line for each vector in a folder and below, how many were judged as they state, and how many there are."""
    lines, right, files = [], 0, sorted(folder.rglob("*.json")) if folder.is_dir() else [folder]
    for path in files:
        name = str(path.relative_to(folder)) if folder.is_dir() else path.name
        try:
            vector = json.loads(path.read_bytes())
            refused = judge_vector(vector)
            wants = bool(vector.get("wantErr", False)) if isinstance(vector, dict) else True
        except (ValueError, RecursionError) as error:
            refused, wants = f"not JSON ({error})", True
        right += (refused is not None) == wants
        said = "accepted" if refused is None else f"refused: {refused}"
        lines.append(f"{name}: {said}" + ("" if (refused is not None) == wants else "   NOT AS STATED"))
    return lines, right, len(files)


# Keys that follow one another --------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What became of a key: rotated, lost or stolen, at which head of the log, and when (seconds since 1970)."""

    key: Key
    reason: str
    size: int
    root: bytes
    time: int


@dataclass(frozen=True)
class Succession:
    """The keys that a log has signed with, first to last, and what was told of those that no longer sign."""

    keys: tuple[Key, ...]
    told: dict[str, Told]


def read_succession(notes: Sequence[str], first: Key) -> Succession:
    """Follows the statements by which keys follow one another, from the first key, which the reader trusts.

    The first statement names a recovery key that lies apart; a key is rotated by its own signature, and told lost
    or stolen by that of the recovery key. Raises Broken.
    """
    keys, told, recovery = [first], {}, None
    for number, data in enumerate(notes):
        note = read_note(data.encode())
        lines = note.text[:-1].split("\n")
        if len(lines) < 4 or lines[0] != "qafila log key v1" or lines[1] != first.name:
            raise Broken(f"statement {number} is not one about the keys of {first.name!r}")
        said = dict(line.split(" ", 1) for line in lines[3:] if " " in line)
        may_sign = keys[-1:] if lines[2] in ("first", "rotated") else [recovery] if recovery else []
        if not verified(note, may_sign):
            raise Broken(f"statement {number} is not signed by the key that may make it")
        try:
            if number == 0 and lines[2] == "first" and read_key(said["key"]) == first:
                recovery = read_key(said["recovery"])
            elif number and lines[2] in ("rotated", "lost", "stolen"):
                head = decimal(said["size"]), from_base64(said["root"]), decimal(said["time"])
                told[str(keys[-1])] = Told(keys[-1], lines[2], *head)
                keys.append(read_key(said["next"]))
            else:
                raise Broken(f"statement {number} says {lines[2]!r}, which has no meaning there")
        except KeyError as missing:
            raise Broken(f"statement {number} says no {missing.args[0]}") from missing
    return Succession(tuple(keys), told)


def check_told(verdict: Verdict, succession: Succession) -> list[str]:
    """Remarks on a receipt whose key no longer signs. Raises Broken where that key's word is worth nothing.

    What a rotated or lost key signed stays good. What a stolen key signed is good where the checkpoint is the one
    that was told with the theft, or where a witness saw it before the theft.
    """
    remarks = []
    for signed in verdict.signed:
        told = succession.told.get(str(signed.key))
        if told is None:
            return []
        head = verdict.checkpoint
        safe = told.reason != "stolen" or (head.size, head.root) == (told.size, told.root)
        safe = safe or any(one.time is not None and one.time <= told.time for one in verdict.witnessed)
        remarks.append(f"its key {signed.key.id:08x} was told {told.reason} at entry {told.size}")
        if safe and head.size <= told.size:
            return remarks
    raise Broken("; ".join(remarks) + ": no witness saw this checkpoint before. Ask for the receipt anew")


# The command -------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns 0 where all that was asked holds, otherwise 1."""
    parser = argparse.ArgumentParser(
        prog="verifier.py", description="Checks receipts of a transparency log, offline."
    )
    parser.add_argument("receipt", nargs="?", type=Path, help="a .tlog-proof file")
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        help="the log's verifier key, or a file of keys, or the log.v3.json of a log of certificates",
    )
    parser.add_argument(
        "--witness", action="append", default=[], help="a witness's verifier key, or a file of keys"
    )
    parser.add_argument(
        "--quorum", type=int, default=0, help="how many witnesses must have signed (default 0)"
    )
    parser.add_argument(
        "--succession", type=Path, help="the log's keys.json: later keys, and keys lost or stolen"
    )
    parser.add_argument("--leaf", type=Path, help="the entry, where the receipt does not carry it")
    parser.add_argument(
        "--leaf-hash", help="the entry's hash, base64 or hex, where the receipt does not carry it"
    )
    parser.add_argument("--openings", type=Path, help="values with their salts, to check against the entry")
    parser.add_argument(
        "--promise", type=Path, help="a signed promise of inclusion; checked with the receipt if both"
    )
    parser.add_argument("--tree", type=Path, help="the folder of a whole log")
    parser.add_argument("--vectors", type=Path, help="a folder of known proofs")
    asked = parser.parse_args(arguments)
    try:
        if asked.vectors:
            lines, right, total = judge_vectors(asked.vectors)
            print(*lines, f"{right} of {total} as stated", sep="\n")
            return 0 if right == total else 1
        if not (asked.receipt or asked.promise or asked.tree):
            parser.error("give a receipt, --promise, --tree or --vectors")
        keys = _keys(asked.key)
        if not keys:
            parser.error("give the log's key with --key")
        followed = None
        if asked.succession:
            followed = read_succession(json.loads(asked.succession.read_bytes())["statements"], keys[0])
            keys = list(followed.keys)
        promise = _say_promise(asked.promise, keys) if asked.promise else None
        if asked.tree and not _say_tree(asked.tree, keys, _keys(asked.witness), asked.quorum):
            return 1
        if asked.receipt:
            _say_receipt(asked, keys, followed, promise)
    except (Broken, OSError, KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        print(f"REFUSED: {error}")
        return 1
    return 0


def _keys(given: Sequence[str]) -> list[Key]:
    found = []
    for one in given:
        if one.endswith(".json"):
            found.append(read_ct_log(Path(one).read_bytes()))
            continue
        lines = Path(one).read_text(encoding="utf-8").splitlines() if "+" not in one else [one]
        found += [read_key(line) for line in lines if line.strip() and not line.startswith("#")]
    return found


def _say_promise(path: Path, keys: Sequence[Key]) -> dict[str, str]:
    said = check_promise(path.read_bytes(), keys)
    print(
        f"PROMISED: {said['log']} promised on {said['made']} that entry {said['leaf']} is in by {said['by']}"
    )
    return said


def _say_tree(folder: Path, keys: Sequence[Key], witnesses: Sequence[Key], quorum: int) -> bool:
    note = read_note((folder / "checkpoint").read_bytes())
    head = read_checkpoint(note.text)
    if not verified(note, [key for key in keys if key.name == head.origin]):
        raise Broken(f"none of the keys given for {head.origin!r} has signed the checkpoint")
    if (seen := len({one.key.raw for one in verified(note, witnesses)})) < quorum:
        raise Broken(f"{seen} of the witnesses given have signed, and {quorum} should have")
    faults = list(walk_tree(folder, head))
    print(*faults, sep="\n", end="\n" if faults else "")
    print(f"{'REFUSED' if faults else 'SOUND'}: {head.origin}, {head.size} entries, {len(faults)} faults")
    return not faults


def _say_receipt(
    asked: argparse.Namespace, keys: list[Key], followed: Succession | None, promise: dict[str, str] | None
) -> None:
    receipt = read_receipt(asked.receipt.read_bytes())
    leaf = None
    if asked.leaf:
        leaf = leaf_hash(asked.leaf.read_bytes())
    elif asked.leaf_hash:
        hexadecimal = re.fullmatch("[0-9a-fA-F]{64}", asked.leaf_hash)
        leaf = bytes.fromhex(asked.leaf_hash) if hexadecimal else from_base64(asked.leaf_hash)
    verdict = check_receipt(receipt, keys, _keys(asked.witness), asked.quorum, leaf)
    remarks = check_told(verdict, followed) if followed else []
    if promise and from_base64(promise["leaf"]) != verdict.leaf:
        raise Broken("the promise is about another entry than the receipt")
    content = asked.leaf.read_bytes() if asked.leaf else receipt.extra if leaf is None else None
    if asked.openings:
        check_openings(json.loads(content or b"null"), json.loads(asked.openings.read_bytes()))
        remarks.append("the values given are those that the log committed to")
    head = verdict.checkpoint
    print(
        f"ACCEPTED: entry {verdict.index} of {head.size} in {head.origin}, signed by {len(verdict.signed)} key(s)"
    )
    for one in verdict.witnessed:
        print(f"  witnessed by {one.key.name} at {one.time} (seconds since 1970)")
    print(*(f"  {remark}" for remark in remarks), sep="\n", end="\n" if remarks else "")
    if content is not None:
        print(content.decode("utf-8", "replace"))


if __name__ == "__main__":
    sys.exit(main())
