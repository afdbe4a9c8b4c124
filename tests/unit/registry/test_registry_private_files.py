"""A private file is written whole or not at all, and what could not be written leaves nothing behind."""

import os
import stat
from pathlib import Path

import pytest

from broker.registry.signed import write_private


def test_a_file_that_anybody_could_read_is_its_owners_only_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    path.chmod(0o644)
    write_private(path, b"after")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"after", 0o600)


def test_where_a_folder_is_in_the_way_nothing_stays_in_clear(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_private(tmp_path / "folder", b"a payload")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_where_the_disk_fails_the_file_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "file"
    write_private(path, b"before")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(path, b"after")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("file", b"before")]
