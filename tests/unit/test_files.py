"""Atomic file writes, and private files and folders."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from prequal.adapters.outbox import OutboxMailer
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.config import local
from prequal.files import create_private_folder, open_atomically, replace_folder, write_atomically
from support import builders
from support.mails import rendered_invitation


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


def test_a_folder_is_replaced_not_emptied(tmp_path: Path) -> None:
    """The old folder is complete until the new one is; its files are gone then, and a link to it stays a link."""
    folder, link = tmp_path / "folder", tmp_path / "link"
    for number in range(2):
        with replace_folder(folder) as new:
            (new / f"{number}").touch()
            assert [path.name for path in folder.glob("*")] == ([] if number == 0 else ["0"])
    link.symlink_to(folder)
    with replace_folder(link) as new:
        (new / "2").touch()

    assert [path.name for path in folder.iterdir()] == ["2"]
    assert set(tmp_path.iterdir()) == {folder, link}
    assert link.is_symlink()


def test_a_failed_build_of_a_folder_changes_nothing(tmp_path: Path) -> None:
    """When the block raises an error, the old folder stays and the new one goes."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "old").touch()
    with pytest.raises(FileNotFoundError), replace_folder(folder) as new:
        (new / "new/file").touch()

    assert list(tmp_path.rglob("*")) == [folder, folder / "old"]


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


@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_leads_are_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mask: int) -> None:
    """Store, log, outbox and local settings are for their owner alone, and so are all folders made for them."""
    monkeypatch.chdir(tmp_path)
    business, (lead, attempt), mail = builders.form().business, builders.admitted(), rendered_invitation()
    before = os.umask(mask)
    try:
        with closing(SqliteLeadStore(Path("data/of/leads/prequal.db"))) as store:
            store.admit(lead, attempt, [mail], lambda existing: (existing, ()))
            beside = sorted(path.name for path in Path("data/of/leads").iterdir())
            made = _modes(tmp_path)
            OutboxMailer(Path("mails/outbox")).send(mail)
            local.write_local_settings({}, business, 8080)
            made |= _modes(tmp_path)
    finally:
        os.umask(before)

    assert beside == ["prequal.db", "prequal.db-shm", "prequal.db-wal"]
    assert made == {("folder", 0o700), ("file", 0o600)}


def _modes(folder: Path) -> set[tuple[str, int]]:
    return {("folder" if path.is_dir() else "file", permissions(path)) for path in folder.rglob("*")}


def test_a_folder_of_the_owner_keeps_its_permissions(tmp_path: Path) -> None:
    """Only folders that are missing are made private; those that exist, and files in them, stay as they are."""
    shared, leads = tmp_path / "shared", tmp_path / "shared/prequal.db"
    shared.mkdir()
    shared.chmod(0o750)
    leads.touch()
    leads.chmod(0o640)

    create_private_folder(shared / "new" / "newer")
    SqliteLeadStore(leads).close()

    assert [permissions(path) for path in (shared, leads, shared / "new", shared / "new/newer")] == [
        0o750, 0o640, 0o700, 0o700,
    ]  # fmt: skip


def test_links_are_followed(tmp_path: Path) -> None:
    """Writing to a symbolic link replaces the file that it leads to."""
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)

    write_atomically(link, "new")

    assert link.is_symlink()
    assert target.read_text() == "new"
