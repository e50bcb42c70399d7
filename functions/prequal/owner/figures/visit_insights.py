"""Insights on the visits of the page: what a question costs, and whether another version of the form does better."""

from collections.abc import Iterator
from dataclasses import replace

from prequal.analysis.intervals import FEW, Share, differ, quantile
from prequal.owner.figures.model import Figures, VisitFigures
from prequal.owner.figures.topics import Insight, Topic, comparison
from prequal.pages.labels import count_leads

# Quartiles of fewer would be those of single people.
_FEW_TIMES = 10
_MINUTE, _HOUR = 60, 3600


def visit_insights(figures: Figures) -> Iterator[Insight]:
    """Yield the insights on the visits to the latest version of each form."""
    several = len(figures.latest_visits) > 1
    for latest in figures.latest_visits:
        of_form = f"{latest.form_id}: " if several else ""
        yield from (replace(insight, words=of_form + insight.words) for insight in _visits_of(latest, figures))


def _visits_of(latest: VisitFigures, figures: Figures) -> Iterator[Insight]:
    visits = latest.all
    if visits.seen < FEW:
        words = "1 visit is" if visits.seen == 1 else f"{visits.seen} visits are"
        yield Insight(Topic.VISITS, f"{words} too few to draw conclusions.")
        return
    begun, sent = Share(visits.begun, visits.seen), Share(visits.sent, visits.seen)
    yield Insight(Topic.VISITS, f"Of the visits, {begun} began the form, and {sent} sent it.")
    yield from _costliest(latest)
    before = next((its for its in figures.visits if its.form_id == latest.form_id and its is not latest), None)
    if before and before.all.seen >= FEW:
        then, day = Share(before.all.sent, before.all.seen), figures.zone.long_day(latest.since)
        words = f"Since {day}, with another version of the form, {sent} sent it, after {then}"
        yield comparison(Topic.VISITS, words, significant=differ(sent, then))
    if sum(latest.paces.values()) >= _FEW_TIMES:
        quarter, half, three = (pace_in_words(quantile(latest.paces, part)) for part in (0.25, 0.5, 0.75))
        words = f"Of those who sent it, half took about {half} or less, a quarter {quarter}, three quarters {three}."
        yield Insight(Topic.VISITS, words)


def _costliest(latest: VisitFigures) -> Iterator[Insight]:
    """Name the question that loses most people for each verdict, of those that lose more than they decide."""
    known = [
        (its, its.decided) for its in latest.fields if its.decided and its.lost.of >= FEW and its.decided.of >= FEW
    ]
    costly = [
        (its.lost.value * (decided.of + 1) / (decided.count + 1), its, decided)
        for its, decided in known
        if its.lost.value > decided.value and differ(its.lost, decided, len(known))
    ]
    if not costly:
        if known:
            yield Insight(Topic.VISITS, "No question loses more people than it decides verdicts by more than chance.")
        return
    _, worst, decided = max(costly, key=lambda each: each[0])
    low, high = worst.lost.interval()
    words = f"“{worst.name}” costs most for least: {worst.lost} of those who came to it went no further "
    words += f"(95% confidence interval: {low:.0%} to {high:.0%}), and without it {decided.count:,} "
    words += f"of {count_leads(decided.of)} ({decided.value:.0%}) would have another "
    words += "verdict." if worst.decided_of_all else "verdict: ask it only if you need the answer for the call."
    yield Insight(Topic.VISITS, words, stands_out=True)


def pace_in_words(pace: int) -> str:
    """Return the time of a `core.visits.Visit.pace` in words."""
    seconds = 2 ** (pace / 2) - 1
    if seconds < _MINUTE:
        return f"{seconds:.0f} seconds"
    if seconds < 2 * _MINUTE:
        return f"{seconds / _MINUTE:.1f} minutes"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} minutes"
    hours = round(seconds / _HOUR)
    return "1 hour" if hours == 1 else f"{hours} hours"
