"""Documents in the shape of Firestore's REST API, version 1.

https://firebase.google.com/docs/firestore/reference/rest/v1/Value
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from prequal.managed_export.reading import Document
from prequal.managed_export.values import GeoPoint, Reference, Value, Vector


def rest_document(document: Document) -> dict[str, Any]:
    """Return a document: its name, and its fields with typed values."""
    return {"name": str(document.name), "fields": _fields(document.fields)}


def rest_value(value: Value) -> dict[str, Any]:
    """Return a value by the name of its type."""
    name, shaped = _SHAPES[type(value)]
    return {name: shaped(value)}


def kind(value: Value) -> str:
    """Return the type of a value, as the API calls it; a vector, which it knows not, is a vector."""
    return "vector" if isinstance(value, Vector) else _SHAPES[type(value)][0].removesuffix("Value")


def _fields(fields: Mapping[str, Value]) -> dict[str, Any]:
    return {name: rest_value(value) for name, value in fields.items()}


def _map(fields: Mapping[str, Value]) -> dict[str, Any]:
    return {"fields": _fields(fields)}


def _array(values: list[Value]) -> dict[str, Any]:
    return {"values": [rest_value(value) for value in values]}


def _vector(vector: Vector) -> dict[str, Any]:
    return _map({"__type__": "__vector__", "value": list(vector)})


def _double(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"  # JSON has no number for these


def _instant(instant: datetime) -> str:
    exact = instant.microsecond % 1000 or not instant.microsecond
    return instant.isoformat(timespec="auto" if exact else "milliseconds").replace("+00:00", "Z")


_SHAPES: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    type(None): ("nullValue", lambda value: value),
    bool: ("booleanValue", lambda value: value),
    int: ("integerValue", str),  # 64 bits, more than a JSON number is trusted with
    float: ("doubleValue", _double),
    datetime: ("timestampValue", _instant),
    str: ("stringValue", lambda value: value),
    bytes: ("bytesValue", lambda value: b64encode(value).decode()),
    Reference: ("referenceValue", str),
    GeoPoint: ("geoPointValue", GeoPoint._asdict),
    list: ("arrayValue", _array),
    dict: ("mapValue", _map),
    Vector: ("mapValue", _vector),
}
