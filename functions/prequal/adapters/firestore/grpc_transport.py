"""Transport by Google's client, over gRPC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from google.api_core import exceptions
from google.api_core.retry import Retry
from google.auth.exceptions import GoogleAuthError
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from prequal.adapters.firestore.credentials import NO_CREDENTIALS
from prequal.adapters.firestore.transport import NAME, NO_INDEX, ConflictError, Query, Snapshot, TransientError, Write
from prequal.core.errors import StoreUnavailableError

# `timeout` bounds a single try only, while the client's own retries go on for minutes.
_NO_RETRY = Retry(predicate=lambda _error: False)
_CONFLICTS = (exceptions.AlreadyExists, exceptions.FailedPrecondition, exceptions.Aborted, exceptions.NotFound)
_TRANSIENT = (exceptions.ServiceUnavailable, exceptions.InternalServerError, exceptions.DeadlineExceeded)


class GrpcTransport:
    """Calls by Google's client to a database in native mode, or to the emulator of FIRESTORE_EMULATOR_HOST."""

    def __init__(self, project: str, database: str = "(default)") -> None:
        """Name the database. It is connected at the first use, as no connection survives a server's fork."""
        self._project = project
        self._database = database

    def get(self, paths: Sequence[str], seconds: float) -> Sequence[Snapshot]:
        """Return those of the documents that exist, in any order."""
        with _translated():
            references = [self._client.document(path) for path in paths]
            found = self._client.get_all(references, retry=_NO_RETRY, timeout=seconds)
            return [_snapshot(document) for document in found if document.exists]

    def run_query(self, query: Query, seconds: float) -> Sequence[Snapshot]:
        """Return the documents of a query in its order."""
        with _translated():
            return [_snapshot(found) for found in self._query(query).get(retry=_NO_RETRY, timeout=seconds)]

    def commit(self, writes: Sequence[Write], seconds: float) -> None:
        """Write all or nothing."""
        with _translated():
            batch = self._client.batch()
            for path, fields, update_time, added in writes:
                document = self._client.document(path)
                if fields is None:
                    batch.delete(document)
                elif added is not None:
                    counts = {field: firestore.Increment(number) for field, number in added.items()}
                    batch.set(document, {**fields, "counts": counts}, merge=True)
                elif update_time is None:
                    batch.create(document, dict(fields))
                else:
                    unchanged = self._client.write_option(last_update_time=update_time)
                    batch.update(document, dict(fields), option=unchanged)
            try:
                batch.commit(retry=_NO_RETRY, timeout=seconds)
            except _CONFLICTS as error:
                raise ConflictError from error

    def close(self) -> None:
        """Close the connections for good."""
        if "_client" in self.__dict__:
            self._client.close()  # type: ignore[no-untyped-call]

    @cached_property
    def _client(self) -> firestore.Client:
        try:
            return firestore.Client(project=self._project, database=self._database)
        except GoogleAuthError as error:
            raise StoreUnavailableError(NO_CREDENTIALS) from error

    def _query(self, query: Query) -> Any:  # noqa: ANN401, the client types a collection and its queries apart
        built: Any = self._client.collection(query.collection)
        for field, operator, value in query.filters:
            comparable = self._client.document(value) if field == NAME else value
            built = built.where(filter=FieldFilter(field, operator, comparable))
        if query.order_by:
            direction = firestore.Query.DESCENDING if query.descending else firestore.Query.ASCENDING
            built = built.order_by(query.order_by, direction=direction)
            if query.after:
                value, path = query.after
                last = {query.order_by: value, NAME: self._client.document(path)}
                built = built.order_by(NAME, direction=direction).start_after(last)
        if query.limit:
            built = built.limit(query.limit)
        return built.select([]) if query.ids_only else built


def _snapshot(found: firestore.DocumentSnapshot[Any]) -> Snapshot:
    return Snapshot(found.reference.path, found.to_dict() or {}, found.update_time)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _TRANSIENT as error:
        raise TransientError(type(error).__name__) from error
    except exceptions.FailedPrecondition as error:
        raise StoreUnavailableError(NO_INDEX) from error
    except (exceptions.GoogleAPIError, GoogleAuthError) as error:
        raise StoreUnavailableError(f"Firestore does not answer ({type(error).__name__}): try again later.") from error
