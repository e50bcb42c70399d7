"""What share of all possible answers reaches each grade."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import given, settings

import builders
from prequal.authoring.drafts import draft_of
from prequal.authoring.outcomes import by_axis
from prequal.authoring.shares import shares
from prequal.core.form import Grade
from prequal.core.scoring import score
from unit import strategies

if TYPE_CHECKING:
    from prequal.core.form import Form


@given(strategies.forms())
def test_shares_are_what_counting_gives(form: Form) -> None:
    """The shares are those found by scoring each possible answer to the form, exactly."""
    every = [score(form, answers) for answers in strategies.all_answers(form)]
    found = shares(by_axis(form), form.scoring)
    assert found.grades == {grade: Fraction(sum(one.grade is grade for one in every), len(every)) for grade in Grade}
    assert found.qualified == Fraction(sum(one.qualified for one in every), len(every))


@settings(max_examples=50)
@given(strategies.forms(questions=12))
def test_shares_are_parts_of_one(form: Form) -> None:
    """The grades' shares are exact fractions that add up to one, also where there are too many answers to count."""
    found = shares(by_axis(form), form.scoring)
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
    found = draft_of(document).shares
    assert found.grades == {Grade.HOT: Fraction(1, 4), Grade.WARM: Fraction(1, 2), Grade.COLD: Fraction(1, 4)}
    assert found.qualified == Fraction(1, 4)
