"""The form as the templates need it: each field in one language, with its value and its errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from prequal.core.answers import TRAP
from prequal.core.fields import consent
from prequal.core.form import Form, Kind, Question
from prequal.core.source import Source
from prequal.core.text import N_
from prequal.pages.wording import catalogue, filled, placeholders


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionView:
    """An option of a question."""

    id: str
    label: str
    #: The text that is shown once it is chosen, or empty.
    reveals: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field of the form."""

    id: str
    #: The kind of a question, or the name of a contact field.
    type: str
    label: str
    help: str = ""
    required: bool = False
    #: The text that was sent, or the ids of the options where several may be chosen.
    value: str | list[str] = ""
    options: Sequence[OptionView] = ()
    #: Of a text question, in characters.
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
    #: Values of the hidden fields.
    hidden: Mapping[str, str]

    @property
    def fields(self) -> Sequence[FieldView]:
        """Every visible field, in the order of the page."""
        return [*self.questions, *self.contact, self.consent]


# Name, label, and whether it is required.
_CONTACT = (
    ("name", N_("Your name"), True),
    ("email", N_("Your email address"), True),
    ("company", N_("Company"), False),
    ("website", N_("Website"), False),
)
_CONSENT = N_("I agree that you keep my answers to get back to me, as the privacy note says.")


def form_view(
    form: Form, language: str, sent: Mapping[str, Any] | None = None, errors: Mapping[str, Sequence[str]] | None = None
) -> FormView:
    """Return the form in a language, with the values that were sent and their errors."""
    sent, errors = sent or {}, errors or {}
    translate = catalogue(language).gettext
    words = placeholders(form, language)

    def question_view(question: Question) -> FieldView:
        value = sent.get(question.id)
        return FieldView(
            id=question.id,
            type=question.kind.value,
            label=filled(question.label[language], words),
            help=filled(question.help[language], words) if question.help else "",
            required=question.required,
            value=_texts(value) if question.kind is Kind.MANY else _text(value),
            options=[
                OptionView(
                    id=option.id,
                    label=filled(option.label[language], words),
                    reveals=filled(option.reveals[language], words) if option.reveals else "",
                )
                for option in question.options
            ],
            max_length=question.max_length,
            errors=errors.get(question.id, ()),
        )

    def own_field(name: str, label: str, *, required: bool) -> FieldView:
        value = _text(sent.get(name)) if name != "consent" else "yes" * consent(sent.get(name))
        messages = errors.get(name, ())
        return FieldView(id=name, type=name, label=translate(label), required=required, value=value, errors=messages)

    return FormView(
        version=form.version,
        honeypot=TRAP,
        questions=[question_view(question) for question in form.questions],
        contact=[own_field(name, label, required=required) for name, label, required in _CONTACT],
        consent=own_field("consent", _CONSENT, required=True),
        hidden={field.name: _text(sent.get(field.name)) for field in fields(Source)},
    )


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _texts(value: object) -> list[str]:
    return [_text(item) for item in (value if isinstance(value, list) else [value])]
