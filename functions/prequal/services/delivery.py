"""Sending what waits: at least once, with duplicates suppressed.

The same code serves whoever asks: an event, a sweep, the development server, the command.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from prequal import log
from prequal.core.errors import PrequalError, TransportError, TransportUncertainError
from prequal.core.lead import InvitationState, Lead, Status
from prequal.core.mail import MAX_ATTEMPTS, Mail, MailKind, MailState
from prequal.services.ports import Mailer, Store

BATCH = 50
# After this long no further mail is begun; the one under way still has the time of its lease.
ROUND = timedelta(seconds=20)


class Uncertain(Enum):
    """What to do with a mail that the server may or may not have accepted."""

    RESEND = "resend"
    """Send it again, with the same Message-ID and Date, by which careful servers know it."""
    HOLD = "hold"
    """Leave it to the owner: rather none than two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Sends mails, one at a time."""

    store: Store
    mailer: Mailer
    clock: Callable[[], datetime]
    uncertain: Uncertain = Uncertain.RESEND
    random: Callable[[float, float], float] = field(default=random.uniform)

    def deliver_due(self, limit: int = BATCH) -> Counter[MailState]:
        """Try every mail that is due, `limit` at most and for so long only, and return how many came to which state.

        Any number may do this at once.
        """
        began_at = self.clock()
        states = Counter[MailState]()
        for mail_id in self.store.list_due_mails(began_at, limit):
            try:
                state = self.deliver(mail_id)
            except PrequalError as error:  # which must not keep the others waiting
                log.mail_failed(mail_id, error)
                continue
            if state:
                states[state] += 1
            if self.clock() - began_at > ROUND:
                break
        return states

    def sweep(self) -> dict[str, int]:
        """Finish what is due and delete what is past its time; return how much of each."""
        states = self.deliver_due()
        removed = self.store.delete_expired(self.clock())
        swept = {
            "sent": states[MailState.SUCCESS],
            "put_off": states[MailState.RETRY],
            "given_up": states[MailState.ERROR],
            "removed": removed,
        }
        if any(swept.values()):
            log.swept(swept)
        return swept

    def deliver(self, mail_id: str) -> MailState | None:
        """Try one mail and return its new state; None when it isn't due, another has it, or nobody needs it any more.

        Raises:
            StoreUnavailableError: the lease runs out, and the mail is tried again.

        """
        claim = uuid.uuid4().hex
        started_at = self.clock()

        def take(waiting: Mail, lead: Lead | None) -> Mail | None:
            claimed = waiting.claimed(claim, started_at)
            pointless = claimed and claimed.delivery.state is MailState.PROCESSING and _pointless(waiting, lead)
            return waiting.refused(pointless, started_at) if pointless else claimed

        mail = self.store.claim_mail(mail_id, take)
        if mail is None:
            return None
        if mail.delivery.due_at is None:
            log.mail_withdrawn(mail)
            return None
        settled = self._sent(mail)
        kept = self.store.settle_mail(settled, claim, lambda lead: _noted(lead, settled))
        log.mail_tried(settled, kept=kept)
        return settled.delivery.state

    def _sent(self, mail: Mail) -> Mail:
        """Return the mail as it is after trying to send it."""
        if mail.delivery.state is not MailState.PROCESSING:
            return mail.as_settled()
        objection = self._objection(mail)
        if objection:
            return mail.refused(objection, self.clock())
        try:
            receipt = self.mailer.send(mail)
        except TransportError as error:
            return mail.refused(str(error), self.clock()) if error.permanent else self._later(mail, error)
        except TransportUncertainError as error:
            if self.uncertain is Uncertain.HOLD:
                return mail.refused(f"Held, as it may have been sent: {error}", self.clock())
            return self._later(mail, error)
        return mail.accepted(receipt, self.clock())

    def _objection(self, mail: Mail) -> str | None:
        """Return why a mail must not be sent any more, if so."""
        if mail.delivery.attempts > MAX_ATTEMPTS:
            return f"Given up after {MAX_ATTEMPTS} attempts: none could say what came of it."
        if mail.valid_until and mail.valid_until <= self.clock():
            return "Given up, as its invitation has expired meanwhile."
        if mail.delivery.interrupted and self.uncertain is Uncertain.HOLD:
            return "Held, as it may have been sent: the sender stopped before it could say."
        return None

    def _later(self, mail: Mail, error: Exception) -> Mail:
        return mail.to_retry(str(error), self.clock(), self.random(0.5, 1))


def _pointless(mail: Mail, lead: Lead | None) -> str | None:
    """Return why a mail is of no use any more, if so, from its lead as it is now."""
    if mail.kind is MailKind.DIGEST:
        return None
    if lead is None:
        return "Given up, as its lead is gone."
    if mail.kind is MailKind.BRIEF:
        return None
    if lead.status is Status.DECLINED or not _of_current_invitation(mail, lead):
        return "Given up, as its invitation was withdrawn."
    if mail.kind is MailKind.REMINDER and lead.status is not Status.INVITED:
        return "Given up, as there is nothing left to remind of."
    return None


def _of_current_invitation(mail: Mail, lead: Lead) -> bool:
    return lead.invitation is not None and mail.valid_until == lead.invitation.expires_at


def _noted(lead: Lead, mail: Mail) -> Lead:
    """Return the lead with what became of its invitation, where the mail is that, and of no earlier one."""
    invitation = lead.invitation
    if invitation is None or mail.kind is not MailKind.INVITATION or not _of_current_invitation(mail, lead):
        return lead
    match mail.delivery.state:
        case MailState.SUCCESS:
            opened = invitation.state is InvitationState.OPENED
            state = InvitationState.OPENED if opened else InvitationState.SENT
            noted = replace(invitation, state=state, sent_at=mail.delivery.ended_at)
        case MailState.ERROR:
            noted = replace(invitation, state=InvitationState.FAILED)
        case _:
            return lead
    return replace(lead, invitation=noted)
