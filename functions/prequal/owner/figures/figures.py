"""The figures of leads, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from prequal.core.form import Grade, Method
from prequal.core.lead import Lead
from prequal.owner.figures.periods import Period
from prequal.owner.figures.tally import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """What totals are measured by: equal for versions of a form whose totals mean the same.

    `hot` and `warm` are the lowest totals for these grades; None where the form is not known.
    """

    form_id: str
    method: Method
    max: int
    hot: int | None = None
    warm: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How many leads have which total and grade."""

    yardstick: Yardstick
    counts: Mapping[tuple[int, Grade], int]

    @property
    def number(self) -> int:
        """Return how many leads these are."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class KnockOut:
    """A reason of the owner's for which no points would do, and the answers that give it, in words.

    `alone` is how many it kept out who would have qualified but for it; None where the form of some is not known.
    """

    reason: str
    answers: Sequence[str]
    count: int
    alone: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that is counted.

    Leads from before `since` are left out. `periods` has every period from that of the first lead to that of `now`, by
    its first day; the last one still runs, and the first one may have begun before `first_day`, when the counting did.
    `sources`, `knock_outs` and `scores` have the most frequent, or the latest, first. `waiting` is how many have a link
    to book that still works, and `newest` the last of these, with names only.
    """

    business: str
    now: datetime
    since: date | None
    first_day: date
    period: Period
    all: Tally
    periods: Mapping[date, Tally]
    sources: Mapping[str, Tally]
    scores: Sequence[Scores]
    knock_outs: Sequence[KnockOut]
    ruled_out: int
    hours_to_booking: Mapping[int, int]
    waiting: int
    newest: Sequence[Lead]
    undelivered: int
    quarantined: int

    @property
    def whole(self) -> Sequence[date]:
        """Return the periods that were counted from their first day to their last."""
        starts = list(self.periods)[:-1]
        return starts if self.first_day in self.periods else starts[1:]
