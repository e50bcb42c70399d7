"""Leads as text for a terminal: a table of many, or all about one."""

from bisect import bisect
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import accumulate
from textwrap import indent
from unicodedata import east_asian_width
from urllib.parse import urlsplit

from prequal.core.form import Form
from prequal.core.lead import SHORT_ID, Attempt, Lead
from prequal.core.lifecycle import Step, allows
from prequal.core.mail import Mail, MailKind, MailState
from prequal.core.scoring import has_stayed
from prequal.core.text import counted
from prequal.owner.form_labels import FormLabels
from prequal.pages.ansi import coloured, heading
from prequal.pages.zone import Zone


def table(leads: Iterable[Lead], zone: Zone, width: int | None = None, form_ids: Collection[str] = ()) -> Iterator[str]:
    """Return a heading and one line per lead, the grade in its colour, cut to `width` columns if given.

    The form is a column where several have leads.
    """
    widest = max(map(len, form_ids)) if len(form_ids) > 1 else 0
    form = f"  {'FORM':<{widest}}" if widest else ""
    heads = f"{'ID':<{SHORT_ID}}  {'RECEIVED':<16}{form}  {'STATUS':<11}  {'GRADE':<5}  {'TOTAL':>7}  NAME"
    yield heading(heads[:width])
    for lead in leads:
        received = f"{lead.received_at.astimezone(zone.tz):%Y-%m-%d %H:%M}"
        form = f"  {lead.form_id:<{widest}}" if widest else ""
        total, grade = f"{lead.score.total}/{lead.score.max}", f" {lead.score.grade:<5} "
        line = f"{lead.id[:SHORT_ID]}  {received}{form}  {short_status(lead):<11} {grade} "
        line += f"{total:>7}  {lead.name} <{lead.email}>"
        if width:
            # Some East Asian characters are two columns wide.
            ends = list(accumulate(2 if east_asian_width(letter) in "WF" else 1 for letter in line))
            line = line if ends[-1] <= width else line[: bisect(ends, width - 1)] + "…"
        yield line.replace(grade, coloured(lead.score.grade, grade), 1)


def short_status(lead: Lead) -> str:
    """Return the status, or that the invitation waits for the owner."""
    return "held" if lead.is_held else lead.status


def describe_lead(
    lead: Lead, attempts: Sequence[Attempt], mails: Sequence[Mail], forms: Mapping[str, Form], zone: Zone
) -> str:
    """Return all about a lead: contact, answers with their points, and history."""
    # A rescored lead may have answers that only the forms of its attempts know.
    versions = (lead.form_version, *(attempt.form_version for attempt in reversed(attempts)))
    lines = [
        *_head(lead, zone),
        "",
        *_score(lead, FormLabels(*map(forms.get, versions))),
        "",
        heading("What happened:"),
    ]
    events = [(zone.minute(at), event) for at, event in history(lead, attempts, mails, forms, zone)]
    if lead.invitation and lead.due_at and allows(lead.status, Step.EXPIRE):
        events.append((zone.minute(lead.invitation.expires_at), "the link expires"))
    width = max((len(minute) for minute, _ in events), default=0)
    # Only lines of ours begin at the margin: an answer may hold line breaks.
    lines += [f"{minute:<{width}}  {event}".replace("\n", f"\n{' ' * width}    ") for minute, event in events]
    return "\n".join(lines)


def history(
    lead: Lead, attempts: Sequence[Attempt], mails: Sequence[Mail], forms: Mapping[str, Form], zone: Zone
) -> Sequence[tuple[datetime, str]]:
    """Return the history of a lead: instants and words, oldest first."""
    events = [*_attempts(lead, attempts, forms), *_mails(mails), *_steps(lead, zone)]
    return sorted(events, key=lambda event: event[0])


def _head(lead: Lead, zone: Zone) -> Iterator[str]:
    yield heading(f"{lead.name} <{lead.email}>")
    for name, value in (
        ("Phone", lead.phone),
        ("Company", lead.company),
        ("Website", lead.website),
        ("Language", lead.language),
        ("Source", ", ".join(f"{name}={value}" for name, value in asdict(lead.source).items() if value)),
        ("Lead", lead.id),
        ("Form", f"{lead.form_id}, version {lead.form_version}"),
        ("Status", f"{lead.status}{_held(lead)}"),
        ("Beside", counted(lead.unconfirmed, "later, unconfirmed attempt") if lead.unconfirmed else ""),
        ("Kept", f"until {zone.day(lead.expire_at)}"),
    ):
        if value:
            yield f"{name + ':':<10}{value}"


def _held(lead: Lead) -> str:
    held_for = lead.invitation.held_for if lead.invitation else None
    return f", the invitation is held ({held_for})" if held_for else ""


