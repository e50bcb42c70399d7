"""Calls of Firestore: bounded in time, and with our own exceptions."""

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

# A visitor is asked to try again after ten seconds at most: no call is begun after the first of these, and none takes
# longer than the second. `timeout` alone would bound one try, and the client's own retries go on for minutes.
_BEGIN_SECONDS = 6.5
_CALL_SECONDS = 2.0

# Pages of leads are long, and only the owner waits for them.
OWNERS_PATIENCE = 5

_RETRY = Retry(
    predicate=if_exception_type(
        exceptions.ServiceUnavailable, exceptions.InternalServerError, exceptions.DeadlineExceeded
    ),
    initial=0.1,
    maximum=1.0,
)
_NO_RETRY = Retry(predicate=lambda _error: False)
TOO_MANY = "Too many write to one document at once: try again later."
_CHANGED_MEANWHILE = (exceptions.AlreadyExists, exceptions.FailedPrecondition, exceptions.Aborted, exceptions.NotFound)


class Deadline:
    """The time that one use of the store has, whatever calls it is made of: `patience` times a visitor's."""

    def __init__(self, patience: float = 1) -> None:
        self._end = time.monotonic() + patience * _BEGIN_SECONDS
        self._call_seconds = patience * _CALL_SECONDS

    @property
    def bounds(self) -> dict[str, Any]:
        """Return the arguments that keep a call within what is left; StoreUnavailableError when nothing is."""
        return {"timeout": self._call_seconds, "retry": self._retry}

    @property
    def _retry(self) -> Retry:
        left = self._end - time.monotonic()
        if left <= 0:  # the client would try once all the same
            raise StoreUnavailableError("Firestore is too slow: try again later.")
        return _RETRY.with_timeout(left)

    def tries(self) -> Iterator[None]:
        """Try until the deadline, with short and uneven pauses so that rivals get out of each other's way."""
        pause = 0.01
        while time.monotonic() < self._end:
            yield
            time.sleep(random.uniform(0, pause))  # noqa: S311, it keeps no secret
            pause = min(pause * 2, 0.2)

    def found(self, query: Query | CollectionReference) -> Sequence[DocumentSnapshot[Any]]:
        """Return what a query finds, asked anew where its answer breaks off.

        The client would go on by itself from the last document it has, for as long as it takes, and fail without one.
        """
        return self._retry(query.get)(timeout=self._call_seconds, retry=_NO_RETRY)

    def committed(self, batch: WriteBatch) -> bool:
        """Commit, unless something has changed meanwhile."""
        try:
            batch.commit(**self.bounds)
        except _CHANGED_MEANWHILE:
            return False
        return True


def content_of(snapshot: DocumentSnapshot[Any]) -> dict[str, Any]:
    """Return what is in a document, nothing where there is none."""
    return snapshot.to_dict() or {}


def replace(client: Client, batch: WriteBatch, before: DocumentSnapshot[Any], document: dict[str, Any]) -> None:
    """Replace a document on the condition that nobody has touched it since it was read."""
    unchanged = client.write_option(last_update_time=before.update_time)
    batch.update(before.reference, document, option=unchanged)


@contextmanager
def bounded(patience: float = 1) -> Iterator[Deadline]:
    """Give a use of the store its time, and turn what the client raises into our own."""
    try:
        yield Deadline(patience)
    except (exceptions.GoogleAPIError, GoogleAuthError) as error:
        raise StoreUnavailableError(f"Firestore does not answer ({type(error).__name__}): try again later.") from error
