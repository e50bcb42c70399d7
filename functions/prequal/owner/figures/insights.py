"""Insights: sentences on the figures that claim only what the number of leads supports."""

from collections import Counter
from collections.abc import Iterator, Sequence

from prequal.analysis.intervals import FEW, Share, differ, median_interval, quantile, rates_differ
from prequal.core.lead import Status
from prequal.core.stages import Stage
from prequal.owner.common_answers import comparability
from prequal.owner.figures.model import Figures, Reaction
from prequal.owner.figures.topics import Insight, Topic, comparison
from prequal.owner.figures.visit_insights import visit_insights
from prequal.pages.labels import UNITS, count_leads

_TOO_FEW = 10
_LENIENT, _STRICT = 0.8, 0.1
_DAY = 24


def headline(figures: Figures) -> str:
    """Return the summary of all figures in one sentence."""
    received, qualified, booked, won = (
        figures.all.reached(stage) for stage in (Stage.RECEIVED, Stage.QUALIFIED, Stage.BOOKED, Stage.WON)
    )
    if not received:
        since = f" since {figures.zone.long_day(figures.since)}" if figures.since else ""
        if figures.quarantined:
            return f"No leads{since} but those that the spam trap caught."
        return f"No leads{since or ' yet'}."
    if received == 1:
        return f"One lead, {'qualified' if qualified else 'not qualified'}."
    words = f"{received:,} leads, {f'{qualified:,} of them' if qualified else 'none'} qualified"
    return f"{words}; {booked:,} booked, {won:,} won." if booked else f"{words}."


def reservation(figures: Figures) -> str:
    """Return a sentence on the reliability of the figures."""
    received = figures.all.received
    if not received and figures.since:
        return "Leads from before that day are left out."
    if not received:
        return "Once somebody has answered your form, this page shows who came, from where, and what became of them."
    if received < FEW:
        few = "One lead is" if received == 1 else f"{received} leads are"
        return f"{few} too few to draw conclusions. This report only counts them."
    qualified = figures.all.share(Stage.QUALIFIED)
    low, high = qualified.interval()
    return f"{qualified.value:.0%} qualify (95% confidence interval: {low:.0%} to {high:.0%})."


def insights(figures: Figures) -> Sequence[Insight]:
    """Return all insights, in the order of the report."""
    if not figures.all.received:
        return list(visit_insights(figures))
    before = (_time, _change, visit_insights, _funnel, _scores, _answers, _sources)
    topics = (*before, _reactions, _booking, _common, _endings)
    return [insight for insights_of in topics for insight in insights_of(figures)]


def capitalised(words: str) -> str:
    """Return words with a capital first letter, the others unchanged."""
    return words[:1].upper() + words[1:]


def _time(figures: Figures) -> Iterator[Insight]:
    counts = {start: figures.periods[start].received for start in figures.whole}
    if sum(counts.values()) < FEW:
        return
    mean, most = sum(counts.values()) / len(counts), max(counts, key=counts.__getitem__)
    average = f"{mean:.1f}" if mean < _TOO_FEW else f"{mean:,.0f}"
    words = f"On average {average} leads a whole {figures.period}; the most, {counts[most]:,}, "
    yield Insight(Topic.TIME, f"{words}in {figures.label(most)}.")


def _change(figures: Figures) -> Iterator[Insight]:
    two = figures.whole[-2:]
    if len(two) < 2:  # noqa: PLR2004, it says so itself
        yield Insight(Topic.CHANGE, f"There are no two whole {figures.period}s to compare yet.")
        return
    (day_before, before), (day, last) = ((start, figures.periods[start]) for start in two)
    if before.received + last.received < _TOO_FEW or figures.all.received < FEW:
        yield Insight(Topic.CHANGE, "There are too few leads to compare.")
        return
    period = figures.period
    words = f"{figures.label(day)} brought {count_leads(last.received)}, after {before.received:,} in "
    significant = rates_differ(last.received, period.days(day), before.received, period.days(day_before))
    yield comparison(Topic.CHANGE, capitalised(words) + figures.label(day_before), significant=significant)
    now, then = last.share(Stage.QUALIFIED), before.share(Stage.QUALIFIED)
    if now.of and then.of:
        yield comparison(Topic.CHANGE, f"Of these, {now} qualified, after {then}", significant=differ(now, then))


