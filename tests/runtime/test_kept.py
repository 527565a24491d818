"""What a home keeps: made once, whole or not at all, by however many ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qafila.runtime import kept


def test_an_object_is_made_once_and_then_read(tmp_path: Path) -> None:
    made = []

    def make() -> dict[str, int]:
        made.append(1)
        return {"a": 1}

    path = tmp_path / "deep" / "one.pickle"
    assert kept.pickled(path, make) == {"a": 1}
    assert kept.pickled(path, make) == {"a": 1}
    assert len(made) == 1
    assert [file.name for file in path.parent.iterdir()] == ["one.pickle"]


def test_a_home_that_cannot_be_written_to_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    assert kept.pickled(tmp_path / "home" / "one.pickle", lambda: 7) == 7


def test_readers_see_a_file_whole_whoever_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "one"
    contents = [bytes([letter]) * 100_000 for letter in b"abcd"]
    kept.put(path, contents[0])
    with ThreadPoolExecutor(8) as pool:
        writing = [pool.submit(kept.put, path, content) for content in contents * 20]
        seen = {path.read_bytes() for _ in range(200)}
        for each in writing:
            each.result()
    assert seen <= set(contents)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_filled_before_it_is_there(tmp_path: Path) -> None:
    place = tmp_path / "there"

    def fill(fresh: Path) -> None:
        fresh.mkdir()
        assert not place.exists()
        (fresh / "a").write_text("1")

    assert kept.folder(place, fill) == place
    assert (place / "a").read_text() == "1"

    def again(fresh: Path) -> None:
        raise AssertionError("it is there already")

    kept.folder(place, again)


def test_who_comes_second_finds_what_the_first_made(tmp_path: Path) -> None:
    place = tmp_path / "there"

    def overtaken(fresh: Path) -> None:
        fresh.mkdir()
        (fresh / "a").write_text("second")
        place.mkdir()
        (place / "a").write_text("first")

    kept.folder(place, overtaken)
    assert (place / "a").read_text() == "first"
    assert list(tmp_path.iterdir()) == [place]


def test_a_folder_that_could_not_be_filled_is_not_there(tmp_path: Path) -> None:
    def fails(fresh: Path) -> None:
        fresh.mkdir()
        raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"):
        kept.folder(tmp_path / "there", fails)
    assert list(tmp_path.iterdir()) == []


def test_a_digest_tells_contents_and_facts_apart() -> None:
    one = kept.digest("qafila.runtime", "kept.py")
    assert one == kept.digest("qafila.runtime", "kept.py")
    assert one != kept.digest("qafila.runtime", "settings.py")
    assert one != kept.digest("qafila.runtime", "kept.py", of=("2",))


def test_contents_are_found_in_subfolders() -> None:
    found = kept.contents("qafila.customs.classification", ".csv")
    assert "knowledge/facets.csv" in found
    assert found == sorted(found)
    knowledge = kept.contents("qafila.customs.classification", ".csv", folder="knowledge")
    assert knowledge == [name for name in found if name.startswith("knowledge/")]


@pytest.mark.parametrize("harm", [b"", b"garbage", None])
def test_a_damaged_object_is_made_again(tmp_path: Path, harm: bytes | None) -> None:
    path = tmp_path / "one.pickle"
    assert kept.pickled(path, lambda: [1, 2, 3]) == [1, 2, 3]
    whole = path.read_bytes()
    path.write_bytes(whole[:-3] if harm is None else harm)
    assert kept.pickled(path, lambda: [4]) == [4]
    assert kept.pickled(path, lambda: [5]) == [4]


def _made(fresh: Path) -> None:
    fresh.mkdir()
    (fresh / "a.npy").write_bytes(b"0123456789")
    (fresh / "b.npy").write_bytes(b"abc")


@pytest.mark.parametrize("harm", ["garbage", "empty", "gone", "cut"])
def test_a_damaged_folder_is_filled_again(tmp_path: Path, harm: str) -> None:
    place = kept.folder(tmp_path / "there", _made)
    file = place / "a.npy"
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes({"garbage": b"9876543210", "empty": b"", "cut": b"01234"}[harm])
    assert not kept.sound(place)
    assert (kept.folder(place, _made) / "a.npy").read_bytes() == b"0123456789"
    assert [p.name for p in tmp_path.iterdir()] == ["there"]


def test_a_copied_folder_is_believed_after_it_was_read(tmp_path: Path) -> None:
    place = kept.folder(tmp_path / "there", _made)
    content = (place / "a.npy").read_bytes()
    (place / "a.npy").write_bytes(content)  # the same content at another time
    assert kept.sound(place)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept.put(tmp_path / "one", b"content")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("gone", ["qafila.before", "qafila.runtime.kept"])
def test_what_was_kept_by_classes_of_other_names_is_made_again(tmp_path: Path, gone: str) -> None:
    path = tmp_path / "one.pickle"
    kept.put(path, kept.sealed(f"c{gone}\nOfBefore\n.".encode()))
    assert kept.pickled(path, lambda: 7) == 7
    assert kept.pickled(path, lambda: 8) == 7
