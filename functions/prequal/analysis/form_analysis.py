"""Analysis of a form over all possible answers: the share of each grade, and the influence of each answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from prequal.analysis.faults import Faults
from prequal.analysis.influence import Influence, influences
from prequal.analysis.outcomes import Outcomes
from prequal.analysis.paths import Case, asked_shares, cases_together, groups_of, most_points, totals_together
from prequal.analysis.shares import Shares, shares
from prequal.core.form import Axis, Form, form_from, published


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A form with everything that the rules of the check look at."""

    #: The document that the form was read from, with its examples.
    document: Mapping[str, Any]
    form: Form
    #: Of all questions.
    totals: Outcomes
    #: The outcomes by axis, case by case; none without minimums, which alone need them.
    cases: Sequence[Case]
    #: The largest subtotal of each axis.
    most: Mapping[Axis, int]
    shares: Shares
    #: The share of all possible answers after which a question is asked, of each with a condition.
    asked: Mapping[str, Fraction]
    influences: Sequence[Influence]


Rule: TypeAlias = Callable[[Analysis], Faults]
"""A rule of the check: finds the places of a form that break it, and says what to do about each."""


def analyse(document: Mapping[str, Any]) -> Analysis:
    """Analyse a document that has passed the schema and the rules beyond it."""
    form = form_from(published(document))
    groups, method = groups_of(form), form.scoring.method
    totals = totals_together(groups, method)
    cases = list(cases_together(groups, method)) if form.scoring.minimum else []
    return Analysis(
        document=document,
        form=form,
        totals=totals,
        cases=cases,
        most={axis: most_points(groups, axis) for axis in Axis},
        shares=shares(totals, cases, form.scoring),
        asked=asked_shares(form),
        influences=tuple(influences(form, groups)),
    )
