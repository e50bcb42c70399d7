"""The report's sections: which figures stand where, as charts and as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from prequal.core.form import Grade
from prequal.core.stages import Stage
from prequal.owner.figures.chances import FEW, Share
from prequal.owner.figures.figures import Figures, KnockOut, Scores
from prequal.owner.figures.findings import About, leads
from prequal.owner.figures.tally import Tally
from prequal.owner.figures.words import OTHERS, capitalised
from prequal.owner.report import charts
from prequal.svg import Drawing

if TYPE_CHECKING:
    from markupsafe import Markup

_WIDE, _NARROW = 760, 340
_MOST_ROWS = 8
_MOST_YARDSTICKS = 3
_SPANS = {"1 day": 24, "2 days": 48, "3 days": 72, "4–7 days": 168, "8–14 days": 336}
_LONGER = "longer"
_GRADES = {grade.value: grade.value for grade in reversed(Grade)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures in rows, each beginning with its name."""

    head: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing, for wide and for narrow windows, with its figures; the legend has words by colour."""

    title: str
    wide: Markup
    narrow: Markup
    table: Table
    legend: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What the report has on one matter."""

    about: About
    title: str
    charts: Sequence[Chart] = ()
    table: Table | None = None
    note: str = ""


def sections(figures: Figures) -> Iterator[Section]:
    """Return the sections of a report on one lead or more."""
    yield Section(about=About.TIME, title="Over time", charts=[_over_time(figures)])
    yield _change(figures)
    yield Section(about=About.FUNNEL, title="How far they came", charts=[_funnel(figures)])
    yield _scores(figures)
    yield _answers(figures)
    yield _sources(figures)
    if figures.hours_to_booking:
        yield Section(about=About.BOOKING, title="From form to booking", charts=[_booking(figures)])


def _over_time(figures: Figures) -> Chart:
    head = [figures.period.capitalize(), "Received", *(grade.capitalize() for grade in Grade), "Qualified"]
    rows = [
        (
            capitalised(figures.period.called(start)),
            tally.received,
            *(tally.graded(grade) for grade in Grade),
            tally.reached(Stage.QUALIFIED),
        )
        for start, tally in figures.periods.items()
    ]
    return _chart(
        "time",
        f"Leads a {figures.period}, by grade",
        f"A column a {figures.period}: hot leads at the bottom, then warm and cold ones.",
        lambda width: charts.over_time(figures, width),
        Table(head=head, rows=rows),
        _GRADES,
    )


def _change(figures: Figures) -> Section:
    two = figures.whole[-2:]
    table = None
    if len(two) == 2:  # noqa: PLR2004, it says so itself
        before, last = (figures.periods[start] for start in two)
        head = ["", *(capitalised(figures.period.called(start)) for start in two)]
        rows = [[stage.capitalize(), before.reached(stage), last.reached(stage)] for stage in Stage]
        table = Table(head=head, rows=rows)
    note = "Those who came later have had less time to go on."
    return Section(about=About.CHANGE, title="What changed", table=table, note=note if table else "")


def _funnel(figures: Figures) -> Chart:
    tally = figures.all
    shares = {stage: tally.share(stage, before) for before, stage in pairwise(Stage)}
    bars = [
        charts.Bar(name=Stage.RECEIVED.capitalize(), parts=[(tally.received, Grade.WARM)], words=f"{tally.received:,}")
    ]
    bars += [
        charts.Bar(
            name=stage.capitalize(),
            parts=[(share.count, Grade.HOT if stage is Stage.WON else Grade.WARM)],
            words=str(share),
        )
        for stage, share in shares.items()
    ]
    rows: list[Sequence[object]] = [(Stage.RECEIVED.capitalize(), tally.received, "–", "–")]
    rows += [(stage.capitalize(), share.count, share, _interval(share)) for stage, share in shares.items()]
    return _chart(
        "funnel",
        "Leads by how far they came",
        "A bar a stage, from received to won; each is a part of the one above it.",
        lambda width: charts.bars(bars, width),
        Table(head=["Stage", "Leads", "Of those before", "Between"], rows=rows),
    )


def _scores(figures: Figures) -> Section:
    shown = figures.scores[:_MOST_YARDSTICKS]
    left_out = sum(scores.number for scores in figures.scores[_MOST_YARDSTICKS:])
    note = f"Not drawn: {leads(left_out)} measured by older rules." if left_out else ""
    if any(scores.yardstick.hot is None for scores in shown):
        note += " Where no thresholds are drawn, the version of the form is not known any more."
    drawn = [_score(number, scores) for number, scores in enumerate(shown)]
    return Section(about=About.SCORES, title="What they scored", charts=drawn, note=note.strip())


