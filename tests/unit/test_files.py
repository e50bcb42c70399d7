"""Atomic file writes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from prequal.files import open_atomically, write_atomically


def permissions(path: Path) -> int:
    """Return the permission bits of a file."""
    return path.stat().st_mode & 0o777


def test_a_file_is_replaced_not_overwritten(tmp_path: Path) -> None:
    """A reader that holds the old file open keeps all of it, and no temporary file stays."""
    path = tmp_path / "file"
    write_atomically(path, "old\r\n")
    with path.open("rb") as reader:
        write_atomically(path, b"new")
        assert reader.read() == b"old\r\n"

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_changes_nothing(tmp_path: Path) -> None:
    """When the block raises an error, the old file stays and the temporary one goes."""
    path = tmp_path / "file"
    write_atomically(path, "old")
    with pytest.raises(TypeError), open_atomically(path) as out:
        out.writelines([b"half of it, then an error", 0])  # type: ignore[list-item]

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions(tmp_path: Path) -> None:
    """A new file has the usual permissions or is private; an existing one keeps its own."""
    usual, private, existing = (tmp_path / name for name in ("usual", "private", "existing"))
    existing.touch(0o640)
    before = os.umask(0o022)
    try:
        write_atomically(usual, "")
        write_atomically(private, "", private=True)
        write_atomically(existing, "", private=True)
    finally:
        os.umask(before)

    assert [permissions(path) for path in (usual, private, existing)] == [0o644, 0o600, 0o640]


def test_links_are_followed(tmp_path: Path) -> None:
    """Writing to a symbolic link replaces the file that it leads to."""
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)

    write_atomically(link, "new")

    assert link.is_symlink()
    assert target.read_text() == "new"
