"""Valid things to start from; a test changes only what it is about."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from prequal.core.answers import Submission, make_parser
from prequal.core.form import Form, form_from
from prequal.core.lead import Attempt, Lead, first_attempt
from prequal.core.mail import Mail
from prequal.core.past_client import WHY, PastClient, questionnaire
from prequal.core.past_client import past_client as past_client_of
from prequal.core.scoring import score
from prequal.core.visits import VisitCounts
from prequal.dev.emulator import MAIL_CREATED
from prequal.services.follow_up import FollowUp
from prequal.services.lead_forms import LeadForms
from prequal.services.mail_composer import MailComposer
from prequal.services.ports import FormArchive, Store
from prequal.services.tokens import Tokens
from prequal.services.weekly_digest import WeeklyDigest

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

_DOCUMENT: dict[str, Any] = {
    "id": "web-design",
    "languages": ["en", "fr"],
    "currency": "EUR",
    "starting_price": 5000,
    "business": {
        "name": "Studio North",
        "url": "https://studio.example",
        "privacy_url": "https://studio.example/privacy",
    },
    "questions": [
        {
            "id": "budget",
            "axis": "fit",
            "type": "one",
            "label": {
                "en": "Our projects start at {starting_price}. Were you prepared to spend that?",
                "fr": "Nos projets commencent à {starting_price}. Aviez-vous prévu cette somme ?",
            },
            "options": [
                {"id": "below", "label": "Less", "points": 0, "rules_out": "Cannot afford the starting price"},
                {"id": "around", "label": "About that", "points": 20, "desired": True},
                {
                    "id": "unsure",
                    "label": "Not sure",
                    "points": 5,
                    "reveals": "Most come to {amount:5000} to {amount:12000}.",
                },
            ],
        },
        {
            "id": "timeline",
            "axis": "intent",
            "type": "one",
            "label": "By when?",
            "options": [
                {"id": "rushed", "label": "Next week", "points": -10},
                {"id": "soon", "label": "This season", "points": 20, "desired": True},
            ],
        },
        {
            "id": "pages",
            "axis": "fit",
            "type": "number",
            "label": "How many pages?",
            "required": False,
            "min": 1,
            "max": 500,
            "bands": [{"up_to": 5, "points": 5}, {"points": 10, "desired": True}],
        },
        {
            "id": "services",
            "axis": "fit",
            "type": "many",
            "label": "What do you need?",
            "required": False,
            "max_points": 15,
            "options": [
                {"id": "design", "label": "Design", "points": 10},
                {"id": "build", "label": "Building", "points": 10},
            ],
        },
        {"id": "goals", "type": "text", "label": "What should change?", "max_length": 600},
    ],
    "scoring": {"method": "points", "grades": {"hot": 50, "warm": 30}, "qualify": "warm", "minimum": {"fit": 20}},
    "invitation": {"valid_days": 14, "prepare": {"en": ["What should change?"], "fr": ["Que doit-il changer ?"]}},
    "retention": {"qualified_days": 730, "unqualified_days": 180},
}

QUALIFIED = {"budget": "around", "timeline": "soon"}
# Five points short of the minimum for fit.
NEAR = {"budget": "unsure", "timeline": "soon", "pages": "7"}
UNQUALIFIED = {"budget": "below", "timeline": "rushed"}


def document() -> dict[str, Any]:
    """Return a form's document, to change at will."""
    return copy.deepcopy(_DOCUMENT)


def form() -> Form:
    """Return a small form with every type of question."""
    return form_from(document())


def past_client(now: datetime = NOW, /, **changes: Any) -> PastClient:
    """Return a past client who sent the questionnaire of the small form."""
    given = make_parser(questionnaire(form()))(sent(**{WHY: "You listened.", **changes}))
    return past_client_of(form(), given, now)


class NoForms:
    """An archive without forms."""

    def save_form(self, document: Mapping[str, Any]) -> None:
        """Save nothing."""

    def load_forms(self) -> Mapping[str, Form]:
        """Return no form."""
        return {}


