"""Calls to Firestore: bounded in time, with our own exceptions."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type
from google.auth.exceptions import GoogleAuthError

from prequal.core.errors import StoreUnavailableError

if TYPE_CHECKING:
    from google.cloud.firestore import Client, CollectionReference, DocumentSnapshot, Query, WriteBatch

# A visitor gets an answer within ten seconds: no call starts after the first of these limits, and none takes longer
# than the second. `timeout` alone bounds a single try, while the client's own retries go on for minutes.
_BEGIN_SECONDS = 6.5
_CALL_SECONDS = 2.0

# Factor for reading and changing pages of leads, which are long, and for which only the owner waits.
OWNER_PATIENCE = 5

_RETRY = Retry(
    predicate=if_exception_type(
        exceptions.ServiceUnavailable, exceptions.InternalServerError, exceptions.DeadlineExceeded
    ),
    initial=0.1,
    maximum=1.0,
)
_NO_RETRY = Retry(predicate=lambda _error: False)
CONTENTION = "Too many processes write to one document at once: try again later."
_CONFLICTS = (exceptions.AlreadyExists, exceptions.FailedPrecondition, exceptions.Aborted, exceptions.NotFound)


class Deadline:
    """Time limit of one use of the store, however many calls it makes: `patience` times a visitor's."""

    def __init__(self, patience: float = 1) -> None:
        self._end = time.monotonic() + patience * _BEGIN_SECONDS
        self._call_seconds = patience * _CALL_SECONDS

    @property
    def bounds(self) -> dict[str, Any]:
        """Return the arguments that bound a call by the time left; StoreUnavailableError if none is."""
        return {"timeout": self._call_seconds, "retry": self._retry}

    @property
    def _retry(self) -> Retry:
        left = self._end - time.monotonic()
        if left <= 0:  # the client would try once all the same
            raise StoreUnavailableError("Firestore is too slow: try again later.")
        return _RETRY.with_timeout(left)

    def tries(self) -> Iterator[None]:
        """Iterate until the deadline, with short random pauses so that concurrent writers spread."""
        pause = 0.01
        while time.monotonic() < self._end:
            yield
            time.sleep(random.uniform(0, pause))  # noqa: S311, it keeps no secret
            pause = min(pause * 2, 0.2)

    def run_query(self, query: Query | CollectionReference) -> Sequence[DocumentSnapshot[Any]]:
        """Run a query and return its documents; repeat it if its stream breaks off.

        The client itself would resume after the last document, without a time limit, and fail without one.
        """
        return self._retry(query.get)(timeout=self._call_seconds, retry=_NO_RETRY)

    def commit(self, batch: WriteBatch) -> bool:
        """Commit a batch; False, without a change, if a precondition failed."""
        try:
            batch.commit(**self.bounds)
        except _CONFLICTS:
            return False
        return True


def content_of(snapshot: DocumentSnapshot[Any]) -> dict[str, Any]:
    """Return the fields of a document; none if it does not exist."""
    return snapshot.to_dict() or {}


def replace(client: Client, batch: WriteBatch, before: DocumentSnapshot[Any], document: dict[str, Any]) -> None:
    """Replace a document, with the precondition that it is unchanged since it was read."""
    unchanged = client.write_option(last_update_time=before.update_time)
    batch.update(before.reference, document, option=unchanged)


@contextmanager
def bounded(patience: float = 1) -> Iterator[Deadline]:
    """Bound one use of the store, and translate the client's exceptions."""
    try:
        yield Deadline(patience)
    except exceptions.FailedPrecondition as error:  # those of a batch are caught before
        raise StoreUnavailableError(
            "Firestore lacks an index for this query: run prequal deploy, and try again some minutes later."
        ) from error
    except (exceptions.GoogleAPIError, GoogleAuthError) as error:
        raise StoreUnavailableError(f"Firestore does not answer ({type(error).__name__}): try again later.") from error
