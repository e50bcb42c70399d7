"""From the folder of an export to its documents.

The folder holds NAME.overall_export_metadata, which points to parts, each of which names its files of documents. What
the metadata counts must be there: a file that was cut between two documents is noticed by that alone. The names and
times that the metadata of a part also holds have no checksum, so that nothing is made of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from google.protobuf.message import DecodeError

from prequal.managed_export.entities import EntityError, document_of
from prequal.managed_export.errors import ExportError
from prequal.managed_export.log_file import records
from prequal.managed_export.messages import Overall, PartMetadata
from prequal.managed_export.values import Reference, Value

_OVERALL = ".overall_export_metadata"
_VERSION = b"3"
_FIREBASE = "firebase-export-metadata.json"


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its name, and its fields sorted by theirs."""

    name: Reference
    fields: Mapping[str, Value]


def documents(folder: Path) -> Iterator[Document]:
    """Return every document of an export, file by file.

    `folder` is that of the export, or the one around it that the Firebase CLI writes.

    Raises:
        ExportError: it is no export, or anything in it is missing, damaged or unknown. That may come after the last
            document: nothing is certain before the end.

    """
    for path, entities in _parts(_overall(folder)):
        count = 0
        for file in _files(path):
            for number, record in enumerate(records(file), start=1):
                try:
                    yield Document(*document_of(record))
                except EntityError as error:
                    raise ExportError(file, f"record {number} is no document that can be read: {error}") from error
                count += 1
        if count != entities:
            raise ExportError(path.parent, f"{entities} documents were exported, and {count} are there")


def _overall(folder: Path) -> Path:
    firebase = folder / _FIREBASE
    if firebase.is_file():
        return _beside(firebase, _of_firebase(firebase))
    # Systems leave files of their own beside, which begin with a full stop.
    found = [path for path in folder.glob(f"*{_OVERALL}") if not path.name.startswith(".")]
    if len(found) == 1:
        return found[0]
    if found:
        raise ExportError(folder, f"{len(found)} exports are in one folder: give each a folder of its own")
    raise ExportError(folder, f"no export of Firestore's is here, which would have a file NAME{_OVERALL}")


def _of_firebase(path: Path) -> bytes:
    try:
        return str(json.loads(path.read_bytes())["firestore"]["metadata_file"]).encode()
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ExportError(path, "it names no export of Firestore's") from error


def _parts(overall: Path) -> Iterator[tuple[Path, int]]:
    """Return the metadata of each part, and how many documents it has."""
    held = list(records(overall))
    if not held or held[0] != _VERSION:
        raise ExportError(overall, f"not the version of exports that is known, which is {_VERSION.decode()}")
    if len(held) != 2:  # noqa: PLR2004, the version, and what it is the version of
        raise ExportError(overall, "damaged or cut short: it doesn't hold what it must")
    for part in _decoded(Overall, held[1], overall).part:
        yield _beside(overall, part.path), part.entities


def _files(path: Path) -> Sequence[Path]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ExportError(path, f"can't be read: {error.strerror or error}") from error
    names = [name for kind in _decoded(PartMetadata, content, path).kind for name in kind.file]
    if len(set(names)) != len(names):
        raise ExportError(path, "damaged: it names a file twice")
    return [_beside(path, name) for name in sorted(names, key=lambda name: (len(name), name))]  # output-10 after -9


def _decoded(message: Any, content: bytes, path: Path) -> Any:  # noqa: ANN401, a class of messages and one of them
    try:
        return message.FromString(content)
    except DecodeError as error:
        raise ExportError(path, "damaged: it can't be decoded") from error


def _beside(path: Path, name: bytes) -> Path:
    """Return a file that a file names, relative to itself; exported on Windows, it may have backslashes."""
    relative = PurePosixPath(name.decode(errors="replace").replace("\\", "/"))
    if not relative.parts or relative.is_absolute() or ".." in relative.parts or b"\0" in name:
        raise ExportError(path, f"damaged: it names {str(relative)!r}, which is no file of an export")
    return path.parent / relative
