"""Use case: one mail is sent, at least once, with duplicates suppressed.

The event, the sweep, the development server and the command all send through this class.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from functools import partial

from prequal import log
from prequal.core.errors import MailContentError, TransportError, TransportUncertainError
from prequal.core.lead import HoldReason, InvitationState, Lead, Status
from prequal.core.mail import MAX_INTERRUPTIONS, Mail, MailKind, MailState
from prequal.services.mail_budget import MailBudget, Verdict
from prequal.services.ports import Claim, Entry, Mailer, MailQueue
from prequal.services.webhooks import Webhooks


class Uncertain(Enum):
    """Policy for a mail that the server may or may not have accepted."""

    RESEND = "resend"
    """Send it again with the same Message-ID and Date, by which many servers recognise a duplicate."""
    HOLD = "hold"
    """Leave it to the owner: none rather than two."""


_HELD = {
    HoldReason.BUDGET: "Held, as the mail budget is exceeded.",
    HoldReason.SUPPRESSED: "Held, as somebody at this address asked for no more mail.",
}
_TOO_MANY_BRIEFS = "Not sent, as today's briefs on leads that were not invited are used up: the desk shows the lead."
_PUT_OFF = "Put off to tomorrow, as the day's invitations are used up."


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSender:
    """Sender of queued mails."""

    queue: MailQueue
    mailer: Mailer
    #: Renders a mail into its MIME message; MailContentError if that fails.
    render: Callable[[Mail], str]
    clock: Callable[[], datetime]
    budget: MailBudget
    webhooks: Webhooks = field(default_factory=Webhooks)
    uncertain: Uncertain = Uncertain.RESEND
    random: Callable[[float, float], float] = field(default=random.uniform)

    @contextmanager
    def session(self) -> Iterator[MailSender]:
        """Send several mails in a block, over one connection."""
        with self.mailer.session() as mailer:
            yield replace(self, mailer=mailer)

    def send(self, mail_id: str) -> MailState | None:
        """Attempt to send a mail and return its new state; None if it isn't due, is claimed, or is no longer needed.

        Raises:
            StoreUnavailableError: the mail is attempted again once its lease has run out.
        """
        self.budget.mailboxes.load_key()
        claim = uuid.uuid4().hex
        started_at = self.clock()

        def take(waiting: Mail, lead: Lead | None, read: Callable[[str], Entry]) -> Claim | None:
            claimed = waiting.claimed(claim, started_at)
            if claimed is None:
                return None
            if obstacle := _obsolete(waiting, lead) or self.webhooks.objection(waiting):
                return Claim(mail=waiting.refused(obstacle, started_at))
            if waiting.kind is MailKind.EVENT:
                return self.webhooks.pass_on(waiting, started_at)
            if not waiting.kind.is_for_prospect:
                entries = self.budget.count_brief(waiting, read, started_at)
                if entries is None:
                    return Claim(mail=waiting.refused(_TOO_MANY_BRIEFS, started_at))
                return Claim(mail=self._rendered(claimed), entries=entries)
            return self._claim_within_budget(waiting, claimed, lead, self.budget.judge(waiting, read, started_at))

        mail = self.queue.claim_mail(mail_id, take)
        if mail is None:
            return None
        if mail.delivery.claim != claim:
            if mail.delivery.state is not MailState.SENT:
                log.mail_not_sent(mail)
            return None
        settled = self._attempt(mail)
        kept = self.queue.settle_mail(settled, claim, lambda lead: _with_delivery(lead, settled))
        log.mail_tried(settled, kept=kept)
        return settled.delivery.state

    def _claim_within_budget(self, waiting: Mail, claimed: Mail, lead: Lead | None, verdict: Verdict) -> Claim:
        """Return the changes that the mail budget makes of the claim of a mail to a prospect."""
        changes = partial(Claim, entries=verdict.entries, mails=verdict.mails)
        if verdict.held_for:
            refused = waiting.refused(_HELD[verdict.held_for], self.clock())
            return changes(mail=refused, lead=lead and _with_hold(lead, waiting, verdict.held_for))
        if verdict.put_off_until:
            return changes(mail=waiting.deferred(_PUT_OFF, verdict.put_off_until))
        return changes(mail=self._rendered(claimed))

    def _rendered(self, mail: Mail) -> Mail:
        """Return the mail with its message. One that cannot be rendered keeps none, and the attempt refuses it."""
        if mail.message is not None:
            return mail
        try:
            return replace(mail, message=self.render(mail))
        except MailContentError as error:
            return replace(mail, delivery=replace(mail.delivery, error=str(error)))

    def _attempt(self, mail: Mail) -> Mail:
        """Hand the mail to the mailer and return it with the result."""
        if objection := self._objection(mail):
            return mail.refused(objection, self.clock())
        try:
            receipt = (self.webhooks.transport_of(mail) or self.mailer).send(mail)
        except TransportError as error:
            return mail.refused(str(error), self.clock()) if error.permanent else self._postponed(mail, error)
        except TransportUncertainError as error:
            if self._holds(mail):
                return mail.refused(f"Held, as it may have been sent: {error}", self.clock())
            return self._postponed(mail, error)
        return mail.accepted(receipt, self.clock())

    def _objection(self, mail: Mail) -> str | None:
        """Return the reason for which a mail must not be sent, if any."""
        if mail.message is None:
            return mail.delivery.error
        if mail.delivery.interruptions >= MAX_INTERRUPTIONS:
            return f"Given up after {MAX_INTERRUPTIONS} attempts, none of which reported a result."
        if mail.valid_until and mail.valid_until <= self.clock():
            return f"Given up, as its {'invitation has expired' if mail.kind.is_for_prospect else 'call has begun'}."
        if mail.delivery.interruptions and self._holds(mail):
            return "Held, as it may have been sent: the previous sender stopped before it reported a result."
        return None

    def _holds(self, mail: Mail) -> bool:
        """Return whether to send none rather than two; programs recognise a second one by its id."""
        return self.uncertain is Uncertain.HOLD and mail.kind is not MailKind.WEBHOOK

    def _postponed(self, mail: Mail, error: Exception) -> Mail:
        return mail.postponed(str(error), self.clock(), self.random(0.5, 1))


def _with_hold(lead: Lead, mail: Mail, reason: HoldReason) -> Lead:
    """Return the lead with its invitation held; a held reminder changes nothing."""
    if lead.invitation is None or mail.kind is not MailKind.INVITATION:
        return lead
    return replace(lead, invitation=replace(lead.invitation, state=InvitationState.HELD, held_for=reason))


def _obsolete(mail: Mail, lead: Lead | None) -> str | None:
    """Return the reason for which a mail is no longer needed, if any, given its lead."""
    if not mail.lead_id:
        return None
    if lead is None:
        return "Given up, as its lead is gone."
    if not mail.kind.is_for_prospect:
        starts_at = mail.content.get("starts_at")  # of the call that it is about, if it is about one
        stands = lead.status is Status.BOOKED and lead.booking is not None and lead.booking.starts_at == starts_at
        return "Given up, as its call was moved or cancelled, or has an outcome." if starts_at and not stands else None
    if lead.status is Status.DECLINED or not _belongs_to_current_invitation(mail, lead):
        return "Given up, as its invitation was withdrawn."
    if mail.kind is MailKind.REMINDER and lead.status is not Status.INVITED:
        return "Given up, as no reminder is needed any more."
    return None


def _belongs_to_current_invitation(mail: Mail, lead: Lead) -> bool:
    return lead.invitation is not None and mail.valid_until == lead.invitation.expires_at


def _with_delivery(lead: Lead, mail: Mail) -> Lead:
    """Return the lead with the result of its current invitation's delivery; other mails change nothing."""
    invitation = lead.invitation
    if invitation is None or mail.kind is not MailKind.INVITATION or not _belongs_to_current_invitation(mail, lead):
        return lead
    match mail.delivery.state:
        case MailState.SENT:
            opened = invitation.state is InvitationState.OPENED
            state = InvitationState.OPENED if opened else InvitationState.SENT
            sent_at = mail.delivery.ended_at
            invitation = replace(invitation, state=state, sent_at=sent_at, message_id=mail.message_id)
            return replace(lead, invitation=invitation)
        case MailState.FAILED:
            return replace(lead, invitation=replace(invitation, state=InvitationState.FAILED))
        case _:
            return lead
