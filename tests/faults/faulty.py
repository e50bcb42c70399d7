"""A store with injected faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NoReturn, ParamSpec, TypeVar

from prequal.core.documents import Skip
from prequal.core.errors import StoreUnavailableError
from prequal.core.form import Form
from prequal.core.lead import Admission, Attempt, Lead
from prequal.core.lead_filter import LeadFilter
from prequal.core.mail import Mail, MailState
from prequal.core.past_client import PastClient
from prequal.core.visits import VisitCounts
from prequal.services.ports import Claim, Entry, Erasure, Store

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


class Fault(Enum):
    """A fault in one call of a store."""

    FAILS = "fails"
    """The call has no effect and raises an error."""
    LOSES = "loses the answer"
    """The call takes effect and raises an error."""
    HANGS = "hangs"
    """The call raises an error and takes effect later."""
    DIES_BEFORE = "dies before"
    """The caller's process ends before the call takes effect."""
    DIES_WITHIN = "dies within"
    """The caller's process ends in its callback, within the store's transaction."""
    DIES_AFTER = "dies after"
    """The caller's process ends after the call has taken effect."""


class Death(BaseException):
    """Raised for a simulated end of the process; no code of the product catches it."""


def perish() -> NoReturn:
    """Simulate that the process is killed here."""
    raise Death


