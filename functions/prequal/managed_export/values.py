"""A document, its values, and both in the JSON of Firestore's REST API, version 1.

Values are None, bool, int, float, str, bytes, datetime, list and dict, and the types below.
https://firebase.google.com/docs/firestore/reference/rest/v1/Value
"""

import math
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Document:
    """A document of an export."""

    name: Reference
    #: Sorted by name.
    fields: Mapping[str, Value]


def rest_document(document: Document) -> dict[str, Any]:
    """Return a document with its name and its typed fields."""
    return {"name": str(document.name), **_map(document.fields)}


def type_name(value: Value) -> str:
    """Return the API's name for a value's type; a vector, which the API has no type for, is a "vector"."""
    return "vector" if isinstance(value, Vector) else _ENCODERS[type(value)][0].removesuffix("Value")


def _value(value: Value) -> dict[str, Any]:
    name, encode = _ENCODERS[type(value)]
    return {name: encode(value)}


def _map(fields: Mapping[str, Value]) -> dict[str, Any]:
    return {"fields": {name: _value(value) for name, value in fields.items()}}


def _double(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"  # JSON has no number for these


def _timestamp(instant: datetime) -> str:
    whole_milliseconds = instant.microsecond and not instant.microsecond % 1000
    return instant_text(instant, "milliseconds" if whole_milliseconds else "auto")


_ENCODERS: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    type(None): ("nullValue", lambda value: value),
    bool: ("booleanValue", lambda value: value),
    int: ("integerValue", str),  # 64 bits, more than a JSON number reliably holds
    float: ("doubleValue", _double),
    datetime: ("timestampValue", _timestamp),
    str: ("stringValue", lambda value: value),
    bytes: ("bytesValue", lambda value: b64encode(value).decode()),
    Reference: ("referenceValue", str),
    GeoPoint: ("geoPointValue", GeoPoint._asdict),
    list: ("arrayValue", lambda values: {"values": [_value(value) for value in values]}),
    dict: ("mapValue", _map),
    Vector: ("mapValue", lambda vector: _map({"__type__": "__vector__", "value": list(vector)})),
}
