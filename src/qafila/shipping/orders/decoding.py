"""From the bytes of a file to its text: what it is not, its encoding, its delimiter."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from ftfy import fix_encoding
from ftfy.badness import is_bad

from qafila.core.message import Message
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.alphabets import encoding_of, everyday
from qafila.shipping.orders.columns import FileRefused, layout_of

_SIGNATURES = (
    (b"PK\x05\x06", m.EMPTY_ZIP),
    (b"%PDF", m.PDF),
    (b"\x1f\x8b", m.GZIP),
    (b"\x89PNG", m.PICTURE),
    (b"\xff\xd8\xff", m.PICTURE),
    (b"{\\rtf", m.RICH_TEXT),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_FEW = 0.1  # of the lines
_LONGEST_HEADER = 64 * 1024
_NOTHING = '\ufeff\x00 \t\r\n,;|"'  # what a file holds that has no word in it


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text. `text` holds U+FFFD where a byte could not be read."""

    text: str
    encoding: str
    how: Message  # how the encoding was come by
    doubt: Message | None = None  # what else the file may be, where that is not sure


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """The text of a file in the encoding given, or found. Raises FileRefused where it is no text, or has none."""
    decoded = _decoded(data, encoding)
    if not decoded.text.strip(_NOTHING):
        raise FileRefused(m.EMPTY(), m.EXPORT_AGAIN())
    return decoded


