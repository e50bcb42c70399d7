"""The form as the templates see it: each field with its words, its value and its errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from prequal.core.answers import COMPANY_LENGTH, NAME_LENGTH, TRAP, WEBSITE_LENGTH
from prequal.core.form import Form, Kind, Question
from prequal.core.source import Source
from prequal.core.text import N_
from prequal.pages.catalogues import catalogue
from prequal.pages.wording import filled, placeholders


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionView:
    """An answer to choose."""

    id: str
    label: str
    reveals: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field; `value` is what was sent, as text, or a list of option ids where several may be chosen."""

    id: str
    type: str
    label: str
    help: str = ""
    required: bool = False
    value: str | list[str] = ""
    options: Sequence[OptionView] = ()
    min: int | None = None
    max: int | None = None
    max_length: int | None = None
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The whole form, in one language."""

    version: str
    honeypot: str
    questions: Sequence[FieldView]
    contact: Sequence[FieldView]
    consent: FieldView
    hidden: Mapping[str, str]

    @property
    def fields(self) -> Sequence[FieldView]:
        """Every visible field, in the order of the page."""
        return [*self.questions, *self.contact, self.consent]


_CONTACT = (
    ("name", N_("Your name"), True, NAME_LENGTH),
    ("email", N_("Your email address"), True, None),
    ("company", N_("Company"), False, COMPANY_LENGTH),
    ("website", N_("Website"), False, WEBSITE_LENGTH),
)


def form_view(
    form: Form, language: str, sent: Mapping[str, Any] | None = None, errors: Mapping[str, Sequence[str]] | None = None
) -> FormView:
    """Return the form for a language, with what was sent and what is wrong with it."""
    sent, errors = sent or {}, errors or {}
    translate = catalogue(language).gettext
    contact = [
        FieldView(
            id=name,
            type=name,
            label=translate(label),
            required=required,
            value=_written(sent.get(name)),
            max_length=max_length,
            errors=errors.get(name, ()),
        )
        for name, label, required, max_length in _CONTACT
    ]
    consent = FieldView(
        id="consent",
        type="consent",
        label=translate(N_("I agree that you keep my answers to get back to me, as the privacy note says.")),
        required=True,
        value=_written(sent.get("consent")),
        errors=errors.get("consent", ()),
    )
    words = placeholders(form, language)
    return FormView(
        version=form.version,
        honeypot=TRAP,
        questions=[_question_view(question, language, words, sent, errors) for question in form.questions],
        contact=contact,
        consent=consent,
        hidden={field.name: _written(sent.get(field.name)) for field in fields(Source)},
    )


def _question_view(
    question: Question,
    language: str,
    words: dict[str, str],
    sent: Mapping[str, Any],
    errors: Mapping[str, Sequence[str]],
) -> FieldView:
    value = sent.get(question.id)
    return FieldView(
        id=question.id,
        type=question.kind.value,
        label=filled(question.label[language], words),
        help=filled(question.help[language], words) if question.help else "",
        required=question.required,
        value=_all_written(value) if question.kind is Kind.MANY else _written(value),
        options=[
            OptionView(
                id=option.id,
                label=filled(option.label[language], words),
                reveals=filled(option.reveals[language], words) if option.reveals else "",
            )
            for option in question.options
        ],
        min=question.min,
        max=question.max,
        max_length=question.max_length if question.kind is Kind.TEXT else None,
        errors=errors.get(question.id, ()),
    )


def _written(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _all_written(value: object) -> list[str]:
    return [_written(item) for item in (value if isinstance(value, list) else [value])]
