"""Use case: visits of the page are counted by the furthest stage that each came to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from prequal.core.fields import untyped
from prequal.core.form import Form
from prequal.core.text import first_text
from prequal.core.visits import OTHER_SOURCES, VisitCounts, visit_from
from prequal.services.ports import Entry, Ledger, VisitCounter

_KEY = "sources"
# Each is a document a day.
_MOST_SOURCES = 100
_REMEMBERED = timedelta(minutes=5)
# A month can be compared with the same one a year before.
RETENTION = timedelta(days=400)


def add_source(ledger: Ledger, source: str) -> None:
    """Have the visits of a source counted apart; the source that was added first makes room for it."""

    def change(entry: Entry) -> Entry:
        others = [name for name in entry.get("names", ()) if name != source]
        return {"names": [*others, source][-_MOST_SOURCES:], "expire_at": None}

    ledger.change_entry(_KEY, change)


@dataclass(slots=True, kw_only=True)
class VisitCounting:
    """Counting of visits. What is not a message of a page in use counts nowhere."""

    #: By version, those whose pages count visits.
    forms: Mapping[str, Form]
    counter: VisitCounter
    ledger: Ledger
    clock: Callable[[], datetime]
    _sources: Collection[str] = field(default=(), init=False)
    _read_at: datetime | None = field(default=None, init=False)

    def count(self, message: Mapping[str, Any]) -> None:
        """Count a visit by the message of its page.

        Raises:
            StoreUnavailableError: it may not be counted.
        """
        form = self.forms.get(first_text(message.get("form_version")))
        if form is None:
            return
        try:
            visit = visit_from(message, form)
        except ValueError:
            return
        now, source = self.clock(), untyped(message.get("source"))
        counts = VisitCounts(
            day=now.date().isoformat(),
            form_id=form.id,
            form_version=form.version,
            source=source if source in self._known_sources(now) else OTHER_SOURCES,
            counts=visit.increments,
        )
        self.counter.add_visits(counts, now + RETENTION)

    def _known_sources(self, now: datetime) -> Collection[str]:
        if self._read_at is None or now - self._read_at > _REMEMBERED:
            entry = self.ledger.change_entry(_KEY, lambda known: known)
            self._sources, self._read_at = frozenset(entry.get("names", ())), now
        return self._sources