def lead_forms(*forms: Form, archive: FormArchive | None = None) -> LeadForms:
    """Return the forms by which leads are handled: these, or else the small one."""
    return LeadForms(in_use={each.id: each for each in forms or [form()]}, archive=archive or NoForms())


def sent(**changes: Any) -> dict[str, Any]:
    """Return the fields that a qualified prospect's browser sends; None leaves a field out."""
    fields = {
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "consent": "yes",
        "lang": "en",
        **QUALIFIED,
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def submission(**changes: Any) -> Submission:
    """Return the same, checked."""
    return make_parser(form())(sent(**changes))


def admitted(now: datetime = NOW, /, **changes: Any) -> tuple[Lead, Attempt]:
    """Return the lead and the attempt that a first submission makes."""
    given = submission(**changes)
    return first_attempt(form(), given, score(form(), given.answers), now)


def lead(now: datetime = NOW, /, **changes: Any) -> Lead:
    """Return a lead as a first submission makes it."""
    return admitted(now, **changes)[0]


def composer(
    owner: str = "owner@studio.example", secrets: tuple[str, ...] = ("a secret that is long",)
) -> MailComposer:
    """Return a composer of mails."""
    return MailComposer(
        forms=lead_forms(),
        tokens=Tokens(secrets=secrets),
        function_url="https://studio.example",
        sender="Studio North <hello@studio.example>",
        owner=owner,
        desk_url="https://studio.example/desk",
        suggestions={form().id: ["What do you have today?", "Is there a budget of {starting_price}?"]},
    )


def follow_up(
    store: Store, clock: Callable[[], datetime], *, owner: str = "owner@studio.example", zone: tzinfo = UTC
) -> FollowUp:
    """Return the follow-up of leads for an owner in a time zone."""
    compose = composer(owner).follow_up
    return FollowUp(store=store, forms=lead_forms(), compose=compose, zone=zone, clock=clock)


def weekly_digest(store: Store, clock: Callable[[], datetime], weekday: int = 0, zone: tzinfo = UTC) -> WeeklyDigest:
    """Return the digest of the form's leads."""
    sender, owner = "Studio North <hello@studio.example>", "owner@studio.example"
    return WeeklyDigest(
        form=form(),
        forms=[form()],
        weekday=weekday,
        zone=zone,
        store=store,
        queue=store,
        sender=sender,
        owner=owner,
        desk_url="https://studio.example/desk",
        clock=clock,
    )


def invitation(now: datetime = NOW, /, **changes: Any) -> Mail:
    """Return the invitation of a qualified lead."""
    return composer().invitation(lead(now, **changes), now)


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the instant."""
        return self.now

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


def replaced(mail: Mail, **changes: Any) -> Mail:
    """Return a mail with parts of its delivery changed."""
    return replace(mail, delivery=replace(mail.delivery, **changes))


def visit_counts(day: str = "2026-03-02", source: str = "", **counts: int) -> VisitCounts:
    """Return counts of visits of the small form: by default, of one that saw the page."""
    its = form()
    return VisitCounts(
        day=day, form_id=its.id, form_version=its.version, source=source, counts=counts or {"stage_0": 1}
    )


def event(project: str, document: str) -> dict[str, str]:
    """Return the headers of a CloudEvent of a created document as Eventarc sends it (binary content mode)."""
    database = f"projects/{project}/databases/(default)"
    return {
        "ce-specversion": "1.0",
        "ce-id": uuid.uuid4().hex,
        "ce-source": f"//firestore.googleapis.com/{database}",
        "ce-type": MAIL_CREATED,
        "ce-subject": f"documents/{document}",
        "ce-document": document,
        "ce-database": "(default)",
        "ce-project": project,
        "ce-time": datetime.now(UTC).isoformat(),
        "content-type": "application/protobuf",
    }
