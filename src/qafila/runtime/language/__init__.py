"""The languages people read: their catalogues, and messages rendered in them, for every door, paper and notification."""

from qafila.runtime.language.rendering import plainly, render, wording
from qafila.runtime.language.spoken import (
    DEFAULT,
    LANGUAGES,
    ON_PAPER,
    Language,
    catalogues_digest,
    preferred,
    words,
)

__all__ = [
    "DEFAULT",
    "LANGUAGES",
    "ON_PAPER",
    "Language",
    "catalogues_digest",
    "plainly",
    "preferred",
    "render",
    "wording",
    "words",
]
