"""Counts of visits in the collection `visits`: several documents a day where there are many, which are summed.

A document takes about one write a second for long; more wait for each other
(https://firebase.google.com/docs/firestore/best-practices). A process that counts often spreads its visits over
`_SHARDS` documents, so that a hundred a second are no more than one for each. One that counts rarely writes the first
of them, so that the report of a small site reads one document a day.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from datetime import datetime

from prequal.adapters.firestore.calls import OWNER_PATIENCE, Calls
from prequal.adapters.firestore.transport import Query, Transport, Write
from prequal.core.documents import read_visits
from prequal.core.visits import VisitCounts

_SHARDS = 128
# Between two visits that one process counts, from which on it counts rarely.
_PAUSE_SECONDS = 10.0
_PAGE = 300


class VisitDocuments:
    """The collection `visits`. Ids are hashes, so that writes spread."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._counted_at = float("-inf")

    def add(self, counts: VisitCounts, expire_at: datetime) -> None:
        """Add to a document in one write, which makes it if it is missing."""
        fields = {name: getattr(counts, name) for name in ("day", "form_id", "form_version", "source")}
        key = "\n".join([*fields.values(), str(self._choose_shard())])
        path = f"visits/{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        # No visitor waits for the answer.
        Calls(self._transport, OWNER_PATIENCE).add(Write(path, {**fields, "expire_at": expire_at}, added=counts.counts))

    def read(self, since: str) -> Iterator[VisitCounts]:
        """Yield the documents since a day, the oldest first."""
        query, full = Query("visits", [("day", ">=", since)], order_by="day", limit=_PAGE), True
        while full:
            page = Calls(self._transport, OWNER_PATIENCE).run_query(query)
            full = len(page) == _PAGE
            yield from read_visits(snapshot.fields for snapshot in page)
            if full:
                query = query._replace(after=(page[-1].fields["day"], page[-1].path))

    def _choose_shard(self) -> int:
        now = time.monotonic()
        rarely, self._counted_at = now - self._counted_at > _PAUSE_SECONDS, now
        return 0 if rarely else random.randrange(_SHARDS)  # noqa: S311, it keeps no secret
