"""A document and its values.

Values are None, bool, int, float, str, bytes, datetime, list and dict, and the types below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

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
