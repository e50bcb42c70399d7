"""Composition of mails as data: recipient, language, dates, and the owner's words as they are at that moment.

The worker renders the data at its first claim (`pages.mails`), so that an admission costs little, and the same for
everybody. Labels keep the owner's placeholders, such as {starting_price}; the values of these travel with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from prequal.core.form import Form, Question, Voice
from prequal.core.lead import Lead, desk_page
from prequal.core.lifecycle import is_held_back
from prequal.core.mail import Delivery, Mail, MailKind, form_words
from prequal.core.near_miss import find_shortfalls
from prequal.core.scoring import answer_text, has_stayed, score_content
from prequal.core.source import Source
from prequal.services.lead_forms import LeadForms
from prequal.services.tokens import Tokens

_SOURCE = [each.name for each in fields(Source)]
# The owner's words of an invitation that hold for its reminder, too.
_SHARED = ("subject", "call", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailComposer:
    """Composer of the mails about one lead."""

    forms: LeadForms
    tokens: Tokens
    #: Address of the function, which booking links lead to.
    function_url: str
    sender: str
    #: The owner's address; empty if they want no briefs.
    owner: str
    #: Address of the owner's desk, which mails to the owner lead to.
    desk_url: str
    #: Questions from the question bank for the call, in the owner's language, by the form's id.
    suggestions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: The owner's texts of pages and mails, by the form's id and by language.
    content: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)

    def invitation(self, lead: Lead, now: datetime) -> Mail:
        """Compose the owner's invitation to book, in the prospect's language."""
        return self._to_prospect(MailKind.INVITATION, lead, now)

    def counted_invitation(self, lead: Lead, now: datetime, network: str) -> Mail:
        """Compose an invitation that the score causes: it counts towards the mail budget."""
        mail = self._to_prospect(MailKind.INVITATION, lead, now)
        return replace(mail, counted=True, network=self.tokens.hash_network(network, now))

    def reminder(self, lead: Lead, now: datetime) -> Mail:
        """Compose the one reminder of an invitation that nobody has followed, in the prospect's language."""
        mail = self._to_prospect(MailKind.REMINDER, lead, now)
        answered = lead.invitation.message_id if lead.invitation else ""
        return replace(mail, content={**mail.content, "in_reply_to": answered}) if answered else mail

    def brief(self, lead: Lead, before: Lead | None, now: datetime, *, unconfirmed: bool = False) -> Mail | None:
        """Compose the owner's brief on an attempt, in the form's first language; None without an owner.

        `before` is the lead as it was before the attempt. One that is `unconfirmed` stays beside it.
        """
        if not self.owner:
            return None
        form = self.forms.of(lead)
        missed = lead.invitation is None and not unconfirmed
        content = {
            **self._about(lead, before),
            "received_at": lead.updated_at,
            "unconfirmed": unconfirmed,
            "held": is_held_back(lead),
            "missed": {
                "qualify": form.scoring.qualify.value,
                "shortfalls": dict(find_shortfalls(lead.score, form.scoring)),
            }
            if missed
            else None,
        }
        mail = self._mail(MailKind.BRIEF, lead, now, content, to=self.owner, reply_to=lead.email)
        mail = replace(mail, counted=missed)
        # Another attempt may come within the same millisecond.
        return replace(mail, id=f"{mail.id}-{lead.attempts}") if unconfirmed else mail

    def follow_up(self, kind: MailKind, lead: Lead, now: datetime) -> Mail | None:
        """Compose a mail that time alone causes: a reminder, or, for an owner, the brief or question about a call."""
        if kind is MailKind.REMINDER:
            return self.reminder(lead, now)
        if not self.owner or lead.booking is None or lead.booking.starts_at is None:
            return None
        starts_at = lead.booking.starts_at
        if kind is MailKind.BRIEF:
            content = {
                **self._about(lead, None),
                "received_at": lead.answered_at or lead.received_at,
                "starts_at": starts_at,
                "notes": [note.text for note in lead.notes],
            }
            return self._mail(kind, lead, now, content, to=self.owner, reply_to=lead.email, valid_until=starts_at)
        content = {**_contact(lead), "desk_page": self._desk_page(lead), "starts_at": starts_at}
        # An answer to the question must not reach the prospect.
        return self._mail(kind, lead, now, content, to=self.owner, reply_to=self.sender)

    def _about(self, lead: Lead, before: Lead | None) -> dict[str, Any]:
        """Return the content of every brief on a lead; `before` is the lead as it was before an attempt."""
        form = self.forms.of(lead)
        return {
            "lead_id": lead.id,
            "desk_page": self._desk_page(lead),
            **_contact(lead),
            "language": lead.language,
            "attempts": lead.attempts,
            "source": {name: value for name in _SOURCE if (value := getattr(lead.source, name))},
            "score": score_content(lead.score),
            "minimums": {axis.value: points for axis, points in form.scoring.minimum.items()},
            "questions": _questions(form, lead, before),
            "before": _before(before) if before else None,
            "suggestions": list(self.suggestions.get(form.id, ())),
        }

    def _desk_page(self, lead: Lead) -> str:
        return desk_page(self.desk_url, lead.id)

    def _to_prospect(self, kind: MailKind, lead: Lead, now: datetime) -> Mail:
        if lead.invitation is None:
            raise ValueError("a lead without an invitation can't be sent one")
        form, expires_at = self.forms.of(lead), lead.invitation.expires_at
        language = form.language(lead.language)
        content = {
            # Mail to an address that nobody has proven to be theirs holds nothing that a visitor typed.
            "name": lead.name if lead.proven else "",
            "link": f"{self.function_url}/b/{self.tokens.issue(lead.id, expires_at)}",
            "expires_at": expires_at,
            "prepare": list(form.prepare[language]),
            **self._own_words(kind, form, language),
        }
        return self._mail(kind, lead, now, content, to=lead.email, reply_to=self.sender, valid_until=expires_at)

    def _own_words(self, kind: MailKind, form: Form, language: str) -> dict[str, Any]:
        """Return the owner's words and voice for a mail to a prospect.

        A reminder has the subject of its invitation, by which mail programs show both together, and is signed alike.
        """
        content = self.content.get(form.id, {}).get(language, {})
        invitation = content.get(MailKind.INVITATION, {})
        shared = {part: invitation[part] for part in _SHARED if part in invitation}
        words = {**shared, **content.get(kind, {})}
        voice = {} if form.voice is Voice.WE else {"voice": form.voice.value}
        return {**voice, **({"words": words} if words else {})}

    def _mail(  # noqa: PLR0913, all parts of a mail come together here
        self,
        kind: MailKind,
        lead: Lead,
        now: datetime,
        content: Mapping[str, Any],
        *,
        to: str,
        reply_to: str,
        valid_until: datetime | None = None,
    ) -> Mail:
        form = self.forms.of(lead)
        return Mail(
            # The instant is part of it: a mail may outlive its lead, which may then come back.
            id=f"{lead.id}-{round(now.timestamp() * 1000):x}-{kind}",
            lead_id=lead.id,
            kind=kind,
            to=to,
            sender=self.sender,
            reply_to=reply_to,
            language=form.language(lead.language) if kind.is_for_prospect else form.default_language,
            created_at=now,
            content={**content, **form_words(form)},
            valid_until=valid_until,
            expire_at=lead.expire_at,
            delivery=Delivery(due_at=now),
        )