class FaultyStore:
    """A Store with faults. `fate` returns the fault, if any, of a call by its name and its subject.

    The subject of a claim is the mail's id, that of a settlement the claim, and that of other calls the lead's id.
    """

    def __init__(
        self,
        store: Store,
        fate: Callable[[str, str], Fault | None],
        die: Callable[[], NoReturn] = perish,
    ) -> None:
        self._store = store
        self._fate = fate
        self._die = die
        self._doomed = False
        self.late: list[Callable[[], object]] = []
        """Hanging calls; each takes effect when it is called."""
        self.written: list[Mail] = []
        """Mails that were added, as the database's events would report them."""
        self.recorded: set[str] = set()
        """Claims under which a mail was settled as sent."""

    def admit(
        self, lead: Lead, attempt: Attempt, mails: Sequence[Mail], again: Callable[[Lead], tuple[Lead, Sequence[Mail]]]
    ) -> Admission:
        """Add a submission."""

        def call() -> Admission:
            added = mails

            def noted(existing: Lead) -> tuple[Lead, Sequence[Mail]]:
                nonlocal added
                changed, added = again(existing)
                return changed, added

            admission = self._store.admit(lead, attempt, mails, self._mortal(noted))
            if admission is not Admission.REPLAY:
                self.written.extend(added)
            return admission

        return self._called("admit", lead.id, call)

    def has_replay(self, lead_id: str, attempt: Attempt) -> bool:
        """Return whether an attempt is there, without faults: no campaign has a captcha."""
        return self._store.has_replay(lead_id, attempt)

    def find_lead(self, lead_id: str) -> Lead | None:
        """Return a lead."""
        return self._called("lead", lead_id, lambda: self._store.find_lead(lead_id))

    def find_by_booking(self, booking_id: str) -> Lead | None:
        """Return the lead of an appointment, without faults: no campaign has webhooks."""
        return self._store.find_by_booking(booking_id)

    def list_newest(
        self, wanted: LeadFilter, limit: int, after: tuple[datetime, str] | None = None, skip: Skip | None = None
    ) -> Sequence[Lead]:
        """Return a page of leads, without faults: only the owner calls it."""
        return self._store.list_newest(wanted, limit, after, skip)

    def iter_leads(self, wanted: LeadFilter | None = None, skip: Skip | None = None) -> Iterator[Lead]:
        """Return leads, without faults: only the owner calls it."""
        return self._store.iter_leads(wanted, skip)

    def list_attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, without faults: only the owner calls it."""
        return self._store.list_attempts(lead_id)

    def list_mails(self, lead_id: str) -> Sequence[Mail]:
        """Return the mails of a lead, without faults: only the owner calls it."""
        return self._store.list_mails(lead_id)

    def find_by_id_prefix(self, prefix: str, limit: int) -> Sequence[Lead]:
        """Return leads by a prefix of their ids, without faults: only the owner calls it."""
        return self._store.find_by_id_prefix(prefix, limit)

    def erase_lead(self, lead_id: str) -> Erasure | None:
        """Delete a lead, without faults: only the owner calls it."""
        return self._store.erase_lead(lead_id)

    def save_form(self, document: Mapping[str, Any]) -> None:
        """Store a form."""
        self._called("keep_form", "", lambda: self._store.save_form(document))

    def load_forms(self) -> Mapping[str, Form]:
        """Return the forms, without faults: only the owner calls it."""
        return self._store.load_forms()

    def save_past_client(self, client: PastClient) -> None:
        """Save a past client, without faults: no campaign has any."""
        self._store.save_past_client(client)

    def iter_past_clients(self, skip: Skip | None = None) -> Iterator[PastClient]:
        """Return the past clients, without faults: only the owner calls it."""
        return self._store.iter_past_clients(skip)

    def list_outcomes(self, since: datetime, limit: int) -> Sequence[Lead]:
        """Return the leads with a new outcome, without faults: only the digest asks."""
        return self._store.list_outcomes(since, limit)

    def list_due_leads(self, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of leads that are due."""
        return self._called("due_leads", "", lambda: self._store.list_due_leads(now, limit))

    def change_lead(self, lead_id: str, change: Callable[[Lead], tuple[Lead, Sequence[Mail]]]) -> Lead | None:
        """Replace a lead."""
        return self._called("change", lead_id, lambda: self._store.change_lead(lead_id, self._mortal(change)))

    def has_mail(self, mail_id: str) -> bool:
        """Return whether a mail is there."""
        return self._called("has_mail", mail_id, lambda: self._store.has_mail(mail_id))

    def add_mail(self, mail: Mail) -> bool:
        """Add a mail."""
        return self._called("add_mail", mail.id, lambda: self._store.add_mail(mail))

    def change_each_lead(self, change: Callable[[Lead], Lead], skip: Skip | None = None) -> Iterator[tuple[Lead, Lead]]:
        """Replace every lead, without faults: only the owner calls it."""
        return self._store.change_each_lead(change, skip)

    def list_due_mails(self, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of mails that are due."""
        return self._called("due_mails", "", lambda: self._store.list_due_mails(now, limit))

    def claim_mail(
        self, mail_id: str, take: Callable[[Mail, Lead | None, Callable[[str], Entry]], Claim | None]
    ) -> Mail | None:
        """Claim a mail."""
        return self._called("claim", mail_id, lambda: self._store.claim_mail(mail_id, self._mortal(take)))

    def settle_mail(self, mail: Mail, claim: str, change: Callable[[Lead], Lead]) -> bool:
        """Settle a mail."""

        def call() -> bool:
            kept = self._store.settle_mail(mail, claim, self._mortal(change))
            if kept and mail.delivery.state is MailState.SENT:
                self.recorded.add(claim)
            return kept

        return self._called("settle", claim, call)

    def change_entry(self, key: str, change: Callable[[Entry], Entry]) -> Entry:
        """Change an entry of the ledger."""
        return self._called("change_entry", key, lambda: self._store.change_entry(key, change))

    def add_visits(self, counts: VisitCounts, expire_at: datetime) -> None:
        """Add to the counts of a day's visits."""
        return self._called("add_visits", "", lambda: self._store.add_visits(counts, expire_at))

    def iter_visits(self, since: str = "") -> Iterator[VisitCounts]:
        """Return the counts of visits."""
        return self._called("iter_visits", "", lambda: self._store.iter_visits(since))

    def delete_expired(self, now: datetime) -> int:
        """Delete expired documents."""
        return self._called("remove_expired", "", lambda: self._store.delete_expired(now))

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def _called(self, name: str, about: str, call: Callable[[], _Made]) -> _Made:
        match self._fate(name, about):
            case None:
                return call()
            case Fault.FAILS:
                raise StoreUnavailableError(f"{name} failed, as instructed.")
            case Fault.LOSES:
                call()
                raise StoreUnavailableError(f"The answer to {name} was lost, as instructed.")
            case Fault.HANGS:
                self.late.append(call)
                raise StoreUnavailableError(f"{name} hangs, as instructed.")
            case Fault.DIES_BEFORE:
                return self._die()
            case Fault.DIES_WITHIN:
                self._doomed = True
                try:
                    call()
                finally:
                    self._doomed = False
                return self._die()  # the call made no callback
            case Fault.DIES_AFTER:
                call()
                return self._die()

    def _mortal(self, decide: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
        def decided(*given: _Given.args, **named: _Given.kwargs) -> _Made:
            if self._doomed:
                self._die()
            return decide(*given, **named)

        return decided


class Once:
    """One fault, at the first call of a name."""

    def __init__(self, name: str, fault: Fault) -> None:
        self._name = name
        self._fault: Fault | None = fault

    @property
    def struck(self) -> bool:
        """Return whether the fault has occurred."""
        return self._fault is None

    def __call__(self, name: str, _about: str) -> Fault | None:
        """Return the fault of this call."""
        if name != self._name:
            return None
        fault, self._fault = self._fault, None
        return fault
