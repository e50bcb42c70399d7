"""Page of the report: headline, insights, and sections with charts and tables, in one HTML file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from prequal.core.form import Grade
from prequal.core.lead import Status
from prequal.core.stages import Stage
from prequal.owner.figures.insights import Topic, capitalised, headline, insights, reservation
from prequal.owner.figures.intervals import FEW, Share
from prequal.owner.figures.model import OTHERS, Figures, LeadCounts, Passage, Reaction, Scores, VisitFigures
from prequal.owner.paper import PAPER_STYLE
from prequal.owner.report import charts
from prequal.pages.labels import UNITS, count_leads
from prequal.svg import Drawing

_MOST_ROWS = 8
_MOST_YARDSTICKS = 3
_SPANS = {"1 day": 24, "2 days": 48, "3 days": 72, "4–7 days": 168, "8–14 days": 336}
_LONGER = "longer"
_COUNTED = (
    "Visits are counted without cookies, and only with JavaScript, so leads may be more than sent forms. Reloads, and "
    "programs that run scripts, count too. Who leaves at the first field may have left because of the page around it. "
    "A question decides the leads whose verdict would be another if all had the same answer to it."
)
_GRADES = {grade.value: grade.value for grade in reversed(Grade)}


@dataclass(frozen=True, slots=True)
class Chart:
    """Chart with its data."""

    name: str
    title: str
    #: For those who don't see the chart.
    description: str
    draw: Callable[[int], Drawing]
    #: Heads and rows of the data; the first cell of a row is its name.
    table: tuple[Sequence[str], Sequence[Sequence[object]]]
    #: Words by colour.
    legend: Mapping[str, str] = field(default_factory=dict)
    #: Whether the table is shown at once, as it says more than the chart.
    is_open: bool = False

    def svg(self, width: int) -> Markup:
        """Return the chart for windows of at least this width."""
        return self.draw(width).for_page(f"{self.name}-{width}", self.title, self.description)


@dataclass(frozen=True, slots=True)
class Section:
    """Section of the report on one topic."""

    topic: Topic
    title: str
    charts: Sequence[Chart] = ()
    table: tuple[Sequence[str], Sequence[Sequence[object]]] | None = None
    note: str = ""


def render_report(
    figures: Figures, form_id: str = "", *, back: str = "", others: Mapping[str, str] | None = None
) -> str:
    """Return the report as HTML: without script, without a request, and the same for the same figures.

    With a form's id, it says that it is on that form alone. `back` is the address of a page that it leads back to, and
    `others` has those of the reports on other forms, by name.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    every = insights(figures)
    return environment.get_template("report.html").render(
        figures=figures,
        form_id=form_id,
        back=back,
        others=others or {},
        headline=headline(figures),
        reservation=reservation(figures),
        outstanding=[insight.words for insight in every if insight.stands_out],
        sections=list(_sections(figures) if figures.all.received else _visits(figures)),
        words={topic: [insight.words for insight in every if insight.topic is topic] for topic in Topic},
        count_leads=count_leads,
        paper_style=Markup(PAPER_STYLE),  # noqa: S704, it is ours
    )


def _sections(figures: Figures) -> Iterator[Section]:
    yield Section(Topic.TIME, "Over time", [_over_time(figures)])
    yield _change(figures)
    yield from _visits(figures)
    yield Section(Topic.FUNNEL, "How far they came", [_funnel(figures)])
    yield _scores(figures)
    knock_outs = [_knock_outs(figures)] if figures.knock_outs else []
    yield Section(Topic.ANSWERS, "What rules them out", knock_outs)
    yield Section(Topic.SOURCES, "Where they came from", [_sources(figures)])
    if len(figures.forms) > 1:
        yield Section(Topic.FORMS, "Which form they filled in", table=_by_stage("Form", figures.forms))
    if figures.reactions:
        named = {_in_words(reaction): counts for reaction, counts in islice(figures.reactions.items(), _MOST_ROWS)}
        yield Section(Topic.REACTIONS, "After a text was shown", table=_by_stage("Answer", named))
    if figures.hours_to_booking:
        yield Section(Topic.BOOKING, "From form to booking", [_booking(figures)])
    if figures.endings:
        won = [_won(figures)] if figures.won_by_grade else []
        lost = [_lost(figures)] if figures.lost.keys() - {capitalised(OTHERS)} else []
        yield Section(Topic.ENDINGS, "How it ended", [*won, *lost])


