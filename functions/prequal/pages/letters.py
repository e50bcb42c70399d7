"""The words of our mails to a prospect, the invitation and its reminder; and beside them, the owner's brief."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.core.mail import Mail, MailKind
from prequal.core.text import N_
from prequal.pages import briefs
from prequal.pages.catalogues import catalogue
from prequal.pages.mails import Envelope, Words, mail_of_lead
from prequal.pages.wording import date, filled, placeholders
from prequal.services.booking_link import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWriter:
    """Writes mails in full, so that what is sent can't change between attempts.

    Links lead to `function_url`. `owner` is empty for no briefs; `suggestions` are what they could ask besides what the
    form asks.
    """

    form: Form
    tokens: Tokens
    function_url: str
    sender: str
    owner: str
    suggestions: Sequence[str] = ()

    def invitation(self, lead: Lead, now: datetime) -> Mail:
        """Write the invitation to book, in the prospect's language."""
        return self._to_prospect(MailKind.INVITATION, lead, now, N_("Choose a time for our call"))

    def reminder(self, lead: Lead, now: datetime) -> Mail:
        """Write the one reminder of an invitation that nobody has followed, in the prospect's language."""
        return self._to_prospect(MailKind.REMINDER, lead, now, N_("Our invitation still stands"))

    def brief(self, lead: Lead, before: Lead | None, now: datetime) -> Mail | None:
        """Write what the owner should know of a qualified lead, in the form's first language."""
        if not self.owner:
            return None
        language = self.form.default_language
        subject = briefs.subject(lead, language)
        envelope = Envelope(sender=self.sender, to=self.owner, reply_to=lead.email, subject=subject)
        values = briefs.values(self.form, self.suggestions, lead, before)
        return mail_of_lead(lead, envelope, Words(kind=MailKind.BRIEF, language=language, values=values), now)

    def _to_prospect(self, kind: MailKind, lead: Lead, now: datetime, subject: str) -> Mail:
        if lead.invitation is None:
            raise ValueError("a lead without an invitation can't be sent one")
        expires_at = lead.invitation.expires_at
        language = self.form.language(lead.language)
        values = {
            "name": _greetable(lead.name),
            "business": self.form.business,
            "link": f"{self.function_url}/b/{self.tokens.issue(lead, expires_at)}",
            # The last whole day: on the day it ends, the link works for some hours only.
            "expires_on": date(expires_at - timedelta(days=1), language),
            "prepare": filled(list(self.form.prepare[language]), placeholders(self.form, language)),
        }
        translated = catalogue(language).gettext(subject)
        envelope = Envelope(sender=self.sender, to=lead.email, reply_to=self.sender, subject=translated)
        return mail_of_lead(lead, envelope, Words(kind=kind, language=language, values=values), now)


def _greetable(name: str) -> str:
    """Return the name, or nothing when it could carry somebody else's advertisement in our mail to a stranger."""
    return "" if re.search(r"://|www\.|\w\.\w{2,}|[@\d]", name) or len(name) > 60 else name  # noqa: PLR2004, longer names exist, and are greeted without
