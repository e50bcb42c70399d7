"""Calibration of forms in which a question follows from another: not asked is not the same as not answered."""

from __future__ import annotations

from typing import Any

import numpy as np

from prequal.calibration.learner import learn
from prequal.core.form import Form, form_from
from support import builders
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
    assert since.shares.tolist() == [1 / 3] * 3
    assert since.owner_totals.tolist() == [1, 0, 0, 0, 0]
    what = "1 answer to since not counted, as the form doesn't ask it after the answer there to have"
    assert [note for note in found.notes if "since" in note] == [what]


def test_not_to_be_asked_is_worth_nothing() -> None:
    """Answers that not all are asked for are weighed against not being asked: the good above it, the bad below."""
    found = past.clients(rows(800), followed())
    new, long, none = learn(found.blocks, found.good).points["since"]
    assert new < none < long
    assert new < 0 < long


def test_a_question_stays_with_those_that_follow() -> None:
    """Of two questions, one from which the other follows is kept, however little it predicts."""
    found = past.clients(rows(400), followed())
    assert learn(found.blocks, found.good, 2).points.keys() == {"have", "since"}


def test_what_leads_are_not_asked_is_not_missing() -> None:
    """Beside leads, an answer that is not asked stays none: it is neither the average, nor reported as dropped."""
    given = [{"have": "yes", "since": "long"}, {"have": "no", "since": ""}]
    found = past.clients(given, followed(), outcome="", good=[], unlabelled=[])
    assert found.blocks[1].cells.tolist() == [[0, 1, 0], [0, 0, 0]]
    assert [note for note in found.notes if "since" in note] == []
