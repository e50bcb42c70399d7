"""A writer of managed exports, to make large ones, odd ones, and damaged ones whose checksums are right.

And how to ask Google's emulator to write one, or to read it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from prequal.firestore_values import GeoPoint, Reference, Value, Vector
from prequal.managed_export.log_file import BLOCK, FIRST, FULL, HEADER, LAST, MIDDLE, masked_checksum
from prequal.managed_export.messages import Entity, Overall, PartMetadata
from support.running import PATIENCE

PROJECT = "demo-prequal"
PART = "all_namespaces/all_kinds/all_namespaces_all_kinds.export_metadata"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ENTITY_GROUP = b"\x82\x01\x00"  # a field that Google requires, and that means nothing to us
_LONG = 200
_LEFT_OUT: Mapping[str, Mapping[str, Any]] = {
    "mapValue": {"fields": {}},
    "arrayValue": {"values": []},
    "geoPointValue": {"latitude": 0.0, "longitude": 0.0},
}


@dataclass(slots=True)
class Log:
    """The bytes of a log, as records are added to it."""

    content: bytearray = field(default_factory=bytearray)

    def add(self, record: bytes) -> None:
        """Add a record, in as many fragments as blocks ask for."""
        left, first = record, True
        while first or left:
            room = BLOCK - len(self.content) % BLOCK
            if room < HEADER.size:
                self.content += bytes(room)
                continue
            piece, left = left[: room - HEADER.size], left[room - HEADER.size :]
            self.content += fragment((FULL if first else LAST) if not left else FIRST if first else MIDDLE, piece)
            first = False

    def filled(self) -> bytes:
        """Return all of it, the last block filled up as Google does."""
        return bytes(self.content) + bytes(-len(self.content) % BLOCK)


def fragment(part: int, content: bytes) -> bytes:
    """Return a part of a record with its header."""
    return HEADER.pack(masked_checksum(bytes([part]) + content), len(content), part) + content


def log(*records: bytes) -> bytes:
    """Return a log of these records."""
    written = Log()
    for record in records:
        written.add(record)
    return bytes(written.content)


def write_export(folder: Path, *files: Iterable[bytes], counted: int | None = None) -> Path:
    """Write an export with these records in files of their own, and return its folder."""
    part = folder / PART
    part.parent.mkdir(parents=True)
    names = [f"output-{number}" for number in range(len(files))]
    count = sum(_write(part.parent / name, records) for name, records in zip(names, files, strict=True))
    write_part(part, names)
    write_overall(folder, {PART: count if counted is None else counted})
    return folder


def write_part(path: Path, names: Iterable[str]) -> None:
    """Write the metadata of a part, which names its files."""
    metadata = PartMetadata()
    metadata.kind.add(file=[name.encode() for name in names])
    path.write_bytes(metadata.SerializeToString())


def write_overall(folder: Path, parts: Mapping[str, int]) -> None:
    """Write the metadata of an export, which names its parts, and how many documents each has."""
    overall = Overall()
    for path, entities in parts.items():
        overall.part.add(path=path.encode(), entities=entities)
    (folder / "made.overall_export_metadata").write_bytes(log(b"3", overall.SerializeToString()))


def _write(path: Path, records: Iterable[bytes]) -> int:
    written, count = Log(), 0
    with path.open("wb") as file:
        for record in records:
            written.add(record)
            count += 1
            whole = len(written.content) // BLOCK * BLOCK
            file.write(written.content[:whole])
            del written.content[:whole]
        file.write(written.content)
    return count


def record(path: str, fields: Mapping[str, Value], project: str = PROJECT) -> bytes:
    """Return a document as a record: its path is ids with slashes between them."""
    entity = Entity()
    entity.key.app = f"dev~{project}".encode()
    ids = path.split("/")
    for collection, name in zip(ids[::2], ids[1::2], strict=True):
        entity.key.path.element.add(type=collection.encode(), name=name.encode())
    _set(entity, fields)
    return bytes(entity.SerializeToString() + _ENTITY_GROUP)


def ask(emulator: str, path: str, body: object) -> Any:
    """Post to Firestore's emulator, and return its answer."""
    with closing(HTTPConnection(emulator, timeout=PATIENCE)) as connection:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return json.loads(content)


def comparable(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document of the REST API in a comparable form, with the zero values that Google leaves out.

    Of what is long the length and a checksum are left.
    """
    return {"name": document["name"], "fields": _comparable(document.get("fields", {}))}


def _comparable(value: Any) -> Any:
    if isinstance(value, str):
        long = len(value) > _LONG
        return f"{len(value)} characters, CRC {zlib.crc32(value.encode()):08x}" if long else value
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    if isinstance(value, dict):
        empty = {**value}
        for name, default in _LEFT_OUT.items():
            if name in value:
                empty[name] = {**default, **value[name]}
        return {name: _comparable(item) for name, item in sorted(empty.items())}
    return value


def _set(entity: Any, fields: Mapping[str, Value]) -> None:
    for name, value in fields.items():
        if isinstance(value, list) and value:
            for item in value:
                held = entity.raw_property.add(name=name.encode(), multiple=True)
                _fill(held, item)
                if isinstance(value, Vector):
                    held.meaning = 31
        elif isinstance(value, list):
            entity.property.add(name=name.encode(), multiple=False, meaning=24).value.SetInParent()
        else:
            _fill(entity.raw_property.add(name=name.encode(), multiple=False), value)


def _fill(held: Any, value: Value) -> None:
    kept = held.value
    kept.SetInParent()
    match value:
        case GeoPoint():
            kept.point.x, kept.point.y, held.meaning = value.latitude, value.longitude, 9
        case Reference():
            kept.reference.app = f"dev~{value.project}".encode()
            kept.reference.database = b"" if value.database == "(default)" else value.database.encode()
            for collection, name in zip(value.path[::2], value.path[1::2], strict=True):
                kept.reference.element.add(type=collection.encode(), name=name.encode())
        case dict():
            inner = Entity()
            inner.key.app = b""
            inner.key.path.SetInParent()
            _set(inner, value)
            kept.octets, held.meaning = inner.SerializeToString() + _ENTITY_GROUP, 19
        case None:
            pass
        case _:
            field, held.meaning, made = _SIMPLE[type(value)]
            setattr(kept, field, made(value))


_SIMPLE: Mapping[type, tuple[str, int, Callable[[Any], Any]]] = {
    bool: ("boolean", 0, bool),
    int: ("integer", 0, int),
    float: ("double", 0, float),
    str: ("octets", 0, str.encode),
    bytes: ("octets", 14, bytes),
    datetime: ("integer", 7, lambda instant: (instant - _EPOCH) // _MICROSECOND),
}
