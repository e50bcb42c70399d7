"""Past clients: people with whom the owner has worked, who answer the form as they were before the work began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from prequal.core.form import Form, Kind, Need, Question
from prequal.core.lead import lead_id
from prequal.core.scoring import Answer

if TYPE_CHECKING:
    from prequal.core.answers import Submission

# The days for which a link works, unless the owner wants another number.
LINK_DAYS = 30
# The question why they chose the business. No id of the owner's begins like this.
WHY = "_why"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastClient:
    """The answers of a past client to a form, one set for each address."""

    #: The same as that of the lead with this address, if there is one.
    id: str
    form_id: str
    form_version: str
    name: str
    email: str
    language: str
    #: As they were before the work began.
    answers: Mapping[str, Answer]
    #: Why they chose the business, in their words, or empty.
    reason: str
    received_at: datetime
    #: At which the database may delete it.
    expire_at: datetime


def questionnaire(form: Form) -> Form:
    """Return the questionnaire for past clients: the questions that score or decide others, and why they chose.

    It reveals nothing, as a text on prices would be an offer. They agree by a box, as no contract follows from it, and
    no visit is counted.
    """
    kept: set[str] = set()
    for question in form.questions:
        if question.axis:
            kept |= {question.id, *question.ask_if.listed}
    questions = [
        replace(question, options=tuple(replace(option, reveals=()) for option in question.options))
        for question in form.questions
        if question.id in kept
    ]
    why = Question(id=WHY, kind=Kind.TEXT, label=dict.fromkeys(form.languages, ""), required=False)
    contact = {"name": Need.REQUIRED, "email": Need.REQUIRED}
    return replace(form, questions=(*questions, why), contact=contact, asks_consent=True, counts_visits=False)


def past_client(form: Form, submission: Submission, now: datetime) -> PastClient:
    """Return the past client who sent a submission of the questionnaire."""
    answers = dict(submission.answers)
    return PastClient(
        id=lead_id(form.id, submission.email),
        form_id=form.id,
        form_version=form.version,
        name=submission.name,
        email=submission.email,
        language=submission.language,
        reason=str(answers.pop(WHY, "")),
        answers=answers,
        received_at=now,
        expire_at=now + form.retention(qualified=True),
    )