def _questions(form: Form, lead: Lead, before: Lead | None) -> list[dict[str, Any]]:
    """Return every question that was asked: label, points, and answer now and before, in the owner's language."""
    language = form.default_language
    points = {reason.question: reason.points for reason in lead.score.reasons}
    return [
        {
            "label": question.label[language],
            "points": points.get(question.id),
            "answer": answer_text(question, lead.answers.get(question.id), language),
            **_reaction(question, lead, language),
            "before": answer_text(question, before.answers.get(question.id), language) if before else "",
            "changed": before is not None and before.answers.get(question.id) != lead.answers.get(question.id),
        }
        for question in form.questions
        if question.ask_if.holds(lead.answers)
    ]


def _contact(lead: Lead) -> dict[str, str]:
    return {name: getattr(lead, name) for name in ("name", "email", "phone", "company", "website")}


def _reaction(question: Question, lead: Lead, language: str) -> dict[str, Any]:
    """Return the label of the answer before the page revealed a text, and whether it is the answer still."""
    option, answer = lead.reactions.get(question.id), lead.answers.get(question.id)
    if option is None or answer is None:
        return {}
    return {"reaction": {"before": answer_text(question, option, language), "stayed": has_stayed(option, answer)}}


def _before(lead: Lead) -> dict[str, Any]:
    return {
        **_contact(lead),
        "status": lead.status.value,
        "answered_at": lead.answered_at or lead.updated_at,
        "score": score_content(lead.score),
    }
