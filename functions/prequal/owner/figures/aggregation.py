"""Aggregation of leads to figures, in one pass and in constant memory."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from prequal.core.days import day_of
from prequal.core.form import Form, Grade
from prequal.core.lead import InvitationState, Lead, Status
from prequal.core.lifecycle import Step, allows
from prequal.core.past_client import PastClient
from prequal.core.scoring import has_stayed, make_grader
from prequal.core.source import source_name
from prequal.core.stages import Stage, furthest_stage
from prequal.core.visits import VisitCounts
from prequal.owner.figures.good_clients import GoodClientTally
from prequal.owner.figures.insights import capitalised
from prequal.owner.figures.model import OTHERS, Figures, KnockOut, LeadCounts, Period, Reaction, Scores, Yardstick
from prequal.owner.figures.visits import VisitTally
from prequal.owner.form_labels import FormLabels
from prequal.pages.wording import filled, placeholders
from prequal.pages.zone import Zone

# Anybody can make up sources, as a link can name any.
_MOST_SOURCES = 500
_MOST_NAMED = 20
# A reason that several leads have in common is about no one of them.
_SEVERAL = 2
_HOUR = timedelta(hours=1)
_MOST_HOURS = 24 * 366


def aggregate(  # noqa: PLR0913, an option each
    leads: Iterable[Lead],
    forms: Mapping[str, Form],
    now: datetime,
    zone: Zone,
    *,
    since: datetime | None = None,
    period: Period | None = None,
    names: bool = False,
    visits: Iterable[VisitCounts] = (),
    past_clients: Iterable[PastClient] = (),
) -> Figures:
    """Return the figures of leads, given oldest first, of visits and of past clients.

    `forms` are the known ones by version: leads of others are counted without their thresholds. Only leads and past
    clients received `since` count. Without `period`, it follows from the span. Without `names`, no figure has personal
    data.
    """
    asked = (client for client in past_clients if since is None or client.received_at >= since)
    aggregation = _Aggregation(forms, now, zone, VisitTally(visits, forms), GoodClientTally(asked, forms), names=names)
    for lead in leads:
        if since is None or lead.received_at >= since:
            aggregation.add(lead)
    return aggregation.figures(since, period)


def aggregate_by_form(  # noqa: PLR0913, an option each
    leads: Iterable[Lead],
    forms: Mapping[str, Form],
    now: datetime,
    zone: Zone,
    *,
    names: bool = False,
    visits: Sequence[VisitCounts] = (),
    past_clients: Sequence[PastClient] = (),
) -> Mapping[str, Figures]:
    """Return the figures of all leads under an empty id, and of each form under its id, in one pass."""

    def start(form_id: str) -> _Aggregation:
        its = (counts for counts in visits if form_id in ("", counts.form_id))
        asked = (client for client in past_clients if form_id in ("", client.form_id))
        return _Aggregation(forms, now, zone, VisitTally(its, forms), GoodClientTally(asked, forms), names=names)

    form_ids = {counts.form_id for counts in visits} | {client.form_id for client in past_clients}
    aggregations = {form_id: start(form_id) for form_id in ("", *form_ids)}
    for lead in leads:
        for form_id in ("", lead.form_id):
            if form_id not in aggregations:
                aggregations[form_id] = start(form_id)
            aggregations[form_id].add(lead)
    return {form_id: aggregation.figures(None, None) for form_id, aggregation in sorted(aggregations.items())}


class _Aggregation:
    """Counters that leads are added to."""

    def __init__(  # noqa: PLR0913, it joins them
        self,
        forms: Mapping[str, Form],
        now: datetime,
        zone: Zone,
        visits: VisitTally,
        good_clients: GoodClientTally,
        *,
        names: bool,
    ) -> None:
        self.forms, self.now, self.zone, self.visits, self.good_clients = forms, now, zone, visits, good_clients
        self.latest_form: Form | None = None
        self.days: defaultdict[date, LeadCounts] = defaultdict(LeadCounts)
        self.sources: dict[str, LeadCounts] = {}
        self.by_form: defaultdict[str, LeadCounts] = defaultdict(LeadCounts)
        self.yardsticks: dict[tuple[str, str], Yardstick] = {}
        self.scores: dict[Yardstick, Counter[tuple[int, Grade]]] = {}
        self.ruled_out = 0
        self.reasons: Counter[str] = Counter()
        self.alone: Counter[str] = Counter()
        self.without_form: set[str] = set()
        self.reactions: defaultdict[Reaction, LeadCounts] = defaultdict(LeadCounts)
        self.hours_to_booking: Counter[int] = Counter()
        self.moved = self.cancelled = 0
        self.endings: Counter[tuple[Grade, Status]] = Counter()
        self.lost: Counter[str] = Counter()
        self.waiting = 0
        self.newest: deque[Lead] = deque(maxlen=_MOST_NAMED if names else 0)
        self.undelivered = 0
        self.held = 0
        self.quarantined = 0

    def add(self, lead: Lead) -> None:
        """Count a lead; a quarantined one is no prospect, and is counted separately."""
        if lead.status is Status.QUARANTINED:
            self.quarantined += 1
            return
        key = (furthest_stage(lead), lead.score.grade)
        self.days[day_of(lead.received_at, self.zone.tz)].counts[key] += 1
        source = source_name(lead.source)
        if source not in self.sources and len(self.sources) >= _MOST_SOURCES:
            source = OTHERS
        self.sources.setdefault(source, LeadCounts()).counts[key] += 1
        self.by_form[lead.form_id].counts[key] += 1
        self.visits.add(lead, key)
        self.good_clients.add(lead)
        self._add_score(lead)
        if lead.score.ruled_out:
            self._add_knock_outs(lead, invited=key[0] is not Stage.RECEIVED)
        labels = FormLabels(self.forms.get(lead.form_version))
        for question, before in lead.reactions.items():
            if (after := lead.answers.get(question)) is not None:
                reaction = Reaction(labels.answer(question, before), has_stayed(before, after))
                self.reactions[reaction].counts[key] += 1
        self._add_progress(lead)

    def _add_score(self, lead: Lead) -> None:
        version = (lead.form_id, lead.form_version)
        if version not in self.yardsticks:
            form = self.forms.get(lead.form_version)
            self.latest_form = form or self.latest_form
            grades = form.scoring.grades if form else {}
            hot, warm = grades.get(Grade.HOT), grades.get(Grade.WARM)
            self.yardsticks[version] = Yardstick(
                form_id=lead.form_id, method=lead.score.method, max=lead.score.max, hot=hot, warm=warm
            )
        yardstick = self.yardsticks[version]
        # Removed and inserted again, so that the scale used last comes last.
        counts = self.scores.pop(yardstick, None) or Counter()
        counts[lead.score.total, lead.score.grade] += 1
        self.scores[yardstick] = counts

    def _add_knock_outs(self, lead: Lead, *, invited: bool) -> None:
        self.ruled_out += 1
        reasons = set(lead.score.ruled_out)
        self.reasons.update(reasons)
        form = self.forms.get(lead.form_version)
        if form is None:
            self.without_form |= reasons
        elif len(reasons) == 1 and not invited:  # the owner has invited it against its score
            _, would_qualify = make_grader(form.scoring)(lead.score.fit, lead.score.intent, False)  # noqa: FBT003, as it is called a million times
            if would_qualify:
                self.alone.update(reasons)

    def _add_progress(self, lead: Lead) -> None:
        invitation = lead.invitation
        if invitation and invitation.state is InvitationState.FAILED:
            self.undelivered += 1
        elif lead.is_held:
            self.held += 1
        elif invitation and allows(lead.status, Step.EXPIRE) and invitation.expires_at > self.now:
            self.waiting += 1
            self.newest.append(lead)
        if lead.booking and lead.booking.confirmed:
            hours = (lead.booking.booked_at - lead.received_at) // _HOUR
            self.hours_to_booking[max(0, min(hours, _MOST_HOURS))] += 1
            self.moved += bool(lead.booking.replaces)
            self.cancelled += lead.booking.cancelled_at is not None
        if lead.outcome or lead.offered or (lead.booking and lead.booking.confirmed):
            self.endings[lead.score.grade, lead.status] += 1
        if lead.status is Status.LOST and lead.outcome_reason:
            self.lost[capitalised(lead.outcome_reason.rstrip(" ."))] += 1

    def figures(self, since: datetime | None, period: Period | None) -> Figures:
        """Return the figures of the leads that were added."""
        today = day_of(self.now, self.zone.tz)
        since_day = since and day_of(since, self.zone.tz)
        form = self.latest_form or next(iter(self.forms.values()), None)
        first = min(self.days, default=today)
        period = period or Period.for_span(first, today)
        if since_day and since_day >= period.first_day(first):
            first = since_day
        periods = {start: LeadCounts() for start in period.starts(first, max(today, max(self.days, default=today)))}
        for day, counts in self.days.items():
            periods[period.first_day(day)] += counts
        return Figures(
            business=form.business.name if form else "",
            zone=self.zone,
            now=self.now,
            since=since_day,
            first_day=first,
            period=period,
            all=sum(self.days.values(), LeadCounts()),
            periods=periods,
            sources=dict(sorted(self.sources.items(), key=lambda item: (-item[1].received, item[0]))),
            forms=dict(sorted(self.by_form.items())),
            scores=[Scores(yardstick=yardstick, counts=counts) for yardstick, counts in reversed(self.scores.items())],
            knock_outs=[
                KnockOut(
                    reason=reason,
                    answers=_answers_ruled_out(reason, self.forms.values()),
                    count=count,
                    alone=None if reason in self.without_form else self.alone[reason],
                )
                for reason, count in self.reasons.most_common()
            ],
            ruled_out=self.ruled_out,
            reactions=self._reactions(),
            hours_to_booking=self.hours_to_booking,
            moved=self.moved,
            cancelled=self.cancelled,
            endings=self.endings,
            lost=self._lost(),
            waiting=self.waiting,
            newest=list(reversed(self.newest)),
            undelivered=self.undelivered,
            held=self.held,
            quarantined=self.quarantined,
            visits=self.visits.figures(),
            common=self.good_clients.compare(),
        )

    def _lost(self) -> Mapping[str, int]:
        """Return the reasons, the most frequent first; those of one lead alone are the others'."""
        said: Counter[str] = Counter()
        for reason, count in self.lost.most_common():
            said[reason if count >= _SEVERAL else capitalised(OTHERS)] += count
        return said

    def _reactions(self) -> Mapping[Reaction, LeadCounts]:
        read: Counter[str] = Counter()
        for reaction, counts in self.reactions.items():
            read[reaction.answer] += counts.received
        both = (Reaction(answer, stayed) for answer, _ in read.most_common() for stayed in (True, False))
        return {reaction: self.reactions[reaction] for reaction in both}


def _answers_ruled_out(reason: str, forms: Iterable[Form]) -> list[str]:
    """Return the answers that rule out for a reason, in the owner's language."""
    answers = {
        filled(option.label[form.default_language], placeholders(form, form.default_language)): None
        for form in forms
        for question in form.questions
        for option in question.options
        if option.rules_out == reason
    }
    return list(answers)
