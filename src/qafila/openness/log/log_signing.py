"""Keys that sign notes: made, kept in files, used. Ed25519 for the log's word; either kind for cosignatures."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from qafila.openness.verifier import (
    COSIGNATURE,
    ED25519,
    ML_DSA_COSIGNATURE,
    Broken,
    Key,
    cosigned_message,
    from_base64,
    key_id,
    read_checkpoint,
)

_PREFIX = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A private key under a name. `seed` is 32 bytes for every kind; it is never shown by repr or in errors."""

    name: str
    kind: int
    seed: bytes
    public: bytes

    @property
    def key(self) -> Key:
        """The public key that checks what is signed here."""
        return _key(self.name, self.kind, self.public)

    def __repr__(self) -> str:
        return f"Signer({self.key})"

    def line(self, text: str, time: int = 0) -> str:
        """The signature line for a note's text, with its newline.

        Args:
            text: the whole text of the note, ending in a newline.
            time: seconds since 1970, for cosignatures; plain signatures say none.

        Raises:
            Broken: a cosignature was asked for a text that is no checkpoint.
        """
        if self.kind == ED25519:
            signature = _private(self.seed).sign(text.encode())
        else:
            head = read_checkpoint(text)
            stamp = time.to_bytes(8, "big")
            if self.kind == COSIGNATURE:
                message = f"cosignature/v1\ntime {time}\n{text}".encode()
                signature = stamp + _private(self.seed).sign(message)
            else:
                message = cosigned_message(self.name, time, head)
                signature = stamp + mldsa.MLDSA44PrivateKey.from_seed_bytes(self.seed).sign(message)
        raw = self.key.id.to_bytes(4, "big") + signature
        return f"— {self.name} {base64.b64encode(raw).decode()}\n"

    def note(self, text: str) -> bytes:
        """A signed note of this text, which ends in a newline and has no signature yet."""
        return f"{text}\n{self.line(text)}".encode()

    def secret(self) -> str:
        """The key as text, to be kept: PRIVATE+KEY+name+id+base64, as Go's note package writes it."""
        encoded = base64.b64encode(bytes([self.kind]) + self.seed).decode()
        return f"{_PREFIX}{self.name}+{self.key.id:08x}+{encoded}"


@lru_cache(maxsize=8)
def _private(seed: bytes) -> Ed25519PrivateKey:
    """Deriving a key takes as long as signing: whoever signs thousands of promises does it once."""
    return Ed25519PrivateKey.from_private_bytes(seed)


@lru_cache(maxsize=8)
def _key(name: str, kind: int, public: bytes) -> Key:
    return Key(name, key_id(name, kind, public), kind, public)


def signer(name: str, kind: int = ED25519, seed: bytes | None = None) -> Signer:
    """A signer, with a new random key unless a seed of 32 bytes is given. Raises Broken for a kind not known."""
    seed = os.urandom(32) if seed is None else seed
    if kind in (ED25519, COSIGNATURE):
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    elif kind == ML_DSA_COSIGNATURE:
        public = mldsa.MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()
    else:
        raise Broken(f"no signature of kind {kind} is known here")
    return Signer(name, kind, seed, public)


def read_signer(text: str) -> Signer:
    """The signer of a private key as text. Raises Broken, without the key in the error."""
    name, _, rest = text.strip().removeprefix(_PREFIX).partition("+")
    stated, _, encoded = rest.partition("+")
    try:
        raw = from_base64(encoded)
    except Broken:
        raw = b""
    if not text.startswith(_PREFIX) or len(raw) != 33:
        raise Broken("this is no private key of a note (PRIVATE+KEY+name+id+key)")
    made = signer(name, raw[0], raw[1:])
    if f"{made.key.id:08x}" != stated:
        raise Broken(f"the private key of {name!r} has another id than its text says")
    return made


def keep(path: Path, one: Signer) -> None:
    """Writes a private key to a file that only its owner reads. Raises FileExistsError: no key is written over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(one.secret() + "\n")
        file.flush()
        os.fsync(file.fileno())


def kept(path: Path) -> Signer:
    """The signer kept in a file. Raises FileNotFoundError, Broken."""
    return read_signer(path.read_text(encoding="utf-8"))
