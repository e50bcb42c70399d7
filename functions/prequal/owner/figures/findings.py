"""What the figures say, in sentences; none says more than so many leads can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from prequal.core.stages import Stage
from prequal.owner.figures.chances import FEW, Share, differ, median_interval, quantile, rates_differ
from prequal.owner.figures.figures import Figures
from prequal.owner.figures.words import capitalised

_TOO_FEW = 10
_LENIENT, _STRICT = 0.8, 0.1
_DAY = 24


class About(StrEnum):
    """What a sentence is about."""

    TIME = "time"
    CHANGE = "change"
    FUNNEL = "funnel"
    SCORES = "scores"
    ANSWERS = "answers"
    SOURCES = "sources"
    BOOKING = "booking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A sentence or two; `stands_out` when the owner should read it first, and it is no chance."""

    about: About
    words: str
    stands_out: bool = False


def headline(figures: Figures) -> str:
    """Return all of it in a sentence."""
    received, qualified, booked, won = (
        figures.all.reached(stage) for stage in (Stage.RECEIVED, Stage.QUALIFIED, Stage.BOOKED, Stage.WON)
    )
    if not received:
        return _nobody(figures)
    if received == 1:
        return f"One lead, {'qualified' if qualified else 'not qualified'}."
    came = (
        f"{received:,} leads, {qualified:,} of them qualified" if qualified else f"{received:,} leads, none qualified"
    )
    went = f"; {booked:,} booked, {won:,} won" if booked else ""
    return f"{came}{went}."


def _nobody(figures: Figures) -> str:
    since = f" since {figures.since.day} {figures.since:%B %Y}" if figures.since else ""
    if figures.quarantined:
        return f"No leads{since} but those that the trap caught."
    return f"No leads{since or ' yet'}."


def reservation(figures: Figures) -> str:
    """Return how much so many can tell."""
    received = figures.all.received
    if not received and figures.since:
        return "Whoever came before that day is left out."
    if not received:
        return "Once somebody has answered your form, this page says who came, from where, and what became of them."
    if received < FEW:
        few = "One lead is" if received == 1 else f"{received} leads are"
        return f"{few} too few to tell anything by. What follows counts them, and says no more."
    qualified = figures.all.share(Stage.QUALIFIED)
    low, high = qualified.interval()
    return f"{qualified.value:.0%} qualify; as far as so many leads can tell, between {low:.0%} and {high:.0%} will."


def findings(figures: Figures) -> Sequence[Finding]:
    """Return what can be said, in the order of the report."""
    if not figures.all.received:
        return []
    return [
        *_time(figures),
        *_change(figures),
        *_funnel(figures),
        *_scores(figures),
        *_answers(figures),
        *_sources(figures),
        *_booking(figures),
    ]


def leads(number: int) -> str:
    """Return so many leads, in words."""
    return "1 lead" if number == 1 else f"{number:,} leads"


def _time(figures: Figures) -> Iterator[Finding]:
    counts = {start: figures.periods[start].received for start in figures.whole}
    if sum(counts.values()) < FEW:
        return
    mean, most = sum(counts.values()) / len(counts), max(counts, key=counts.__getitem__)
    average = f"{mean:.1f}" if mean < _TOO_FEW else f"{mean:,.0f}"
    words = f"On average {average} leads a whole {figures.period}; the most, {counts[most]:,}, "
    yield Finding(about=About.TIME, words=f"{words}in {figures.period.called(most)}.")


def _change(figures: Figures) -> Iterator[Finding]:
    two = figures.whole[-2:]
    if len(two) < 2:  # noqa: PLR2004, it says so itself
        yield Finding(about=About.CHANGE, words=f"There are no two whole {figures.period}s to compare yet.")
        return
    (day_before, before), (day, last) = ((start, figures.periods[start]) for start in two)
    if before.received + last.received < _TOO_FEW or figures.all.received < FEW:
        yield Finding(about=About.CHANGE, words="So few leads can’t be compared.")
        return
    period = figures.period
    came = f"{period.called(day)} brought {leads(last.received)}, after {before.received:,} in "
    changed = rates_differ(last.received, period.days(day), before.received, period.days(day_before))
    yield _compared(capitalised(came) + period.called(day_before), changed=changed)
    now, then = last.share(Stage.QUALIFIED), before.share(Stage.QUALIFIED)
    if now.of and then.of:
        yield _compared(f"Of these, {now} qualified, after {then}", changed=differ(now, then))


def _compared(words: str, *, changed: bool) -> Finding:
    verdict = ": more of a change than chance makes." if changed else ", which may be chance."
    return Finding(about=About.CHANGE, words=words + verdict, stands_out=changed)


