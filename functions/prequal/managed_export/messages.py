"""The protobuf messages of an export, as far as they are read. Google publishes no schema of them.

Entities are those of App Engine's datastore, proto2 with groups; the other two say where the entities are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClassesForFiles

_PACKAGE = "prequal.managed_export"
_FILE = "managed_export.proto"
# Texts are read as bytes: what is no text would come as bytes all the same, and only with some versions of protobuf.
_BOOL, _BYTES, _DOUBLE, _GROUP, _INT32, _INT64, _MESSAGE = (
    FieldDescriptorProto.Type.Value(f"TYPE_{name}")
    for name in ("BOOL", "BYTES", "DOUBLE", "GROUP", "INT32", "INT64", "MESSAGE")
)


class _Field(NamedTuple):
    number: int
    name: str
    type: int
    of: str = ""
    repeated: bool = False
    oneof: bool = False


_MESSAGES = {
    "Entity": [
        _Field(13, "key", _MESSAGE, "Key"),
        _Field(14, "property", _MESSAGE, "Property", repeated=True),
        _Field(15, "raw_property", _MESSAGE, "Property", repeated=True),  # not indexed; Firestore's are nearly all here
    ],
    "Key": [
        _Field(13, "app", _BYTES),
        _Field(14, "path", _MESSAGE, "Path"),
        _Field(20, "namespace", _BYTES),
        _Field(23, "database", _BYTES),
    ],
    "Path": [_Field(1, "element", _GROUP, "Element", repeated=True)],
    "Element": [_Field(2, "type", _BYTES), _Field(3, "id", _INT64), _Field(4, "name", _BYTES)],
    "Property": [
        _Field(1, "meaning", _INT32),  # an enumeration that Google goes on adding to
        _Field(3, "name", _BYTES),
        _Field(4, "multiple", _BOOL),
        _Field(5, "value", _MESSAGE, "Value"),
    ],
    "Value": [
        _Field(1, "integer", _INT64, oneof=True),
        _Field(2, "boolean", _BOOL, oneof=True),
        _Field(3, "octets", _BYTES, oneof=True),
        _Field(4, "double", _DOUBLE, oneof=True),
        _Field(5, "point", _GROUP, "Point", oneof=True),
        _Field(12, "reference", _GROUP, "Reference", oneof=True),
    ],
    "Point": [_Field(6, "x", _DOUBLE), _Field(7, "y", _DOUBLE)],
    "Reference": [
        _Field(13, "app", _BYTES),
        _Field(14, "element", _GROUP, "ReferenceElement", repeated=True),
        _Field(20, "namespace", _BYTES),
        _Field(23, "database", _BYTES),
    ],
    "ReferenceElement": [_Field(15, "type", _BYTES), _Field(16, "id", _INT64), _Field(17, "name", _BYTES)],
    "Overall": [_Field(1, "part", _MESSAGE, "Part", repeated=True)],
    "Part": [_Field(2, "path", _BYTES), _Field(3, "entities", _INT64)],
    "PartMetadata": [_Field(2, "kind", _MESSAGE, "KindMetadata", repeated=True)],
    "KindMetadata": [_Field(2, "file", _BYTES, repeated=True)],
}


def _classes() -> dict[str, Any]:
    file = FileDescriptorProto(name=_FILE, package=_PACKAGE, syntax="proto2")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        if any(field.oneof for field in fields):
            message.oneof_decl.add(name="kind")
        for field in fields:
            described = message.field.add(number=field.number, name=field.name, type=field.type)
            described.label = FieldDescriptorProto.Label.Value(f"LABEL_{'REPEATED' if field.repeated else 'OPTIONAL'}")
            if field.of:
                described.type_name = f".{_PACKAGE}.{field.of}"
            if field.oneof:
                described.oneof_index = 0
    pool = DescriptorPool()  # our own, so that no other definition of these can clash
    pool.AddSerializedFile(file.SerializeToString())
    classes: dict[str, Any] = GetMessageClassesForFiles([_FILE], pool)
    return classes


# All classes are kept, the nested ones too: protobuf 4 forgets those that nobody holds.
_CLASSES = _classes()
Entity, Overall, PartMetadata = (_CLASSES[f"{_PACKAGE}.{name}"] for name in ("Entity", "Overall", "PartMetadata"))
