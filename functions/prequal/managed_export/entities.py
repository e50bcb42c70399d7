"""An entity, as App Engine's datastore has them, becomes the name and the fields of a document.

What a value is lies in two places: which field of `Value` is set, and the property's `meaning`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from google.protobuf.message import DecodeError

from prequal.managed_export.messages import Entity
from prequal.managed_export.values import GeoPoint, Reference, Value, Vector

_PLAIN, _TIMESTAMP, _POINT, _BLOB, _TEXT, _BYTES, _MAP, _EMPTY_ARRAY, _VECTOR = 0, 7, 9, 14, 15, 16, 19, 24, 31

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Firestore's own limit is 20, which the emulator passes over; ours keeps what is made up from exhausting the stack.
_DEEPEST = 100


class EntityError(Exception):
    """An entity is not one that Firestore has written; the text says why."""


def document_of(record: bytes) -> tuple[Reference, dict[str, Value]]:
    """Return the name and the fields of the document that a record is.

    Raises:
        EntityError: it isn't one.

    """
    try:
        entity = Entity.FromString(record)
        key = entity.key
        return _reference(key, key.path.element), _fields(entity)
    except (DecodeError, UnicodeDecodeError) as error:
        raise EntityError("it can't be decoded") from error
    except OverflowError as error:
        raise EntityError("a timestamp is out of range") from error


def _reference(key: Any, elements: Iterable[Any]) -> Reference:  # noqa: ANN401, a Key or a Reference
    if key.namespace:
        raise EntityError(f"it names the namespace {key.namespace.decode()}, which only Datastore has")
    path: list[str] = []
    for element in elements:
        path += element.type.decode(), element.name.decode() if element.HasField("name") else f"__id{element.id}__"
    project = key.app.decode().rpartition("~")[2]  # a letter before it tells where the application runs
    if not project or not path or not all(path):
        raise EntityError("a document has no name")
    return Reference(project, key.database.decode() or "(default)", tuple(path))


def _fields(entity: Any, depth: int = 0) -> dict[str, Value]:  # noqa: ANN401, an Entity
    """Return the fields by name, sorted, as their order in the file means nothing; an array is a property an item."""
    if depth > _DEEPEST:
        raise EntityError("maps lie in maps without end")
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
                raise EntityError(f"its field {name!r} is an array and a vector")
            array.append(value)
        elif name in fields:
            raise EntityError(f"its field {name!r} is there twice")
        else:
            fields[name] = value
    if not fields.keys().isdisjoint(arrays):
        raise EntityError("a field is an array and something else")
    fields.update(arrays)
    return dict(sorted(fields.items()))


def _value(name: str, meaning: int, value: Any) -> Value:  # noqa: ANN401, a Value
    kind = value.WhichOneof("kind")
    if kind is None:
        # A null has nothing set; what is there nevertheless is of a kind that came after this.
        if meaning == _PLAIN and not value.ByteSize():
            return None
    elif decode := _DECODERS.get((meaning, kind)):
        return decode(getattr(value, kind))
    raise EntityError(f"its field {name!r} is of a kind that is not known: {kind or 'none'}, meaning {meaning}")


def _as_it_is(value: Value) -> Value:
    return value


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _point(point: Any) -> GeoPoint:  # noqa: ANN401, a Point
    return GeoPoint(latitude=point.x, longitude=point.y)


def _named(reference: Any) -> Reference:  # noqa: ANN401, a Reference
    return _reference(reference, reference.element)


_DECODERS: Mapping[tuple[int, str], Callable[[Any], Value]] = {
    (_PLAIN, "integer"): _as_it_is,
    (_PLAIN, "boolean"): _as_it_is,
    (_PLAIN, "double"): _as_it_is,
    (_PLAIN, "octets"): bytes.decode,
    (_PLAIN, "reference"): _named,
    (_TIMESTAMP, "integer"): _instant,
    (_POINT, "point"): _point,
    (_BLOB, "octets"): _as_it_is,
    (_VECTOR, "double"): _as_it_is,
    # Only in exports of Datastore.
    (_TEXT, "octets"): bytes.decode,
    (_BYTES, "octets"): _as_it_is,
    (_PLAIN, "point"): _point,
}
