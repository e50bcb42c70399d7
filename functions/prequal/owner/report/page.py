"""Page of the report: headline, insights, and sections with charts and tables, in one HTML file."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from prequal.analysis.common_answers import Standing
from prequal.analysis.intervals import Share
from prequal.core.form import Grade
from prequal.core.lead import Status
from prequal.core.stages import Stage
from prequal.owner.common_answers import HEADS, TITLE, group, unclear
from prequal.owner.figures.insights import capitalised, headline, insights, reservation
from prequal.owner.figures.model import OTHERS, Figures, LeadCounts, Reaction, Scores
from prequal.owner.figures.topics import Topic
from prequal.owner.paper import PAPER_STYLE
from prequal.owner.report import charts
from prequal.owner.report.sections import MOST_ROWS, Chart, Section, Table, interval_text
from prequal.owner.report.visits import visit_sections
from prequal.pages.labels import UNITS, count_leads

_MOST_YARDSTICKS = 3
_SPANS = {"1 day": 24, "2 days": 48, "3 days": 72, "4–7 days": 168, "8–14 days": 336}
_LONGER = "longer"
# A share of none says nothing, and only a difference can be sure.
_COMMON_COLUMNS = {
    Standing.MORE: ("Answer", "Everybody", "Good clients", "How sure"),
    Standing.LESS: ("Answer", "Everybody", "Good clients", "How sure"),
    Standing.SHARED: ("Answer", "Everybody", "Good clients"),
    Standing.NEVER: ("Answer", "Everybody"),
}
_GRADES = {grade.value: grade.value for grade in reversed(Grade)}


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
        sections=list(_sections(figures) if figures.all.received else visit_sections(figures)),
        words={topic: [insight.words for insight in every if insight.topic is topic] for topic in Topic},
        count_leads=count_leads,
        paper_style=Markup(PAPER_STYLE),  # noqa: S704, it is ours
    )


def _sections(figures: Figures) -> Iterator[Section]:
    yield Section(Topic.TIME, "Over time", [_over_time(figures)])
    yield _change(figures)
    yield from visit_sections(figures)
    yield Section(Topic.FUNNEL, "How far they came", [_funnel(figures)])
    yield _scores(figures)
    knock_outs = [_knock_outs(figures)] if figures.knock_outs else []
    yield Section(Topic.ANSWERS, "What rules them out", knock_outs)
    yield Section(Topic.SOURCES, "Where they came from", [_sources(figures)])
    if len(figures.forms) > 1:
        yield Section(Topic.FORMS, "Which form they filled in", tables={"": _by_stage("Form", figures.forms)})
    if figures.reactions:
        named = {_in_words(reaction): counts for reaction, counts in islice(figures.reactions.items(), MOST_ROWS)}
        yield Section(Topic.REACTIONS, "After a text was shown", tables={"": _by_stage("Answer", named)})
    if figures.hours_to_booking:
        yield Section(Topic.BOOKING, "From form to booking", [_booking(figures)])
    if figures.common:
        yield _common(figures)
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
    return Section(Topic.CHANGE, "What changed", tables={"": (head, rows)} if known else {}, note=note)


def _funnel(figures: Figures) -> Chart:
    received = figures.all.received
    shares = {stage: figures.all.share(stage, before) for before, stage in pairwise(Stage)}
    colours = {stage: Grade.HOT if stage is Stage.WON else Grade.WARM for stage in Stage}
    bars = [charts.Bar("Received", [(received, Grade.WARM)], f"{received:,}")]
    bars += [
        charts.Bar(stage.capitalize(), [(share.count, colours[stage])], str(share)) for stage, share in shares.items()
    ]
    rows: list[Sequence[object]] = [("Received", received, "–", "–")]
    rows += [(stage.capitalize(), share.count, share, interval_text(share)) for stage, share in shares.items()]
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
    shown = figures.knock_outs[:MOST_ROWS]
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
    sources = dict(islice(figures.sources.items(), MOST_ROWS))
    rest = sum(islice(figures.sources.values(), MOST_ROWS, None), LeadCounts())
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


def _common(figures: Figures) -> Section:
    tables: dict[str, Table] = {}
    notes = []
    for form_id, common in figures.common.items():
        of_form = f"{form_id}: " if len(figures.common) > 1 else ""
        for standing, columns in _COMMON_COLUMNS.items():
            rows = [
                (name, f"{everybody.value:.0%}", good, sure) for name, good, everybody, sure in group(common, standing)
            ]
            if rows:
                tables[of_form + HEADS[standing]] = columns, [row[: len(columns)] for row in rows]
        told = "; ".join(f"{question} {answers}" for question, answers in unclear(common).items())
        notes += [f"{of_form}{HEADS[Standing.UNCLEAR]}. {told}."] if told else []
    return Section(Topic.COMMON, TITLE, tables=tables, note=" ".join(notes))


def _won(figures: Figures) -> Chart:
    shares, grades = figures.won_by_grade, {grade.capitalize(): grade for grade in Grade}
    rows = [
        (grade.capitalize(), share.count, share.of - share.count, share, interval_text(share))
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
    shown, all_lost = dict(islice(figures.lost.items(), MOST_ROWS)), figures.ended(Status.LOST)
    bars = [charts.Bar(why, [(count, Grade.WARM)], str(Share(count, all_lost))) for why, count in shown.items()]
    return Chart(
        "lost",
        "Lost leads, by your reason",
        "One bar per reason, the most frequent first.",
        lambda width: charts.bars(bars, width),
        (["Reason", "Leads"], list(shown.items())),
    )
