"""Values of Firestore, and their typed form in the JSON of its REST API, version 1.

Values are None, bool, int, float, str, bytes, datetime, list and dict, and the types below.
https://firebase.google.com/docs/firestore/reference/rest/v1/Value
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from prequal.core.text import instant_text

Value: TypeAlias = Any
"""A value of any of these types; a precise recursive type would have to be narrowed at every use."""


class GeoPoint(NamedTuple):
    """A point on the earth, in degrees."""

    latitude: float
    longitude: float


class Vector(list[float]):
    """An embedding, which Firestore can search by nearness; distinct from an array of numbers."""


class Reference(NamedTuple):
    """The name of a document."""

    project: str
    database: str
    #: Collection ids and document ids by turns.
    path: tuple[str, ...]

    def __str__(self) -> str:
        return f"projects/{self.project}/databases/{self.database}/documents/{'/'.join(self.path)}"

    @property
    def collection(self) -> tuple[str, ...]:
        """The ids of the nested collections that hold it, outermost first."""
        return self.path[::2]


def type_name(value: Value) -> str:
    """Return the API's name for a value's type; a vector, which the API has no type for, is a "vector"."""
    return "vector" if isinstance(value, Vector) else _ENCODERS[type(value)][0].removesuffix("Value")


def encode(value: Value) -> dict[str, Any]:
    """Return a value in its typed form."""
    name, encode_content = _ENCODERS[type(value)]
    return {name: encode_content(value)}


def encode_fields(fields: Mapping[str, Value]) -> dict[str, Any]:
    """Return the fields of a document or map in their typed form."""
    return {"fields": {name: encode(value) for name, value in fields.items()}}


def decode(typed: Mapping[str, Any]) -> Value:
    """Return the value of a typed form; points, references and vectors stay plain, as no document of ours has any."""
    ((name, content),) = typed.items()
    decode_content = _DECODERS.get(name)
    return decode_content(content) if decode_content else content


def decode_fields(typed: Mapping[str, Any]) -> dict[str, Value]:
    """Return the fields of a document or map; one without fields has no such key."""
    return {name: decode(value) for name, value in typed.get("fields", {}).items()}


def _double(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"  # JSON has no number for these


def _timestamp(instant: datetime) -> str:
    whole_milliseconds = instant.microsecond and not instant.microsecond % 1000
    return instant_text(instant, "milliseconds" if whole_milliseconds else "auto")


def _itself(value: Value) -> Value:
    return value


_ENCODERS: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    type(None): ("nullValue", _itself),
    bool: ("booleanValue", _itself),
    int: ("integerValue", str),  # 64 bits, more than a JSON number reliably holds
    float: ("doubleValue", _double),
    datetime: ("timestampValue", _timestamp),
    str: ("stringValue", _itself),
    bytes: ("bytesValue", lambda value: b64encode(value).decode()),
    Reference: ("referenceValue", str),
    GeoPoint: ("geoPointValue", GeoPoint._asdict),
    list: ("arrayValue", lambda values: {"values": [encode(value) for value in values]}),
    dict: ("mapValue", encode_fields),
    Vector: ("mapValue", lambda vector: encode_fields({"__type__": "__vector__", "value": list(vector)})),
}
_DECODERS: Mapping[str, Callable[[Any], Value]] = {
    "integerValue": int,
    "doubleValue": float,
    "timestampValue": datetime.fromisoformat,
    "bytesValue": b64decode,
    "arrayValue": lambda array: [decode(value) for value in array.get("values", ())],
    "mapValue": decode_fields,
}
