"""The form: the owner's ideal client profile.

A form is read from a *document*, the plain values of the form file once they have been checked against
`schema/form.schema.json`. Reading trusts the document: in the cloud it was compiled, and so checked, before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

DEFAULT_VALID_DAYS = 14
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Text: TypeAlias = "Mapping[str, str]"
"""The same words by language, complete: every language of the form is a key."""


class Axis(StrEnum):
    """What an answer tells of: whether they are the right client, or whether they will buy."""

    FIT = "fit"
    INTENT = "intent"


class Kind(StrEnum):
    """How a question is answered."""

    ONE = "one"
    MANY = "many"
    NUMBER = "number"
    TEXT = "text"


class Grade(StrEnum):
    """How good a lead is, from the best to the worst."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"

    def reaches(self, other: Grade) -> bool:
        """Whether this grade is as good as the other, or better."""
        order = tuple(Grade)
        return order.index(self) <= order.index(other)


class Method(StrEnum):
    """What the total is: the sum of points, or the number of desired answers."""

    POINTS = "points"
    TRAITS = "traits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer to choose. `rules_out` is the owner's reason, never shown to a prospect."""

    id: str
    label: Text
    points: int = 0
    desired: bool = False
    rules_out: str | None = None
    reveals: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What a number is worth, up to and including `up_to`; without a bound, any number above."""

    #: Only an option can: here so that both kinds of choice can be asked alike.
    rules_out: ClassVar[None] = None

    up_to: int | None = None
    points: int = 0
    desired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question; it is scored when it has an axis."""

    id: str
    kind: Kind
    label: Text
    help: Text | None = None
    axis: Axis | None = None
    required: bool = True
    options: tuple[Option, ...] = ()
    max_points: int | None = None
    bands: tuple[Band, ...] = ()
    min: int | None = None
    max: int | None = None
    max_length: int = 1000

    @property
    def choices(self) -> tuple[Option | Band, ...]:
        """The options, or the bands of a number; none for a text."""
        return self.options or self.bands

    def option(self, option_id: str) -> Option:
        """Return the option of this id; KeyError when there is none."""
        for option in self.options:
            if option.id == option_id:
                return option
        raise KeyError(option_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """When a lead is hot, warm or cold, and when it is qualified."""

    method: Method
    grades: Mapping[Grade, int]
    qualify: Grade
    minimum: Mapping[Axis, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """Whose form it is."""

    name: str
    url: str
    privacy_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The whole form. `version` identifies its content: see `version_of`.

    `remind_after_days` is None where invitations get no reminder, and `digest_weekday`, with 0 for Monday, where there
    is no digest.
    """

    id: str
    version: str
    languages: tuple[str, ...]
    currency: str
    starting_price: int
    business: Business
    questions: tuple[Question, ...]
    scoring: Scoring
    invitation_days: int
    remind_after_days: int | None
    prepare: Mapping[str, Sequence[str]]
    qualified_days: int
    unqualified_days: int
    digest_weekday: int | None

    @property
    def default_language(self) -> str:
        """The language of whoever asks for none, and of the owner."""
        return self.languages[0]

    def language(self, asked: str) -> str:
        """Return the language asked for if the form speaks it, else the default."""
        return asked if asked in self.languages else self.default_language

    def retention(self, *, qualified: bool) -> timedelta:
        """Return how long a lead is kept after its last attempt."""
        return timedelta(days=self.qualified_days if qualified else self.unqualified_days)

    def question(self, question_id: str) -> Question | None:
        """Return the question of this id, if it is asked."""
        return next((question for question in self.questions if question.id == question_id), None)


def version_of(document: Mapping[str, Any]) -> str:
    """Return the first 12 hex digits of the SHA-256 of the document's canonical JSON.

    Canonical: keys sorted, no white space, UTF-8 unescaped, as RFC 8785 has it for the values a form holds.
    """
    return hashlib.sha256(canonical_json(document)).hexdigest()[:12]


def canonical_json(document: object) -> bytes:
    """Return the one JSON text of a document, so that the same content gives the same bytes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def form_from(document: Mapping[str, Any]) -> Form:
    """Read a form from a checked document."""
    languages = tuple(document["languages"])
    scoring = document["scoring"]
    invitation = document.get("invitation", {})
    retention = document.get("retention", {})
    return Form(
        id=document["id"],
        version=version_of(document),
        languages=languages,
        currency=document["currency"],
        starting_price=document["starting_price"],
        business=Business(**document["business"]),
        questions=tuple(_question(question, languages) for question in document["questions"]),
        scoring=Scoring(
            method=Method(scoring.get("method", Method.POINTS)),
            grades={Grade(grade): points for grade, points in scoring["grades"].items()},
            qualify=Grade(scoring.get("qualify", Grade.WARM)),
            minimum={Axis(axis): points for axis, points in scoring.get("minimum", {}).items()},
        ),
        invitation_days=invitation.get("valid_days", DEFAULT_VALID_DAYS),
        remind_after_days=invitation.get("remind_after_days"),
        prepare=_by_language(invitation.get("prepare", []), languages),
        qualified_days=retention.get("qualified_days", 730),
        unqualified_days=retention.get("unqualified_days", 180),
        digest_weekday=WEEKDAYS.index(document["digest"]) if "digest" in document else None,
    )


def _question(document: Mapping[str, Any], languages: Sequence[str]) -> Question:
    known = {key: document[key] for key in ("id", "max_points", "min", "max", "max_length") if key in document}
    kind = Kind(document["type"])
    return Question(
        **known,
        kind=kind,
        label=_by_language(document["label"], languages),
        help=_by_language(document["help"], languages) if "help" in document else None,
        axis=Axis(document["axis"]) if "axis" in document else None,
        required=document.get("required", kind is not Kind.TEXT),
        options=tuple(_option(option, languages) for option in document.get("options", ())),
        bands=tuple(Band(**band) for band in document.get("bands", ())),
    )


def _option(document: Mapping[str, Any], languages: Sequence[str]) -> Option:
    texts = {key: _by_language(document[key], languages) for key in ("label", "reveals") if key in document}
    return Option(**{**document, **texts})


def _by_language(words: Any, languages: Sequence[str]) -> dict[str, Any]:  # noqa: ANN401, a text or a list of texts
    """Complete what is written by language: a missing one falls back on the first there is."""
    if not isinstance(words, dict):
        return dict.fromkeys(languages, words)
    fallback = next(words[language] for language in languages if language in words)
    return {language: words.get(language, fallback) for language in languages}
