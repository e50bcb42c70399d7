"""Leads as they might have come in over some months: made up, and the same ones every time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from math import log2

from prequal.core.answers import Submission
from prequal.core.form import Form, Option
from prequal.core.lead import Attempt, Booking, InvitationState, Lead, Status, first_attempt
from prequal.core.lifecycle import advanced, booked, ended, offered, opened
from prequal.core.scoring import Answer, scorer
from prequal.core.source import Source
from prequal.core.visits import Visit, VisitCounts, page_fields
from support.builders import NOW

LENGTH = timedelta(days=300)
# Where they come from, how many of 100, and how many of these are the right ones.
_SOURCES = (
    (Source(), 32, 0.5),
    (Source(utm_source="newsletter", utm_medium="email"), 26, 0.6),
    (Source(referrer="https://www.search.example/results?q=studio"), 24, 0.35),
    (Source(source="ada"), 12, 0.9),
    (Source(source="fair-2026"), 6, 0.5),
)
_LOST = ("Too expensive", "Too expensive", "Too expensive", "Went with a cousin", "Postponed to next year", None)


def season(form: Form, number: int, now: datetime = NOW) -> Iterator[Lead]:
    """Return so many leads up to now, the oldest first, each followed as far as it came."""
    # What happens aside has a chance of its own, so that it changes nothing else.
    chance, asides = random.Random(number), random.Random(number)  # noqa: S311, no secrets
    score = scorer(form)
    for index, at in enumerate(sorted(now - LENGTH * (1 - chance.random() ** 0.8) for _ in range(number))):
        source, _, right = chance.choices(_SOURCES, [weight for _, weight, _ in _SOURCES])[0]
        answers = _answers(chance, form, right=chance.random() < right)
        submission = Submission(
            name=f"Grace Hopper {index}",
            email=f"grace.{index}@navy.example",
            phone="",
            company="Navy",
            website="www.navy.example",
            language=form.default_language,
            answers=answers,
            source=source,
            reactions=_reactions(asides, form, answers),
            submission_id=f"season-{index}",
            trapped=chance.random() < 0.02,
        )
        lead, _ = first_attempt(form, submission, score(answers), at)
        yield _followed(chance, asides, lead, now) if lead.invitation else lead


def season_of_visits(form: Form, leads: Sequence[Lead], visitors: int, now: datetime = NOW) -> Iterator[VisitCounts]:
    """Return so many visits, those that sent the leads among them, but for one sender in ten without JavaScript.

    The budget stops three times as many people as any other field.
    """
    chance = random.Random(visitors)  # noqa: S311, no secrets
    fields = page_fields(form)
    loss = [3 if name == "budget" else 1 for name in fields]
    sent = [lead for lead in leads if lead.status is not Status.QUARANTINED and chance.random() < 0.9]
    for lead in sent:
        visit = Visit(stage=len(fields) + 2, sent=True, pace=round(2 * log2(1 + chance.lognormvariate(5, 0.8))))
        yield _counted(form, visit, lead.received_at, lead.source.source)
    for _ in range(visitors - len(sent)):
        source = chance.choices(["", "ada", "fair-2026"], [80, 12, 8])[0]
        stage = 0 if chance.random() < 0.5 else chance.choices(range(1, len(fields) + 1), loss)[0]
        yield _counted(form, Visit(stage=stage), now - LENGTH * chance.random(), source)


def _counted(form: Form, visit: Visit, at: datetime, source: str) -> VisitCounts:
    return VisitCounts(
        day=at.date().isoformat(),
        form_id=form.id,
        form_version=form.version,
        source=source,
        counts=visit.increments,
    )


def only_attempt(lead: Lead) -> Attempt:
    """Return the attempt that made a lead of a season."""
    common = {each.name for each in fields(Attempt)} & {each.name for each in fields(Lead)} - {"id"}
    return Attempt(
        id=lead.shown_attempt,
        replay_key=lead.shown_attempt,
        quarantined=lead.status is Status.QUARANTINED,
        **{name: getattr(lead, name) for name in common},
    )


def _answers(chance: random.Random, form: Form, *, right: bool) -> Mapping[str, Answer]:
    return {
        question.id: chance.choices(
            [option.id for option in question.options], [_weight(option, right=right) for option in question.options]
        )[0]
        for question in form.questions
        if question.options
    }


def _weight(option: Option, *, right: bool) -> float:
    if right:
        return (max(option.points, 0) + 3) / (4 if option.rules_out else 1)
    return 12 - min(option.points, 10) / 2


def _reactions(chance: random.Random, form: Form, answers: Mapping[str, Answer]) -> Mapping[str, str]:
    """Return the options that were chosen when the page showed a text: those that stayed, and now and then another."""
    revealing = {
        question.id: [option.id for option in question.options if option.reveals] for question in form.questions
    }
    return {
        question: options[0]
        for question, options in revealing.items()
        if options and (answers[question] == options[0] or chance.random() < 0.1)
    }


def _followed(chance: random.Random, asides: random.Random, lead: Lead, now: datetime) -> Lead:
    assert lead.invitation
    if chance.random() < 0.02:
        return advanced(replace(lead, invitation=replace(lead.invitation, state=InvitationState.FAILED)), now)
    sent_at = lead.received_at + timedelta(minutes=1)
    lead = replace(lead, invitation=replace(lead.invitation, state=InvitationState.SENT, sent_at=sent_at))
    opened_at = sent_at + timedelta(hours=chance.expovariate(1 / 10))
    booked_at = opened_at + timedelta(hours=chance.expovariate(1 / 30))
    if chance.random() < 0.75 and opened_at < now:
        lead = opened(lead, opened_at)
        if chance.random() < 0.7 and booked_at < now:
            lead = booked(lead, Booking(id="", booked_at=booked_at), booked_at)
            ended_at = booked_at + timedelta(days=30)
            if booked_at + timedelta(days=7) < now and asides.random() < 0.6:
                lead = offered(lead, None, booked_at + timedelta(days=7))
            if ended_at < now:
                outcome = Status.WON if chance.random() < 0.4 else Status.LOST
                return ended(lead, outcome, ended_at, None if outcome is Status.WON else asides.choice(_LOST))
    return advanced(lead, now)
