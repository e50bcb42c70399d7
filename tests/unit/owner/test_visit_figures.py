"""Figures of the visits of the page, and what the report says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from prequal.analysis.intervals import Share
from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.core.visits import VisitCounts, page_fields
from prequal.owner.figures.aggregation import aggregate, aggregate_by_form
from prequal.owner.figures.insights import insights
from prequal.owner.figures.model import Figures
from prequal.owner.figures.topics import Topic
from prequal.owner.figures.visit_insights import pace_in_words
from prequal.owner.report.page import render_report
from prequal.pages.zone import UTC_ZONE
from support import builders
from support.builders import NOW
from support.season import season, season_of_visits

FORM = builders.form()
OLD = replace(FORM, version="000000000000")
FIELDS = page_fields(FORM)


def figures(visits: Sequence[VisitCounts], *leads: Lead, forms: Sequence[Form] = (FORM,)) -> Figures:
    """Return the figures of visits and leads."""
    return aggregate(leads, {form.version: form for form in forms}, NOW, UTC_ZONE, visits=visits)


def sentences(its: Figures) -> str:
    """Return the sentences on visits."""
    return " ".join(insight.words for insight in insights(its) if insight.topic is Topic.VISITS)


def visits(source: str = "", day: str = "2026-03-02", form: Form = FORM, **counts: int) -> VisitCounts:
    """Return counts of visits."""
    return replace(builders.visit_counts(day, source, **counts), form_id=form.id, form_version=form.version)


class TestCounts:
    def test_a_visit_counts_at_every_stage_before(self) -> None:
        """The parts of a day and several days are summed; what came to a field and no further is its loss."""
        its = figures([visits(stage_0=5, stage_1=1), visits(stage_3=2), visits(day="2026-03-01", stage_3=1, sent=3)])

        [latest] = its.visits
        assert (latest.all.seen, latest.all.begun, latest.all.sent) == (12, 7, 3)
        assert [field.lost for field in latest.fields[:4]] == [Share(1, 7), Share(0, 6), Share(3, 6), Share(0, 3)]
        assert [field.is_question for field in latest.fields] == [True] * 5 + [False] * (len(FIELDS) - 5)
        assert f"{latest.since}" == "2026-03-01"

    def test_no_stage_has_more_than_the_one_before(self) -> None:
        """A move whose first message was lost makes no drop-off negative."""
        its = figures([visits(stage_0=-1, stage_4=1), visits(stage_2=-3, sent=3)])

        [latest] = its.visits
        reached = [latest.all.seen, *(field.lost.of for field in latest.fields), latest.all.sent]
        assert all(before >= after >= 0 for before, after in pairwise(reached))
        assert all(0 <= field.lost.count <= field.lost.of for field in latest.fields)

    def test_leads_are_those_of_the_version_since_it_counts(self) -> None:
        """Leads of before the first visit, or of another version, are in no figure of the visits."""
        early = builders.lead(NOW - timedelta(days=1), email="early@example.com")
        other = replace(builders.lead(email="other@example.com"), form_version=OLD.version)
        ada = builders.lead(email="ada@example.com", source="ada")
        its = figures(
            [visits(sent=2), visits("ada", sent=1), visits("ada", stage_0=9)],
            *(early, other, ada, builders.lead(email="newest@example.com", source="made up")),
        )

        [latest] = its.visits
        assert latest.all.leads.received == 2
        assert {name: (at.seen, at.sent, at.leads.received) for name, at in latest.sources.items()} == {
            "ada": (10, 1, 1),
            "others": (2, 2, 1),
        }

    def test_a_version_that_is_not_known_has_no_fields(self) -> None:
        """Seen, begun and sent need no form."""
        [latest] = figures([visits(form=OLD, stage_0=1, sent=1)]).visits

        assert (latest.all.seen, latest.all.sent, latest.fields) == (2, 1, [])

    def test_forms_are_apart(self) -> None:
        """The report on one form has its visits alone, also without a lead."""
        other = replace(FORM, id="workshops", version="1" * 12)
        both = [visits(stage_0=1), visits(form=other, stage_0=2)]

        its = aggregate_by_form([], {FORM.version: FORM}, NOW, UTC_ZONE, visits=both)

        assert {name: sorted(each.all.seen for each in found.visits) for name, found in its.items()} == {
            "": [1, 2],
            FORM.id: [1],
            "workshops": [2],
        }


class TestVerdicts:
    @pytest.mark.parametrize(
        ("answers", "decided"),
        [
            # Rushed costs 10, soon brings 20: with the same for all, one of three has another verdict.
            ([{}, {}, {"timeline": "rushed"}], {"timeline": Share(1, 3), "goals": Share(0, 3)}),
            ([{}, {}, {}], {"timeline": Share(0, 3), "budget": Share(0, 3)}),
            ([{"budget": "below"}, {}, {}, {}], {"budget": Share(1, 4)}),
        ],
    )
    def test_a_question_decides_what_differs_without_it(
        self, answers: list[dict[str, Any]], decided: dict[str, Share]
    ) -> None:
        """A question decides the leads whose verdict would be another if all had answered it alike."""
        leads = [builders.lead(email=f"{number}@example.com", **more) for number, more in enumerate(answers)]

        [latest] = figures([visits(stage_0=1)], *leads).visits

        by_id = dict(zip(FIELDS, latest.fields, strict=True))
        assert {name: by_id[name].decided for name in decided} == decided


class TestSentences:
    def test_a_few_visits_say_nothing(self) -> None:
        """Below twenty visits nothing is concluded."""
        assert sentences(figures([visits(stage_0=19)])) == "19 visits are too few to draw conclusions."
        assert sentences(figures([])) == ""

    def test_the_costliest_question_is_named(self) -> None:
        """A question that loses more people than it decides verdicts, beyond chance, is named."""
        leads = [builders.lead(email=f"{number}@example.com") for number in range(30)]
        told = sentences(figures([visits(stage_0=100, sent=100, stage_5=60)], *leads))

        assert "“What should change?” costs most for least: 60 of 160 (38%) of those who came to it" in told
        assert "without it 0 of 30 leads (0%) would have another verdict: ask it only if" in told

    def test_no_question_is_named_by_chance(self) -> None:
        """If no loss is more than chance, the report says so; without leads, it says nothing."""
        leads = [builders.lead(email=f"{number}@example.com") for number in range(30)]
        little = [visits(stage_0=100, stage_2=1, sent=30)]

        assert "No question loses more people than it decides verdicts by more than chance." in sentences(
            figures(little, *leads)
        )
        assert "costs most" not in sentences(figures([visits(stage_0=100, stage_5=60, sent=30)]))

    @pytest.mark.parametrize(("now", "words"), [(10, "which may be chance"), (60, "more than chance explains")])
    def test_versions_are_compared(self, now: int, words: str) -> None:
        """After a change of the form, the shares that sent it are compared, and chance is named."""
        before = visits(day="2026-02-01", form=OLD, stage_0=90, sent=12)

        told = sentences(figures([before, visits(stage_0=100 - now, sent=now)]))

        assert f"Since 2 March 2026, with another version of the form, {now} of 100 ({now}%) sent it" in told
        assert words in told

    def test_the_time_is_in_words(self) -> None:
        """Median and quartiles are those of the counted times."""
        told = sentences(figures([visits(stage_0=20, sent=20, pace_12=5, pace_15=10, pace_18=5)]))

        assert "half took about 3 minutes or less, a quarter 1.1 minutes, three quarters 3 minutes" in told
        assert [pace_in_words(pace) for pace in (0, 11, 13, 16, 24, 30)] == [
            "0 seconds",
            "44 seconds",
            "1.5 minutes",
            "4 minutes",
            "1 hour",
            "9 hours",
        ]


class TestReport:
    def test_a_season_is_shown(self) -> None:
        """A season's report has the stages, the costs, sources and versions, each with its interval."""
        leads = list(season(FORM, 150))
        found = list(season_of_visits(FORM, leads, 2000))
        older = [replace(each, form_version=OLD.version) if each.day < "2025-09-01" else each for each in found]

        html = render_report(figures(older, *leads, forms=[FORM, OLD]))

        for words in (
            "What a question costs",
            "Came to “By when?”",
            "Decides, of the leads",
            "Share of each source’s visits that sent the form",
            "Share of the visits to each version of the form that sent it",
            "Visits are counted without cookies",
        ):
            assert words in html

    def test_visits_without_leads_are_shown(self) -> None:
        """Before the first lead, the report already says how far visitors came."""
        html = render_report(figures([visits(stage_0=30, stage_2=5)]))

        assert "No leads yet." in html
        assert "Of the visits, 5 of 35 (14%) began the form, and 0 of 35 (0%) sent it." in html
        assert "What a question costs" not in render_report(figures([]))
