"""The score, by example and for every form."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from prequal.core.form import Form, Grade, Method, form_from
from prequal.core.scoring import Answer, Reason, Score, chosen, score
from support import builders
from unit import strategies


@st.composite
def answered(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Answer]]:
    """Return the document of a form, and answers to it."""
    document = draw(strategies.documents())
    return document, draw(strategies.answers_to(form_from(document)))


@st.composite
def with_a_choice(draw: st.DrawFn, key: str) -> tuple[dict[str, Any], dict[str, Answer], dict[str, Any]]:
    """Return a document, answers to it, and the part of the document that holds one of the chosen options or bands."""
    document, answers = draw(answered())
    places = [
        (index, position)
        for index, question in enumerate(form_from(document).questions)
        for position, choice in enumerate(getattr(question, key))
        if choice in chosen(question, answers.get(question.id))
    ]
    assume(places)
    index, position = draw(st.sampled_from(places))
    return document, answers, document["questions"][index][key][position]


def scored(document: dict[str, Any], answers: dict[str, Answer]) -> Score:
    """Score answers to the form in a document, as it is now."""
    return score(form_from(copy.deepcopy(document)), answers)


@given(st.sampled_from(["options", "bands"]).flatmap(with_a_choice), st.integers(0, 50))
def test_adding_points_never_lowers(case: tuple[dict[str, Any], dict[str, Answer], dict[str, Any]], more: int) -> None:
    """Adding points to a chosen answer lowers neither total nor grade, and disqualifies nobody."""
    document, answers, choice = case
    before = scored(document, answers)
    choice["points"] = choice.get("points", 0) + more
    after = scored(document, answers)
    assert after.total >= before.total
    assert after.grade.reaches(before.grade)
    assert after.qualified >= before.qualified


@given(st.sampled_from(["options", "bands"]).flatmap(with_a_choice))
def test_desiring_never_lowers(case: tuple[dict[str, Any], dict[str, Answer], dict[str, Any]]) -> None:
    """Marking a chosen answer as desired lowers neither total nor grade, and disqualifies nobody."""
    document, answers, choice = case
    before = scored(document, answers)
    choice["desired"] = True
    after = scored(document, answers)
    assert after.total >= before.total
    assert after.grade.reaches(before.grade)
    assert after.qualified >= before.qualified


@given(with_a_choice("options"))
def test_a_knock_out_is_never_qualified(case: tuple[dict[str, Any], dict[str, Answer], dict[str, Any]]) -> None:
    """A lead with a chosen answer that rules out isn't qualified, and has the owner's reason."""
    document, answers, choice = case
    choice["rules_out"] = "Not our work"
    found = scored(document, answers)
    assert not found.qualified
    assert "Not our work" in found.ruled_out


@given(answered())
def test_a_knock_out_changes_no_points(case: tuple[dict[str, Any], dict[str, Answer]]) -> None:
    """A knock-out only disqualifies: total, grade and reasons stay the same."""
    document, answers = case
    found = scored(document, answers)
    for question in document["questions"]:
        for option in question.get("options", ()):
            option.pop("rules_out", None)
    spared = scored(document, answers)
    assert (spared.total, spared.grade, spared.reasons) == (found.total, found.grade, found.reasons)
    assert spared.ruled_out == ()


@given(answered())
def test_the_total_is_explained(case: tuple[dict[str, Any], dict[str, Answer]]) -> None:
    """There is one reason per scored question that is asked, in the form's order; they add up to the total."""
    document, answers = case
    form, found = form_from(document), scored(document, answers)
    assert [reason.question for reason in found.reasons] == [
        question.id for question in form.questions if question.axis is not None and question.ask_if.holds(answers)
    ]
    assert [reason.answer for reason in found.reasons] == [answers.get(reason.question) for reason in found.reasons]
    assert found.total == sum(reason.points for reason in found.reasons)
    assert found.total == found.fit + found.intent


@given(answered())
def test_each_axis_is_the_sum_of_its_questions(case: tuple[dict[str, Any], dict[str, Answer]]) -> None:
    """The subtotal of an axis is the sum of its own questions."""
    document, answers = case
    axes = {question["id"]: question.get("axis") for question in document["questions"]}
    found = scored(document, answers)
    assert found.fit == sum(reason.points for reason in found.reasons if axes[reason.question] == "fit")
    assert found.intent == sum(reason.points for reason in found.reasons if axes[reason.question] == "intent")


