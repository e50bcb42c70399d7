"""Ports: the interfaces that use cases need, and that adapters implement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from prequal.core.form import Form
from prequal.core.lead import Admission, Attempt, Lead
from prequal.core.mail import Mail, Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was deleted with a lead."""

    attempts: int
    mails: int


class LeadStore(Protocol):
    """Leads with their attempts, and the mails that wait. Every method raises StoreUnavailableError.

    Each change is atomic and durable once the call returns, whatever other processes do at the same time.
    """

    def admit(
        self, lead: Lead, attempt: Attempt, mails: Sequence[Mail], again: Callable[[Lead], tuple[Lead, Sequence[Mail]]]
    ) -> Admission:
        """Add a submission.

        Where the prospect has no lead yet, `lead` and `mails` are added as they are. Otherwise `again` says, from
        the lead there is, what it becomes and which mails go out; unless an attempt with the same replay key is
        there: then nothing changes. The attempt is added in both cases. `again` may be called more than once.
        """

    def lead(self, lead_id: str) -> Lead | None:
        """Return a lead, if it is there."""

    def leads(self, since: datetime | None = None) -> Iterator[Lead]:
        """Return every lead, or those received since an instant, the oldest first."""

    def attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, the oldest first."""

    def mails(self, lead_id: str) -> Sequence[Mail]:
        """Return the mails of a lead, the oldest first."""

    def starting(self, prefix: str, limit: int) -> Sequence[Lead]:
        """Return leads whose ids begin so, `limit` at most."""

    def change(self, lead_id: str, change: Callable[[Lead], tuple[Lead, Sequence[Mail]]]) -> Lead | None:
        """Replace a lead by what `change` makes of it, add the mails that go out with that, and return the lead.

        None when it isn't there. `change` may be called more than once; what it raises leaves everything as it was.
        """

    def change_each(self, change: Callable[[Lead], Lead]) -> Iterator[tuple[Lead, Lead]]:
        """Replace every lead, the oldest first, by what `change` makes of it; give each before and after.

        Some hundred are changed at once, and are so when the first of them is given. Nothing is written where `change`
        returns the very lead that it was given. It may be called more than once.
        """

    def due_leads(self, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of leads that time changes now, the longest waiting first."""

    def erase(self, lead_id: str) -> Erasure | None:
        """Delete a lead with its attempts and mails, and say what there was; None when it isn't there."""

    def keep_form(self, document: Mapping[str, Any]) -> None:
        """Keep a form's document by its version, so that answers can still be read once the form has changed."""

    def forms(self) -> Mapping[str, Form]:
        """Return the forms that were kept, by version."""

    def has_mail(self, mail_id: str) -> bool:
        """Return whether a mail is there."""

    def add_mail(self, mail: Mail) -> bool:
        """Add a mail that goes with no lead; False, and no change, where one of its id is there."""

    def due_mails(self, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of mails that are due, the longest waiting first."""

    def claim(self, mail_id: str, take: Callable[[Mail, Lead | None], Mail | None]) -> Mail | None:
        """Replace a mail by what `take` makes of it and of its lead as it is now, and return that.

        None when it isn't there or `take` declines it. Of several who claim at once, one succeeds.
        """

    def settle(self, mail: Mail, claim: str, change: Callable[[Lead], Lead]) -> bool:
        """Replace a mail that is still held by `claim`, and its lead; False, and no change, when it isn't held."""

    def remove_expired(self, now: datetime) -> int:
        """Delete what is past its `expire_at`, and return how much; nothing where the database does so by itself."""


class Mailer(Protocol):
    """A way to send mail."""

    def send(self, mail: Mail) -> Receipt:
        """Hand a mail to its server.

        Raises:
            TransportError: it was certainly not accepted.
            TransportUncertainError: it may have been accepted.

        """


class Letters(Protocol):
    """The words of our mails."""

    def invitation(self, lead: Lead, now: datetime) -> Mail:
        """Write the invitation to book, in the prospect's language."""

    def brief(self, lead: Lead, before: Lead | None, now: datetime) -> Mail | None:
        """Write what the owner should know of a qualified lead; None when nobody wants briefs."""
