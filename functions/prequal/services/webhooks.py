"""The owner's webhooks, to which the worker passes events on: a message for each address, sent like a mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from prequal.core.form import Form
from prequal.core.lead_events import webhook_messages
from prequal.core.mail import Mail, MailKind, Receipt
from prequal.services.ports import Claim, Mailer

_NOT_SET = "Given up, as PREQUAL_WEBHOOKS is not set."
_REMOVED = "Given up, as PREQUAL_WEBHOOKS no longer has this address."


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """Addresses for events, and the transport to them; without both, there are none."""

    addresses: Sequence[str] = ()
    transport: Mailer | None = None
    #: The forms in use, by version.
    forms: Mapping[str, Form] = field(default_factory=dict)

    def pass_on(self, event: Mail, now: datetime) -> Claim:
        """Return the changes that settle an event and queue its messages.

        That is one write: no address is left out, and none gets a message again because another failed.
        """
        messages = webhook_messages(event, self.addresses, self.forms)
        receipt = Receipt(message_id=event.id, accepted=tuple(self.addresses), response="passed on")
        return Claim(mail=replace(event, message=None).accepted(receipt, now), mails=messages)

    def objection(self, mail: Mail) -> str | None:
        """Return the reason for which an event or a message must not be passed on, if any."""
        if mail.kind not in (MailKind.EVENT, MailKind.WEBHOOK):
            return None
        if not self.addresses:
            return _NOT_SET
        return _REMOVED if mail.to and mail.to not in self.addresses else None

    def transport_of(self, mail: Mail) -> Mailer | None:
        """Return the transport of a message; None for mails."""
        return self.transport if mail.kind is MailKind.WEBHOOK else None
