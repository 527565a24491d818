"""What a migration may not do while servers of the version before serve from the same database.

Expand, then contract: one version adds what is new, beside what is there, and writes both; what nobody uses any more goes a
version later. A migration that must break a rule says why, in `BREAKS = "…"`, and the release says that servers are stopped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NEW_TABLE = re.compile(r"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)", re.IGNORECASE)

_RULES: tuple[tuple[str, str], ...] = (
    (r"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?P<table>\w+)", "takes a table away that the version before may use"),
    (r"ALTER\s+TABLE\s+(?:ONLY\s+)?(?P<table>\w+)\b[^;]*?\bDROP\s+COLUMN", "takes a column away that the version before may use"),
    (r"ALTER\s+TABLE\s+(?:ONLY\s+)?(?P<table>\w+)\b[^;]*?\bRENAME\b", "renames what the version before asks for by its name"),
    (r"ALTER\s+TABLE\s+(?:ONLY\s+)?(?P<table>\w+)\b[^;]*?\bALTER\s+(?:COLUMN\s+)?\w+\s+(?:SET\s+DATA\s+)?TYPE\b",
     "changes a column's type: the table is written anew under a lock"),
    (r"ALTER\s+TABLE\s+(?:ONLY\s+)?(?P<table>\w+)\b[^;]*?\bSET\s+NOT\s+NULL",
     "asks for a value that the version before does not write, and reads the table under a lock"),
    (r"ALTER\s+TABLE\s+(?:ONLY\s+)?(?P<table>\w+)\b[^;]*?\bADD\s+(?:COLUMN\s+)?(?!CONSTRAINT|CHECK|FOREIGN|UNIQUE|PRIMARY|EXCLUDE)"
     r"(?:IF\s+NOT\s+EXISTS\s+)?\w+\s(?:(?!\bDEFAULT\b)[^,;])*?\bNOT\s+NULL\b(?![^,;]*\bDEFAULT\b)",
     "adds a column that must have a value and has no default"),
    (r"ALTER\s+TABLE\s+(?:ONLY\s+)?(?P<table>\w+)\b[^;]*?\bADD\s+(?:CONSTRAINT\s+\w+\s+)?(?:CHECK|FOREIGN\s+KEY)\b(?![^;]*\bNOT\s+VALID\b)",
     "checks every row under a lock: add it NOT VALID, and validate it in the next migration"),
    (r"ALTER\s+TABLE\s+(?:ONLY\s+)?(?P<table>\w+)\b[^;]*?\bADD\s+(?:CONSTRAINT\s+\w+\s+)?(?:UNIQUE|PRIMARY\s+KEY|EXCLUDE)\b(?!\s+USING\s+INDEX)",
     "builds an index under a lock"),
    (r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)[^;]*?\bON\s+(?:ONLY\s+)?(?P<table>\w+)",
     "builds an index while nobody can write"),
    (r"\bLOCK\s+TABLE\s+(?:ONLY\s+)?(?P<table>\w+)", "locks a whole table"),
    (r"\b(?:TRUNCATE|CLUSTER|VACUUM\s+FULL)\s+(?:TABLE\s+)?(?:ONLY\s+)?(?P<table>\w+)", "locks a whole table"),
    (r"^\s*UPDATE\s+(?P<table>\w+)\s+(?:(?!\bWHERE\b)[^;])*(?:;|$)", "writes every row in one transaction: whoever writes one waits"),
    (r"^\s*DELETE\s+FROM\s+(?P<table>\w+)\s*(?:;|$)", "takes every row away in one transaction"),
)  # fmt: skip


def breaks(statements: Iterable[str]) -> list[str]:
    """What statements of one migration do that a server of the version before would notice.

    Tables that they themselves make are nobody's yet. SQL within functions is not looked at: it does not run now.

    Returns:
        a sentence for each, with the table.
    """
    told = [_plain(one) for one in statements]
    new = {name.lower() for one in told for name in _NEW_TABLE.findall(one)}
    found = []
    for one in told:
        for pattern, why in _RULES:
            for hit in re.finditer(pattern, one, re.IGNORECASE | re.MULTILINE):
                table = hit["table"].lower()
                if table not in new:
                    found.append(f"{table}: {why}")
    return found


def _plain(statement: str) -> str:
    """Without comments, texts and bodies of functions."""
    bare = re.sub(r"\$(\w*)\$.*?\$\1\$", "''", statement, flags=re.DOTALL)
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", " ", bare, flags=re.DOTALL)
    return re.sub(r"'(?:[^']|'')*'", "''", bare)
