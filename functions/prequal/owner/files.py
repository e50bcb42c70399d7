"""Files that the owner asks for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from prequal.core.errors import PrequalError
from prequal.files import open_atomically


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears only once it is written to its end; PrequalError when that can't be.

    One that was there keeps its permissions; a new one is its owner's alone, as leads are nobody else's business.
    What is no file, such as a device or a pipe, is written to as it is.
    """
    try:
        as_it_is = folder_of(path) is None
        with path.open("wb") if as_it_is else open_atomically(path, private=True) as out:
            yield out
    except OSError as error:
        raise PrequalError(f"{path} can't be written: {error.strerror}.") from error


def folder_of(path: Path) -> Path | None:
    """Return the folder that a file is made in, where links lead; None for what is there and no file."""
    return None if path.exists() and not path.is_file() else Path(os.path.realpath(path)).parent
