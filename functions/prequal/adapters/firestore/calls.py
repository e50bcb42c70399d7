"""Calls to Firestore, repeated until a deadline."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from prequal.adapters.firestore.transport import ConflictError, Query, Snapshot, TransientError, Transport, Write
from prequal.core.errors import StoreUnavailableError

# A visitor gets an answer within ten seconds: no call starts after the first of these limits, and none takes longer
# than the second.
_BEGIN_SECONDS = 6.5
_CALL_SECONDS = 2.0

# Factor for pages of leads, which are long, and for which only the owner waits; and for what nobody waits for.
OWNER_PATIENCE = 5

# Longest pauses, the first and the last, before a failed call is repeated, and before a change is decided again.
_BACKOFF = (0.1, 1.0)
_AFTER_CONFLICT = (0.01, 0.2)

_Result = TypeVar("_Result")


class Calls:
    """The calls of one use of the store, which share a time limit: `patience` times a visitor's.

    A commit may be repeated like a read: its preconditions fail if the first try took effect and its answer was lost.
    """

    def __init__(self, transport: Transport, patience: float = 1) -> None:
        self._transport = transport
        self._end = time.monotonic() + patience * _BEGIN_SECONDS
        self._call_seconds = patience * _CALL_SECONDS
        self._rounds = self._tries(*_AFTER_CONFLICT)

    def begin_round(self) -> None:
        """Begin to read, decide and write; pause before every round but the first: others write too.

        Raises:
            StoreUnavailableError: the time limit has passed.
        """
        if not next(self._rounds, False):
            raise StoreUnavailableError("Too many processes write to one document at once: try again later.")

    def get(self, path: str) -> Snapshot | None:
        """Return a document, or None."""
        return next(iter(self.get_all([path])), None)

    def get_all(self, paths: Sequence[str]) -> Sequence[Snapshot]:
        """Return those of the documents that exist, in any order."""
        return self._repeat(lambda: self._transport.get(paths, self._call_seconds))

    def run_query(self, query: Query) -> Sequence[Snapshot]:
        """Return the documents of a query; it is run again if its stream breaks off."""
        return self._repeat(lambda: self._transport.run_query(query, self._call_seconds))

    def commit(self, writes: Sequence[Write]) -> bool:
        """Write all or nothing; False, without a change, if a precondition failed."""
        try:
            self._repeat(lambda: self._transport.commit(writes, self._call_seconds))
        except ConflictError:
            return False
        return True

    def add(self, write: Write) -> None:
        """Add to a document; try again if it was refused, but not if it may have taken effect, and would count twice.

        Raises:
            StoreUnavailableError: it may or may not have taken effect.
        """
        while True:
            self.begin_round()
            try:
                return self._transport.commit([write], self._call_seconds)
            except ConflictError:
                continue
            except TransientError as error:
                raise StoreUnavailableError("Firestore does not answer: try again later.") from error

    def _repeat(self, call: Callable[[], _Result]) -> _Result:
        failure: TransientError | None = None
        for _ in self._tries(*_BACKOFF):
            try:
                return call()
            except TransientError as error:
                failure = error
        raise StoreUnavailableError("Firestore does not answer: try again later.") from failure

    def _tries(self, pause: float, longest: float) -> Iterator[bool]:
        """Iterate until the time limit, with growing random pauses so that concurrent callers spread."""
        while time.monotonic() < self._end:
            yield True
            time.sleep(random.uniform(0, pause))  # noqa: S311, it keeps no secret
            pause = min(pause * 2, longest)
