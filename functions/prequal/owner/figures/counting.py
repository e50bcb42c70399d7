"""Leads become figures, in one pass and little memory."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from prequal.core.form import Form, Grade
from prequal.core.lead import InvitationState, Lead, Status
from prequal.core.lifecycle import LIFECYCLE, Step
from prequal.core.scoring import make_grader
from prequal.core.source import source_name
from prequal.core.stages import Stage, furthest_stage
from prequal.owner.figures.figures import Figures, KnockOut, Scores, Yardstick
from prequal.owner.figures.periods import Period, fitting
from prequal.owner.figures.tally import Tally
from prequal.owner.figures.words import OTHERS, answers_with

# A link can name any source, and so anybody can make up as many as they like.
_MOST_SOURCES = 500
_MOST_NAMED = 20
_HOUR = timedelta(hours=1)
_MOST_HOURS = 24 * 366


def count(  # noqa: PLR0913, what to count, and how
    leads: Iterable[Lead],
    forms: Mapping[str, Form],
    now: datetime,
    *,
    since: datetime | None = None,
    period: Period | None = None,
    names: bool = False,
) -> Figures:
    """Return the figures of leads, the oldest of which come first.

    Forms are those known, by version; leads of others are counted as far as they tell of themselves. Only leads
    received `since` count. Without a period it is the one that fits. Without `names` no figure has personal data.
    """
    counting = _Counting(forms=forms, now=now, names=names)
    for lead in leads:
        if since is None or lead.received_at >= since:
            counting.add(lead)
    return counting.figures(since, period)


@dataclass(slots=True, kw_only=True)
class _Counting:
    """Figures in the making."""

    forms: Mapping[str, Form]
    now: datetime
    names: bool
    form: Form | None = None
    days: defaultdict[date, Tally] = field(default_factory=lambda: defaultdict(Tally))
    sources: dict[str, Tally] = field(default_factory=dict)
    yardsticks: dict[tuple[str, str], Yardstick] = field(default_factory=dict)
    scores: dict[Yardstick, Counter[tuple[int, Grade]]] = field(default_factory=dict)
    ruled_out: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    unjudged: set[str] = field(default_factory=set)
    hours_to_booking: Counter[int] = field(default_factory=Counter)
    waiting: int = 0
    newest: deque[Lead] = field(default_factory=lambda: deque(maxlen=_MOST_NAMED))
    undelivered: int = 0
    quarantined: int = 0

    def add(self, lead: Lead) -> None:
        """Count a lead; one that a trap caught is no prospect, and counted apart."""
        if lead.status is Status.QUARANTINED:
            self.quarantined += 1
            return
        last = furthest_stage(lead)
        how_far = (last, lead.score.grade)
        self.days[lead.received_at.date()].counts[how_far] += 1
        self._source(lead).counts[how_far] += 1
        self._score(lead)
        if lead.score.ruled_out:
            self._rule_out(lead, last)
        self._follow(lead)

    def _source(self, lead: Lead) -> Tally:
        name = source_name(lead.source)
        if name not in self.sources and len(self.sources) >= _MOST_SOURCES:
            name = OTHERS
        return self.sources.setdefault(name, Tally())

    def _score(self, lead: Lead) -> None:
        key = (lead.form_id, lead.form_version)
        if key not in self.yardsticks:
            self.yardsticks[key] = self._yardstick(lead)
        yardstick = self.yardsticks[key]
        # Taken out and put in again, so that what was used last comes last.
        counts = self.scores.pop(yardstick, None) or Counter()
        counts[lead.score.total, lead.score.grade] += 1
        self.scores[yardstick] = counts

    def _yardstick(self, lead: Lead) -> Yardstick:
        form = self.forms.get(lead.form_version)
        self.form = form or self.form
        grades = form.scoring.grades if form else {}
        return Yardstick(
            form_id=lead.form_id,
            method=lead.score.method,
            max=lead.score.max,
            hot=grades.get(Grade.HOT),
            warm=grades.get(Grade.WARM),
        )

    def _rule_out(self, lead: Lead, last: Stage) -> None:
        self.ruled_out += 1
        reasons = set(lead.score.ruled_out)
        self.reasons.update(reasons)
        form = self.forms.get(lead.form_version)
        if form is None:
            self.unjudged |= reasons
        elif len(reasons) == 1 and last is Stage.RECEIVED:  # else its owner has invited it all the same
            _, would_qualify = make_grader(form.scoring)(lead.score.fit, lead.score.intent, False)  # noqa: FBT003, as it is called a million times
            if would_qualify:
                self.alone.update(reasons)

    def _follow(self, lead: Lead) -> None:
        invitation = lead.invitation
        if invitation and invitation.state is InvitationState.FAILED:
            self.undelivered += 1
        elif invitation and lead.status in LIFECYCLE[Step.EXPIRE][0] and invitation.expires_at > self.now:
            self.waiting += 1
            if self.names:
                self.newest.append(lead)
        if lead.booking:
            hours = (lead.booking.booked_at - lead.received_at) // _HOUR
            self.hours_to_booking[max(0, min(hours, _MOST_HOURS))] += 1

    def figures(self, since: datetime | None, period: Period | None) -> Figures:
        """Return what was counted."""
        today = self.now.date()
        form = self.form or next(iter(self.forms.values()), None)
        first = min(self.days, default=today)
        period = period or fitting(first, today)
        if since and since.date() >= period.first_day(first):
            first = since.date()
        periods = {start: Tally() for start in period.starts(first, max(today, max(self.days, default=today)))}
        for day, tally in self.days.items():
            periods[period.first_day(day)] += tally
        return Figures(
            business=form.business.name if form else "",
            now=self.now,
            since=since and since.date(),
            first_day=first,
            period=period,
            all=sum(self.days.values(), Tally()),
            periods=periods,
            sources=dict(sorted(self.sources.items(), key=lambda item: (-item[1].received, item[0]))),
            scores=[Scores(yardstick=yardstick, counts=counts) for yardstick, counts in reversed(self.scores.items())],
            knock_outs=[self._knock_out(reason, count) for reason, count in self.reasons.most_common()],
            ruled_out=self.ruled_out,
            hours_to_booking=self.hours_to_booking,
            waiting=self.waiting,
            newest=list(reversed(self.newest)),
            undelivered=self.undelivered,
            quarantined=self.quarantined,
        )

    def _knock_out(self, reason: str, count: int) -> KnockOut:
        alone = None if reason in self.unjudged else self.alone[reason]
        return KnockOut(reason=reason, answers=answers_with(reason, self.forms.values()), count=count, alone=alone)
