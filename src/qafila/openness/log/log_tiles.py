"""A log as plain files (C2SP tlog-tiles), which any web server can serve.

Each file is written whole beside its place, brought to the disk, and then named: a reader never sees half a file, and
what a checkpoint counts on is there before the checkpoint is. Files do not change once they are named, except for
`checkpoint` and for what else is published beside the tiles, such as `keys.json`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from qafila.core.folders import sync_folder
from qafila.openness.log.tree import Node
from qafila.openness.verifier import TILE, Broken, leaf_hash, read_bundle, read_tile, root_of, tile_path

LONGEST_ENTRY = (1 << 16) - 1
"""Bytes: the length of an entry is written in two bytes."""


class Changed(RuntimeError):
    """A tile that is published already would get another content."""


class TileStore:
    """The files of one log in one folder. One process writes at a time; any number read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def append(self, size: int, entries: Sequence[bytes]) -> int:
        """Adds entries to the tree of the first `size`, tiles and bundles; returns the new size.

        The same call may be repeated after a crash: what is there already is left as it is. Raises Changed where
        what is there differs, ValueError where an entry is too long for a bundle.
        """
        too_long = next((i for i, entry in enumerate(entries) if len(entry) > LONGEST_ENTRY), None)
        if too_long is not None:
            raise ValueError(f"entry {size + too_long} has more than {LONGEST_ENTRY} bytes")
        known = size % TILE
        bundle = self._known("entries", size, known)
        self._write_rows("entries", size - known, read_bundle(bundle) + list(entries), _bundled)
        added, level, start = [leaf_hash(entry) for entry in entries], 0, size
        while added:
            known = start % TILE
            before = self._known(level, start, known)
            row = [before[i : i + 32] for i in range(0, 32 * known, 32)] + added
            first = start - known
            self._write_rows(level, first, row, b"".join)
            full = len(row) // TILE
            added = [root_of(row[i * TILE : (i + 1) * TILE]) for i in range(full)]
            level, start = level + 1, first // TILE
        return size + len(entries)

    def _known(self, level: int | str, start: int, width: int) -> bytes:
        """The first `width` hashes or entries of the tile in which `start` lies."""
        if not width:
            return b""
        data = read_tile(self.folder, level, start // TILE, width)
        if data is None:
            raise Broken(f"{tile_path(level, start // TILE, width)} is missing")
        return _bundled(read_bundle(data)[:width]) if level == "entries" else data[: 32 * width]

    def _write_rows(self, level: int | str, first: int, row: list[bytes], joined: object) -> None:
        assert callable(joined)
        for at in range(0, len(row), TILE):
            part = row[at : at + TILE]
            path = tile_path(level, (first + at) // TILE, len(part))
            data = joined(part)
            there = self._read(path)
            if there is not None and there != data:
                raise Changed(f"{path} is published with another content")
            if there is None:
                self.publish(path, data)
            if len(part) == TILE:
                shutil.rmtree(self.folder / f"{path}.p", ignore_errors=True)  # the full tile stands for them

    def _read(self, path: str) -> bytes | None:
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            return None

    def publish(self, path: str, data: bytes) -> None:
        """Writes a file so that it is either not there, the old one, or the whole new one, also after a crash."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
        sync_folder(target.parent)

    def checkpoint(self) -> bytes | None:
        """The signed note that is published, if any."""
        return self._read("checkpoint")

    def node(self, size: int) -> Node:
        """The lookup of full subtrees in the tree of `size` entries. It raises Broken where a tile is missing."""
        kept: dict[tuple[int, int], bytes] = {}

        def look_up(level: int, index: int) -> bytes:
            height, within = divmod(level, 8)
            span = 1 << within
            tile, offset = divmod(index * span, TILE)
            data = kept.get((height, tile))
            if data is None:
                width = min(TILE, (size >> 8 * height) - tile * TILE)
                data = read_tile(self.folder, height, tile, width)
                if data is None or len(data) < 32 * width:
                    raise Broken(f"{tile_path(height, tile, width)} is missing or too short")
                kept[height, tile] = data
            return root_of([data[32 * i : 32 * i + 32] for i in range(offset, offset + span)])

        return look_up

    def entry(self, index: int, size: int) -> bytes:
        """One entry of the tree of `size`. Raises Broken where its bundle is missing or too short."""
        number, within = divmod(index, TILE)
        width = min(TILE, size - number * TILE)
        data = read_tile(self.folder, "entries", number, width)
        entries = read_bundle(data) if data is not None else []
        if within >= len(entries):
            raise Broken(f"{tile_path('entries', number, width)} has no entry {index}")
        return entries[within]


def _bundled(entries: Sequence[bytes]) -> bytes:
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