def _decoded(data: bytes, encoding: str | None) -> Decoded:
    for magic, what in _SIGNATURES:
        if data.startswith(magic):
            raise FileRefused(m.NOT_CSV(what=what()), m.SAVE_AS_CSV())
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise FileRefused(m.NO_SUCH_ENCODING(encoding=encoding), m.TRY_ENCODINGS()) from None
        return Decoded(data.decode(encoding, errors="replace").removeprefix("\ufeff"), encoding, m.AS_TOLD())
    for bom, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(bom):
            return Decoded(data[len(bom) :].decode(name, errors="replace"), name, m.BY_MARK())
    if wide := _utf16_without_mark(data):
        return Decoded(data.decode(wide, errors="replace"), wide, m.BY_ZEROS())
    _refuse_noise(data)
    try:
        return _encoded_once(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _decode_legacy(data)


def _encoded_once(text: str) -> Decoded:
    """The text of a file of valid UTF-8; where a program took it for another encoding and wrote that as UTF-8 again
    ("Ã©" for "é"), what it was before."""
    mended = text
    for _ in range(_TIMES):
        if mended.isascii() or mended == (before := "".join(map(_once, mended.splitlines(keepends=True)))):
            break
        mended = before
    return Decoded(mended, "utf-8", m.ENCODED_TWICE() if mended != text else m.VALID_UTF8())


def _once(line: str) -> str:
    if line.isascii():
        return line
    if is_bad(line) and (mended := fix_encoding(line)) != line:
        return mended
    for taken_for in _TAKEN_FOR:
        try:
            before = line.encode(taken_for).decode("utf-8")
        except UnicodeError:
            continue
        if not before.isascii() and _likely(line, before) and (taken_for != "gb18030" or _no_chinese(line)):
            return before
    return line


def _likely(line: str, before: str) -> bool:
    """Whether a text may be what a line was: of two or three signs another reading may be there by chance."""
    few = sum(c > "\x7f" for c in line) <= _FEW_SIGNS
    return bool(_WRITTEN.fullmatch(before)) and not (few and _MIXED.search(before))


_FEW_SIGNS = 4
# a small Latin letter and one of another script in one word
_MIXED = re.compile(
    "[a-z][\u0370-\u06ff\u0e00-\u0e7f\uac00-\ud7a3]|[\u0370-\u06ff\u0e00-\u0e7f\uac00-\ud7a3][a-z]|[A-Z][\uac00-\ud7a3]"
)
# what people write: ASCII, the scripts of the fonts, the signs of running text; what a text taken wrongly twice is between
_WRITTEN = re.compile(
    "[\x00-\u024f\u02c6\u02c7\u02d8-\u02dd\u0300-\u0306\u0370-\u045f\u0490\u0491\u067e\u0679\u0686\u0688\u0691\u0698\u06a9\u06af\u06ba\u06be\u06c1\u06d2\u200c-\u200f\u2500-\u25ff\u05d0-\u05ea\u060c-\u064a\u0660-\u06f9\u0900-\u097f\u0e01-\u0e5b"
    "\u1e00-\u1eff\u2010-\u2044\u20a0-\u20bf\u2100-\u2122\u2190-\u21ff\u2600-\u27bf\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\ufe0f\uff01-\uff5e"
    "\U0001f300-\U0001faff]+"
)


def _no_chinese(line: str) -> bool:
    """Whether the Chinese signs of a line are no words: they stand beside small letters ("脡lodie" was "Élodie"), or
    many of them are of no everyday use. Two or three signs of a word may be valid UTF-8 by chance."""
    beyond = [c for c in line if c > "\x7f"]
    if re.search(r"[a-z][\u3400-\u9fff]|[\u3400-\u9fff][a-z]", line):
        return True
    return len(beyond) >= _CHANCE and sum(not everyday(c, "gb18030") for c in beyond) > 0.3 * len(beyond)


_TIMES = 3  # that a file is opened and saved wrongly, one after the other
_CHANCE = 6  # signs
_TAKEN_FOR = ("cp1252", "mac_roman", "cp1250", "cp1254", "cp1251", "cp1256", "cp850", "cp437", "gb18030")
"""Encodings for which UTF-8 is taken; bytes of a real text in them are next to never valid UTF-8."""


def delimiter_of(text: str) -> str:
    """The delimiter under which the first line reads best as a header: comma, semicolon, tab or bar."""
    first = first_line(text)
    counts = {d: first.count(d) for d in ",;\t|"}
    ranked = sorted(counts, key=lambda d: -counts[d])
    for candidate in ranked:
        try:
            layout_of([h.strip().strip('"') for h in first.split(candidate)])
        except FileRefused:
            continue
        return candidate
    return ranked[0]


def first_line(text: str) -> str:
    """The first line that is not blank. Raises FileRefused where it is too long for a header."""
    start = len(text) - len(text.lstrip("\r\n \t\ufeff"))
    head = text[start : start + _LONGEST_HEADER + 1]
    line = re.split(r"[\r\n]", head, maxsplit=1)[0]
    if len(line) > _LONGEST_HEADER:
        raise FileRefused(
            m.HEADER_TOO_LONG(),
            m.EXPORT_WITH_HEADINGS(),
        )
    return line


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 is told by its zero bytes, nearly all on one side: in Latin text, of the headings at least."""
    head = data[:512]
    half = len(head) // 2
    even, odd = head[0 : 2 * half : 2].count(0), head[1 : 2 * half : 2].count(0)
    if half >= 4 and odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    if half >= 4 and even > 0.7 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _refuse_noise(data: bytes) -> None:
    """Text has next to no control bytes: more than one in a hundred at the file's start is no text."""
    head = data[:65536]
    if len(_CONTROL.findall(head)) > 0.01 * len(head):
        raise FileRefused(
            m.NO_TEXT(bytes=len(data)),
            m.EXPORT_AS_UTF8(),
        )


def _utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode_legacy(data: bytes) -> Decoded:
    """Not UTF-8: a damaged UTF-8 file where most of it still is, else the legacy encoding that fits."""
    loose = data.decode("utf-8", errors="replace")
    broken = loose.count("\ufffd")
    sound = sum(1 for c in loose if c > "\x7f") - broken
    if sound > 3 * broken:
        return Decoded(loose, "utf-8", m.DAMAGED_UTF8(n=broken))
    # the bytes that tell are those beyond ASCII, with some of what stands round them
    lines = data[:400_000].splitlines()
    strange = [line for line in lines if not line.isascii()]
    guess = encoding_of(b"\n".join(strange)[:60_000])
    if guess is None and sum(not _utf8(line) for line in strange) < _FEW * len(lines):
        return Decoded(loose, "utf-8", m.DAMAGED_UTF8(n=broken))  # their rows are refused, no other
    if guess is None:
        raise FileRefused(
            m.ENCODING_UNKNOWN(),
            m.SAVE_AS_UTF8(),
        )
    doubt = None
    if guess.rival:
        doubt = m.ENCODING_UNSURE(
            encoding=guess.encoding, read=guess.read, other=guess.rival, instead=guess.instead
        )
    return Decoded(data.decode(guess.encoding, errors="replace"), guess.encoding, m.BEST_FIT(), doubt)