def _over_time(figures: Figures) -> Chart:
    head = [figures.period.capitalize(), "Received", *(grade.capitalize() for grade in Grade), "Qualified"]
    rows = [
        (
            capitalised(figures.label(start)),
            counts.received,
            *(counts.graded(grade) for grade in Grade),
            counts.reached(Stage.QUALIFIED),
        )
        for start, counts in figures.periods.items()
    ]
    return Chart(
        "time",
        f"Leads a {figures.period}, by grade",
        f"One column per {figures.period}: hot leads at the bottom, then warm and cold ones.",
        lambda width: charts.over_time(figures, width),
        (head, rows),
        _GRADES,
    )


def _change(figures: Figures) -> Section:
    two = figures.whole[-2:]
    head = ["", *(capitalised(figures.label(start)) for start in two)]
    rows = [[stage.capitalize(), *(figures.periods[start].reached(stage) for start in two)] for stage in Stage]
    known = len(two) == 2  # noqa: PLR2004, it says so itself
    note = "Later leads have had less time to get on." if known else ""
    return Section(Topic.CHANGE, "What changed", table=(head, rows) if known else None, note=note)


def _visits(figures: Figures) -> Iterator[Section]:
    several = len(figures.latest_visits) > 1
    found = [
        chart
        for number, latest in enumerate(figures.latest_visits)
        for chart in _visit_charts(latest, f"-{number}", f"{latest.form_id}: " if several else "")
    ]
    versions = [its for its in figures.visits if its.all.seen >= FEW]
    if len(versions) > 1:
        found.append(_versions(versions, figures))
    if found:
        yield Section(Topic.VISITS, "What a question costs", found, note=_COUNTED)


def _visit_charts(latest: VisitFigures, suffix: str, of_form: str) -> Iterator[Chart]:
    yield _passages(latest, suffix, of_form)
    questions = {its.name: its.lost for its in latest.fields if its.lost.of}
    if questions:
        pooled = Share(sum(its.count for its in questions.values()), sum(its.of for its in questions.values()))
        yield Chart(
            f"costs{suffix}",
            f"{of_form}Share of those who came to a field that went no further",
            "One dot per field in the order of the page, on the 95% confidence interval of its share.",
            lambda width: charts.intervals(questions, pooled, width),
            (
                ["Field", "Came to it", "Went no further", "95% interval", "Decides, of the leads", "Of all answers"],
                [
                    (
                        its.name,
                        its.lost.of,
                        its.lost,
                        _interval(its.lost),
                        its.decided or "–",
                        "–" if its.decided_of_all is None else f"{its.decided_of_all:.0%}",
                    )
                    for its in latest.fields
                ],
            ),
            is_open=True,
        )
    if len(latest.sources) > 1:
        shares = {name: Share(its.sent, its.seen) for name, its in islice(latest.sources.items(), _MOST_ROWS)}
        everyone = Share(latest.all.sent, latest.all.seen)
        yield Chart(
            f"visits-by-source{suffix}",
            f"{of_form}Share of each source’s visits that sent the form",
            "One dot per source, on the 95% confidence interval of its share.",
            lambda width: charts.intervals(shares, everyone, width),
            _by_passage("Source", latest.sources),
        )


def _passages(latest: VisitFigures, suffix: str, of_form: str) -> Chart:
    """Return the chart of the visits at each stage, and of their leads."""
    visits, received = latest.all, latest.all.leads.received
    came = {"Saw the page": visits.seen, "Began the form": visits.begun}
    came |= {f"Came to “{its.name}”": its.lost.of for its in latest.fields[1:]}
    rows = [(name, count, Share(count, visits.seen)) for name, count in (came | {"Sent the form": visits.sent}).items()]
    leads = [(stage.capitalize(), visits.leads.reached(stage)) for stage in (Stage.QUALIFIED, Stage.BOOKED, Stage.WON)]
    bars = [charts.Bar(name, [(count, Grade.WARM)], str(share)) for name, count, share in rows]
    bars += [charts.Bar(name, [(count, Grade.HOT)], f"{count:,} of the leads") for name, count in leads]
    table: list[Sequence[object]] = [(rows[0][0], visits.seen, "–", "–")]
    table += [(name, count, share, _interval(share)) for name, count, share in rows[1:]]
    table += [
        (f"{name}, of the leads", count, Share(count, received), _interval(Share(count, received)))
        for name, count in leads
    ]
    return Chart(
        f"visits{suffix}",
        f"{of_form}Visits by how far they came",
        "One bar per stage of a visit, and then of the leads.",
        lambda width: charts.bars(bars, width),
        (["Stage", "Number", "Of all visits", "95% interval"], table),
    )


