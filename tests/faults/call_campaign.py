"""Random histories of appointments on a store that fails, from one seed: made, moved, cancelled, and ended.

Sweeps fail, die and overlap at random; each round ends with one that doesn't. The appointments that stood then are
compared with the mails to the owner. One thread runs all of it, and concurrency is simulated.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from faults.faulty import Death, Fault, FaultyStore
from prequal.core.errors import IllegalStepError, StoreUnavailableError
from prequal.core.lead import Booking, Status
from prequal.core.lifecycle import ended
from prequal.core.mail import MailKind
from prequal.services.booking_recorder import BookingNews, BookingRecorder
from prequal.services.ports import Store
from support import builders
from support.builders import Clock

_STORE_FAULTS = 0.25
_COMES_BETWEEN = 0.15
_HOUR = timedelta(hours=1)
_ROUND = 3 * _HOUR
# The share of the rounds in which something happens to a lead.
_EVENTFUL = 0.08
_ZONE = ZoneInfo("America/Los_Angeles")
_MORNING = time(7)

_Mail = tuple[str, MailKind, datetime]
"""A mail on a call: the lead's id, its kind, and when the call begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFigures:
    """The figures of a campaign."""

    calls: int
    mails: int
    faults: int
    lost: int
    duplicated: int
    invented: int


class CallCampaign:
    """Campaign of invited leads with appointments, and sweeps that tell the owner of them."""

    def __init__(self, store: Store, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311, it keeps no secret
        self._store = store
        self._clock = Clock()
        self._calm = False
        self._depth = 0
        self._faults = 0
        self._faulty = FaultyStore(store, self._fate)
        self._leads: list[str] = []
        self._calls: set[datetime] = set()
        #: Mails that a sweep without faults was to queue, and those that any sweep could.
        self._due: set[_Mail] = set()
        self._possible: set[_Mail] = set()

    def run(self, leads: int, days: int) -> CallFigures:
        """Run the histories of some leads for some days, and compare the mails with them."""
        for number in range(leads):
            lead, attempt = builders.admitted(email=f"prospect{number}@example.com")
            self._store.admit(lead, attempt, [], lambda existing: (existing, ()))
            self._leads.append(lead.id)
        for _ in range(timedelta(days=days) // _ROUND):
            for _ in range(sum(self._chance.random() < _EVENTFUL for _ in range(leads))):
                self._act()
            self._try(self._sweep)
            self._calm = True
            while self._faulty.late:
                with suppress(IllegalStepError):
                    self._faulty.late.pop()()
            self._due.update(self._standing())
            self._sweep()
            self._calm = False
            self._clock.forward(_ROUND)
        return self._checked()

    def _act(self) -> None:
        self._try(self._chance.choices([self._hear, self._cancel, self._end, self._sweep], [6, 1, 0.5, 2])[0])

    def _try(self, act: Callable[[], None]) -> None:
        with suppress(IllegalStepError, StoreUnavailableError, Death):
            act()

    def _hear(self) -> None:
        """Get a message that an appointment was made, or moved, to a time of its own."""
        lead_id = self._chance.choice(self._leads)
        starts_at = self._clock.now + self._chance.randint(1, 60) * _HOUR + timedelta(seconds=len(self._calls))
        self._calls.add(starts_at)
        self._record(lead_id, Booking(id=f"{lead_id}-{starts_at}", booked_at=self._tick(), starts_at=starts_at))

    def _cancel(self) -> None:
        """Get a message that a lead's appointment was cancelled."""
        lead = self._store.find_lead(self._chance.choice(self._leads))
        if lead and lead.booking:
            at = self._tick()
            self._record(lead.id, Booking(id=lead.booking.id, booked_at=at, cancelled_at=at))

    def _record(self, lead_id: str, booking: Booking) -> None:
        form_ids = [builders.form().id]
        recorder = BookingRecorder(form_ids=form_ids, store=self._faulty, clock=self._clock)
        recorder.record(BookingNews(lead_id=lead_id, email="", booking=booking))

    def _end(self) -> None:
        now = self._clock.now
        self._faulty.change_lead(self._chance.choice(self._leads), lambda lead: (ended(lead, Status.WON, now), ()))

    def _sweep(self) -> None:
        self._possible.update(self._standing())
        builders.follow_up(self._faulty, self._clock, zone=_ZONE).run()

    def _tick(self) -> datetime:
        self._clock.forward(timedelta(microseconds=1))
        return self._clock.now

    def _standing(self) -> Iterator[_Mail]:
        """Yield the mails whose time it is now, of appointments that stand."""
        now = self._clock.now
        for lead in self._store.iter_leads():
            if lead.status is Status.BOOKED and lead.booking and (starts_at := lead.booking.starts_at):
                day = starts_at.astimezone(_ZONE).date()
                morning = datetime.combine(day, _MORNING, _ZONE).astimezone(UTC)
                if min(morning, starts_at - _HOUR) <= now < starts_at:
                    yield lead.id, MailKind.BRIEF, starts_at
                if now >= datetime.combine(day + timedelta(days=1), _MORNING, _ZONE):
                    yield lead.id, MailKind.DEBRIEF, starts_at

    def _fate(self, _name: str, _about: str) -> Fault | None:
        if self._calm:
            return None
        if self._depth < 2 and self._chance.random() < _COMES_BETWEEN:
            self._depth += 1
            self._act()
            self._depth -= 1
        if self._chance.random() >= _STORE_FAULTS:
            return None
        self._faults += 1
        return self._chance.choice(list(Fault))

    def _checked(self) -> CallFigures:
        mails = Counter(
            (lead_id, mail.kind, mail.content["starts_at"])
            for lead_id in self._leads
            for mail in self._store.list_mails(lead_id)
        )
        return CallFigures(
            calls=len(self._calls),
            mails=mails.total(),
            faults=self._faults,
            lost=len(self._due - mails.keys()),
            duplicated=mails.total() - len(mails),
            invented=len(mails.keys() - self._possible),
        )
