"""Ports: the interfaces that use cases need, and that adapters implement.

Every method of a store raises StoreUnavailableError when the database does not answer. Each change is atomic, and
durable once the call returns, whatever other processes do at the same time. A callback may be called more than once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from prequal.core.documents import Skip
from prequal.core.form import Form
from prequal.core.lead import Admission, Attempt, Lead
from prequal.core.mail import Mail, Receipt
from prequal.core.past_client import PastClient
from prequal.core.visits import VisitCounts

if TYPE_CHECKING:  # no visitor lists leads
    from prequal.core.lead_filter import LeadFilter


Entry: TypeAlias = Mapping[str, Any]
"""An entry of the ledger: plain values, with `expire_at`, at which it may be deleted. One that is missing is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The changes that a claim of a mail makes, in one write."""

    mail: Mail
    #: The mail's lead, if it changes.
    lead: Lead | None = None
    #: Changed entries of the ledger, by their keys.
    entries: Mapping[str, Entry] = field(default_factory=dict)
    #: Further mails to queue.
    mails: Sequence[Mail] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Numbers of documents that were deleted together with a lead."""

    attempts: int
    mails: int
    #: Whether there were answers as a past client.
    past_client: bool = False


class LeadStore(Protocol):
    """Leads and their attempts. Mails that a change causes are queued in the same write."""

    def admit(
        self, lead: Lead, attempt: Attempt, mails: Sequence[Mail], again: Callable[[Lead], tuple[Lead, Sequence[Mail]]]
    ) -> Admission:
        """Add a submission.

        If the prospect has no lead yet, `lead`, `attempt` and `mails` are added. If an attempt with the same replay
        key exists, nothing changes. Otherwise `attempt` is added, and `again` returns the lead's replacement and the
        mails to queue.
        """

    def has_replay(self, lead_id: str, attempt: Attempt) -> bool:
        """Return whether `admit` would find the attempt there already."""

    def find_lead(self, lead_id: str) -> Lead | None:
        """Return a lead, or None."""

    def find_by_booking(self, booking_id: str) -> Lead | None:
        """Return the lead whose last known appointment has this id, or None."""

    def find_by_id_prefix(self, prefix: str, limit: int) -> Sequence[Lead]:
        """Return at most `limit` leads whose ids start with a prefix."""

    def iter_leads(self, wanted: LeadFilter | None = None, skip: Skip | None = None) -> Iterator[Lead]:
        """Return every lead, or those that match a filter, oldest first.

        A lead that can't be read is reported to `skip` and left out; without `skip`, the error is raised.
        """

    def list_newest(
        self, wanted: LeadFilter, limit: int, after: tuple[datetime, str] | None = None, skip: Skip | None = None
    ) -> Sequence[Lead]:
        """Return at most `limit` leads that match a filter, newest first, by reading no others.

        `after` is the instant of receipt, and the id, of the last lead of the page before. The filter has neither
        source nor search, for which stores have no index. A lead that can't be read is reported as by `iter_leads`.
        """

    def list_attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, oldest first."""

    def list_due_leads(self, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of at most `limit` leads whose `due_at` has passed, longest overdue first."""

    def list_outcomes(self, since: datetime, limit: int) -> Sequence[Lead]:
        """Return at most `limit` leads whose outcome was noted since an instant, by reading no others."""

    def change_lead(self, lead_id: str, change: Callable[[Lead], tuple[Lead, Sequence[Mail]]]) -> Lead | None:
        """Replace a lead, queue the mails that the change causes, and return the replacement.

        None if there is no such lead. If `change` raises, nothing is written.
        """

    def change_each_lead(self, change: Callable[[Lead], Lead], skip: Skip | None = None) -> Iterator[tuple[Lead, Lead]]:
        """Replace every lead, oldest first, and return each before and after its change.

        Leads are written in batches; a pair is returned once its batch is durable. A lead for which `change` returns
        the same object is not written, and one that can't be read is left out as by `iter_leads`.
        """

    def erase_lead(self, lead_id: str) -> Erasure | None:
        """Delete a lead with its attempts and mails, and the past client of its id; None if there is neither."""

    def delete_expired(self, now: datetime) -> int:
        """Delete the documents whose `expire_at` has passed and return their number.

        A database with its own TTL deletes nothing here and returns 0.
        """


