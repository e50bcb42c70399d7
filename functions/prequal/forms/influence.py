"""Whether an answer can make a difference: to the grade, or to who is qualified, whatever else is answered.

More points never lower a grade or disqualify. So two subtotals of an axis are judged alike, beside whatever the other
axis comes to, unless a *decisive* one lies between them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product

from prequal.core.form import Axis, Band, Form, Grade, Kind, Method, Option, Question, Scoring
from prequal.core.scoring import capped, make_grader, worth
from prequal.forms.outcomes import Outcomes, Reach, beside_each, outcomes, subsets, turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """One question among the others: what these can come to on its axis, and where the verdict turns.

    `index` is its place in the form. `decisive` has the subtotals of the axis that are judged better than a point
    less would be, when nothing rules out and when something does.
    """

    index: int
    question: Question
    method: Method
    others: Reach
    decisive: Mapping[bool, Sequence[int]]

    def of_question(self) -> bool:
        """Whether it ever makes a difference what is answered; answers that rule out aren't looked at."""
        points = [points for points, _ in outcomes(self.question, self.method)]
        return self._turns(min(points), max(points), ruled_out=False)

    def of_worth(self, choice: Option | Band) -> bool:
        """Whether it ever makes a difference that this choice is worth what it is, rather than nothing."""
        added = worth(choice, self.method)
        if self.question.kind is not Kind.MANY:
            return self._turns(0, added, ruled_out=False)
        others = (option for option in self.question.options if option is not choice)
        return any(
            self._turns(self._capped(points), self._capped(points + added), ruled_out=out)
            for points, out in subsets(others, self.method)
        )

    def _capped(self, points: int) -> int:
        return capped(self.question, points, self.method)

    def _turns(self, one: int, other: int, *, ruled_out: bool) -> bool:
        """Whether the verdict ever turns between two numbers of points for this question."""
        low, high = sorted((one, other))
        return any(
            bisect_right(decisive, subtotal + low) < bisect_right(decisive, subtotal + high)
            for decisive, subtotals in ((self.decisive[out or ruled_out], self.others[out]) for out in (False, True))
            for subtotal in subtotals
        )


def influences(form: Form, totals: Mapping[Axis, Outcomes]) -> Iterator[Influence]:
    """Return each scored question among the others; `totals` is what all answers of an axis can come to."""
    method = form.scoring.method
    for axis, other in permutations(Axis):
        decisive = _decisive(form.scoring, axis, totals[other])
        asked = [(index, question) for index, question in enumerate(form.questions) if question.axis is axis]
        parts = [outcomes(question, method) for _, question in asked]
        for (index, question), others in zip(asked, beside_each(parts), strict=True):
            yield Influence(index=index, question=question, method=method, others=others, decisive=decisive)


def _decisive(scoring: Scoring, axis: Axis, across: Outcomes) -> Mapping[bool, Sequence[int]]:
    """Return the subtotals of an axis that are judged better than one point less, beside an outcome of the other."""
    judge = make_grader(scoring)

    def verdict(points: int, across_points: int, ruled_out: bool) -> tuple[Grade, bool]:  # noqa: FBT001, as judge has it
        fit, intent = (points, across_points) if axis is Axis.FIT else (across_points, points)
        return judge(fit, intent, ruled_out)

    found: dict[bool, set[int]] = {False: set(), True: set()}
    for (across_points, out), ruled_out in product(across, found):
        for points in turns(scoring, axis, across_points):
            beside = across_points, out or ruled_out
            if verdict(points, *beside) != verdict(points - 1, *beside):
                found[ruled_out].add(points)
    return {ruled_out: sorted(points) for ruled_out, points in found.items()}
