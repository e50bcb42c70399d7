"""The values of a document in Python.

They are None, bool, int, float, str, bytes, datetime, list and dict, and those below.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

Value: TypeAlias = Any
"""One of these; a precise recursive type would have to be narrowed at every use."""


class GeoPoint(NamedTuple):
    """A point on the earth, in degrees."""

    latitude: float
    longitude: float


class Vector(list[float]):
    """An embedding, which Firestore can search by nearness; a list of numbers that is not an array."""


class Reference(NamedTuple):
    """The name of a document. `path` is ids of collections and of documents in turns."""

    project: str
    database: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return f"projects/{self.project}/databases/{self.database}/documents/{'/'.join(self.path)}"

    @property
    def collection(self) -> tuple[str, ...]:
        """The ids of the collections that it is in, from the outermost on."""
        return self.path[::2]
