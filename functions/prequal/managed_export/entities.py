"""Decoding of an entity, the record of App Engine's datastore, into a document.

The type of a value depends on the field of `Value` that is set and on the property's `meaning`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from google.protobuf.message import DecodeError

from prequal.firestore_values import GeoPoint, Reference, Value, Vector
from prequal.managed_export.document import Document
from prequal.managed_export.messages import Entity

_PLAIN, _TIMESTAMP, _POINT, _BLOB, _TEXT, _BYTES, _MAP, _EMPTY_ARRAY, _VECTOR = 0, 7, 9, 14, 15, 16, 19, 24, 31
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Firestore's own limit is 20, which the emulator doesn't enforce; ours keeps a forged export from exhausting the stack.
_MAX_DEPTH = 100


class EntityError(Exception):
    """Raised when an entity is not one that Firestore writes; the text is the reason."""


def parse_document(record: bytes) -> Document:
    """Decode a record.

    Raises:
        EntityError: the record is not a document of Firestore's.
    """
    try:
        entity = Entity.FromString(record)
        return Document(_reference(entity.key, entity.key.path.element), _fields(entity))
    except (DecodeError, UnicodeDecodeError) as error:
        raise EntityError("it can't be decoded") from error
    except OverflowError as error:
        raise EntityError("a timestamp is out of range") from error


def _reference(key: Any, elements: Any) -> Reference:  # noqa: ANN401, a Key or a Reference
    if key.namespace:
        raise EntityError(f"it is in the namespace {key.namespace.decode()}, which only Datastore has")
    path: list[str] = []
    for element in elements:
        path += element.type.decode(), element.name.decode() if element.HasField("name") else f"__id{element.id}__"
    project = key.app.decode().rpartition("~")[2]  # the prefix is the region of the application
    if not project or not path or not all(path):
        raise EntityError("a document has no name")
    return Reference(project, key.database.decode() or "(default)", tuple(path))


def _fields(entity: Any, depth: int = 0) -> dict[str, Value]:  # noqa: ANN401, an Entity
    """Decode the properties, sorted by name, since their order in the file means nothing.

    Each item of an array is a property of its own.
    """
    if depth > _MAX_DEPTH:
        raise EntityError("maps are nested too deeply")
    fields: dict[str, Value] = {}
    arrays: dict[str, list[Value]] = {}
    for held in chain(entity.property, entity.raw_property):
        name, meaning = held.name.decode(), held.meaning
        if meaning == _EMPTY_ARRAY:
            value: Value = []
        elif meaning == _MAP:
            value = _fields(Entity.FromString(held.value.octets), depth + 1)
        else:
            value = _value(name, meaning, held.value)
        if held.multiple and meaning != _EMPTY_ARRAY:
            array = arrays.get(name)
            if array is None:
                array = arrays[name] = Vector() if meaning == _VECTOR else []
            elif isinstance(array, Vector) != (meaning == _VECTOR):
                raise EntityError(f"the field {name!r} is both an array and a vector")
            array.append(value)
        elif name in fields:
            raise EntityError(f"the field {name!r} occurs twice")
        else:
            fields[name] = value
    if not fields.keys().isdisjoint(arrays):
        raise EntityError("a field is both an array and a single value")
    return dict(sorted((fields | arrays).items()))


def _value(name: str, meaning: int, value: Any) -> Value:  # noqa: ANN401, a Value
    kind = value.WhichOneof("kind")
    if kind is None:
        # A null has no field set. A value that has one all the same is of a type added after this was written.
        if meaning == _PLAIN and not value.ByteSize():
            return None
    elif (meaning, kind) in _AS_STORED:
        return getattr(value, kind)
    elif decode := _DECODERS.get((meaning, kind)):
        return decode(getattr(value, kind))
    raise EntityError(f"the field {name!r} is of an unknown type: {kind or 'none'}, meaning {meaning}")


# Texts with the meaning _TEXT, bytes with _BYTES and points with _PLAIN occur only in exports of Datastore.
_AS_STORED = {
    *((_PLAIN, "integer"), (_PLAIN, "boolean"), (_PLAIN, "double"), (_VECTOR, "double")),
    *((_BLOB, "octets"), (_BYTES, "octets")),
}
_DECODERS: Mapping[tuple[int, str], Callable[[Any], Value]] = {
    (_PLAIN, "octets"): bytes.decode,
    (_TEXT, "octets"): bytes.decode,
    (_PLAIN, "reference"): lambda reference: _reference(reference, reference.element),
    (_TIMESTAMP, "integer"): lambda microseconds: _EPOCH + timedelta(microseconds=microseconds),
    **dict.fromkeys(
        [(_POINT, "point"), (_PLAIN, "point")], lambda point: GeoPoint(latitude=point.x, longitude=point.y)
    ),
}
