"""The form: the owner's ideal client profile.

A form is read from a *document*: the plain values of the form file, checked against `schema/form.schema.json`.
Reading trusts the document, since `prequal package` checks it before it compiles it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

from prequal.core.conditions import ALWAYS, Condition

DEFAULT_VALID_DAYS = 14
DEFAULT_MOST_A_DAY = 50
_LINE_LENGTH = 200
# The contact fields of a form file that doesn't say otherwise.
_CONTACT = {"name": "required", "email": "required", "phone": "off", "company": "optional", "website": "optional"}
_TAG_LENGTH = 35  # enough for every real language tag (RFC 5646, 4.4.1)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# In place of a weekday.
NEVER = "never"

Text: TypeAlias = "Mapping[str, str]"
"""One text by language, complete: every language of the form is a key."""


class Axis(StrEnum):
    """The two subjects of scoring: whether this is the right client, and whether they will buy."""

    FIT = "fit"
    INTENT = "intent"


class Kind(StrEnum):
    """Type of a question: one option, several options, a whole number, or free text."""

    ONE = "one"
    MANY = "many"
    NUMBER = "number"
    TEXT = "text"


class Need(StrEnum):
    """Whether a contact field is asked, and has to be filled in."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Grade(StrEnum):
    """Quality of a lead, from the best to the worst."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"

    def reaches(self, other: Grade) -> bool:
        """Whether this grade is as good as the other, or better."""
        return list(Grade).index(self) <= list(Grade).index(other)


class Voice(StrEnum):
    """Person in which prequal's sentences speak to visitors: several people, or one."""

    WE = "we"
    ONE = "I"


