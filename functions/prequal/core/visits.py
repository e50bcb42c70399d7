"""Visits of the page: how far each came. They are counted, and nothing else is kept of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from prequal.core.form import Form, Need

# The source of visits that no link of the owner's names, which anybody could make up.
OTHER_SOURCES = ""
# The page counts times in half octaves; a day has 33.
_MOST_PACE = 40
_SENT, _STAGE, _PACE = "sent", "stage_", "pace_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A message of the page, sent when it is left: the furthest stage of one visit.

    Stages are numbered: 0, the page was seen; then one for each field, at which a visitor stands who left it, or came
    to it and did not answer; one for a form that is filled in and not sent; and the last, sent.
    """

    stage: int
    #: Whether the stage is the last.
    sent: bool = False
    #: The stage that an earlier message of the same visit reported, from which the visit is moved; None for the first.
    reported: int | None = None
    #: The time from the first touch of the form to sending: twice the binary logarithm of its seconds, rounded.
    pace: int | None = None

    @property
    def increments(self) -> Mapping[str, int]:
        """Return the changes of a day's counts, by the names of these.

        A move subtracts one where the visit was counted. Without the message that counted it, a sum may be negative:
        `Funnel` reads that as none.
        """
        moved = {} if self.reported is None else {f"{_STAGE}{self.reported}": -1}
        timed = {} if self.pace is None else {f"{_PACE}{self.pace}": 1}
        return {_SENT if self.sent else f"{_STAGE}{self.stage}": 1, **moved, **timed}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCounts:
    """The counts of a day, or of a part of it, of one version of a form and one source."""

    #: In UTC, like 2026-01-31.
    day: str
    form_id: str
    form_version: str
    #: A source that the owner made, or `OTHER_SOURCES`.
    source: str
    #: By the names of `Visit.increments`.
    counts: Mapping[str, int]


def page_fields(form: Form) -> Sequence[str]:
    """Return the names of the fields that a visitor fills in, in the order of the page."""
    contact = [name for name, need in form.contact.items() if need is not Need.OFF]
    return [*(question.id for question in form.questions), *contact, *(["consent"] if form.asks_consent else [])]


def visit_from(message: Mapping[str, Any], form: Form) -> Visit:
    """Read a message of the page; ValueError if it is not of this form's page."""
    last = len(page_fields(form)) + 2
    stage, reported = _number(message, "stage", last), _number(message, "reported", last - 1)
    pace = _number(message, "pace", _MOST_PACE)
    if stage is None or (reported is not None and reported >= stage) or (pace is not None and stage < last):
        raise ValueError(message)
    return Visit(stage=stage, sent=stage == last, reported=reported, pace=pace)


def _number(message: Mapping[str, Any], name: str, most: int) -> int | None:
    value = message.get(name)
    if value is not None and not (type(value) is int and 0 <= value <= most):
        raise ValueError(value)
    return value


@dataclass(frozen=True, slots=True)
class Funnel:
    """Sums of the counts of many visits. No stage has more visitors than one before, whatever messages were lost."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, counts: Mapping[str, int]) -> None:
        """Add further counts."""
        for name, number in counts.items():
            self.counts[name] += number

    def left_at(self, stage: int) -> int:
        """Return the number of visits that ended at a stage before *sent*."""
        return max(0, self.counts[f"{_STAGE}{stage}"])

    def reached(self, stage: int) -> int:
        """Return the number of visits that came to a stage, or further."""
        later = (name for name in self.counts if name.startswith(_STAGE) and int(name.removeprefix(_STAGE)) >= stage)
        return self.sent + sum(max(0, self.counts[name]) for name in later)

    @property
    def sent(self) -> int:
        """Return the number of visits in which the form was sent."""
        return self.counts[_SENT]

    @property
    def paces(self) -> Mapping[int, int]:
        """Return the number of sent forms by `Visit.pace`."""
        return {int(name.removeprefix(_PACE)): count for name, count in self.counts.items() if name.startswith(_PACE)}


class FieldLoss(NamedTuple):
    """Visits that ended at a field, of those that came to it."""

    name: str
    left: int
    reached: int


def field_losses(form: Form, funnel: Funnel) -> Sequence[FieldLoss]:
    """Return the losses of each field, in the order of the page."""
    fields = enumerate(page_fields(form), 1)
    return [FieldLoss(name, funnel.left_at(number), funnel.reached(number)) for number, name in fields]
