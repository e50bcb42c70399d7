"""What a visitor sent, checked against the form: a marshmallow schema, one field a question."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any

import marshmallow as ma

from prequal.core import fields
from prequal.core.errors import InvalidAnswersError
from prequal.core.form import Form, Kind, Question, canonical_json
from prequal.core.scoring import Answer
from prequal.core.source import Source
from prequal.core.text import N_, Message

# Named so that neither browsers nor password managers fill it in, as they would "address" or "url".
TRAP = "subject_line"

NAME_LENGTH = 120
COMPANY_LENGTH = 160
WEBSITE_LENGTH = 300
SOURCE_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A form that was filled in validly. `trapped` when something filled in what no person sees."""

    name: str
    email: str
    company: str
    website: str
    language: str
    answers: Mapping[str, Answer]
    source: Source
    submission_id: str
    trapped: bool

    @property
    def fingerprint(self) -> str:
        """What was said, in 32 hex digits: equal when the same person says the same."""
        said = [self.name, self.email.casefold(), self.company, self.website, dict(self.answers), self.trapped]
        return hashlib.sha256(canonical_json(said)).hexdigest()[:32]


def make_parser(form: Form) -> Callable[[Mapping[str, Any]], Submission]:
    """Return what reads and checks a submission of this form.

    It raises InvalidAnswersError with every message, by field. A page of another version of the form may offer what
    this one doesn't: that counts as not answered, since whoever chose it could not know.
    """
    schema = ma.Schema.from_dict({**_questions(form), **_ours()}, name="AnswersSchema")(unknown=ma.EXCLUDE)

    def parse(submitted: Mapping[str, Any]) -> Submission:
        outdated = submitted.get("form_version") not in (None, "", form.version)
        given = {**submitted, **dict(_still_offered(form, submitted))} if outdated else submitted
        loaded = _loaded(form, schema, given, outdated=outdated)
        return Submission(
            name=loaded["name"],
            email=loaded["email"],
            company=loaded["company"],
            website=loaded["website"],
            language=form.language(loaded["lang"]),
            answers=_answered(form, loaded),
            source=Source(**{field.name: loaded[field.name] for field in fields_of(Source)}),
            submission_id=loaded["submission_id"],
            trapped=bool(loaded[TRAP]),
        )

    return parse


def read_answers(form: Form, given: Mapping[str, Any]) -> Mapping[str, Answer]:
    """Return the answers to the questions alone; InvalidAnswersError as for a whole submission."""
    schema = ma.Schema.from_dict(_questions(form))(unknown=ma.EXCLUDE)
    return _answered(form, _loaded(form, schema, given))


def _loaded(form: Form, schema: ma.Schema, given: Mapping[str, Any], *, outdated: bool = False) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ma.ValidationError as error:
        raise InvalidAnswersError(_in_page_order(form, error.messages_dict), outdated=outdated) from error
    return loaded


def _answered(form: Form, loaded: Mapping[str, Any]) -> Mapping[str, Answer]:
    answers = {question.id: loaded[question.id] for question in form.questions}
    return {question: answer for question, answer in answers.items() if answer not in (None, "", ())}


def _still_offered(form: Form, submitted: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return what was chosen, without the options that this form doesn't offer."""
    for question in form.questions:
        if question.options and question.id in submitted:
            ids, chosen = [option.id for option in question.options], submitted[question.id]
            if question.kind is Kind.ONE:
                yield question.id, chosen if chosen in ids else None
            else:
                several = chosen if isinstance(chosen, list | tuple) else [chosen]
                yield question.id, [option for option in several if option in ids]


def _questions(form: Form) -> dict[str, ma.fields.Field[Any]]:
    return {question.id: _field(question) for question in form.questions}


def _ours() -> dict[str, ma.fields.Field[Any]]:
    line = fields.Line(max_length=SOURCE_LENGTH, cut=True)
    return {
        "name": fields.Line(missing=N_("Enter your name."), max_length=NAME_LENGTH),
        "email": fields.Address(missing=N_("Enter your email address.")),
        "company": fields.Line(max_length=COMPANY_LENGTH),
        "website": fields.WebAddress(max_length=WEBSITE_LENGTH),
        "consent": fields.Consent(
            missing=N_("Tick the box to agree to the privacy note: without it we may not keep your answers.")
        ),
        "lang": line,
        "submission_id": fields.SubmissionId(),
        TRAP: line,
        **{field.name: line for field in fields_of(Source)},
    }


def _field(question: Question) -> ma.fields.Field[Any]:
    match question.kind:
        case Kind.ONE:
            missing = N_("Choose one of the answers.") if question.required else None
            return fields.Choice([option.id for option in question.options], missing=missing)
        case Kind.MANY:
            missing = N_("Choose at least one of the answers.") if question.required else None
            return fields.Choices([option.id for option in question.options], missing=missing)
        case Kind.NUMBER:
            missing = N_("Enter a number.") if question.required else None
            return fields.WholeNumber(question.min, question.max, missing=missing)
        case Kind.TEXT:
            missing = N_("Write a few words.") if question.required else None
            return fields.Paragraphs(max_length=question.max_length, missing=missing)


def _in_page_order(form: Form, errors: Mapping[str, list[Message]]) -> dict[str, list[Message]]:
    order = [*(question.id for question in form.questions), "name", "email", "company", "website", "consent"]
    position = {name: index for index, name in enumerate(order)}
    return {name: errors[name] for name in sorted(errors, key=lambda name: position.get(name, len(order)))}