def _funnel(figures: Figures) -> Iterator[Finding]:
    if figures.undelivered:
        invitations = "1 invitation" if figures.undelivered == 1 else f"{figures.undelivered:,} invitations"
        words = f"{invitations} could not be delivered: the address may be mistyped."
        yield Finding(about=About.FUNNEL, words=words, stands_out=True)
    if figures.all.reached(Stage.INVITED):
        opened, booked = figures.all.share(Stage.OPENED, Stage.INVITED), figures.all.share(Stage.BOOKED, Stage.OPENED)
        words = f"Of those invited, {opened} opened the link"
        words += f"; of these, {booked} booked." if booked.of else "."
        yield Finding(about=About.FUNNEL, words=words)
    if figures.waiting:
        yield Finding(
            about=About.FUNNEL, words=f"{leads(figures.waiting)} may still book: the link in their invitation works."
        )


def _scores(figures: Figures) -> Iterator[Finding]:
    if figures.all.received < FEW:
        return
    low, high = figures.all.share(Stage.QUALIFIED).interval()
    share = figures.all.share(Stage.QUALIFIED)
    if low > _LENIENT:
        words = f"Nearly everybody qualifies, {share}: the form sifts little."
        yield Finding(about=About.SCORES, words=words, stands_out=True)
    elif high < _STRICT:
        words = f"Hardly anybody qualifies, {share}: the form, or where its visitors come from, may be wrong."
        yield Finding(about=About.SCORES, words=words, stands_out=True)
    latest = figures.scores[0]
    if latest.number >= FEW:
        totals: Counter[int] = Counter()
        for (total, _), count in latest.counts.items():
            totals[total] += count
        whose = "the leads" if len(figures.scores) == 1 else "those measured by the latest rules"
        words = f"Half of {whose} have {quantile(totals, 0.5)} of {latest.yardstick.max} {latest.yardstick.method} or "
        yield Finding(about=About.SCORES, words=f"{words}fewer.")


def _answers(figures: Figures) -> Iterator[Finding]:
    if not figures.ruled_out:
        yield Finding(about=About.ANSWERS, words="No answer has ruled anybody out.")
        return
    share, most = Share(figures.ruled_out, figures.all.received), figures.knock_outs[0]
    words = f"An answer ruled out {share}."
    if share.count >= _TOO_FEW:
        words += f" Most often: “{most.reason}”, {most.count:,}."
    yield Finding(about=About.ANSWERS, words=words, stands_out=share.of >= FEW)
    costly = max(figures.knock_outs, key=lambda knock_out: knock_out.alone or 0)
    if costly.alone:
        words = f"“{costly.reason}” alone kept out {costly.alone:,} who would have qualified otherwise."
        yield Finding(about=About.ANSWERS, words=words)


def _sources(figures: Figures) -> Iterator[Finding]:
    known = {
        name: (tally.share(Stage.QUALIFIED), (figures.all - tally).share(Stage.QUALIFIED))
        for name, tally in figures.sources.items()
        if tally.received >= _TOO_FEW
    }
    if len(known) < 2:  # noqa: PLR2004, one is not compared
        return
    apart = [name for name, (its, others) in known.items() if differ(its, others, len(known))]
    apart.sort(key=lambda name: known[name][0].value)
    if not apart:
        yield Finding(about=About.SOURCES, words="No source brings better leads than the others by more than chance.")
    # The best and the worst: of many leads nearly every source differs a little.
    for name in dict.fromkeys([*apart[-1:], *apart[:1]]):
        its, others = known[name]
        told = "More" if its.value > others.value else "Fewer"
        words = f"{told} of the leads from {name} qualify, {its}, than of all others, {others}."
        yield Finding(about=About.SOURCES, words=words, stands_out=True)


def _booking(figures: Figures) -> Iterator[Finding]:
    hours = figures.hours_to_booking
    number = sum(hours.values())
    if number >= _TOO_FEW:
        half, most = duration(quantile(hours, 0.5)), duration(quantile(hours, 0.9))
        low, high = map(duration, median_interval(hours))
        doubt = "" if low == high else f" (as far as so many can tell, between {low} and {high})"
        words = f"Half of the {number:,} who booked did so within {half} of the form{doubt}, nine of ten within {most}."
        yield Finding(about=About.BOOKING, words=words)
    elif number > 1:
        words = (
            f"{number} booked, the first within {duration(min(hours))} of the form, the last {duration(max(hours))}."
        )
        yield Finding(about=About.BOOKING, words=words)
    elif number:
        yield Finding(about=About.BOOKING, words=f"One booked, within {duration(min(hours))} of the form.")


def duration(hours: int) -> str:
    """Return within what so many whole hours passed, in words."""
    if not hours:
        return "an hour"
    days = hours // _DAY + 1
    return f"{hours + 1} hours" if days == 1 else f"{days} days"
