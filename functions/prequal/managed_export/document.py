"""A document of an export, and its form in Firestore's REST API, version 1."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prequal.firestore_values import Reference, Value, encode_fields


@dataclass(frozen=True, slots=True)
class Document:
    """A document of an export."""

    name: Reference
    #: Sorted by name.
    fields: Mapping[str, Value]


def rest_document(document: Document) -> dict[str, Any]:
    """Return a document with its name and its typed fields."""
    return {"name": str(document.name), **encode_fields(document.fields)}
