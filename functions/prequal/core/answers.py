"""Submissions: what a visitor sent, checked against the form by a marshmallow schema with a field per question."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import fields as fields_of
from functools import partial
from typing import Any

import marshmallow as ma

from prequal.core import addresses, fields
from prequal.core.conditions import ALWAYS
from prequal.core.errors import InvalidAnswersError
from prequal.core.fields import AnswerField
from prequal.core.form import Form, Kind, Need, Question, canonical_json
from prequal.core.scoring import Answer
from prequal.core.source import Source
from prequal.core.text import N_

# The honeypot's name: neither browsers nor password managers fill it in, as they would "address" or "url".
TRAP = "subject_line"
# Follows the id of a question in the name of its reaction. No id of a question has a dot.
REACTION = ".before"

_NAME_LENGTH = 120
_PHONE_LENGTH = 100
_COMPANY_LENGTH = 160
_WEBSITE_LENGTH = 300
_ID_LENGTH = 64
# A Korean syllable may be sent as three letters, each of nine bytes in a form post. No other character takes more.
_BYTES = 27
_PUNCTUATION = 6  # of a field: "":"", in JSON
_SOURCE = [field.name for field in fields_of(Source)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A valid submission of the form."""

    name: str
    email: str
    phone: str
    company: str
    website: str
    language: str
    answers: Mapping[str, Answer]
    source: Source
    #: By the id of a question, the option at which a text was revealed, as far as the page's script told.
    reactions: Mapping[str, str]
    #: The browser's own id of this submission, or empty.
    submission_id: str
    #: Whether the honeypot was filled in.
    trapped: bool

    @property
    def fingerprint(self) -> str:
        """32 hex digits that are equal when the same person sends the same answers again."""
        content = [self.name, self.email.casefold(), self.company, self.website, dict(self.answers), self.trapped]
        content += [self.phone] if self.phone else []  # so that other submissions keep the fingerprints they had
        return hashlib.sha256(canonical_json(content)).hexdigest()[:32]


def make_parser(form: Form) -> Callable[[Mapping[str, Any]], Submission]:
    """Return a function that reads and checks a submission of this form.

    It raises InvalidAnswersError with every message, by field. A page of another version of the form may offer options
    that this one doesn't: these count as not answered, since the visitor could not know.
    """
    schema = _schema({**_question_fields(form), **_contact_fields(form)})

    def parse(sent: Mapping[str, Any]) -> Submission:
        outdated = sent.get("form_version") not in (None, "", form.version)
        offered = {**sent, **dict(_still_offered(form, sent))} if outdated else sent
        loaded = _load(form, schema, offered, outdated=outdated)
        answers = _answers(form, loaded)
        return Submission(
            **{name: loaded.get(name, "") for name in ("name", "email", "phone", "company", "website")},
            submission_id=loaded["submission_id"],
            language=form.language(fields.untyped(sent.get("lang"))),
            answers=answers,
            reactions={name: option for name, option in read_reactions(form, sent).items() if name in answers},
            source=Source(**{name: fields.untyped(sent.get(name)) for name in _SOURCE}),
            trapped=bool(fields.untyped(sent.get(TRAP))),
        )

    return parse


def body_limit(form: Form) -> int:
    """Return the most bytes that a submission may have: answers within their limits always fit, in any script."""
    ours = {"name": _NAME_LENGTH, "phone": _PHONE_LENGTH, "company": _COMPANY_LENGTH, "website": _WEBSITE_LENGTH}
    ours |= dict.fromkeys(_SOURCE, fields.UNTYPED_LENGTH) | {"email": addresses.EMAIL_LENGTH}
    ours |= dict.fromkeys(("lang", "form_version", "submission_id", "consent", TRAP), _ID_LENGTH)
    typed = ours | {
        question.id: question.max_length if question.kind is Kind.TEXT else fields.NUMBER_LENGTH
        for question in form.questions
    }
    chosen = [question.id + option.id for question in form.questions for option in question.options]
    chosen += [
        question.id + REACTION + option.id
        for question in form.questions
        for option in question.options
        if option.reveals
    ]
    return _BYTES * sum(typed.values()) + sum(len(word) + _PUNCTUATION for word in (*typed, *chosen))


def read_answers(form: Form, sent: Mapping[str, Any]) -> Mapping[str, Answer]:
    """Return the answers to the questions alone; InvalidAnswersError as for a whole submission."""
    return _answers(form, _load(form, _schema(_question_fields(form)), sent))