class MailQueue(Protocol):
    """Mails and the state of their delivery."""

    def has_mail(self, mail_id: str) -> bool:
        """Return whether a mail exists."""

    def add_mail(self, mail: Mail) -> bool:
        """Add a mail; False, without a change, if one with this id exists."""

    def list_mails(self, lead_id: str) -> Sequence[Mail]:
        """Return the mails of a lead, oldest first."""

    def list_due_mails(self, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of at most `limit` mails whose `due_at` has passed, longest overdue first.

        Those to prospects go before all others.
        """

    def claim_mail(
        self, mail_id: str, take: Callable[[Mail, Lead | None, Callable[[str], Entry]], Claim | None]
    ) -> Mail | None:
        """Make the changes that `take` returns, given the mail, its lead and a reader of the ledger; return the mail.

        None if there is no such mail, or if `take` declines it. Of several concurrent claims, one succeeds.
        """

    def settle_mail(self, mail: Mail, claim: str, change: Callable[[Lead], Lead]) -> bool:
        """Replace a mail and its lead; False, without a change, if `claim` no longer holds the mail's lease."""


class Ledger(Protocol):
    """Counts and notes beside leads: entries by key."""

    def change_entry(self, key: str, change: Callable[[Entry], Entry]) -> Entry:
        """Replace an entry and return the replacement; nothing is written if `change` returns the same object."""


class FormArchive(Protocol):
    """Forms by version, so that answers to an earlier form stay readable."""

    def save_form(self, document: Mapping[str, Any]) -> None:
        """Save a form's document under its version, unless it exists."""

    def load_forms(self) -> Mapping[str, Form]:
        """Return the saved forms by version, but for those that can't be read: labels then stay ids."""


class VisitCounter(Protocol):
    """Counts of the visits of the page, by day."""

    def add_visits(self, counts: VisitCounts, expire_at: datetime) -> None:
        """Add to the counts of a day, without reading them.

        A call that may have taken effect is not repeated: a visit is lost rather than counted twice.
        """

    def iter_visits(self, since: str = "") -> Iterator[VisitCounts]:
        """Return the counts of the days since one, like 2026-01-31, the oldest first; those of a day in any parts."""


class PastClients(Protocol):
    """Past clients, beside the leads. `LeadStore.erase_lead` deletes them too, as both have the same id."""

    def save_past_client(self, client: PastClient) -> None:
        """Save a past client, in the place of earlier answers from the same address."""

    def iter_past_clients(self, skip: Skip | None = None) -> Iterator[PastClient]:
        """Return every past client, oldest first; `skip` is told of those that can't be read, as by `iter_leads`."""


class Store(LeadStore, MailQueue, Ledger, FormArchive, VisitCounter, PastClients, Protocol):
    """All of them in one database: the whole of what an adapter offers."""

    def close(self) -> None:
        """Close the database for good."""


class Captcha(Protocol):
    """Check that a person sent a submission."""

    def find_token(self, submitted: Mapping[str, Any]) -> str:
        """Return the token among submitted fields, or an empty string."""

    def confirms(self, token: str, submission: str) -> bool:
        """Return whether a token is valid for a submission with this key; False also if nobody can tell in time."""


class Mailer(Protocol):
    """Mail transport."""

    def send(self, mail: Mail) -> Receipt:
        """Hand a mail to the server.

        Raises:
            TransportError: the server certainly did not accept it.
            TransportUncertainError: the server may have accepted it.
        """

    @contextmanager
    def session(self) -> Iterator[Mailer]:
        """Send several mails in a block, over one connection where the transport has connections."""
        yield self
