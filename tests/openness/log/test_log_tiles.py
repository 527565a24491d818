import random
from pathlib import Path

import pytest

from qafila.openness.log import tree
from qafila.openness.log.checkpoints import signed
from qafila.openness.log.log_signing import signer
from qafila.openness.log.log_tiles import Changed, TileStore
from qafila.openness.verifier import Broken, Checkpoint, leaf_hash, tile_path, verify_consistency, walk_tree

SIZE = 70_000
ENTRIES = [f"entry {i}".encode() for i in range(SIZE)]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[TileStore, bytes]:
    store = TileStore(tmp_path_factory.mktemp("log"))
    size = store.append(0, ENTRIES[:300])
    store.append(size, ENTRIES[size:])
    return store, tree.root_of([leaf_hash(entry) for entry in ENTRIES])


def test_paths_are_those_of_the_specification() -> None:
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path("entries", 0, 5) == "tile/entries/000.p/5"


def test_a_log_of_70000_entries_has_the_tiles_that_the_specification_counts(
    large: tuple[TileStore, bytes],
) -> None:
    folder = large[0].folder
    full = [path for path in (folder / "tile" / "0").rglob("*") if path.is_file() and ".p" not in str(path)]
    assert len(full) == 273
    assert len((folder / tile_path(0, 273, 112)).read_bytes()) == 112 * 32
    assert len((folder / tile_path(1, 0)).read_bytes()) == 8192
    assert len((folder / tile_path(1, 1, 17)).read_bytes()) == 17 * 32
    assert len((folder / tile_path(2, 0, 1)).read_bytes()) == 32
    assert not (folder / f"{tile_path(0, 0)}.p").exists()


def test_its_roots_proofs_and_entries_come_from_the_tiles(large: tuple[TileStore, bytes]) -> None:
    store, root = large
    node = store.node(SIZE)
    assert tree.root_at(SIZE, node) == root
    earlier = tree.root_of([leaf_hash(entry) for entry in ENTRIES[:41_234]])
    verify_consistency(41_234, SIZE, earlier, root, tree.prove_consistency(41_234, SIZE, node))
    assert store.entry(69_999, SIZE) == ENTRIES[69_999]
    with pytest.raises(Broken, match="has no entry 70001"):
        store.entry(70_001, SIZE)


def test_a_sound_tree_has_no_faults(large: tuple[TileStore, bytes]) -> None:
    assert list(walk_tree(large[0].folder, Checkpoint("x", SIZE, large[1]))) == []


def test_in_batches_of_any_size_it_is_the_same_tree(tmp_path: Path) -> None:
    chance, size = random.Random(4), 0
    store = TileStore(tmp_path)
    while size < 1500:
        size = store.append(size, ENTRIES[size : size + chance.choice((1, 7, 200, 256, 300))])
        root = tree.root_at(size, store.node(size))
        assert root == tree.root_of([leaf_hash(entry) for entry in ENTRIES[:size]])
    assert list(walk_tree(tmp_path, Checkpoint("x", size, root))) == []


def test_a_batch_may_be_written_again_after_a_crash_but_never_with_another_content(tmp_path: Path) -> None:
    store = TileStore(tmp_path)
    store.append(0, ENTRIES[:10])
    store.append(10, ENTRIES[10:300])
    assert store.append(10, ENTRIES[10:300]) == 300
    with pytest.raises(Changed, match="tile/entries/000"):
        store.append(10, [b"other", *ENTRIES[11:300]])


def test_an_entry_that_is_too_long_is_refused_with_its_number(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="entry 1 has more than 65535 bytes"):
        TileStore(tmp_path).append(0, [b"", b"x" * 65_536])


@pytest.mark.parametrize(
    ("path", "at", "told"),
    [
        (tile_path("entries", 1), 1000, "entry 346: its content is not the one"),
        (tile_path(0, 1), 32 * 3, "tile/0/001: hash 3 is not that of entry 259"),
        (tile_path(1, 0, 2), 40, "tile/1/000.p/2: hash 1 is not that of tile/0/001"),
    ],
)
def test_what_was_altered_in_the_files_is_named(tmp_path: Path, path: str, at: int, told: str) -> None:
    store = TileStore(tmp_path)
    store.append(0, ENTRIES[:600])
    root = tree.root_at(600, store.node(600))
    data = bytearray((tmp_path / path).read_bytes())
    data[at] ^= 1
    (tmp_path / path).write_bytes(data)
    (fault,) = walk_tree(tmp_path, Checkpoint("x", 600, root))
    assert fault.startswith(told)


def test_a_missing_tile_and_a_root_that_does_not_follow_are_named(tmp_path: Path) -> None:
    store = TileStore(tmp_path)
    store.append(0, ENTRIES[:600])
    (tmp_path / tile_path("entries", 0)).unlink()
    assert list(walk_tree(tmp_path, Checkpoint("x", 600, bytes(32)))) == [
        "tile/entries/000: missing",
        "the checkpoint's root does not follow from the 600 entries",
    ]


def test_a_checkpoint_is_published_whole(tmp_path: Path) -> None:
    store = TileStore(tmp_path)
    assert store.checkpoint() is None
    note = signed(Checkpoint("log.example", 0, tree.EMPTY_ROOT), [signer("log.example")])
    store.publish("checkpoint", note)
    assert store.checkpoint() == note
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]