def _score(lead: Lead, labels: FormLabels) -> Iterator[str]:
    score, below = lead.score, " " * len("  +20  ")
    verdict = "qualified" if score.qualified else "not qualified"
    grade = coloured(score.grade, score.grade.upper())
    yield f"{grade}, {verdict}: {score.total} of {score.max} (fit {score.fit}, intent {score.intent})"
    for reason in score.reasons:
        yield f"{reason.points:>+5d}  {labels.question(reason.question)}"
        yield indent(labels.answer(reason.question, reason.answer), below)
        if reaction := describe_reaction(lead, reason.question, labels):
            yield indent(reaction, below)
    scored = {reason.question for reason in score.reasons}
    for question, answer in lead.answers.items():
        if question not in scored:
            yield indent(labels.question(question), below)
            yield indent(labels.answer(question, answer), below)
    for knock_out in score.ruled_out:
        yield f"Ruled out: {knock_out}"


def describe_reaction(lead: Lead, question: str, labels: FormLabels) -> str:
    """Return the answers before and after the page revealed a text, or empty if it revealed none."""
    before, after = lead.reactions.get(question), lead.answers.get(question)
    if before is None or after is None:
        return ""
    if has_stayed(before, after):
        return "stayed with it after the text was shown"
    return f"{labels.answer(question, before)} → {labels.answer(question, after)} (after the text was shown)"


def _attempts(lead: Lead, attempts: Sequence[Attempt], forms: Mapping[str, Form]) -> Iterator[tuple[datetime, str]]:
    earlier: Attempt | None = None
    for attempt in attempts:
        lines = [f"answered: {attempt.score.grade}, {attempt.score.total}"]
        if attempt.quarantined:
            lines[0] += ", caught by the spam trap"
        elif lead.unconfirmed and lead.answered_at and attempt.received_at > lead.answered_at:
            lines[0] += ", unconfirmed: it stays beside"
        if earlier:
            lines += _changes(earlier, attempt, FormLabels(forms.get(attempt.form_version)))
        yield attempt.received_at, "\n".join(lines)
        earlier = attempt


def _changes(earlier: Attempt, later: Attempt, labels: FormLabels) -> Iterator[str]:
    for name in ("name", "phone", "company", "website"):
        before, after = getattr(earlier, name), getattr(later, name)
        if before != after:
            yield f"{name.capitalize()}: {before or 'none'} → {after or 'none'}"
    for question in dict.fromkeys((*earlier.answers, *later.answers)):
        before, after = earlier.answers.get(question), later.answers.get(question)
        if before != after:
            answers = f"{labels.answer(question, before)} → {labels.answer(question, after)}"
            yield f"{labels.question(question)} {answers}".replace("\n", " ⏎ ")


def _mails(mails: Sequence[Mail]) -> Iterator[tuple[datetime, str]]:
    for mail in mails:
        delivery, name = mail.delivery, _name(mail)
        if delivery.state is MailState.SENT and delivery.ended_at:
            if mail.kind is not MailKind.EVENT:  # of which messages were made
                yield delivery.ended_at, f"{name} sent"
        elif delivery.ended_at:
            outcome = "given up" if delivery.due_at is None else "put off"
            yield delivery.ended_at, f"{name} {outcome}: {delivery.error}"
        elif delivery.due_at:
            yield delivery.due_at, f"{name} waits to be sent"


def _name(mail: Mail) -> str:
    """Return the name of a mail; of a webhook's address only the host, as the rest may be a secret."""
    match mail.kind:
        case MailKind.EVENT:
            return f"event {' and '.join(mail.content['types'])}"
        case MailKind.WEBHOOK:
            return f"event {mail.content['type']} to {urlsplit(mail.to).netloc}"
        case _:
            return mail.kind


def _steps(lead: Lead, zone: Zone) -> Iterator[tuple[datetime, str]]:
    if lead.invitation and lead.invitation.opened_at:
        yield lead.invitation.opened_at, "link opened"
    if lead.booking:
        starts = f", for {zone.minute(lead.booking.starts_at)}" if lead.booking.starts_at else ""
        made, ended = ("booked", "cancelled") if lead.booking.confirmed else ("appointment requested", "request ended")
        yield lead.booking.booked_at, f"{made}{starts}"
        if lead.booking.cancelled_at:
            yield lead.booking.cancelled_at, ended
    if lead.offered:
        until = f", to be answered by {zone.day(lead.offered.until)}" if lead.offered.until else ""
        yield lead.offered.at, f"offer made{until}"
    if lead.outcome and lead.outcome_at:
        yield lead.outcome_at, f"{lead.outcome}{f'. {lead.outcome_reason}' if lead.outcome_reason else ''}"
    if lead.decision:
        yield lead.decision.at, f"{lead.decision.by}: {lead.decision.verdict}. {lead.decision.reason}"
    for note in lead.notes:
        yield note.at, f"{note.by}: {note.text}"
