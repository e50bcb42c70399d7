"""The reader of an export's folder.

The folder holds NAME.overall_export_metadata, which points to parts, each of which lists its files of documents. The
number of documents must be the one in the metadata: only so is a file noticed that was cut between two documents. The
names and times in a part's metadata have no checksum, and are therefore ignored.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from google.protobuf.message import DecodeError

from prequal.managed_export import ExportError
from prequal.managed_export.document import Document
from prequal.managed_export.entities import EntityError, parse_document
from prequal.managed_export.log_file import read_records
from prequal.managed_export.messages import Overall, PartMetadata

_OVERALL = ".overall_export_metadata"
_VERSION = b"3"
_FIREBASE = "firebase-export-metadata.json"


def read_documents(folder: Path) -> Iterator[Document]:
    """Read every document of an export, file by file.

    `folder` is the export's own, or the one around it that the Firebase CLI writes.

    Raises:
        ExportError: the folder is no export, or anything in it is missing, corrupt or unknown. This can come after the
            last document: an export is known to be whole only at its end.
    """
    for path, expected in _read_parts(_overall_metadata(folder)):
        count = 0
        for file in _read_file_list(path):
            for number, record in enumerate(read_records(file), start=1):
                try:
                    yield parse_document(record)
                except EntityError as error:
                    raise ExportError(file, f"record {number} is not a readable document: {error}") from error
                count += 1
        if count != expected:
            raise ExportError(path.parent, f"{expected} documents were exported, but {count} are there")


def _overall_metadata(folder: Path) -> Path:
    firebase = folder / _FIREBASE
    if firebase.is_file():
        try:
            name = str(json.loads(firebase.read_bytes())["firestore"]["metadata_file"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise ExportError(firebase, "it names no Firestore export") from error
        return _sibling(firebase, name.encode())
    # Operating systems leave hidden files of their own, such as "._made.overall_export_metadata".
    found = [path for path in folder.glob(f"*{_OVERALL}") if not path.name.startswith(".")]
    if not found:
        raise ExportError(folder, f"not a Firestore export, which would have a file NAME{_OVERALL}")
    if len(found) > 1:
        raise ExportError(folder, f"{len(found)} exports are in one folder: give each a folder of its own")
    return found[0]


def _read_parts(overall: Path) -> Iterator[tuple[Path, int]]:
    """Read the path of each part's metadata, and the number of its documents."""
    version, *content = list(read_records(overall)) or [b""]
    if version != _VERSION:
        raise ExportError(overall, f"unknown version of exports: only {_VERSION.decode()} is supported")
    if len(content) != 1:
        raise ExportError(overall, "corrupt or truncated: it should hold two records")
    for part in _parse(Overall, content[0], overall).part:
        yield _sibling(overall, part.path), part.entities


def _read_file_list(path: Path) -> Sequence[Path]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ExportError(path, f"can't be read: {error.strerror or error}") from error
    names = [name for kind in _parse(PartMetadata, content, path).kind for name in kind.file]
    if len(set(names)) != len(names):
        raise ExportError(path, "corrupt: it lists a file twice")
    return [_sibling(path, name) for name in sorted(names, key=lambda name: (len(name), name))]  # output-10 after -9


def _parse(message: Any, content: bytes, path: Path) -> Any:  # noqa: ANN401, a message's class and its instance
    try:
        return message.FromString(content)
    except DecodeError as error:
        raise ExportError(path, "corrupt: it can't be decoded") from error


def _sibling(path: Path, name: bytes) -> Path:
    """Resolve a file name relative to the file that contains it; exports made on Windows have backslashes."""
    relative = PurePosixPath(name.decode(errors="replace").replace("\\", "/"))
    if not relative.parts or relative.is_absolute() or ".." in relative.parts or b"\0" in name:
        raise ExportError(path, f"corrupt: it lists {str(relative)!r}, which is not a path inside the export")
    return path.parent / relative
