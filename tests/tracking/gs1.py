"""GS1's own JSON Schema of EPCIS 2.0, with the formats checked that it leaves to its user."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import jsonschema

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

checker = jsonschema.FormatChecker(formats=())


@checker.checks("uri")
def _uri(value: object) -> bool:
    """RFC 3986, with a scheme."""
    return not isinstance(value, str) or _URI.fullmatch(value) is not None


@checker.checks("date-time", raises=ValueError)
def _instant(value: object) -> bool:
    """RFC 3339."""
    if not isinstance(value, str):
        return True
    datetime.fromisoformat(value)
    return _INSTANT.fullmatch(value) is not None


def validator(shared_data: Path) -> jsonschema.Draft7Validator:
    """Judges documents as GS1 does."""
    schema = json.loads((shared_data / "epcis" / "EPCIS-JSON-Schema.json").read_text())
    return jsonschema.Draft7Validator(schema, format_checker=checker)
