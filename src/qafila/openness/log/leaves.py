"""What a leaf says: a decision as canonical JSON (RFC 8785), with commitments in place of what is not for everyone.

A hidden value appears as sha256(0x02, salt, value), the value as JSON text and the salt 32 random bytes that its
owner holds. Whoever is given salt and value can check them; without the salt nothing can be guessed, so erasing the
salt erases the value, and the log stays as valid as it was.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qafila.core.values import value
from qafila.openness.log.canonical import canonical
from qafila.openness.verifier import commitment

SALT_BYTES = 32


@value
class Opening:
    """What opens a commitment: its field, the salt, and the value as JSON text."""

    field: str
    salt: bytes
    value: bytes

    def written(self) -> dict[str, str]:
        """As files of openings have it."""
        return {"salt": base64.b64encode(self.salt).decode(), "value": self.value.decode()}


@value
class Leaf:
    """An entry of the log, and what opens its commitments."""

    entry: bytes
    openings: tuple[Opening, ...]


def leaf(
    kind: str, at: datetime, terms: str, said: Mapping[str, Any], hidden: Mapping[str, Any] | None = None
) -> Leaf:
    """Makes an entry.

    Args:
        kind: the kind of decision, such as `shipping.offer`.
        at: when it was taken.
        terms: the version of the published terms that held.
        said: what everyone may read. Whole numbers, text, lists and maps; money and shares as text, because JSON
            numbers are binary fractions.
        hidden: personal and commercial values by field; each becomes a commitment. Bytes are JSON already and are
            committed to as they are.

    Raises:
        ValueError: a value cannot be said in canonical JSON, such as a number beyond 2^53 or a float that is not
            finite.
    """
    openings, commitments = [], {}
    for field, one in sorted((hidden or {}).items()):
        text = one if isinstance(one, bytes) else canonical(one)
        opening = Opening(field, os.urandom(SALT_BYTES), text)
        commitments[field] = commitment(opening.salt, opening.value)
        openings.append(opening)
    body: Any = {
        "at": at.isoformat().replace("+00:00", "Z"),
        "hidden": commitments,
        "kind": kind,
        "said": dict(said),
        "terms": terms,
        "v": 1,
    }
    return Leaf(canonical(body), tuple(openings))