def _funnel(figures: Figures) -> Iterator[Insight]:
    if figures.undelivered:
        invitations = "1 invitation" if figures.undelivered == 1 else f"{figures.undelivered:,} invitations"
        words = f"{invitations} could not be delivered: the address may be mistyped."
        yield Insight(Topic.FUNNEL, words, stands_out=True)
    if figures.held:
        held, them = ("1 invitation is", "it") if figures.held == 1 else (f"{figures.held:,} invitations are", "them")
        words = f"{held} held: “prequal leads list” marks {them}, and “prequal leads invite” sends {them}."
        yield Insight(Topic.FUNNEL, words, stands_out=True)
    if figures.all.reached(Stage.INVITED):
        opened, booked = figures.all.share(Stage.OPENED, Stage.INVITED), figures.all.share(Stage.BOOKED, Stage.OPENED)
        words = f"Of those invited, {opened} opened the link"
        yield Insight(Topic.FUNNEL, f"{words}; of these, {booked} booked." if booked.of else f"{words}.")
    if figures.waiting:
        words = f"{count_leads(figures.waiting)} may still book: the link in their invitation works."
        yield Insight(Topic.FUNNEL, words)


def _scores(figures: Figures) -> Iterator[Insight]:
    share = figures.all.share(Stage.QUALIFIED)
    if share.of < FEW:
        return
    low, high = share.interval()
    if low > _LENIENT:
        yield Insight(Topic.SCORES, f"Nearly everybody qualifies, {share}: the form filters little.", stands_out=True)
    elif high < _STRICT:
        words = f"Hardly anybody qualifies, {share}: the form, or where its visitors come from, may be wrong."
        yield Insight(Topic.SCORES, words, stands_out=True)
    latest = figures.scores[0]
    if latest.number >= FEW:
        totals: Counter[int] = Counter()
        for (total, _), count in latest.counts.items():
            totals[total] += count
        those = "the leads" if len(figures.scores) == 1 else "the leads scored by the latest rules"
        unit = UNITS[latest.yardstick.method]
        words = f"Half of {those} have {quantile(totals, 0.5)} of {latest.yardstick.max} {unit} or fewer."
        yield Insight(Topic.SCORES, words)


def _answers(figures: Figures) -> Iterator[Insight]:
    if not figures.ruled_out:
        yield Insight(Topic.ANSWERS, "No answer has ruled anybody out.")
        return
    share, most = Share(figures.ruled_out, figures.all.received), figures.knock_outs[0]
    words = f"An answer ruled out {share}."
    if share.count >= _TOO_FEW:
        words += f" Most often: “{most.reason}”, {most.count:,}."
    yield Insight(Topic.ANSWERS, words, stands_out=share.of >= FEW)
    costly = max(figures.knock_outs, key=lambda knock_out: knock_out.alone or 0)
    if costly.alone:
        words = f"“{costly.reason}” alone kept out {costly.alone:,} who would have qualified otherwise."
        yield Insight(Topic.ANSWERS, words)


