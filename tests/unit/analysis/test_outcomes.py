"""The share of all possible answers in each grade."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from prequal.analysis.form_analysis import analyse
from prequal.analysis.outcomes import Outcomes
from prequal.analysis.paths import cases_together, groups_of, totals_together
from prequal.analysis.shares import Shares, shares
from prequal.analysis.totals import convolve
from prequal.core.form import Axis, Form, Grade, Method, Scoring
from prequal.core.scoring import make_grader, score
from support import builders
from unit import strategies

_TOTALS = st.integers(-40, 40)
_AXES = st.sampled_from(Axis)


@st.composite
def scorings(draw: st.DrawFn) -> Scoring:
    """Return scoring rules with any thresholds, minimums and qualifying grade."""
    warm = draw(_TOTALS)
    return Scoring(
        method=Method.POINTS,
        grades={Grade.HOT: warm + draw(st.integers(1, 40)), Grade.WARM: warm},
        qualify=draw(st.sampled_from(Grade)),
        minimum=draw(st.dictionaries(_AXES, _TOTALS)),
    )


def any_outcomes() -> st.SearchStrategy[Outcomes]:
    """Return positive and negative subtotals, some ruled out, with counts below and above the precision of a float."""
    ways = st.integers(1, 9) | st.integers(2**60, 2**70)
    return st.dictionaries(st.tuples(_TOTALS, st.booleans()), ways, min_size=1, max_size=40).map(Counter)


def shares_of(form: Form) -> Shares:
    """Return the shares of a form."""
    groups, method = groups_of(form), form.scoring.method
    return shares(totals_together(groups, method), list(cases_together(groups, method)), form.scoring)


@given(strategies.forms())
def test_shares_equal_those_of_counting(form: Form) -> None:
    """The shares are exactly those of scoring each possible way to answer the form."""
    every = [score(form, answers) for answers in strategies.all_answers(form)]
    found = shares_of(form)
    assert found.grades == {grade: Fraction(sum(one.grade is grade for one in every), len(every)) for grade in Grade}
    assert found.qualified == Fraction(sum(one.qualified for one in every), len(every))


@given(any_outcomes(), any_outcomes(), scorings())
def test_shares_equal_those_of_grading_each_pair(fit: Outcomes, intent: Outcomes, scoring: Scoring) -> None:
    """The shares are exactly those of pairing every subtotal of one axis with every one of the other."""
    judge = make_grader(scoring)
    graded, qualified = Counter[Grade](), 0
    for ((points, out), ways), ((more, also_out), times) in product(fit.items(), intent.items()):
        grade, is_qualified = judge(points, more, out or also_out)
        graded[grade] += ways * times
        qualified += ways * times * is_qualified
    every = fit.total() * intent.total()
    found = shares(convolve(fit, intent), [{Axis.FIT: fit, Axis.INTENT: intent}], scoring)
    assert found.grades == {grade: Fraction(graded[grade], every) for grade in Grade}
    assert found.qualified == Fraction(qualified, every)


@settings(max_examples=50)
@given(strategies.forms(questions=12))
def test_shares_add_up_to_one(form: Form) -> None:
    """The grades' shares are exact fractions that add up to one, even with too many ways to answer to count."""
    found = shares_of(form)
    assert all(isinstance(part, Fraction) for part in [*found.grades.values(), found.qualified])
    assert sum(found.grades.values()) == 1
    assert 0 <= found.qualified <= 1


def test_shares_by_hand() -> None:
    """Two questions of two answers each: one combination of four is hot, and it is ruled out."""
    document = builders.document()
    document["questions"] = [
        {
            "id": name,
            "type": "one",
            "axis": "fit",
            "label": "?",
            "options": [{"id": "no", "label": "No"}, {"id": "yes", "label": "Yes", "points": 10}],
        }
        for name in ("a", "b")
    ]
    document["questions"][0]["options"][1]["rules_out"] = "Too keen"
    document["scoring"] = {"grades": {"hot": 20, "warm": 10}}
    found = analyse(document).shares
    assert found.grades == {Grade.HOT: Fraction(1, 4), Grade.WARM: Fraction(1, 2), Grade.COLD: Fraction(1, 4)}
    assert found.qualified == Fraction(1, 4)
