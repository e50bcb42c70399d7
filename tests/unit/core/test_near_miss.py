"""Near misses: what they lack, and how far they reach."""

from __future__ import annotations

from typing import Any

import pytest

from prequal.core.form import form_from
from prequal.core.near_miss import Briefs, find_shortfalls, is_near_miss
from prequal.core.scoring import score
from support import builders

# The largest total is 65, so that six points are few. Warm, which qualifies, begins at 30, and fit is 20 at least.
_LEADS: dict[str, tuple[dict[str, Any], dict[str, int], bool]] = {
    "qualifies": ({"budget": "around", "timeline": "soon"}, {}, False),
    "one answer rules it out": ({"budget": "below", "timeline": "soon", "pages": 7, "services": ["design"]}, {}, True),
    "ruled out, and short": ({"budget": "below", "timeline": "soon", "pages": 7}, {"fit": 20}, False),
    "short of the grade": (
        {"budget": "around", "timeline": "rushed", "pages": 3, "services": ["design"]},
        {"total": 30},
        True,
    ),
    "short of a minimum": ({"budget": "unsure", "timeline": "soon", "pages": 7}, {"fit": 20}, True),
    "far from the grade": ({"budget": "around", "timeline": "rushed"}, {"total": 30}, False),
    "far from a minimum": ({"budget": "unsure", "timeline": "soon"}, {"total": 30, "fit": 20}, False),
}


@pytest.mark.parametrize(("answers", "shortfalls", "near"), _LEADS.values(), ids=_LEADS)
def test_the_reach(answers: dict[str, Any], shortfalls: dict[str, int], near: bool) -> None:  # noqa: FBT001, a value of the table
    """One answer that rules out, or a tenth of the largest total, is near; both, or more points, are not."""
    form = builders.form()
    result = score(form, answers)

    assert find_shortfalls(result, form.scoring) == shortfalls
    assert is_near_miss(result, form.scoring) is near
    wanted = [briefs for briefs in Briefs if briefs.includes(result, form.scoring)]
    assert wanted == ([Briefs.NEAR, Briefs.ALL] if near else [Briefs.ALL])


def test_points_for_one_thing_count_for_another() -> None:
    """Points that fit lacks raise the total as well: six for both are few, and seven are not."""
    document = builders.document()
    document["scoring"] |= {"minimum": {"fit": 21, "intent": 0}, "grades": {"hot": 50, "warm": 41}}
    for warm, near in ((46, True), (47, False)):
        document["scoring"]["grades"]["warm"] = warm
        form = form_from(document)
        result = score(form, builders.QUALIFIED)  # 20 for fit, and 20 for intent
        assert find_shortfalls(result, form.scoring) == {"total": warm, "fit": 21}
        assert is_near_miss(result, form.scoring) is near


def test_one_desired_answer_is_few() -> None:
    """One desired answer is near where these are counted, as a form has few of them."""
    document = builders.document()
    document["scoring"] = {"method": "traits", "grades": {"hot": 3, "warm": 2}, "qualify": "warm"}
    form = form_from(document)
    one, none = score(form, {"budget": "around", "timeline": "rushed"}), score(form, {"timeline": "rushed"})

    assert is_near_miss(one, form.scoring)
    assert not is_near_miss(none, form.scoring)


def test_two_answers_that_rule_out_are_not_near() -> None:
    """A second answer that rules out is one too many."""
    document = builders.document()
    document["questions"][1]["options"][0] |= {"points": 20, "rules_out": "In too much of a hurry"}
    document["scoring"]["minimum"] = {}
    form = form_from(document)
    answers: dict[str, Any] = {"pages": 7, "services": ["design", "build"], "timeline": "rushed"}

    assert is_near_miss(score(form, {**answers, "budget": "around"}), form.scoring)
    assert not is_near_miss(score(form, {**answers, "budget": "below"}), form.scoring)
