"""Atomic writes: a reader sees a file or a folder as it was before or the complete new one, never a part.

Private files and folders are readable by their owner alone from their first moment. What is unfinished has a hidden
name, and is removed even when a signal ends the process.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from prequal.core.errors import PrequalError

STANDARD_OUTPUT = Path("-")

_unfinished: set[Path] = set()


@contextmanager
def open_atomically(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Open a file for writing that replaces `path` when the block ends without an error.

    Symbolic links are followed. An existing file keeps its permissions; with `private`, only its owner may read a new
    one.

    Raises:
        OSError: the file can't be written; what was there is unchanged.
    """
    target = Path(os.path.realpath(path))
    with _until_finished(target.with_name(f".{target.name}.{secrets.token_hex(4)}")) as unfinished:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
        with os.fdopen(handle, "wb") as out:
            yield out
        if target.exists():
            unfinished.chmod(target.stat().st_mode)
        unfinished.replace(target)


def write_atomically(path: Path, content: bytes | str, *, private: bool = False) -> None:
    """Write a file in one step, text as UTF-8 with its line ends as they are; see `open_atomically`."""
    with open_atomically(path, private=private) as out:
        out.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def replace_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `folder` when the block ends without an error.

    Symbolic links are followed. For the moment between two renames, there is neither.

    Raises:
        OSError: a file can't be written; what was there is unchanged.
    """
    target = folder.resolve() if folder.is_symlink() else folder
    mark = secrets.token_hex(4)
    new, old = (target.with_name(f".{target.name}.{mark}.{kind}") for kind in ("new", "old"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with _until_finished(new):
        new.mkdir()
        yield new
        if target.exists():
            target.rename(old)
        new.rename(target)
    _remove(old)


@contextmanager
def temporary_folder(parent: Path | None = None) -> Iterator[Path]:
    """Create a private folder, by default in the system's place for temporary files, for the length of the block."""
    folder = (parent or Path(tempfile.gettempdir())) / f".prequal.{secrets.token_hex(8)}"
    with _until_finished(folder):
        folder.mkdir(mode=0o700)
        yield folder


def remove_unfinished() -> None:
    """Remove every file and folder that is not finished, as the process ends at once."""
    for path in tuple(_unfinished):
        _remove(path)


@contextmanager
def _until_finished(path: Path) -> Iterator[Path]:
    """Remove a path, if there is something, at the end of the block or of the process."""
    _unfinished.add(path)
    try:
        yield path
    finally:
        _remove(path)
        _unfinished.discard(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def create_private_folder(folder: Path) -> None:
    """Create a folder, and those above it that are missing, for their owner alone; existing ones stay as they are."""
    if not folder.is_dir():
        create_private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def create_private_file(path: Path) -> None:
    """Create an empty file that only its owner may read; an existing one stays as it is."""
    os.close(os.open(path, os.O_CREAT, 0o600))


@contextmanager
def open_output(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears once it is complete; a new one is readable by its owner alone.

    A device or a pipe is written to directly, and so is standard output, which is called `-`.

    Raises:
        PrequalError: the file can't be written.
    """
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        return
    try:
        special = output_folder(path) is None
        with path.open("wb") if special else open_atomically(path, private=True) as out:
            yield out
    except OSError as error:
        raise PrequalError(f"{path} can't be written: {error.strerror}.") from error


def output_folder(path: Path) -> Path | None:
    """Return the folder of a file after symbolic links; None for a device or a pipe."""
    return None if path.exists() and not path.is_file() else Path(os.path.realpath(path)).parent