def _score(number: int, scores: Scores) -> Chart:
    yardstick = scores.yardstick
    totals = sorted({total for total, _ in scores.counts})
    rows = [(total, *(scores.counts.get((total, grade), 0) for grade in Grade)) for total in totals]
    return _chart(
        f"scores-{number}",
        f"{yardstick.form_id}: {yardstick.method} of at most {yardstick.max}",
        "A column for each few points; its colour is the grade, and a line stands at the lowest total for each grade.",
        lambda width: charts.scores(scores, width),
        Table(head=[yardstick.method.capitalize(), *(grade.capitalize() for grade in Grade)], rows=rows),
        _GRADES,
    )


def _answers(figures: Figures) -> Section:
    title = "What rules them out"
    if not figures.knock_outs:
        return Section(about=About.ANSWERS, title=title)
    shown = figures.knock_outs[:_MOST_ROWS]
    known = all(knock_out.alone is not None for knock_out in shown)
    bars = [
        charts.Bar(
            name=knock_out.reason,
            parts=[(alone, Grade.HOT), (knock_out.count - alone, Grade.COLD)],
            words=str(Share(knock_out.count, figures.all.received)),
        )
        for knock_out in shown
        for alone in [(knock_out.alone or 0) if known else 0]
    ]
    rows = [
        (knock_out.reason, _quoted(knock_out), knock_out.count, "–" if knock_out.alone is None else knock_out.alone)
        for knock_out in shown
    ]
    chart = _chart(
        "answers",
        "Leads ruled out, by reason",
        "A bar a reason, the most frequent first.",
        lambda width: charts.bars(bars, width),
        Table(head=["Reason", "Answer", "Leads", "Kept out by nothing else"], rows=rows),
        {"hot": "kept out by nothing else", "cold": "all others"} if known else {},
    )
    return Section(about=About.ANSWERS, title=title, charts=[chart])


def _sources(figures: Figures) -> Section:
    tallies = dict(islice(figures.sources.items(), _MOST_ROWS))
    rest = sum(islice(figures.sources.values(), _MOST_ROWS, None), Tally())
    if rest.received:
        tallies[OTHERS] = tallies.get(OTHERS, Tally()) + rest
    rows = [
        (name, tally.received, tally.reached(Stage.QUALIFIED), tally.reached(Stage.BOOKED), tally.reached(Stage.WON))
        for name, tally in tallies.items()
    ]
    shares = {name: tally.share(Stage.QUALIFIED) for name, tally in tallies.items()}
    chart = _chart(
        "sources",
        "Share of each source’s leads that qualified",
        "A dot a source, on a line between what the share lies as far as so many leads can tell.",
        lambda width: charts.intervals(shares, figures.all.share(Stage.QUALIFIED), width),
        Table(head=["Source", "Received", "Qualified", "Booked", "Won"], rows=rows),
    )
    return Section(about=About.SOURCES, title="Where they came from", charts=[chart])


def _booking(figures: Figures) -> Chart:
    counts = dict.fromkeys([*_SPANS, _LONGER], 0)
    for hours, count in figures.hours_to_booking.items():
        counts[next((span for span, end in _SPANS.items() if hours < end), _LONGER)] += count
    return _chart(
        "booking",
        "Days from the form to the booking",
        "A column for each span, from one day to more than two weeks.",
        lambda width: charts.columns(counts, width),
        Table(head=["Booked after", "Leads"], rows=list(counts.items())),
    )


def _chart(  # noqa: PLR0913, PLR0917, what a chart is made of
    name: str,
    title: str,
    description: str,
    draw: Callable[[int], Drawing],
    table: Table,
    legend: Mapping[str, str] | None = None,
) -> Chart:
    wide, narrow = (draw(width).for_page(f"{name}-{width}", title, description) for width in (_WIDE, _NARROW))
    return Chart(title=title, wide=wide, narrow=narrow, table=table, legend=legend or {})


def _quoted(knock_out: KnockOut) -> str:
    return ", ".join(f"“{answer}”" for answer in knock_out.answers) or "–"


def _interval(share: Share) -> str:
    low, high = share.interval()
    return "–" if share.of < FEW else f"{low:.0%} and {high:.0%}"
