"""The transport of calls to Firestore: reads, queries and commits, each tried once and bounded in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

#: The name of a document in filters; it is compared with a document's path.
NAME = "__name__"


class Snapshot(NamedTuple):
    """A document as it was read. A path is relative to the database, like `leads/a1b2`."""

    path: str
    fields: dict[str, Any]
    #: The time of the last write, in the transport's own form: the precondition of a replacement.
    update_time: Any

    @property
    def id(self) -> str:
        """Return the last part of the path."""
        return self.path.rpartition("/")[2]


class Write(NamedTuple):
    """A change of one document."""

    path: str
    #: None deletes the document.
    fields: Mapping[str, Any] | None
    #: The document must be unchanged since then; None creates it.
    update_time: Any = None
    #: Numbers to add to those of the map `counts`, in a document that is made if it is missing.
    added: Mapping[str, int] | None = None


class Query(NamedTuple):
    """A query of one collection, all of whose filters hold, ordered by one field and then by id."""

    #: The path of the collection.
    collection: str
    #: Field, operator (`==`, `<`, `<=`, `>=`), and value.
    filters: Sequence[tuple[str, str, Any]] = ()
    order_by: str | None = None
    #: Both orders are descending.
    descending: bool = False
    limit: int | None = None
    #: The field's value and the path of the last document of the page before.
    after: tuple[Any, str] | None = None
    #: Read no fields.
    ids_only: bool = False


NO_INDEX = "Firestore lacks an index for this query: run prequal deploy, and try again some minutes later."


class TransientError(Exception):
    """Raised when a call failed that may be repeated: it may or may not have taken effect."""


class ConflictError(Exception):
    """Raised when a precondition of a commit failed; nothing was written."""


class Transport(Protocol):
    """Calls to one database.

    Each raises TransientError, ConflictError if it commits, or StoreUnavailableError when no repetition would help.
    """

    def get(self, paths: Sequence[str], seconds: float) -> Sequence[Snapshot]:
        """Return those of the documents that exist, in any order."""

    def run_query(self, query: Query, seconds: float) -> Sequence[Snapshot]:
        """Return the documents of a query in its order."""

    def commit(self, writes: Sequence[Write], seconds: float) -> None:
        """Write all or nothing."""

    def close(self) -> None:
        """Close the connections for good."""