def _versions(versions: Sequence[VisitFigures], figures: Figures) -> Chart:
    several = len(figures.latest_visits) > 1
    named = {
        f"{f'{its.form_id}, ' if several else ''}since {figures.zone.long_day(its.since)} ({its.version[:4]})": its.all
        for its in versions[:_MOST_ROWS]
    }
    everyone = Share(sum(its.sent for its in named.values()), sum(its.seen for its in named.values()))
    return Chart(
        "versions",
        "Share of the visits to each version of the form that sent it",
        "One dot per version, the latest first, on the 95% confidence interval of its share.",
        lambda width: charts.intervals(
            {name: Share(its.sent, its.seen) for name, its in named.items()}, everyone, width
        ),
        _by_passage("Version", named),
    )


def _by_passage(what: str, named: Mapping[str, Passage]) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """Return the head and the rows of a table with the visits of each name at some stages, and their leads."""
    stages = (Stage.QUALIFIED, Stage.BOOKED, Stage.WON)
    rows = [
        (
            name,
            its.seen,
            its.begun,
            its.sent,
            _interval(Share(its.sent, its.seen)),
            *(its.leads.reached(stage) for stage in stages),
        )
        for name, its in named.items()
    ]
    return [what, "Seen", "Begun", "Sent", "95% interval", *(stage.capitalize() for stage in stages)], rows


def _funnel(figures: Figures) -> Chart:
    received = figures.all.received
    shares = {stage: figures.all.share(stage, before) for before, stage in pairwise(Stage)}
    colours = {stage: Grade.HOT if stage is Stage.WON else Grade.WARM for stage in Stage}
    bars = [charts.Bar("Received", [(received, Grade.WARM)], f"{received:,}")]
    bars += [
        charts.Bar(stage.capitalize(), [(share.count, colours[stage])], str(share)) for stage, share in shares.items()
    ]
    rows: list[Sequence[object]] = [("Received", received, "–", "–")]
    rows += [(stage.capitalize(), share.count, share, _interval(share)) for stage, share in shares.items()]
    return Chart(
        "funnel",
        "Leads by how far they came",
        "One bar per stage, from received to won; each is a part of the one above it.",
        lambda width: charts.bars(bars, width),
        (["Stage", "Leads", "Of those before", "95% interval"], rows),
    )


def _scores(figures: Figures) -> Section:
    shown = figures.scores[:_MOST_YARDSTICKS]
    left_out = sum(scores.number for scores in figures.scores[_MOST_YARDSTICKS:])
    note = f"Not drawn: {count_leads(left_out)} scored by older rules." if left_out else ""
    if any(scores.yardstick.hot is None for scores in shown):
        note += " Where no thresholds are drawn, the version of the form is not known any more."
    distributions = [_score(number, scores) for number, scores in enumerate(shown)]
    return Section(Topic.SCORES, "What they scored", distributions, note=note.strip())


def _score(number: int, scores: Scores) -> Chart:
    yardstick = scores.yardstick
    totals = sorted({total for total, _ in scores.counts})
    rows = [(total, *(scores.counts.get((total, grade), 0) for grade in Grade)) for total in totals]
    return Chart(
        f"scores-{number}",
        f"{yardstick.form_id}: {UNITS[yardstick.method]} of at most {yardstick.max}",
        "Distribution of totals; the colour is the grade, and a line stands at the lowest total of each grade.",
        lambda width: charts.scores(scores, width),
        ([UNITS[yardstick.method].capitalize(), *(grade.capitalize() for grade in Grade)], rows),
        _GRADES,
    )


