"""One lead with all there is to know of it, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from textwrap import indent

from prequal.core.form import Form
from prequal.core.lead import Attempt, Lead
from prequal.core.mail import Mail, MailState
from prequal.core.scoring import Answer, answer_text
from prequal.owner.desk import minute
from prequal.pages.wording import filled, placeholders

_BLANK = " " * len("2026-01-01 09:30")


class Words:
    """What questions and answers are called in the first of these forms that knows them, or else their ids."""

    def __init__(self, *forms: Form | None) -> None:
        self._forms = [form for form in forms if form]

    def question(self, question_id: str) -> str:
        """Return the question as it was asked, in the owner's language."""
        for form in self._forms:
            question = form.question(question_id)
            if question:
                return _filled(question.label[form.default_language], form)
        return question_id

    def answer(self, question_id: str, answer: Answer | None) -> str:
        """Return the answer in words; of several options, each by itself."""
        if answer is None:
            return "no answer"
        if isinstance(answer, str | int):
            return self._said(question_id, answer)
        return ", ".join(self._said(question_id, option) for option in answer)

    def _said(self, question_id: str, answer: str | int) -> str:
        for form in self._forms:
            question = form.question(question_id)
            words = answer_text(question, answer, form.default_language) if question else ""
            if words:
                return _filled(words, form)
        return str(answer)


def _filled(words: str, form: Form) -> str:
    text: str = filled(words, placeholders(form, form.default_language))
    return text


def described(lead: Lead, attempts: Sequence[Attempt], mails: Sequence[Mail], forms: Mapping[str, Form]) -> str:
    """Return all there is to know of a lead."""
    # One that was scored anew may have answers that only the forms of its attempts know.
    asked_by = (attempt.form_version for attempt in reversed(attempts))
    words = Words(*map(forms.get, (lead.form_version, *asked_by)))
    return "\n".join([*_head(lead), "", *_score(lead, words), "", *_history(lead, attempts, mails, forms)])


def _head(lead: Lead) -> Iterator[str]:
    yield f"{lead.name} <{lead.email}>"
    source = ", ".join(f"{name}={value}" for name, value in asdict(lead.source).items() if value)
    for name, value in (
        ("Company", lead.company),
        ("Website", lead.website),
        ("Language", lead.language),
        ("Source", source),
        ("Lead", lead.id),
        ("Form", f"{lead.form_id}, version {lead.form_version}"),
        ("Status", lead.status),
        ("Kept", f"until {lead.expire_at:%Y-%m-%d}"),
    ):
        if value:
            yield f"{name + ':':<10}{value}"


def _score(lead: Lead, words: Words) -> Iterator[str]:
    score = lead.score
    verdict = "qualified" if score.qualified else "not qualified"
    yield f"{score.grade.upper()}, {verdict}: {score.total} of {score.max} (fit {score.fit}, intent {score.intent})"
    for reason in score.reasons:
        yield f"{reason.points:>+5d}  {words.question(reason.question)}"
        yield _below(words.answer(reason.question, reason.answer))
    scored = {reason.question for reason in score.reasons}
    for question, answer in lead.answers.items():
        if question not in scored:
            yield _below(words.question(question))
            yield _below(words.answer(question, answer))
    for reason_of_owner in score.ruled_out:
        yield f"Ruled out: {reason_of_owner}"


def _below(words: str) -> str:
    """Return words as they stand below a question, each line of them."""
    return indent(words, " " * len("  +20  "))


def _history(
    lead: Lead, attempts: Sequence[Attempt], mails: Sequence[Mail], forms: Mapping[str, Form]
) -> Iterator[str]:
    """Tell what happened, in order, and what is still to come."""
    events = [*_attempts(attempts, forms), *_mails(mails), *_steps(lead)]
    yield "What happened, in UTC:"
    for at, event in sorted(events, key=lambda event: event[0]):
        yield f"{minute(at)}  {event}"
    if lead.invitation and lead.due_at:
        yield f"{minute(lead.invitation.expires_at)}  the link expires"


def _attempts(attempts: Sequence[Attempt], forms: Mapping[str, Form]) -> Iterator[tuple[datetime, str]]:
    earlier: Attempt | None = None
    for attempt in attempts:
        caught = ", caught by the trap" if attempt.quarantined else ""
        lines = [f"answered: {attempt.score.grade}, {attempt.score.total}{caught}"]
        if earlier:
            lines += _changes(earlier, attempt, Words(forms.get(attempt.form_version)))
        yield attempt.received_at, f"\n{_BLANK}    ".join(lines)
        earlier = attempt


def _changes(earlier: Attempt, later: Attempt, words: Words) -> Iterator[str]:
    for question in dict.fromkeys((*earlier.answers, *later.answers)):
        before, after = earlier.answers.get(question), later.answers.get(question)
        if before != after:
            answered = (words.answer(question, before), words.answer(question, after))
            yield f"{words.question(question)} {' → '.join(answered)}"


def _mails(mails: Sequence[Mail]) -> Iterator[tuple[datetime, str]]:
    for mail in mails:
        delivery = mail.delivery
        if delivery.state is MailState.SENT and delivery.ended_at:
            yield delivery.ended_at, f"{mail.kind} sent"
        elif delivery.ended_at:
            yield (
                delivery.ended_at,
                f"{mail.kind} {'given up' if delivery.due_at is None else 'put off'}: {delivery.error}",
            )
        elif delivery.due_at:
            yield delivery.due_at, f"{mail.kind} waits to be sent"


def _steps(lead: Lead) -> Iterator[tuple[datetime, str]]:
    if lead.invitation and lead.invitation.opened_at:
        yield lead.invitation.opened_at, "link opened"
    if lead.booking:
        starts = f", for {minute(lead.booking.starts_at)} UTC" if lead.booking.starts_at else ""
        yield lead.booking.booked_at, f"booked{starts}"
        if lead.booking.cancelled_at:
            yield lead.booking.cancelled_at, "cancelled"
    if lead.decision:
        yield lead.decision.at, f"{lead.decision.by}: {lead.decision.verdict}. {lead.decision.reason}"
