"""The words of our mails: the invitation for the prospect and the brief for the owner."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING
from urllib.parse import quote

from prequal.core.form import Grade, Kind
from prequal.core.mail import Delivery, Mail, MailKind
from prequal.core.message import N_
from prequal.core.scoring import Answer, chosen
from prequal.pages.catalogues import catalogue
from prequal.pages.templating import render
from prequal.pages.wording import date, filled, language_name, moment, placeholders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from prequal.booking import Tokens
    from prequal.core.form import Form, Question
    from prequal.core.lead import Lead

_GRADES = {Grade.HOT: N_("Hot"), Grade.WARM: N_("Warm"), Grade.COLD: N_("Cold")}

# A mail domain of these says nothing about a firm.
_MAIL_PROVIDERS = frozenset(
    """
    gmail.com googlemail.com outlook.com hotmail.com live.com icloud.com me.com yahoo.com proton.me protonmail.com
    gmx.com gmx.net aol.com yahoo.fr orange.fr free.fr laposte.net wanadoo.fr sfr.fr ziggo.nl kpnmail.nl planet.nl
    telenet.be skynet.be mail.ru yandex.ru ya.ru rambler.ru bk.ru list.ru wp.pl o2.pl onet.pl interia.pl op.pl
    """.split()  # noqa: SIM905, a list of forty names is read more easily so
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Envelope:
    to: str
    reply_to: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWriter:
    """Writes mails in full, so that what is sent can't change between attempts. `owner` is empty for no briefs."""

    form: Form
    tokens: Tokens
    public_url: str
    sender: str
    owner: str

    def invitation(self, lead: Lead, now: datetime) -> Mail:
        """Write the invitation to book, in the prospect's language."""
        return self._to_prospect(MailKind.INVITATION, lead, now, N_("Choose a time for our call"))

    def reminder(self, lead: Lead, now: datetime) -> Mail:
        """Write the one reminder of an invitation that nobody has followed, in the prospect's language."""
        return self._to_prospect(MailKind.REMINDER, lead, now, N_("Our invitation still stands"))

    def _to_prospect(self, kind: MailKind, lead: Lead, now: datetime, subject: str) -> Mail:
        if lead.invitation is None:
            raise ValueError("a lead without an invitation can't be sent one")
        expires_at = lead.invitation.expires_at
        language = self.form.language(lead.language)
        values = {
            "name": _greetable(lead.name),
            "business": self.form.business,
            "link": f"{self.public_url}/b/{self.tokens.issue(lead, expires_at)}",
            # The last whole day: on the day it ends, the link works for some hours only.
            "expires_on": date(expires_at - timedelta(days=1), language),
            "prepare": filled(list(self.form.prepare[language]), placeholders(self.form, language)),
        }
        envelope = _Envelope(to=lead.email, reply_to=self.sender, subject=catalogue(language).gettext(subject))
        return self._mail(kind, lead, now, language, envelope, values)

    def brief(self, lead: Lead, before: Lead | None, now: datetime) -> Mail | None:
        """Write what the owner should know of a qualified lead, in the form's first language."""
        if not self.owner:
            return None
        language = self.form.default_language
        translate = catalogue(language).gettext
        score = lead.score
        grade = translate(_GRADES[score.grade])
        subject = translate(N_("%(grade)s, %(total)d of %(max)d: %(name)s"))
        values = {
            "lead": {
                "id": lead.id,
                "name": lead.name,
                "email": lead.email,
                "company": lead.company,
                "website": lead.website,
                "language": language_name(lead.language, language),
                "received_at": moment(lead.updated_at, language),
                "attempts": lead.attempts,
                "source": [{"label": name, "value": value} for name, value in asdict(lead.source).items() if value],
            },
            "score": {
                "total": score.total,
                "max": score.max,
                "grade": grade,
                "fit": score.fit,
                "intent": score.intent,
                "reasons": list(self._reasons(lead, language)),
                "minimums": [{"axis": axis, "minimum": points} for axis, points in self.form.scoring.minimum.items()],
            },
            "changes": list(self._changes(before, lead, language)) if before else [],
            "look_up": list(_look_up(lead, translate)),
        }
        envelope = _Envelope(
            to=self.owner,
            reply_to=lead.email,
            subject=subject % {"grade": grade, "total": score.total, "max": score.max, "name": lead.name},
        )
        return self._mail(MailKind.BRIEF, lead, now, language, envelope, values)

    def _mail(  # noqa: PLR0913, PLR0917, all that makes a mail comes together here
        self,
        kind: MailKind,
        lead: Lead,
        now: datetime,
        language: str,
        envelope: _Envelope,
        values: Mapping[str, object],
    ) -> Mail:
        # Of the instant too: a mail may still be there when its lead has been deleted, and has come back.
        mail_id = f"{lead.id}-{round(now.timestamp() * 1000):x}-{kind}"
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        return Mail(
            id=mail_id,
            lead_id=lead.id,
            kind=kind,
            to=envelope.to,
            sender=self.sender,
            reply_to=envelope.reply_to,
            headers={
                "Message-ID": f"<{mail_id}@{domain}>",
                "Date": format_datetime(now),
                "Auto-Submitted": "auto-generated",
            },
            subject=envelope.subject,
            text=render(f"mail/{kind}.txt", lang=language, **values),
            html=render(f"mail/{kind}.html", lang=language, **values),
            expire_at=lead.expire_at,
            valid_until=lead.invitation.expires_at if kind is not MailKind.BRIEF and lead.invitation else None,
            delivery=Delivery(due_at=now),
        )

    def _reasons(self, lead: Lead, language: str) -> Iterator[dict[str, object]]:
        points = {reason.question: reason.points for reason in lead.score.reasons}
        words = placeholders(self.form, language)
        for question in self.form.questions:
            yield {
                "question": filled(question.label[language], words),
                "answer": filled(in_words(question, lead.answers.get(question.id), language), words),
                "points": points.get(question.id),
            }

    def _changes(self, before: Lead, after: Lead, language: str) -> Iterator[dict[str, str]]:
        words = placeholders(self.form, language)
        for question in self.form.questions:
            earlier, later = before.answers.get(question.id), after.answers.get(question.id)
            if earlier != later:
                yield {
                    "question": filled(question.label[language], words),
                    "before": in_words(question, earlier, language),
                    "after": in_words(question, later, language),
                }


