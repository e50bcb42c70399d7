"""Section of the report on the visits of the page: how far they came, and what each question costs."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from prequal.analysis.intervals import FEW, Share
from prequal.core.form import Grade
from prequal.core.stages import Stage
from prequal.owner.figures.model import Figures, Passage, VisitFigures
from prequal.owner.figures.topics import Topic
from prequal.owner.report import charts
from prequal.owner.report.sections import MOST_ROWS, Chart, Section, interval_text

_COUNTED = (
    "Visits are counted without cookies, and only with JavaScript, so leads may be more than sent forms. Reloads, and "
    "programs that run scripts, count too. Who leaves at the first field may have left because of the page around it. "
    "A question decides the leads whose verdict would be another if all had the same answer to it."
)


def visit_sections(figures: Figures) -> Iterator[Section]:
    """Yield the section on visits, if any were counted."""
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
                        f"{its.lost.count:,} ({its.lost.value:.0%})",
                        interval_text(its.lost),
                        its.decided or "–",
                        "–" if its.decided_of_all is None else f"{its.decided_of_all:.0%}",
                    )
                    for its in latest.fields
                ],
            ),
            is_open=True,
        )
    if len(latest.sources) > 1:
        shares = {name: Share(its.sent, its.seen) for name, its in islice(latest.sources.items(), MOST_ROWS)}
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
    table += [(name, count, share, interval_text(share)) for name, count, share in rows[1:]]
    table += [
        (f"{name}, of the leads", count, Share(count, received), interval_text(Share(count, received)))
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
        for its in versions[:MOST_ROWS]
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
            interval_text(Share(its.sent, its.seen)),
            *(its.leads.reached(stage) for stage in stages),
        )
        for name, its in named.items()
    ]
    return [what, "Seen", "Begun", "Sent", "95% interval", *(stage.capitalize() for stage in stages)], rows