def _knock_outs(figures: Figures) -> Chart:
    shown = figures.knock_outs[:_MOST_ROWS]
    known = all(knock_out.alone is not None for knock_out in shown)
    bars = [
        charts.Bar(
            knock_out.reason,
            [(alone, Grade.HOT), (knock_out.count - alone, Grade.COLD)],
            str(Share(knock_out.count, figures.all.received)),
        )
        for knock_out in shown
        for alone in [(knock_out.alone or 0) if known else 0]
    ]
    rows = [
        (
            knock_out.reason,
            ", ".join(f"“{answer}”" for answer in knock_out.answers) or "–",
            knock_out.count,
            "–" if knock_out.alone is None else knock_out.alone,
        )
        for knock_out in shown
    ]
    return Chart(
        "answers",
        "Leads ruled out, by reason",
        "One bar per reason, the most frequent first.",
        lambda width: charts.bars(bars, width),
        (["Reason", "Answer", "Leads", "Kept out by nothing else"], rows),
        {"hot": "kept out by nothing else", "cold": "all others"} if known else {},
    )


def _sources(figures: Figures) -> Chart:
    sources = dict(islice(figures.sources.items(), _MOST_ROWS))
    rest = sum(islice(figures.sources.values(), _MOST_ROWS, None), LeadCounts())
    if rest.received:
        sources[OTHERS] = sources.get(OTHERS, LeadCounts()) + rest
    shares = {name: counts.share(Stage.QUALIFIED) for name, counts in sources.items()}
    return Chart(
        "sources",
        "Share of each source’s leads that qualified",
        "One dot per source, on the 95% confidence interval of its share.",
        lambda width: charts.intervals(shares, figures.all.share(Stage.QUALIFIED), width),
        _by_stage("Source", sources),
    )


def _by_stage(what: str, named: Mapping[str, LeadCounts]) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """Return the head and the rows of a table with the leads of each name at some stages."""
    stages = (Stage.RECEIVED, Stage.QUALIFIED, Stage.BOOKED, Stage.WON)
    rows = [(name, *(counts.reached(stage) for stage in stages)) for name, counts in named.items()]
    return [what, *(stage.capitalize() for stage in stages)], rows


def _booking(figures: Figures) -> Chart:
    counts = dict.fromkeys([*_SPANS, _LONGER], 0)
    for hours, count in figures.hours_to_booking.items():
        counts[next((span for span, end in _SPANS.items() if hours < end), _LONGER)] += count
    return Chart(
        "booking",
        "Days from the form to the booking",
        "One column per span, from one day to more than two weeks.",
        lambda width: charts.columns(counts, width),
        (["Booked after", "Leads"], list(counts.items())),
    )


def _in_words(reaction: Reaction) -> str:
    return f"{reaction.answer}: {'stayed with it' if reaction.stayed else 'chose another'}"


def _won(figures: Figures) -> Chart:
    shares, grades = figures.won_by_grade, {grade.capitalize(): grade for grade in Grade}
    rows = [
        (grade.capitalize(), share.count, share.of - share.count, share, _interval(share))
        for grade, share in shares.items()
    ]
    everyone = Share(figures.ended(Status.WON), sum(share.of for share in shares.values()))
    return Chart(
        "won",
        "Share of each grade’s leads that were won",
        "One dot per grade, on the 95% confidence interval of its share of those that were won or lost.",
        lambda width: charts.intervals(
            {grade.capitalize(): its for grade, its in shares.items()}, everyone, width, grades
        ),
        (["Grade", "Won", "Lost", "Won, of both", "95% interval"], rows),
    )


def _lost(figures: Figures) -> Chart:
    shown, all_lost = dict(islice(figures.lost.items(), _MOST_ROWS)), figures.ended(Status.LOST)
    bars = [charts.Bar(why, [(count, Grade.WARM)], str(Share(count, all_lost))) for why, count in shown.items()]
    return Chart(
        "lost",
        "Lost leads, by your reason",
        "One bar per reason, the most frequent first.",
        lambda width: charts.bars(bars, width),
        (["Reason", "Leads"], list(shown.items())),
    )


def _interval(share: Share) -> str:
    low, high = share.interval()
    return "–" if share.of < FEW else f"{low:.0%} to {high:.0%}"
