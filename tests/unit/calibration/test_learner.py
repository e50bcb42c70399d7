"""The learner: the points of scorecards, the questions and the trust that it chooses, and the folds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from prequal.calibration.columns import make_parser
from prequal.calibration.design import Block, encode
from prequal.calibration.evaluation import auc, grouped_folds
from prequal.calibration.learner import NOMINAL_TRUST, learn
from prequal.calibration.ridge import Flags
from prequal.core.form import Form
from support import builders
from unit.calibration import past


def encoded(rows: list[dict[str, str]], form: Form | None = None) -> tuple[tuple[Block, ...], Flags]:
    """Return the blocks of rows, and the outcomes."""
    clients = past.clients(rows, form)
    return clients.blocks, clients.good


def test_points_are_whole_and_span_twenty() -> None:
    """The widest question spans 20 points, and the worst answer to a required one has none."""
    blocks, good = encoded(past.rows(150))

    points = learn(blocks, good).points

    widths = [
        np.abs(points[block.question.id]).sum() if block.additive else np.ptp(points[block.question.id])
        for block in blocks
    ]
    assert all((each == np.rint(each)).all() for each in points.values())
    assert max(widths) == pytest.approx(20, abs=1)
    assert points["budget"].min() == 0


def test_no_answer_is_worth_nothing() -> None:
    """No answer to an optional question is worth 0, as in the form; answers are worth more or less than that."""
    blocks, good = encoded(past.rows(400))
    assert {block.question.id: block.choices[-1] for block in blocks}["pages"] is None
    assert learn(blocks, good).points["pages"][-1] == 0


def test_the_owners_points_help_with_few_clients() -> None:
    """From 20 clients, the owner's points lead to a better ranking of other clients than no opinion does."""
    rows = past.rows(3000)
    mine, good = encoded(rows)
    none, _ = encoded(rows, past.without_opinion())
    others = np.arange(1000, 3000)

    areas = []
    for start in range(0, 1000, 20):
        few = np.arange(start, start + 20)
        totals = [
            learn([block.of(few) for block in blocks], good[few]).totals([block.of(others) for block in blocks])
            for blocks in (mine, none)
        ]
        areas.append([auc(each, good[others]) for each in totals])

    with_points, without = np.mean(areas, axis=0)
    assert with_points > without + 0.01


def test_useless_owner_points_are_dropped() -> None:
    """With enough clients, the owner's points get no trust if they say the opposite of the truth."""
    form = builders.form()
    upside_down = replace(
        form,
        questions=tuple(
            replace(question, options=tuple(replace(option, points=-option.points) for option in question.options))
            for question in form.questions
        ),
    )
    assert learn(*encoded(past.rows(600), upside_down)).trust == 0


def test_few_clients_keep_the_owners_points() -> None:
    """Below 40 clients of the rarer outcome the owner's points keep their trust, however many others there are."""
    rows = past.rows(1500)
    rare = [row for row in rows if row["ended"] == "won"][:39] + [row for row in rows if row["ended"] == "lost"]
    assert learn(*encoded(rare)).trust == NOMINAL_TRUST


def test_an_unseen_answer_is_the_average() -> None:
    """An option that no client chose gets its question's mean, if the owner has no opinion."""
    rows = [row | {"timeline": "soon" if row["timeline"] == "soon" else "rushed"} for row in past.rows(300)]
    form = past.without_opinion()
    document = form.question("timeline")
    assert document is not None
    third = replace(document.options[0], id="never_chosen")
    timeline = replace(document, options=(*document.options, third))
    block = encode(timeline, [row["timeline"] for row in rows])
    good = np.array([row["ended"] == "won" for row in rows])

    rushed, soon, never = learn([block], good).points["timeline"]

    share = block.cells[:, 1].mean()
    assert never == pytest.approx(rushed + share * (soon - rushed), abs=0.51)


def test_an_unknown_answer_is_the_average() -> None:
    """A cell that matches no answer is imputed by the question's mean."""
    rows = past.rows(200)
    rows[0]["timeline"] = "whenever"
    blocks, good = encoded(rows)

    scorecard = learn(blocks, good)

    by_question = {block.question.id: block.cells @ scorecard.points[block.question.id] for block in blocks}
    assert by_question["timeline"][0] == pytest.approx(by_question["timeline"][1:].mean())
    assert scorecard.totals(blocks)[0] == pytest.approx(sum(totals[0] for totals in by_question.values()))


def test_the_widest_questions_are_kept() -> None:
    """With a maximum of two questions, the two decisive ones are kept, and the others have no points."""
    blocks, good = encoded(past.rows(500), past.without_opinion())
    assert learn(blocks, good, max_questions=2).points.keys() == {"budget", "timeline"}


def test_answers_alike_teach_nothing() -> None:
    """If all clients answered alike, no answer has points, and the chance is the base rate."""
    rows = [{"budget": "around", "ended": "won" if index % 4 else "lost"} for index in range(40)]
    blocks, good = encoded(rows)
    scorecard = learn(blocks, good)
    assert scorecard.chances(scorecard.totals(blocks)) == pytest.approx(0.75, abs=0.01)


def test_folds_are_stratified() -> None:
    """Every client is tested once a round, and each fold has its proportion of both outcomes."""
    good = np.arange(50) % 5 == 0
    folds = list(grouped_folds(good, np.arange(50), 2, np.random.default_rng(1)))
    assert len(folds) == 10
    assert sorted(np.concatenate([test for _, test in folds[:5]])) == list(range(50))
    for train, test in folds:
        assert good[test].sum() == 2
        assert not set(train) & set(test)


def test_one_person_is_in_one_fold() -> None:
    """A person's rows are never in both the training and the test rows."""
    persons = np.repeat(np.arange(30), 3)
    good = persons % 3 == 0
    for train, test in grouped_folds(good, persons, 2, np.random.default_rng(1)):
        assert not set(persons[train]) & set(persons[test])


def test_cells_of_many_questions_are_read() -> None:
    """Several choices in a cell may be separated in any way, and an unknown one makes the cell unknown."""
    services = builders.form().question("services")
    assert services is not None
    read = make_parser(services, [])
    assert read("Design; build") == read("design,Building") == read("design\nbuild") == ("design", "build")
    assert read("") is None
