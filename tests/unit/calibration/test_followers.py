"""Calibration of forms in which a question follows from another: not asked is not the same as not answered."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given

from prequal.calibration.design import Design, choice_name
from prequal.calibration.grades import possible_totals
from prequal.calibration.learner import learn
from prequal.calibration.pipeline import calibrate
from prequal.core.form import Axis, Form, Method, form_from
from prequal.core.scoring import score
from support import builders
from unit import strategies
from unit.calibration import past

_ANSWERS = {"have": ["yes", "no"], "since": ["long", "new", ""], "size": ["small", "large"]}


def followed(**changes: Any) -> Form:
    """Return a form that asks, of those who have one, since when, which they may leave open."""

    def question(name: str, options: list[str], **more: Any) -> dict[str, Any]:
        offered = [{"id": each, "label": each, "points": index} for index, each in enumerate(options)]
        return {"id": name, "type": "one", "axis": "fit", "label": name, "options": offered, **more}

    questions = [
        question("have", ["no", "yes"]),
        question("since", ["new", "long"], axis="intent", required=False, ask_if={"have": ["yes"]}),
        question("size", ["small", "large"]),
    ]
    return form_from({**builders.document(), "questions": questions, **changes})


def rows(count: int) -> list[dict[str, str]]:
    """Return clients of whom only the answer to `since` matters: it is empty where it is not asked."""
    draws = np.random.default_rng(7)
    made = []
    for _ in range(count):
        row = {question: str(draws.choice(answers)) for question, answers in _ANSWERS.items()}
        row["since"] = row["since"] if row["have"] == "yes" else ""
        logit = {"long": 2.0, "new": -2.0, "": 0.0}[row["since"]]
        row["ended"] = "won" if draws.random() < 1 / (1 + np.exp(-logit)) else "lost"
        made.append(row)
    return made


def test_what_is_not_asked_is_no_answer() -> None:
    """The row of a client who is not asked has no choice, also not that of no answer, and nothing is imputed."""
    given = [
        {"have": "yes", "since": "long", "ended": "won"},
        {"have": "yes", "since": "", "ended": "won"},
        {"have": "no", "since": "", "ended": "won"},
        {"have": "no", "since": "new", "ended": "won"},
        {"have": "?", "since": "new", "ended": "won"},
        {"have": "", "since": "", "ended": "won"},
    ]
    found = past.clients(given, followed())
    since = found.blocks[1]
    assert since.cells.tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0], [1, 0, 0]]
    assert since.asked.tolist() == [True, True, False, False, True]
    assert not since.unknown.any()
    assert Design.of([since], Method.POINTS).shares(np.arange(5)).tolist() == [1 / 3] * 3
    assert since.totals(Method.POINTS).tolist() == [1, 0, 0, 0, 0]
    what = "1 answer to since not counted, as the form doesn't ask it after the answer there to have"
    assert [note for note in found.notes if "since" in note] == [what]


def test_not_to_be_asked_is_worth_nothing() -> None:
    """Answers that not all are asked for are weighed against not being asked: the good above it, the bad below."""
    calibration = calibrate(followed(), past.clients(rows(800), followed()))
    points = calibration.points["since"]
    assert points["new"] < 0 < points["long"]


def test_a_question_stays_with_those_that_follow() -> None:
    """Of two questions, one from which the other follows is kept, however little it predicts."""
    found = past.clients(rows(400), followed())
    kept = learn(Design.of(found.blocks, Method.POINTS), found.good, np.arange(400), 2).kept
    assert [found.blocks[index].question.id for index in kept] == ["have", "since"]


@given(strategies.forms())
def test_possible_totals_are_those_of_the_paths(form: Form) -> None:
    """Totals are possible, for an axis or in all, if answers to what is asked reach them without a knock-out."""
    scored = [question for question in form.questions if question.axis]
    worths = {
        question.id: {
            choice_name(question, choice): choice.points
            if form.scoring.method is Method.POINTS
            else int(choice.desired)
            for choice in question.choices
        }
        for question in scored
    }
    capped = form.scoring.method is Method.POINTS
    caps = {each.id: each.max_points for each in scored if capped and each.max_points is not None}
    found = [score(form, answers) for answers in strategies.all_answers(form)]
    reached = [one for one in found if not one.ruled_out]
    for axis, totals in (
        (None, {one.total for one in reached}),
        (Axis.FIT, {one.fit for one in reached}),
        (Axis.INTENT, {one.intent for one in reached}),
    ):
        assert totals <= set(possible_totals(scored, worths, caps, axis))
        if all(choice.rules_out is None for question in scored for choice in question.choices):
            assert totals == set(possible_totals(scored, worths, caps, axis))