def _sources(figures: Figures) -> Iterator[Insight]:
    known = {
        name: (counts.share(Stage.QUALIFIED), (figures.all - counts).share(Stage.QUALIFIED))
        for name, counts in figures.sources.items()
        if counts.received >= _TOO_FEW
    }
    if len(known) < 2:  # noqa: PLR2004, one is not compared
        return
    significant = [name for name, (its, others) in known.items() if differ(its, others, len(known))]
    significant.sort(key=lambda name: known[name][0].value)
    if not significant:
        yield Insight(Topic.SOURCES, "No source brings significantly better leads than the others.")
    # Only the best and the worst: with many leads, nearly every source differs a little.
    for name in dict.fromkeys([*significant[-1:], *significant[:1]]):
        its, others = known[name]
        more = "More" if its.value > others.value else "Fewer"
        words = f"{more} of the leads from {name} qualify, {its}, than of all others, {others}."
        yield Insight(Topic.SOURCES, words, stands_out=True)


def _reactions(figures: Figures) -> Iterator[Insight]:
    for answer in dict.fromkeys(reaction.answer for reaction in figures.reactions):
        stayed, others = (figures.reactions[Reaction(answer, each)].received for each in (True, False))
        changed = Share(others, stayed + others)
        low, high = changed.interval()
        interval = f" (95% confidence interval: {low:.0%} to {high:.0%})" if changed.of >= FEW else ""
        words = f"“{answer}”: {changed} chose another answer once they had read the text{interval}."
        yield Insight(Topic.REACTIONS, words)


def _common(figures: Figures) -> Iterator[Insight]:
    for form_id, common in figures.common.items():
        of_form = f"{form_id}: " if len(figures.common) > 1 else ""
        yield Insight(Topic.COMMON, of_form + comparability(common))


def _endings(figures: Figures) -> Iterator[Insight]:
    won, lost = figures.ended(Status.WON), figures.ended(Status.LOST)
    pending = sum(figures.ended(status) for status in (Status.BOOKED, Status.OFFERED))
    words = f"{won:,} won, {lost:,} lost"
    yield Insight(
        Topic.ENDINGS, f"{words}; {pending:,} booked or offered, without an outcome yet." if pending else f"{words}."
    )
    known = {grade: share for grade, share in figures.won_by_grade.items() if share.of >= _TOO_FEW}
    if len(known) < 2:  # noqa: PLR2004, one is not compared
        return
    (better, its), *_, (worse, other) = known.items()
    if not differ(its, other):
        words = f"Whether a lead is {better} or {worse} says nothing certain yet about whether you win it"
        yield Insight(Topic.ENDINGS, f"{words}: {its} and {other}.")
    elif its.value > other.value:
        words = f"You win more of the {better} leads, {its}, than of the {worse} ones, {other}: the grades tell."
        yield Insight(Topic.ENDINGS, words, stands_out=True)
    else:
        words = f"You win fewer of the {better} leads, {its}, than of the {worse} ones, {other}: change the rules."
        yield Insight(Topic.ENDINGS, words, stands_out=True)


def _booking(figures: Figures) -> Iterator[Insight]:
    hours = figures.hours_to_booking
    number = sum(hours.values())
    if number >= _TOO_FEW:
        half, most = duration(quantile(hours, 0.5)), duration(quantile(hours, 0.9))
        low, high = map(duration, median_interval(hours))
        interval = "" if low == high else f" (95% confidence interval: {low} to {high})"
        words = (
            f"Half of the {number:,} who booked did so within {half} of the form{interval}, nine of ten within {most}."
        )
        yield Insight(Topic.BOOKING, words)
    elif number:
        first, last = duration(min(hours)), duration(max(hours))
        words = f"{number} booked, the first within {first} of the form, the last {last}."
        yield Insight(Topic.BOOKING, words if number > 1 else f"One booked, within {first} of the form.")
    if figures.moved or figures.cancelled:
        words = f"Of these, {Share(figures.moved, number)} moved their call, and {Share(figures.cancelled, number)}"
        yield Insight(Topic.BOOKING, f"{words} cancelled it.")


def duration(hours: int) -> str:
    """Return the time within which a number of whole hours passed, in words."""
    if not hours:
        return "an hour"
    days = hours // _DAY + 1
    return f"{hours + 1} hours" if days == 1 else f"{days} days"