def read_reactions(form: Form, sent: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the option at which a text was revealed, by question; what no page of ours sends is ignored."""
    return {
        question.id: option.id
        for question in form.questions
        for option in question.options
        if option.reveals and sent.get(question.id + REACTION) == option.id
    }


def _schema(of: dict[str, ma.fields.Field[Any]]) -> ma.Schema:
    return ma.Schema.from_dict(of, name="AnswersSchema")(unknown=ma.EXCLUDE)


def _load(form: Form, schema: ma.Schema, sent: Mapping[str, Any], *, outdated: bool = False) -> dict[str, Any]:
    """Return the values of the fields, without those of questions that are not asked after these answers."""
    not_asked = _not_asked(form, schema, sent)
    try:
        asked = {name: value for name, value in sent.items() if name not in not_asked}
        loaded: dict[str, Any] = schema.load(asked, partial=not_asked)
    except ma.ValidationError as error:
        raise InvalidAnswersError(error.messages_dict, outdated=outdated) from error
    return loaded


def _not_asked(form: Form, schema: ma.Schema, sent: Mapping[str, Any]) -> AbstractSet[str]:
    """Return the questions whose condition does not hold; an answer that is refused is none."""
    following = [question for question in form.questions if question.ask_if != ALWAYS]
    answers = {}
    for name in {name for question in following for name in question.ask_if.listed}:
        with suppress(ma.ValidationError):
            answers[name] = schema.fields[name].deserialize(sent.get(name))
    return {question.id for question in following if not question.ask_if.holds(answers)}


def _answers(form: Form, loaded: Mapping[str, Any]) -> Mapping[str, Answer]:
    answers = {question.id: loaded.get(question.id) for question in form.questions}
    return {question: answer for question, answer in answers.items() if answer not in (None, "", ())}


def _still_offered(form: Form, sent: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the choices that were sent, without the options that this form doesn't offer."""
    for question in form.questions:
        if question.options and question.id in sent:
            ids, chosen = [option.id for option in question.options], sent[question.id]
            if question.kind is Kind.ONE:
                yield question.id, chosen if chosen in ids else None
            else:
                several = chosen if isinstance(chosen, list | tuple) else [chosen]
                known = {option for option in several if isinstance(option, str)}
                yield question.id, [option for option in ids if option in known]


def _question_fields(form: Form) -> dict[str, ma.fields.Field[Any]]:
    return {question.id: _question_field(question) for question in form.questions}


_MISSING = {
    Kind.ONE: N_("Choose one of the answers."),
    Kind.MANY: N_("Choose at least one of the answers."),
    Kind.NUMBER: N_("Enter a number."),
    Kind.TEXT: N_("Write a few words."),
}


def _question_field(question: Question) -> AnswerField:
    missing = _MISSING[question.kind] if question.required else None
    options = [option.id for option in question.options]
    match question.kind:
        case Kind.ONE:
            return AnswerField(partial(fields.choice, options=options), missing=missing)
        case Kind.MANY:
            return AnswerField(partial(fields.choices, options=options), missing=missing, empty=())
        case Kind.NUMBER:
            number = partial(fields.whole_number, low=question.min, high=question.max)
            return AnswerField(number, missing=missing, empty=None)
        case Kind.TEXT:
            read = fields.line if question.is_line else fields.lines
            return AnswerField(partial(read, max_length=question.max_length), missing=missing)


_CONTACT: Mapping[str, tuple[Callable[[object], str], str]] = {
    "name": (partial(fields.line, max_length=_NAME_LENGTH), N_("Enter your name.")),
    "email": (addresses.email_address, N_("Enter your email address.")),
    "phone": (partial(addresses.phone, max_length=_PHONE_LENGTH), N_("Enter your phone number.")),
    "company": (partial(fields.note, max_length=_COMPANY_LENGTH), N_("Enter your company’s name.")),
    "website": (partial(addresses.website, max_length=_WEBSITE_LENGTH), N_("Enter your website’s address.")),
}
"""The reader of each contact field, and what to do where it is missing."""

_AGREE = N_("Tick the box to agree to the privacy note: without it, your answers may not be kept.")
_DISAGREED = N_("Nothing is kept without your agreement to the privacy note: send your answers again to agree.")


def _contact_fields(form: Form) -> dict[str, ma.fields.Field[Any]]:
    """Return the fields beside the questions, in the page's order, which is also that of the errors."""
    asked = {name: (*_CONTACT[name], need) for name, need in form.contact.items() if need is not Need.OFF}
    contact = {
        name: AnswerField(read, missing=missing if need is Need.REQUIRED else None)
        for name, (read, missing, need) in asked.items()
    }
    if form.asks_consent:
        consent = AnswerField(fields.consent, missing=_AGREE, empty=False)
    else:
        consent = AnswerField(partial(fields.consent, silence=True), missing=_DISAGREED, empty=False, unsent=True)
    return {**contact, "consent": consent, "submission_id": AnswerField(fields.submission_id)}
