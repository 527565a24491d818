"""The error words of an XLS sheet, read from its records (MS-XLS 2.4): its reader gives them as empty cells."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_BOF, _EOF, _BOUNDSHEET, _FORMULA, _BOOLERR = 0x0809, 0x000A, 0x0085, 0x0006, 0x0205
_BIFF8 = 0x0600
_WORDS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_LAST = 0xFFFFFFFA  # sector numbers from here on are marks, not places


def errors_of_xls(data: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Row and column (counted from 0) of each cell of that sheet that holds an error, and its word.

    Raises:
        ValueError: the bytes are no compound file that holds a workbook.
    """
    try:
        stream = _workbook(data)
        start = _start_of(stream, sheet)
        return {} if start is None else dict(_errors(stream, start))
    except (struct.error, IndexError) as error:
        raise ValueError(f"the compound file is cut off: {error}") from error


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _start_of(stream: bytes, sheet: str) -> int | None:
    """Where the records of a sheet begin."""
    version = _BIFF8
    for kind, body in _records(stream, 0):
        if kind == _BOF:
            version = struct.unpack_from("<H", body)[0]
        elif kind == _BOUNDSHEET:
            length = body[6]
            if version < _BIFF8:
                name = body[7 : 7 + length].decode("cp1252", "replace")
            elif body[7] & 1:
                name = body[8 : 8 + 2 * length].decode("utf-16-le", "replace")
            else:
                name = body[8 : 8 + length].decode("latin-1")
            if name == sheet:
                return int(struct.unpack_from("<I", body)[0])
        elif kind == _EOF:
            return None
    return None


def _errors(stream: bytes, start: int) -> Iterator[tuple[tuple[int, int], str]]:
    depth = 0  # a chart in the sheet has records of its own between a BOF and an EOF
    for kind, body in _records(stream, start):
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth != 1:
            continue
        elif kind == _BOOLERR and len(body) >= 8 and body[7]:
            yield struct.unpack_from("<HH", body), _WORDS.get(body[6], "#N/A")
        elif kind == _FORMULA and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2:
            yield struct.unpack_from("<HH", body), _WORDS.get(body[8], "#N/A")


def _workbook(data: bytes) -> bytes:
    """The stream "Workbook" (or "Book" of Excel 5) of a compound file (MS-CFB)."""
    shift, small_shift = struct.unpack_from("<HH", data, 30)
    size, small = 1 << shift, 1 << small_shift
    (folder,) = struct.unpack_from("<I", data, 48)
    cutoff, small_fat = struct.unpack_from("<II", data, 56)
    (next_fats,) = struct.unpack_from("<I", data, 68)

    def sector(number: int) -> bytes:
        return data[size * (number + 1) : size * (number + 2)]

    places = list(struct.unpack_from("<109I", data, 76))
    seen = 0
    while next_fats < _LAST and seen * size < len(data):
        more = struct.unpack(f"<{size // 4}I", sector(next_fats))
        places += more[:-1]
        next_fats, seen = more[-1], seen + 1
    fat = [n for place in places if place < _LAST for n in struct.unpack(f"<{size // 4}I", sector(place))]

    def chain(number: int, links: list[int]) -> list[int]:
        found: list[int] = []
        while number < _LAST and len(found) <= len(links):
            found.append(number)
            number = links[number]
        return found

    entries = b"".join(map(sector, chain(folder, fat)))
    root = entries[:128]
    for at in range(0, len(entries), 128):
        entry = entries[at : at + 128]
        (length,) = struct.unpack_from("<H", entry, 64)
        name = entry[: max(length - 2, 0)].decode("utf-16-le", "replace")
        if name not in {"Workbook", "Book"} or entry[66] != 2:
            continue
        start, whole = struct.unpack_from("<II", entry, 116)
        if whole >= cutoff:
            return b"".join(map(sector, chain(start, fat)))[:whole]
        links = [n for place in chain(small_fat, fat) for n in struct.unpack(f"<{size // 4}I", sector(place))]
        held = b"".join(map(sector, chain(struct.unpack_from("<I", root, 116)[0], fat)))
        return b"".join(held[small * n : small * (n + 1)] for n in chain(start, links))[:whole]
    raise ValueError("the compound file holds no workbook")
