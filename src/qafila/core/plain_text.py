"""What somebody wrote, as others may read it: nothing in it ends a line, a document or the direction of reading. No I/O."""

from __future__ import annotations

import re

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_NONE_OF_XML = re.compile("[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# these are no characters, and readers of XML differ in what they make of them
_NO_CHARACTERS = re.compile(
    f"[\ufdd0-\ufdef{''.join(chr(n + last) for n in range(0x10000, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))}]"
)


def one_line(said: str) -> str:
    """A text on one line: controls and breaks become spaces, and the signs that turn the direction of reading are left out, for
    a name must not make its neighbours read backwards."""
    return _TURNS.sub("", _CONTROLS.sub(" ", said))


def xml_text(said: str) -> str:
    """A text that any reader of XML 1.0 takes: what XML cannot hold becomes a space, turning signs are left out as in
    `one_line`. Breaks of lines and marks (`<`, `&`) stay: who writes the XML escapes them."""
    return _TURNS.sub("", _NO_CHARACTERS.sub(" ", _NONE_OF_XML.sub(" ", said)))
