"""The protobuf messages of an export, reduced to the fields that are read. Google publishes no schema of them.

Entities are those of App Engine's datastore (proto2, with groups); the other messages say where the entities are.
"""

from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClassesForFiles

_PACKAGE = "prequal.managed_export"
_FILE = "managed_export.proto"

# Fields as "number name type": a capital marks a message, and a star a repeated field. Strings are read as bytes,
# because some versions of protobuf fail on a string that is not UTF-8, and others return it as bytes.
_MESSAGES = {
    # Properties in `raw_property` are not indexed: nearly all of Firestore's.
    "Entity": ("13 key Key", "14 property Property*", "15 raw_property Property*"),
    "Key": ("13 app bytes", "14 path Path", "20 namespace bytes", "23 database bytes"),
    "Path": ("1 element Element*",),
    "Element": ("2 type bytes", "3 id int64", "4 name bytes"),
    # `meaning` is an enumeration that Google extends now and then.
    "Property": ("1 meaning int32", "3 name bytes", "4 multiple bool", "5 value Value"),
    "Value": (
        *("1 integer int64", "2 boolean bool", "3 octets bytes", "4 double double"),
        *("5 point Point", "12 reference Reference"),
    ),
    "Point": ("6 x double", "7 y double"),
    "Reference": ("13 app bytes", "14 element ReferenceElement*", "20 namespace bytes", "23 database bytes"),
    "ReferenceElement": ("15 type bytes", "16 id int64", "17 name bytes"),
    "Overall": ("1 part Part*",),
    "Part": ("2 path bytes", "3 entities int64"),
    "PartMetadata": ("2 kind KindMetadata*",),
    "KindMetadata": ("2 file bytes*",),
}
_GROUPS = {"Element", "Point", "Reference", "ReferenceElement"}
_ONEOF = "Value"


def _build_classes() -> dict[str, Any]:
    file = FileDescriptorProto(name=_FILE, package=_PACKAGE, syntax="proto2")
    for message_name, fields in _MESSAGES.items():
        message = file.message_type.add(name=message_name)
        if message_name == _ONEOF:
            message.oneof_decl.add(name="kind")
        for field in fields:
            number, name, kind = field.removesuffix("*").split()
            type_name = kind if kind.islower() else "group" if kind in _GROUPS else "message"
            described = message.field.add(
                number=int(number),
                name=name,
                type=FieldDescriptorProto.Type.Value(f"TYPE_{type_name.upper()}"),
                label=FieldDescriptorProto.Label.Value("LABEL_REPEATED" if "*" in field else "LABEL_OPTIONAL"),
            )
            if not kind.islower():
                described.type_name = f".{_PACKAGE}.{kind}"
            if message_name == _ONEOF:
                described.oneof_index = 0
    pool = DescriptorPool()  # a pool of our own, so that no other definition of these messages can clash
    pool.AddSerializedFile(file.SerializeToString())
    classes: dict[str, Any] = GetMessageClassesForFiles([_FILE], pool)
    return classes


# All classes stay referenced, the nested ones too: protobuf 4 drops those that nothing references.
_CLASSES = _build_classes()
Entity, Overall, PartMetadata = (_CLASSES[f"{_PACKAGE}.{name}"] for name in ("Entity", "Overall", "PartMetadata"))
