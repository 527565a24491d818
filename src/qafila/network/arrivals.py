"""What this home has learned of when things arrive: models by the hash of their content, and the name of the current one.

Kept under `settings().home / "arrivals"`. Who is asked for offers names the model that foretold them, so that they can be
taken again; for that no model is ever removed. `qafila.eta` makes and reads them; here they are files.
"""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

from qafila.runtime import kept
from qafila.runtime.settings import own_settings

BY_RULE = ""
"""The id where nothing was learned: promises are made by the rules of facts/lateness.csv."""


def install(document: bytes) -> str:
    """Keeps a model and makes it the current one; returns its id."""
    id = hashlib.sha256(document).hexdigest()[:16]
    kept.put(_home() / f"{id}.json.z", zlib.compress(document, 6))
    kept.put(_home() / "current", id.encode())
    return id


def forget() -> None:
    """Goes back to the rules; what was learned stays, for who takes old offers again."""
    kept.put(_home() / "current", BY_RULE.encode())


def current() -> str:
    """The id of the current model, or BY_RULE."""
    try:
        return (_home() / "current").read_text().strip()
    except FileNotFoundError:
        return BY_RULE


def read(id: str) -> bytes:
    """A model's document. Raises OSError where this home does not have it."""
    if not id.isalnum():
        raise FileNotFoundError(id)
    return zlib.decompress((_home() / f"{id}.json.z").read_bytes())


def _home() -> Path:
    return own_settings().home / "arrivals"  # a place of practice learns nothing of its own
