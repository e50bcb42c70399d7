"""The learner: the points of scorecards, the questions and the trust that it chooses, and the folds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from prequal.calibration.columns import make_parser
from prequal.calibration.design import Design, encode
from prequal.calibration.evaluation import grouped_folds
from prequal.calibration.learner import learn
from prequal.calibration.ridge import expit, fit
from prequal.core.form import Axis, Form, Kind, Method, Option, Question
from support import builders
from unit.calibration import past


def designed(rows: list[dict[str, str]], form: Form | None = None) -> tuple[Design, np.ndarray]:
    """Return the design matrix of rows, and the outcomes."""
    clients = past.clients(rows, form)
    return Design.of(clients.blocks, Method.POINTS), clients.good


def test_points_are_whole_and_span_ten() -> None:
    """Below 1,000 clients the widest question spans 10 points, and the worst answer to a required one has none."""
    design, good = designed(past.rows(150))

    scorecard = learn(design, good, np.arange(150))

    widths = [
        np.abs(scorecard.points[columns]).sum() if block.additive else np.ptp(scorecard.points[columns])
        for block, columns in zip(design.blocks, design.slices, strict=True)
    ]
    assert (scorecard.points == np.rint(scorecard.points)).all()
    assert max(widths) == pytest.approx(10, abs=1)
    assert scorecard.points[design.slices[0]].min() == 0


def test_many_clients_get_finer_points() -> None:
    """From 1,000 clients on the widest question spans 20."""
    design, good = designed(past.rows(1200))
    scorecard = learn(design, good, np.arange(1200))
    assert max(np.ptp(scorecard.points[columns]) for columns in design.slices) == pytest.approx(20, abs=1)


def test_no_answer_is_worth_nothing() -> None:
    """No answer to an optional question is worth 0, as in the form; answers are worth more or less than that."""
    design, good = designed(past.rows(400))
    scorecard = learn(design, good, np.arange(400))
    pages = next(at for at, one in enumerate(design.blocks) if one.question.id == "pages")
    assert design.blocks[pages].choices[-1] is None
    assert scorecard.points[design.slices[pages]][-1] == 0


def test_the_owners_points_help_with_few_clients() -> None:
    """From 20 clients, the owner's points lead to a better ranking of other clients than no opinion does."""
    rows = past.rows(3000)
    mine, good = designed(rows)
    none, _ = designed(rows, past.without_opinion())
    others = np.arange(1000, 3000)

    areas = []
    for start in range(0, 1000, 20):
        few = np.arange(start, start + 20)
        learned = [learn(design, good, few).totals(design, others) for design in (mine, none)]
        areas.append([_auc(totals, good[others]) for totals in learned])

    with_points, without = np.mean(areas, axis=0)
    assert with_points > without + 0.01


def _auc(totals: np.ndarray, good: np.ndarray) -> float:
    from prequal.calibration.evaluation import auc  # noqa: PLC0415

    return auc(totals, good)


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
    design, good = designed(past.rows(600), upside_down)
    assert learn(design, good, np.arange(600)).trust == 0


def test_irrelevant_questions_get_few_points() -> None:
    """Irrelevant questions get fewer points beside a decisive one than a common penalty would give them."""
    draws = np.random.default_rng(6)
    options = tuple(Option(id=str(at), label={"en": "?"}) for at in range(4))
    answers = draws.integers(4, size=(8, 300))
    good = draws.random(300) < expit((answers[0] - 1.5) * 2)
    blocks = [
        encode(Question(id=f"q{at}", kind=Kind.ONE, axis=Axis.FIT, label={"en": "?"}, options=options), said, str)
        for at, said in enumerate([[str(answer) for answer in question] for question in answers])
    ]
    design = Design.of(blocks, Method.POINTS)

    scorecard = learn(design, good, np.arange(300))
    alike = fit(design.cells, good, np.zeros(design.cells.shape[1]), 10.0)

    def widths(weights: np.ndarray) -> list[float]:
        return [float(np.ptp(weights[columns])) for columns in design.slices]

    decisive, *others = widths(scorecard.points)
    decisive_alike, *others_alike = widths(alike.weights)
    assert np.mean(others) / decisive < 0.8 * np.mean(others_alike) / decisive_alike


def test_an_unseen_answer_is_the_average() -> None:
    """An option that no client chose gets its question's mean, if the owner has no opinion."""
    rows = [row | {"timeline": "soon" if row["timeline"] == "soon" else "rushed"} for row in past.rows(300)]
    form = past.without_opinion()
    document = form.question("timeline")
    assert document is not None
    third = replace(document.options[0], id="never_chosen")
    timeline = replace(document, options=(*document.options, third))
    blocks = [encode(timeline, [row["timeline"] for row in rows], str)]
    design = Design.of(blocks, Method.POINTS)
    good = np.array([row["ended"] == "won" for row in rows])

    scorecard = learn(design, good, np.arange(300))

    rushed, soon, never = scorecard.points
    share = (design.cells[:, 1]).mean()
    assert never == pytest.approx(rushed + share * (soon - rushed), abs=0.51)


def test_an_unknown_answer_is_the_average() -> None:
    """A cell that matches no answer is imputed by the question's mean."""
    rows = past.rows(200)
    rows[0]["timeline"] = "whenever"
    design, good = designed(rows)

    scorecard = learn(design, good, np.arange(200))

    timeline = design.slices[1]
    known = design.cells[1:, timeline].mean(axis=0)
    total = scorecard.totals(design, np.array([0]))[0]
    assert np.isfinite(total)
    rest = np.delete(np.arange(len(scorecard.points)), np.r_[timeline])
    assert total == pytest.approx(design.cells[0, rest] @ scorecard.points[rest] + known @ scorecard.points[timeline])


def test_the_best_questions_are_kept() -> None:
    """With a maximum of two questions, the two decisive ones are kept, and the others have no points."""
    design, good = designed(past.rows(500), past.without_opinion())
    learned = learn(design, good, np.arange(500), max_questions=2)
    assert [design.blocks[at].question.id for at in learned.kept] == ["budget", "timeline"]
    assert len(learned.points) == design.only(learned.kept).cells.shape[1]


def test_answers_alike_teach_nothing() -> None:
    """If all clients answered alike, no answer has points, and the chance is the base rate."""
    rows = [{"budget": "around", "ended": "won" if index % 4 else "lost"} for index in range(40)]
    clients = past.clients(rows)
    design = Design.of(clients.blocks, Method.POINTS)
    scorecard = learn(design, clients.good, np.arange(40))
    assert scorecard.chances(scorecard.totals(design, np.arange(40))) == pytest.approx(0.75, abs=0.01)


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
