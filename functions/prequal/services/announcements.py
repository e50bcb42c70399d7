"""Announcement of events: each change of a lead queues its own in the same write."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from prequal.core.lead import Admission, Attempt, Lead
from prequal.core.lead_events import events_between, queued_event
from prequal.core.mail import Mail
from prequal.services.ports import Store

_Change = tuple[Lead, Sequence[Mail]]


def announcing(
    store: Store, clock: Callable[[], datetime], new_id: Callable[[], str] = lambda: uuid.uuid4().hex
) -> Store:
    """Return the same store, with events for the owner's webhooks."""
    return cast("Store", _Announcing(store, clock, new_id))


class _Announcing:
    """A store that no use case can forget to announce a change to."""

    def __init__(self, store: Store, clock: Callable[[], datetime], new_id: Callable[[], str]) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401, whatever the store has
        return getattr(self._store, name)

    def admit(self, lead: Lead, attempt: Attempt, mails: Sequence[Mail], again: Callable[[Lead], _Change]) -> Admission:
        """Add a submission."""
        _, mails = self._announced(None, (lead, mails))
        return self._store.admit(lead, attempt, mails, lambda known: self._announced(known, again(known)))

    def change_lead(self, lead_id: str, change: Callable[[Lead], _Change]) -> Lead | None:
        """Replace a lead."""
        return self._store.change_lead(lead_id, lambda known: self._announced(known, change(known)))

    def _announced(self, before: Lead | None, change: _Change) -> _Change:
        """Return a change with its event, if it is any."""
        lead, mails = change
        types = events_between(before, lead)
        if not types:
            return change
        # Two changes of a lead may come within the same millisecond.
        return lead, [*mails, queued_event(lead, types, self._new_id()[:8], self._clock())]
