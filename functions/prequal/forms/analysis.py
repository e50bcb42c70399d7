"""Analysis of a form over all possible answers: the share of each grade, and the influence of each answer.

More points never lower a grade or disqualify. So two subtotals of an axis get the same verdict, given the other axis's
subtotal, unless a *decisive* one lies between them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any, TypeAlias

from prequal.core.form import Axis, Band, Form, Grade, Kind, Method, Option, Question, Scoring, form_from
from prequal.core.scoring import capped, make_grader, worth
from prequal.forms.form_file import published
from prequal.forms.outcomes import Outcomes, Shares, outcomes_of, shares, subsets, thresholds
from prequal.forms.totals import Range, Reach, below, outcomes_by_axis, range_of, reach_of_others, shifted
from prequal.forms.yaml_files import Faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """The influence of one question, whatever the others are answered, on the grade and on who is qualified."""

    #: The position of the question in the form.
    index: int
    question: Question
    method: Method
    #: The points that the other questions of its axis can reach.
    others: Reach
    #: The subtotals of the axis with a better verdict than one point less, as bits of the same range.
    decisive: Reach

    def question_matters(self) -> bool:
        """Whether the answer ever changes the verdict; answers that rule out are not considered."""
        points = [points for points, _ in outcomes_of(self.question, self.method)]
        return self._changes_verdict(min(points), max(points), ruled_out=False)

    def points_matter(self, choice: Option | Band) -> bool:
        """Whether the verdict ever changes if this choice is worth nothing instead."""
        added = worth(choice, self.method)
        if self.question.kind is not Kind.MANY:
            return self._changes_verdict(0, added, ruled_out=False)
        others = (option for option in self.question.options if option is not choice)
        for points, out in subsets(others, self.method):
            without, with_it = (capped(self.question, total, self.method) for total in (points, points + added))
            if self._changes_verdict(without, with_it, ruled_out=out):
                return True
        return False

    def _changes_verdict(self, one: int, other: int, *, ruled_out: bool) -> bool:
        """Whether the verdict ever differs between two numbers of points for this question."""
        low, high = sorted((one, other))
        return any(
            shifted(self.others[out], low) & below(self.decisive[out or ruled_out], high - low) for out in (False, True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A form with everything that the rules of the check look at."""

    #: The document that the form was read from, with its examples.
    document: Mapping[str, Any]
    form: Form
    outcomes: Mapping[Axis, Outcomes]
    shares: Shares
    influences: Sequence[Influence]


Rule: TypeAlias = Callable[[Analysis], Faults]
"""A rule of the check: finds the places of a form that break it, and says what to do about each."""


def analyse(document: Mapping[str, Any]) -> Analysis:
    """Analyse a document that has passed the schema and the rules beyond it."""
    form = form_from(published(document))
    outcomes = outcomes_by_axis(form)
    return Analysis(
        document=document,
        form=form,
        outcomes=outcomes,
        shares=shares(outcomes, form.scoring),
        influences=tuple(influences(form, outcomes)),
    )


def influences(form: Form, totals: Mapping[Axis, Outcomes]) -> Iterator[Influence]:
    """Yield the influence of each scored question; `totals` are the outcomes of each axis."""
    method = form.scoring.method
    for axis, other in permutations(Axis):
        asked = [(index, question) for index, question in enumerate(form.questions) if question.axis is axis]
        if not asked:
            continue
        parts = [outcomes_of(question, method) for _, question in asked]
        span = range_of(parts)
        decisive = _decisive(form.scoring, axis, totals[other], span)
        start = {False: span.bits([0]), True: 0}
        for (index, question), others in zip(asked, reach_of_others(parts, start), strict=True):
            yield Influence(index=index, question=question, method=method, others=others, decisive=decisive)


def _decisive(scoring: Scoring, axis: Axis, across: Outcomes, span: Range) -> Reach:
    """Return the decisive subtotals of an axis over all outcomes of the other, as bits of its range."""
    grader = make_grader(scoring)

    def verdict(points: int, across_points: int, ruled_out: bool) -> tuple[Grade, bool]:  # noqa: FBT001, as the grader
        fit, intent = (points, across_points) if axis is Axis.FIT else (across_points, points)
        return grader(fit, intent, ruled_out)

    decisive: dict[bool, set[int]] = {False: set(), True: set()}
    for (across_points, out), ruled_out in product(across, decisive):
        for points in thresholds(scoring, axis, across_points):
            beside = across_points, out or ruled_out
            if verdict(points, *beside) != verdict(points - 1, *beside):
                decisive[ruled_out].add(points)
    return {ruled_out: span.bits(points) for ruled_out, points in decisive.items()}
