"""Figures of the leads, as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from prequal.analysis.common_answers import CommonAnswers
from prequal.analysis.intervals import Share
from prequal.core.form import Grade, Method
from prequal.core.lead import Lead, Status
from prequal.core.stages import Stage
from prequal.pages.labels import GRADES
from prequal.pages.zone import Zone

# The name under which small sources are counted together.
OTHERS = "others"
# A chart of more weeks would have columns too thin to read.
_MOST_WEEKS = timedelta(weeks=16)
_LONGEST_MONTH = timedelta(days=31)
_ORDER = {stage: order for order, stage in enumerate(Stage)}


class Period(StrEnum):
    """Unit of time that leads are counted by. A period is identified by its first day."""

    WEEK = "week"
    MONTH = "month"

    @classmethod
    def for_span(cls, first: date, last: date) -> Period:
        """Return the unit that suits a chart of these days."""
        return cls.WEEK if last - first <= _MOST_WEEKS else cls.MONTH

    def first_day(self, day: date) -> date:
        """Return the first day of the period of a day."""
        return day.replace(day=1) if self is Period.MONTH else day - timedelta(days=day.weekday())

    def following(self, first_day: date) -> date:
        """Return the first day of the next period."""
        return self.first_day(first_day + (_LONGEST_MONTH if self is Period.MONTH else timedelta(weeks=1)))

    def days(self, first_day: date) -> int:
        """Return the number of days of a period."""
        return (self.following(first_day) - first_day).days

    def starts(self, first: date, last: date) -> Iterator[date]:
        """Return the first day of every period between two days, both included."""
        start = self.first_day(first)
        while start <= last:
            yield start
            start = self.following(start)


@dataclass(frozen=True, slots=True)
class LeadCounts:
    """Numbers of leads by the furthest stage reached and by grade."""

    counts: Counter[tuple[Stage, Grade]] = field(default_factory=Counter)

    def reached(self, stage: Stage) -> int:
        """Return the number of leads that reached a stage."""
        return sum(count for (last, _), count in self.counts.items() if _ORDER[last] >= _ORDER[stage])

    def graded(self, grade: Grade) -> int:
        """Return the number of leads of a grade."""
        return sum(count for (_, its), count in self.counts.items() if its is grade)

    def share(self, stage: Stage, of: Stage = Stage.RECEIVED) -> Share:
        """Return the share that reached one stage of those that reached another."""
        return Share(self.reached(stage), self.reached(of))

    @property
    def received(self) -> int:
        """Return the number of leads."""
        return self.counts.total()

    def __add__(self, other: LeadCounts) -> LeadCounts:
        return LeadCounts(self.counts + other.counts)

    def __sub__(self, other: LeadCounts) -> LeadCounts:
        return LeadCounts(self.counts - other.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """Scale of totals: equal for versions of a form whose totals mean the same."""

    form_id: str
    method: Method
    max: int
    #: The lowest totals for these grades; None where the form is not known.
    hot: int | None = None
    warm: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Numbers of leads by total and grade, on one scale."""

    yardstick: Yardstick
    counts: Mapping[tuple[int, Grade], int]

    @property
    def number(self) -> int:
        """Return the number of leads."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class KnockOut:
    """Reason of the owner's that rules a lead out, whatever its points."""

    reason: str
    #: The answers that rule out for this reason, in words.
    answers: Sequence[str]
    count: int
    #: The number of leads that would have qualified otherwise; None where the form of some is not known.
    alone: int | None


@dataclass(frozen=True, slots=True)
class Reaction:
    """Answer at which the page showed a text, in words, and whether it stayed the same."""

    answer: str
    stayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Visits by how far they came, and the leads of the same time, which people without JavaScript sent too."""

    seen: int
    begun: int
    sent: int
    leads: LeadCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCost:
    """Loss of a field of the page beside what it decides."""

    name: str
    #: Whether the owner asks it; contact and consent decide nothing.
    is_question: bool
    #: Visits that came to it and went no further, of those that came to it.
    lost: Share
    #: Leads whose verdict would be another without it.
    decided: Share | None
    #: The share of all possible answers whose verdict would be; None also where nobody can tell.
    decided_of_all: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFigures:
    """Visits of one version of a form."""

    form_id: str
    version: str
    #: The first day on which a visit was counted, in UTC.
    since: date
    all: Passage
    #: In the order of the page; empty if the version is not known any more.
    fields: Sequence[FieldCost]
    #: The owner's sources, the most visits first, and all others together.
    sources: Mapping[str, Passage]
    #: Sent forms by the time that they took: see `core.visits.Visit`.
    paces: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of a report."""

    business: str
    #: The owner's time zone, in which days begin.
    zone: Zone
    now: datetime
    #: Earlier leads are left out.
    since: date | None
    #: The first day counted.
    first_day: date
    period: Period
    all: LeadCounts
    #: Every period from that of the first lead to the one that still runs, by its first day.
    periods: Mapping[date, LeadCounts]
    #: The most frequent first.
    sources: Mapping[str, LeadCounts]
    #: By the form's id.
    forms: Mapping[str, LeadCounts]
    #: The latest first.
    scores: Sequence[Scores]
    #: The most frequent first.
    knock_outs: Sequence[KnockOut]
    ruled_out: int
    #: Those to the most frequent answer first, and of these those who stayed with it.
    reactions: Mapping[Reaction, LeadCounts]
    hours_to_booking: Mapping[int, int]
    #: The numbers of calls that were moved, and of those that were cancelled.
    moved: int
    cancelled: int
    #: Leads that came to a call, an offer or an outcome, by their grade and present status.
    endings: Mapping[tuple[Grade, Status], int]
    #: Lost leads by the owner's reason, if several have it in common: a reason of one alone may name a person.
    lost: Mapping[str, int]
    #: The number of leads with a link to book that still works.
    waiting: int
    #: The last of these; empty unless the report has names.
    newest: Sequence[Lead]
    undelivered: int
    #: The number of leads whose invitation waits for the owner to release it.
    held: int
    quarantined: int
    #: Each version of a form whose visits were counted, the latest first.
    visits: Sequence[VisitFigures]
    #: By the id of each form that has good clients.
    common: Mapping[str, CommonAnswers]

    @property
    def latest_visits(self) -> Sequence[VisitFigures]:
        """Return those of the latest version of each form."""
        return list({its.form_id: its for its in reversed(self.visits)}.values())[::-1]

    def ended(self, status: Status) -> int:
        """Return the number of leads that came to a call, an offer or an outcome, and have a status now."""
        return sum(count for (_, its), count in self.endings.items() if its is status)

    @property
    def won_by_grade(self) -> Mapping[Grade, Share]:
        """Return the share of won leads among those that were won or lost, by grade, the best first."""
        won, lost = ({grade: self.endings.get((grade, its), 0) for grade in Grade} for its in (Status.WON, Status.LOST))
        shares = {grade: Share(won[grade], won[grade] + lost[grade]) for grade in GRADES}
        return {grade: share for grade, share in shares.items() if share.of}

    def label(self, first_day: date) -> str:
        """Return the name of a period within a sentence."""
        if self.period is Period.MONTH:
            return f"{first_day:%B %Y}"
        return f"the week of {self.zone.long_day(first_day)}"

    @property
    def whole(self) -> Sequence[date]:
        """Return the periods that were counted from their first day to their last."""
        starts = list(self.periods)[:-1]
        return starts if self.first_day in self.periods else starts[1:]
