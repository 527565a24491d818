"""Compares the database with what was published, and names the entry that was altered, removed, inserted or moved."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path

import rfc8785
from sqlalchemy import Connection

from qafila.core.message import Message
from qafila.core.values import value
from qafila.openness import openness_messages as m
from qafila.openness import openness_recording, store
from qafila.openness.log import tree
from qafila.openness.log.log_tiles import TileStore
from qafila.openness.model import Entry
from qafila.openness.openness_terms import document
from qafila.openness.verifier import (
    TILE,
    Broken,
    Checkpoint,
    Succession,
    check_promise,
    commitment,
    from_base64,
    leaf_hash,
    read_checkpoint,
    read_note,
    read_tile,
    verified,
    walk_tree,
)


@value
class Finding:
    """Something that is not as it was signed: what kind of finding, at which index if it is about an entry."""

    kind: str  # altered, removed, inserted, reordered, opening, files, checkpoint, forked, promise
    index: int | None
    said: Message


def audit(
    connection: Connection,
    folder: Path,
    keys: Succession,
    others: Sequence[bytes] = (),
    promises: Sequence[bytes] = (),
) -> list[Finding]:
    """Every finding about the log of a database and its files; none where all is as it was signed.

    Args:
        connection: as the operator.
        folder: the log's files.
        keys: the log's keys.
        others: checkpoints that others hold, such as a merchant or a witness; each must be of this very log.
        promises: promises of inclusion that others hold; each must have been kept.
    """
    files = TileStore(folder)
    note = files.checkpoint()
    if note is None:
        size = store.size(connection)
        return [Finding("checkpoint", None, m.NO_CHECKPOINT(size=size))] if size else []
    try:
        head = _signed_head(note, keys)
    except Broken as broken:
        return [Finding("checkpoint", None, m.CHECKPOINT_BROKEN(why=str(broken)))]
    found = [Finding("files", None, m.FILES_DIFFER(fault=fault)) for fault in walk_tree(folder, head)]
    signed = _leaves(folder, head.size)
    found += _entries(connection, signed)
    found += _openings(connection, {one.index for one in found if one.kind in ("altered", "inserted")})
    named = {one.index for one in found if one.kind == "altered"}
    found += [
        Finding("altered", index, m.COLUMNS_ALTERED(number=id))
        for id, index in store.strayed(connection)
        if index not in named
    ]
    found += _terms(connection)
    rows = store.checkpoints(connection)
    kept = [note for _, _, note, _, _ in rows]
    for number, root, stated, _, _ in rows:
        told = read_checkpoint(read_note(stated).text)
        if (told.size, told.root) != (number, root):
            found.append(Finding("checkpoint", None, m.CHECKPOINT_ALTERED(size=number)))
    if note.split(b"\n\n")[0] not in {one.split(b"\n\n")[0] for one in kept}:
        found.append(Finding("checkpoint", None, m.CHECKPOINT_NOT_KEPT(size=head.size)))
    for one in (*kept, *others):
        found += _checkpoint(one, keys, signed, head)
    found += [finding for one in promises for finding in _promise(connection, one, keys, set(signed))]
    return found


def _signed_head(note: bytes, keys: Succession) -> Checkpoint:
    parsed = read_note(note)
    if not verified(parsed, keys.keys):
        raise Broken("none of the log's keys has signed it")
    return read_checkpoint(parsed.text)


def _leaves(folder: Path, size: int) -> list[bytes]:
    """The leaf hashes that the files have; empty bytes where a tile is missing, which walk_tree tells."""
    found: list[bytes] = []
    for number in range(-(-size // TILE)):
        width = min(TILE, size - number * TILE)
        data = read_tile(folder, 0, number, width) or b""
        found += [data[i : i + 32] for i in range(0, 32 * width, 32)]
    return found


def _entries(connection: Connection, signed: Sequence[bytes]) -> Iterator[Finding]:
    """How the database's entries differ from the leaves that were signed, as few findings as explain it."""
    here = {
        e.index: (e.entry_id, leaf_hash(e.entry), e.leaf)
        for e in store.entries(connection)
        if e.index is not None
    }
    place = {leaf: index for index, leaf in enumerate(signed)}
    held = {own for _, own, _ in here.values()}
    strange = [
        index for index, (_, own, _) in sorted(here.items()) if own not in place and index < len(signed)
    ]
    missing = [index for index, leaf in enumerate(signed) if leaf not in held]
    altered = sorted(set(strange) & set(missing))
    for index in altered:
        yield Finding("altered", index, m.ALTERED(index=index, number=here[index][0]))
    for index in sorted(set(missing) - set(altered)):
        yield Finding("removed", index, m.REMOVED(index=index))
    for index in sorted(set(strange) - set(altered)):
        yield Finding("inserted", index, m.INSERTED(index=index, number=here[index][0]))
    came = [(place[own], index, id) for index, (id, own, _) in sorted(here.items()) if own in place]
    kept = _longest_rising([was for was, _, _ in came])
    for at, (was, index, id) in enumerate(came):
        if at not in kept:
            yield Finding("reordered", was, m.REORDERED(index=was, now=index, number=id))
    for index, (id, own, stated) in sorted(here.items()):
        if own != stated and index not in altered and own in place:
            yield Finding("altered", index, m.HASH_ALTERED(index=index, number=id))


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """The positions of a longest strictly rising subsequence."""
    tails: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, number in enumerate(numbers):
        slot = bisect_left(tails, number)
        before.append(last[slot - 1] if slot else -1)
        tails[slot : slot + 1] = [number]
        last[slot : slot + 1] = [at]
    kept, at = set(), last[-1] if last else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return kept


