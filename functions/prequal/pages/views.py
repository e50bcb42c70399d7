"""The form as the templates need it: each field in one language, with its value and its errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from babel.lists import format_list

from prequal.core.answers import TRAP, read_reactions
from prequal.core.conditions import ALWAYS, Condition
from prequal.core.fields import consent
from prequal.core.form import Form, Kind, Need, Question
from prequal.core.source import Source
from prequal.core.text import N_
from prequal.pages.wording import catalogue, filled, placeholders


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealView:
    """A text that is shown once an option is chosen."""

    text: str
    #: Whether it depends on other answers, too.
    is_conditional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionView:
    """An option of a question."""

    id: str
    label: str
    #: The first whose condition holds is shown.
    reveals: Sequence[RevealView]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field of the form."""

    id: str
    #: The kind of a question, "line" for a text of one, the name of a contact field, "consent" or "notice".
    type: str
    label: str
    help: str = ""
    required: bool = False
    #: The text that was sent, or the ids of the options where several may be chosen.
    value: str | list[str] = ""
    options: Sequence[OptionView] = ()
    #: Of a text question, in characters, where visitors are told.
    max_length: int | None = None
    errors: Sequence[str] = ()
    #: The answers after which it is asked, as one text; empty if everybody is asked.
    asked_if: str = ""
    #: Whether the owner asks it, beside contact and consent.
    is_question: bool = False

    @property
    def is_short(self) -> bool:
        """Whether two of its options fit beside each other, and none but the last reveals a text."""
        is_short = all(len(option.label) <= _SHORT_LABEL for option in self.options)
        return is_short and not any(option.reveals for option in self.options[:-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The whole form, in one language."""

    id: str
    version: str
    honeypot: str
    questions: Sequence[FieldView]
    contact: Sequence[FieldView]
    consent: FieldView
    #: Whether the page reports how far its visitors come.
    counts_visits: bool
    #: Values of the hidden fields.
    hidden: Mapping[str, str]
    #: By the id of a question, the option at which a text was first revealed.
    reactions: Mapping[str, str]

    @property
    def fields(self) -> Sequence[FieldView]:
        """Every visible field, in the order of the page."""
        return [*self.questions, *self.contact, self.consent]


_CONTACT = {
    "name": N_("Your name"),
    "email": N_("Your email address"),
    "phone": N_("Phone number"),
    "company": N_("Company"),
    "website": N_("Website"),
}
_CONSENT = N_("I agree that you keep my answers to get back to me, as the privacy note says.")
#: An answer within a sentence.
_QUOTED = N_("“%(answer)s”")
_NOTICE = N_("We keep your answers to get back to you.")
# Half the width of the form, in characters.
_SHORT_LABEL = 36
# A line as long as this needs no warning: few people write more.
_LONG_LINE = 100


def form_view(
    form: Form, language: str, sent: Mapping[str, Any] | None = None, errors: Mapping[str, Sequence[str]] | None = None
) -> FormView:
    """Return the form in a language, with the values that were sent and their errors."""
    sent, errors = sent or {}, errors or {}
    translate = catalogue(language, form.voice).gettext
    words = placeholders(form, language)

    def question_view(question: Question) -> FieldView:
        value = sent.get(question.id)
        return FieldView(
            id=question.id,
            type="line" if question.is_line else question.kind.value,
            label=filled(question.label[language], words),
            help=filled(question.help[language], words) if question.help else "",
            required=question.required,
            value=_texts(value) if question.kind is Kind.MANY else _text(value),
            options=[
                OptionView(
                    id=option.id,
                    label=filled(option.label[language], words),
                    reveals=[
                        RevealView(text=filled(reveal.text[language], words), is_conditional=reveal.condition != ALWAYS)
                        for reveal in option.reveals
                    ],
                )
                for option in question.options
            ],
            max_length=_shown_length(question),
            errors=errors.get(question.id, ()),
            asked_if=asked_if(question.ask_if),
            is_question=True,
        )

    def asked_if(condition: Condition) -> str:
        chosen = [
            translate(_QUOTED) % {"answer": filled(option.label[language], words)}
            for question in form.questions
            for option in question.options
            if option.id in condition.listed.get(question.id, ())
        ]
        return format_list(chosen, style="or", locale=language)

    def own_field(name: str, kind: str, label: str, value: str, *, required: bool) -> FieldView:
        messages = errors.get(name, ())
        return FieldView(id=name, type=kind, label=translate(label), required=required, value=value, errors=messages)

    agreed = "yes" * consent(sent.get("consent"))
    return FormView(
        id=form.id,
        version=form.version,
        honeypot=TRAP,
        questions=[question_view(question) for question in form.questions],
        contact=[
            own_field(name, name, _CONTACT[name], _text(sent.get(name)), required=need is Need.REQUIRED)
            for name, need in form.contact.items()
            if need is not Need.OFF
        ],
        consent=own_field("consent", "consent", _CONSENT, agreed, required=True)
        if form.asks_consent
        else own_field("consent", "notice", _NOTICE, "", required=False),
        counts_visits=form.counts_visits,
        hidden={field.name: _text(sent.get(field.name)) for field in fields(Source)},
        reactions=read_reactions(form, sent),
    )


def _shown_length(question: Question) -> int | None:
    if question.kind is not Kind.TEXT or (question.is_line and question.max_length > _LONG_LINE):
        return None
    return question.max_length


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _texts(value: object) -> list[str]:
    return [_text(item) for item in (value if isinstance(value, list) else [value])]