class Method(StrEnum):
    """Meaning of a score's total: the sum of points, or the number of desired answers."""

    POINTS = "points"
    TRAITS = "traits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """A text that the page shows once an option is chosen."""

    text: Text
    #: On answers to other questions, which are asked of everybody.
    condition: Condition = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer that can be chosen."""

    id: str
    label: Text
    points: int = 0
    #: Counted by the method *traits*.
    desired: bool = False
    #: The owner's reason why this answer disqualifies, never shown to a prospect.
    rules_out: str | None = None
    #: The first whose condition holds is shown once the option is chosen.
    reveals: tuple[Reveal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A range of numbers that score alike."""

    #: Only an option rules out: with this, options and bands can be used alike.
    rules_out: ClassVar[None] = None
    #: The largest number of the band, inclusive; None for no upper bound.
    up_to: int | None = None
    points: int = 0
    desired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with its options or limits."""

    id: str
    kind: Kind
    label: Text
    help: Text | None = None
    #: None where answers are not scored.
    axis: Axis | None = None
    required: bool = True
    #: On an earlier question that is asked of everybody.
    ask_if: Condition = ALWAYS
    #: Of the kinds *one* and *many*.
    options: tuple[Option, ...] = ()
    #: Cap on the points of several chosen options together.
    max_points: int | None = None
    #: Of the kind *number*, in ascending order.
    bands: tuple[Band, ...] = ()
    #: Bounds of a number, inclusive.
    min: int | None = None
    max: int | None = None
    #: Of a text, in characters.
    max_length: int = 1000
    #: Of a text: one line, not paragraphs.
    is_line: bool = False

    @property
    def choices(self) -> tuple[Option | Band, ...]:
        """The options, or the bands of a number; none for a text."""
        return self.options or self.bands


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """Rules for the grade of a lead and its qualification."""

    method: Method
    #: The least total of each grade above cold.
    grades: Mapping[Grade, int]
    #: The lowest grade that qualifies.
    qualify: Grade
    #: The least subtotal of an axis that qualifies.
    minimum: Mapping[Axis, int] = field(default_factory=dict)
    #: The day on which the points were last learned from outcomes; None if they never were.
    learned: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRule:
    """A booking page, and for whom it is."""

    #: On answers, `grade` and `language`.
    condition: Condition
    #: The address, with placeholders.
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """The business that asks."""

    name: str
    url: str
    privacy_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The whole form."""

    id: str
    #: Identifies the content: see `version_of`.
    version: str
    #: Language codes; the first is the default, and the owner's.
    languages: tuple[str, ...]
    #: ISO 4217 code.
    currency: str
    starting_price: int
    #: What most projects come to, from and to; None if the owner doesn't say.
    usual: tuple[int, int] | None
    business: Business
    voice: Voice
    #: By the names of the fields, in the order of the page; name and email address are always asked.
    contact: Mapping[str, Need]
    #: Whether visitors tick a box to agree to the privacy note. Otherwise a sentence leads to it.
    asks_consent: bool
    #: In the order of the page.
    questions: tuple[Question, ...]
    #: Whether the page reports how far its visitors come.
    counts_visits: bool
    scoring: Scoring
    #: The first whose condition holds is used; if none does, the booking page of the settings.
    booking: tuple[BookingRule, ...]
    #: Days until an invitation expires.
    invitation_days: int
    #: Days until the reminder; None for no reminder.
    remind_after_days: int | None
    #: Invitations that go out in a day, if the owner does not send them: see `services.mail_budget`.
    most_a_day: int
    #: Advice for the call, by language: one sentence each.
    prepare: Mapping[str, Sequence[str]]
    #: Retention of qualified leads, and of the others.
    qualified_days: int
    unqualified_days: int
    #: The addresses of the owner's own thank-you page by language; None for ours.
    thanks_url: Text | None
    #: Day of the weekly digest, 0 for Monday; None for no digest.
    digest_weekday: int | None

    @property
    def default_language(self) -> str:
        """The language of visitors who ask for none, and of the owner."""
        return self.languages[0]

    def language(self, requested: str) -> str:
        """Return the form's language for a requested language tag, else the default."""
        return self.find_language(requested) or self.default_language

    def find_language(self, requested: str) -> str | None:
        """Return the form's language for a language tag by the lookup of RFC 4647, or None if it has none."""
        known = {language.lower(): language for language in self.languages}
        tag = requested[:_TAG_LENGTH].strip().replace("_", "-").lower()
        while tag and tag not in known:
            tag = tag.rpartition("-")[0]
        return known.get(tag)

    def retention(self, *, qualified: bool) -> timedelta:
        """Return the retention time of a lead, counted from its last attempt."""
        return timedelta(days=self.qualified_days if qualified else self.unqualified_days)

    def question(self, question_id: str) -> Question | None:
        """Return the question of this id, if the form has it."""
        return next((question for question in self.questions if question.id == question_id), None)

    def not_asked(self, answers: Mapping[str, object]) -> list[str]:
        """Return the ids of the questions that are not asked after these answers."""
        return [question.id for question in self.questions if not question.ask_if.holds(answers)]

    def followers(self, question_id: str) -> tuple[Question, ...]:
        """Return the scored questions that are asked after certain answers to this one."""
        return tuple(question for question in self.questions if question.axis and question_id in question.ask_if.listed)


def published(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part that is asked and scored: other examples or silences don't make another version of the form."""
    return {key: value for key, value in document.items() if key not in ("examples", "silence")}


def version_of(document: Mapping[str, Any]) -> str:
    """Return the first 12 hex digits of the SHA-256 of the document's canonical JSON."""
    return hashlib.sha256(canonical_json(document)).hexdigest()[:12]


def canonical_json(document: object) -> bytes:
    """Return the document as JSON with sorted keys, no white space and unescaped UTF-8: equal content, equal bytes.

    This is RFC 8785 for the values that a form holds.
    """
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def form_from(document: Mapping[str, Any]) -> Form:
    """Read a form from a checked document."""
    languages = tuple(document["languages"])
    scoring = document["scoring"]
    contact = {**_CONTACT, **document.get("contact", {})}
    invitation = document.get("invitation", {})
    retention = document.get("retention", {})
    return Form(
        id=document["id"],
        version=version_of(document),
        languages=languages,
        currency=document["currency"],
        starting_price=document["starting_price"],
        usual=tuple(document["usual"]) if "usual" in document else None,
        business=Business(**document["business"]),
        voice=Voice(document.get("voice", Voice.WE)),
        contact={name: Need(need) for name, need in contact.items()},
        asks_consent=document.get("consent", "required") == "required",
        questions=tuple(_question(question, languages) for question in document["questions"]),
        counts_visits=document.get("count_visits", True),
        scoring=Scoring(
            method=Method(scoring.get("method", Method.POINTS)),
            grades={Grade(grade): points for grade, points in scoring["grades"].items()},
            qualify=Grade(scoring.get("qualify", Grade.WARM)),
            minimum={Axis(axis): points for axis, points in scoring.get("minimum", {}).items()},
            learned=date.fromisoformat(scoring["learned"]) if "learned" in scoring else None,
        ),
        booking=tuple(
            BookingRule(condition=_condition(rule.get("if", {})), url=rule["url"])
            for rule in document.get("booking", ())
        ),
        invitation_days=invitation.get("valid_days", DEFAULT_VALID_DAYS),
        remind_after_days=invitation.get("remind_after_days"),
        most_a_day=invitation.get("most_a_day", DEFAULT_MOST_A_DAY),
        prepare=_by_language(invitation.get("prepare", []), languages),
        qualified_days=retention.get("qualified_days", 730),
        unqualified_days=retention.get("unqualified_days", 180),
        thanks_url=_by_language(document["thanks_url"], languages) if "thanks_url" in document else None,
        digest_weekday=_weekday(document.get("digest", WEEKDAYS[0])),
    )


def _weekday(name: str) -> int | None:
    return None if name == NEVER else WEEKDAYS.index(name)


def _question(document: Mapping[str, Any], languages: Sequence[str]) -> Question:
    known = {key: document[key] for key in ("id", "max_points", "min", "max", "max_length") if key in document}
    kind, is_line = Kind(document["type"]), document.get("format") == "line"
    if is_line:
        known.setdefault("max_length", _LINE_LENGTH)
    return Question(
        **known,
        is_line=is_line,
        kind=kind,
        label=_by_language(document["label"], languages),
        help=_by_language(document["help"], languages) if "help" in document else None,
        axis=Axis(document["axis"]) if "axis" in document else None,
        required=document.get("required", kind is not Kind.TEXT),
        ask_if=_condition(document.get("ask_if", {})),
        options=tuple(_option(option, languages) for option in document.get("options", ())),
        bands=tuple(Band(**band) for band in document.get("bands", ())),
    )


def _option(document: Mapping[str, Any], languages: Sequence[str]) -> Option:
    revealed = document.get("reveals", [])
    reveals = tuple(
        Reveal(text=_by_language(entry["text"], languages), condition=_condition(entry.get("if", {})))
        for entry in (revealed if isinstance(revealed, list) else [{"text": revealed}])
    )
    return Option(**{**document, "label": _by_language(document["label"], languages), "reveals": reveals})


def _condition(document: Mapping[str, Sequence[str]]) -> Condition:
    return Condition({name: tuple(listed) for name, listed in document.items()})


def _by_language(written: Any, languages: Sequence[str]) -> dict[str, Any]:  # noqa: ANN401, a text or a list of texts
    """Return the text in every language; a missing language gets the text of the first that is there."""
    if not isinstance(written, dict):
        return dict.fromkeys(languages, written)
    fallback = next(written[language] for language in languages if language in written)
    return {language: written.get(language, fallback) for language in languages}