@given(answered(), st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter(case: tuple[dict[str, Any], dict[str, Answer]], random: Any) -> None:
    """Neither the order of the questions nor that of several answers to one changes the score."""
    document, answers = case
    items = [
        (question, tuple(random.sample(answer, len(answer))) if isinstance(answer, tuple) else answer)
        for question, answer in answers.items()
    ]
    random.shuffle(items)
    found, shuffled = scored(document, answers), scored(document, dict(items))
    assert (found.total, found.fit, found.intent) == (shuffled.total, shuffled.fit, shuffled.intent)
    assert (found.grade, found.qualified, found.ruled_out) == (shuffled.grade, shuffled.qualified, shuffled.ruled_out)
    assert [reason.points for reason in found.reasons] == [reason.points for reason in shuffled.reasons]


@given(strategies.forms())
def test_max_is_the_largest_possible_total(form: Form) -> None:
    """No answers exceed `max`, and some reach it."""
    found = [score(form, answers) for answers in strategies.all_answers(form)]
    assert {one.max for one in found} == {max(one.total for one in found)}


@given(answered())
def test_qualified_means_grade_minimums_and_no_knock_out(case: tuple[dict[str, Any], dict[str, Answer]]) -> None:
    """A lead is qualified when it reaches the grade, meets each minimum, and no chosen answer rules it out."""
    document, answers = case
    found = scored(document, answers)
    rules = document["scoring"]
    floor = {"cold": -(10**9), **rules["grades"]}[rules["qualify"]]
    minimums = rules["minimum"]
    assert found.qualified == (
        found.total >= floor
        and found.fit >= minimums.get("fit", found.fit)
        and found.intent >= minimums.get("intent", found.intent)
        and not found.ruled_out
    )


@pytest.mark.parametrize(
    ("hot", "warm", "grade"),
    [(40, 30, Grade.HOT), (41, 40, Grade.WARM), (42, 41, Grade.COLD)],
)
def test_a_grade_begins_at_its_points(hot: int, warm: int, grade: Grade) -> None:
    """A total that equals the points of a grade has that grade; one point less has the grade below."""
    document = builders.document()
    document["scoring"]["grades"] = {"hot": hot, "warm": warm}
    found = scored(document, {"budget": "around", "timeline": "soon"})
    assert (found.total, found.grade) == (40, grade)


@pytest.mark.parametrize(("minimum", "qualified"), [({"fit": 20}, True), ({"fit": 21}, False), ({"intent": 21}, False)])
def test_a_minimum_is_met_by_its_points(minimum: dict[str, int], qualified: bool) -> None:  # noqa: FBT001
    """A subtotal that equals the minimum meets it; one point less doesn't, whatever the grade."""
    document = builders.document()
    document["scoring"]["minimum"] = minimum
    assert scored(document, {"budget": "around", "timeline": "soon"}).qualified is qualified


@pytest.mark.parametrize(("number", "points"), [(1, 5), (5, 5), (6, 10), (500, 10)])
def test_a_bands_upper_bound_is_inclusive(number: int, points: int) -> None:
    """A number falls into the first band whose bound it doesn't exceed; a band without a bound takes the rest."""
    found = score(builders.form(), {"pages": number})
    assert Reason(question="pages", answer=number, points=points) in found.reasons


def test_a_number_above_every_band_adds_nothing() -> None:
    """Above the last band's bound there are no points."""
    document = builders.document()
    document["questions"][2]["bands"] = [{"up_to": 5, "points": 5}]
    assert score(form_from(document), {"pages": 6}).total == 0


def test_several_answers_add_up_to_the_cap() -> None:
    """The points of several answers add up, but not beyond `max_points`."""
    found = score(builders.form(), {"services": ("design", "build")})
    assert (found.total, found.max) == (15, 65)


@pytest.mark.parametrize(
    ("points", "required", "cap", "best"),
    [
        ([10, 5, -5], True, None, 15),
        ([10, 5, -5], False, 12, 12),
        ([-5, -10], True, None, -5),
        ([-5, -10], False, None, 0),
        ([10, 5], False, -5, -5),
    ],
)
def test_the_largest_total_of_several_answers(points: list[int], required: bool, cap: int | None, best: int) -> None:  # noqa: FBT001
    """Positive answers add up, capped; if all are negative, the least harmful choice counts."""
    document = builders.document()
    options = [{"id": f"o{index}", "label": "?", "points": worth} for index, worth in enumerate(points)]
    question = {"id": "q", "type": "many", "axis": "fit", "label": "?", "required": required, "options": options}
    document["questions"] = [question if cap is None else {**question, "max_points": cap}]
    assert scored(document, {}).max == best


def test_an_unanswered_question_adds_nothing() -> None:
    """An unanswered question has a reason too, with no points."""
    found = score(builders.form(), {})
    assert found.reasons == tuple(
        Reason(question=question, answer=None, points=0) for question in ("budget", "timeline", "pages", "services")
    )


def test_traits_are_counted() -> None:
    """With the method *traits* the total is the number of desired answers, and no cap on points applies."""
    document = builders.document()
    document["scoring"] = {"method": "traits", "grades": {"hot": 4, "warm": 2}}
    services = document["questions"][3]
    services["max_points"] = 1
    for option in services["options"]:
        option["desired"] = True
    found = scored(document, {"budget": "around", "timeline": "rushed", "services": ("design", "build")})
    assert (found.method, found.total, found.max) == (Method.TRAITS, 3, 5)
    assert (found.fit, found.intent, found.grade) == (3, 0, Grade.WARM)


def test_chosen_options_are_in_the_forms_order() -> None:
    """Several chosen options come in the form's order, not in that of the answer."""
    question = builders.form().questions[3]
    assert [option.label["en"] for option in chosen(question, ("build", "design")) if hasattr(option, "label")] == [
        "Design",
        "Building",
    ]


def test_free_text_is_never_scored() -> None:
    """A text has no reason and no points."""
    found = score(builders.form(), {"goals": "around"})
    assert "goals" not in [reason.question for reason in found.reasons]
    assert found.total == 0


def test_several_answers_where_one_is_asked_add_nothing() -> None:
    """Several options, which an earlier version of the question accepted, are none of its answers now."""
    found = score(builders.form(), {"budget": ("below", "around")})
    assert Reason(question="budget", answer=("below", "around"), points=0) in found.reasons
    assert found.ruled_out == ()