def in_words(question: Question, answer: Answer | None, language: str) -> str:
    """Return an answer as a person reads it: the labels of what was chosen; empty when it wasn't answered."""
    if answer is None:
        return ""
    if question.kind in (Kind.NUMBER, Kind.TEXT):
        return str(answer)
    return ", ".join(choice.label[language] for choice in chosen(question, answer) if hasattr(choice, "label"))


def _greetable(name: str) -> str:
    """Return the name, or nothing when it could carry somebody else's advertisement in our mail to a stranger."""
    return "" if re.search(r"://|www\.|\.\w{2,}/|[@\d]", name) or len(name) > 60 else name  # noqa: PLR2004, longer names exist, and are greeted without


def _look_up(lead: Lead, translate: Callable[[str], str]) -> Iterator[dict[str, str]]:
    if lead.website:
        yield {"label": translate(N_("Their website")), "href": lead.website}
    domain = lead.email.rpartition("@")[2]
    if domain not in _MAIL_PROVIDERS and domain not in lead.website:
        yield {"label": translate(N_("The site behind their address")), "href": f"https://{domain}"}
    who = quote(" ".join(filter(None, (lead.name, lead.company))))
    yield {"label": translate(N_("Their name on the web")), "href": f"https://duckduckgo.com/?q={who}"}
    yield {
        "label": translate(N_("Their name on LinkedIn")),
        "href": f"https://www.linkedin.com/search/results/all/?keywords={who}",
    }