def _openings(connection: Connection, altered: Container[int | None]) -> Iterator[Finding]:
    """Openings that do not open what their entry committed to; those that were altered or inserted are told already."""
    batch: dict[int, Entry] = {}
    for entry in store.entries(connection):
        if entry.index is None or entry.index not in altered:
            batch[entry.entry_id] = entry
        if len(batch) == 2000:
            yield from _wrong_openings(connection, batch)
            batch = {}
    yield from _wrong_openings(connection, batch)


def _wrong_openings(connection: Connection, batch: Mapping[int, Entry]) -> Iterator[Finding]:
    found = store.openings(connection, list(batch))
    for id in batch:
        opened = found.get(id, [])
        entry = batch[id]
        said = json.loads(entry.entry)
        hidden = said.get("hidden", {})
        values = {one.field: one.value for one in opened}
        for field in sorted(hidden.keys() - values.keys()):
            yield Finding("opening", entry.index, m.OPENING_REMOVED(field=field, number=id))
        about = rfc8785.dumps(dict(openness_recording.about(entry.subject, entry.owner))).decode()
        at = entry.decided_at.isoformat().replace("+00:00", "Z")
        told = (said.get("kind"), said.get("at")) == (entry.kind, at)
        if values.get(openness_recording.ABOUT, about) not in (about, None) or not told:
            yield Finding("altered", entry.index, m.COLUMNS_ALTERED(number=id))
        for one in opened:
            erased = one.salt is None or one.value is None
            if not erased and commitment(one.salt or b"", (one.value or "").encode()) != hidden.get(
                one.field
            ):
                yield Finding("opening", entry.index, m.OPENING_ALTERED(field=one.field, number=id))


def _terms(connection: Connection) -> Iterator[Finding]:
    """Terms that this hub published and the database has otherwise than the log, or has not, or that the log never had."""
    kept = {one.version: document(one) for one in store.published(connection)}
    logged = {}
    for entry in store.entries(connection, kind="openness.terms"):
        said = json.loads(entry.entry)["said"]
        logged[said["version"]] = (entry.index, said)
    for version in sorted(kept.keys() | logged.keys()):
        index, said = logged.get(version, (None, None))
        written = kept.get(version)
        same = (
            written is not None
            and said is not None
            and all(written[name] == said[name] for name in ("version", "announced", "in_force", "terms"))
        )
        if not same:
            yield Finding("terms", index, m.TERMS_ALTERED(version=version))


def _checkpoint(
    note: bytes, keys: Succession, signed: Sequence[bytes], head: Checkpoint
) -> Iterator[Finding]:
    """Whether a checkpoint that is held somewhere is of this log."""
    try:
        other = _signed_head(note, keys)
    except Broken as broken:
        yield Finding("checkpoint", None, m.CHECKPOINT_BROKEN(why=str(broken)))
        return
    if other.origin != head.origin:
        yield Finding("checkpoint", None, m.OTHER_LOG(origin=other.origin))
    elif other.size > head.size:
        yield Finding("forked", head.size, m.CUT_BACK(size=other.size, now=head.size))
    elif tree.root_of(list(signed[: other.size])) != other.root:
        yield Finding("forked", other.size, m.FORKED(size=other.size))


def _promise(connection: Connection, note: bytes, keys: Succession, signed: set[bytes]) -> Iterator[Finding]:
    try:
        said = check_promise(note, keys.keys)
    except Broken as broken:
        yield Finding("promise", None, m.PROMISE_BROKEN(why=str(broken)))
        return
    leaf = from_base64(said["leaf"])
    if leaf not in signed:
        waits = store.with_hash(connection, leaf) is not None
        told = m.PROMISE_WAITS if waits else m.PROMISE_NOT_KEPT
        yield Finding("promise", None, told(leaf=said["leaf"], by=said["by"]))


def where_they_part(one: Path, size1: int, other: Path, size2: int) -> int | None:
    """The first entry in which two copies of a log's files differ; None where one continues the other."""
    pairs = zip(_leaves(one, size1), _leaves(other, size2), strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), None)
