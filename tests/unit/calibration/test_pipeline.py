"""The whole calibration: verdicts, points, thresholds, text, JSON and plot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from prequal.calibration import presentation
from prequal.calibration.design import choice_name
from prequal.calibration.evaluation import auc_interval
from prequal.calibration.pipeline import calibrate
from prequal.calibration.plot import render_svg
from prequal.calibration.verdict import Verdict, too_few
from prequal.core.form import Axis, Band, Form, Grade, Option
from prequal.core.scoring import Answer, score
from support import builders
from unit.calibration import past


def with_points(form: Form, points: dict[str, dict[str, int]]) -> Form:
    """Return the form with new points and without caps."""
    questions = []
    for question in form.questions:
        new = points.get(question.id, {})
        questions.append(
            replace(
                question,
                max_points=None,
                options=tuple(replace(one, points=new.get(choice_name(question, one), 0)) for one in question.options),
                bands=tuple(replace(one, points=new.get(choice_name(question, one), 0)) for one in question.bands),
            )
        )
    return replace(form, questions=tuple(questions))


@pytest.mark.parametrize(
    ("won", "lost", "words"),
    [
        (4, 4, "at least 10 of each"),
        (9, 200, "9 good clients and 200 others are not enough"),
        (30, 0, "Add those you lost or turned down"),
    ],
)
def test_too_few_are_refused_politely(won: int, lost: int, words: str) -> None:
    """With too few of either outcome the owner's points stay, a remedy is named, and all figures are null."""
    rows = past.rows(won + lost)
    for index, row in enumerate(rows):
        row["ended"] = "won" if index < won else "lost"

    found = calibrate(builders.form(), past.clients(rows))

    assert found.verdict is Verdict.NOT_CALIBRATED
    assert words in found.explanation
    assert "Your points stay as they are" in found.explanation
    assert presentation.as_json(found) == {
        "rows": won + lost,
        "good": won,
        "auc": None,
        "auc_owner": None,
        "log_loss": None,
        "log_loss_base": None,
        "verdict": "not calibrated",
        "points": {
            "budget": {"below": 0, "around": 20, "unsure": 5},
            "timeline": {"rushed": -10, "soon": 20},
            "pages": {"up to 5": 5, "above 5": 10},
            "services": {"design": 10, "build": 10},
        },
        "grades": {"hot": 50, "warm": 30},
        "minimum": {"fit": 20},
        "max_points": {"services": 15},
        "others": {"lost": lost} if lost else {},
        "left_out": {},
        "unread": {},
        "notes": [],
    }


@pytest.mark.parametrize(
    ("good", "others", "words"), [(0, 30, "None of these clients is good"), (0, 0, "no usable client"), (10, 10, "")]
)
def test_missing_outcomes(good: int, others: int, words: str) -> None:
    """The missing outcome is named; ten persons of either are enough to learn from."""
    found = too_few(good, others)
    assert words in found
    assert bool(found) is bool(words)


def test_clients_are_counted_by_person() -> None:
    """Many rows of a few persons are too few to learn from."""
    rows = [row | {"email": f"{index % 12}@example.com"} for index, row in enumerate(past.rows(120))]
    found = calibrate(builders.form(), past.clients(rows))
    assert found.verdict is Verdict.NOT_CALIBRATED


def test_repeated_rows_add_no_certainty() -> None:
    """Verdict and intervals depend on the number of persons, not of rows, and the text says so."""
    form = past.without_opinion()
    rows = [row | {"email": f"{index}@example.com"} for index, row in enumerate(past.rows(70))] * 5
    clients = past.clients(rows, form)
    good, others = clients.group_counts
    assert min(good, others) < 40 <= min(int(clients.good.sum()), int((~clients.good).sum()))

    found = calibrate(form, clients)

    assert found.learning is not None
    assert found.verdict is Verdict.PROVISIONAL
    for interval in (found.learning.validation.auc, *(worth.alone for worth in found.learning.aucs)):
        assert interval == auc_interval(interval.mean, good, others)
    shown = presentation.as_text(found)
    assert f"70 persons, each counted once in verdict and intervals: {good} good at least once, {others} not" in shown


def test_few_clients_are_provisional() -> None:
    """From 10 to 39 persons of either outcome, points are provisional and no chance is shown."""
    found = calibrate(builders.form(), past.clients(past.rows(60)))
    assert found.verdict is Verdict.PROVISIONAL
    assert "likely" not in presentation.as_text(found)


def test_enough_clients_are_calibrated() -> None:
    """With enough clients, points better than base rate and owner's are calibrated, with chances that hold."""
    found = calibrate(past.without_opinion(), past.clients(past.rows(1500), past.without_opinion()))

    assert found.verdict is Verdict.CALIBRATED
    assert found.learning is not None
    validation = found.learning.validation
    assert validation.log_loss < validation.log_loss_base
    assert validation.in_the_large == pytest.approx(1, abs=0.05)
    assert validation.slope == pytest.approx(1, abs=0.2)
    assert "likely to be a good client" in presentation.as_text(found)


def test_the_form_scores_like_the_scorecard() -> None:
    """A form with the new points gives each client the scorecard's total."""
    form, rows = builders.form(), past.rows(200)
    found = calibrate(form, past.clients(rows))
    assert found.learning is not None
    totals = found.learning.scorecard.totals(found.learning.design, np.arange(200))
    new = with_points(form, {question: dict(points) for question, points in found.points.items()})

    for row, total in zip(rows, totals, strict=True):
        answers: dict[str, Answer] = {
            "budget": row["budget"],
            "timeline": row["timeline"],
            **({"pages": int(row["pages"])} if row["pages"] else {}),
            "services": [part for part in row["services"].split("; ") if part],
        }
        assert score(new, answers).total == total


def test_figures_are_of_unseen_clients() -> None:
    """If outcomes are random, the AUC's interval contains that of a coin, however well 60 rows can be fitted."""
    rows = past.rows(60)
    for row, flip in zip(rows, np.random.default_rng(3).random(60), strict=True):
        row["ended"] = "won" if flip < 0.5 else "lost"

    found = calibrate(past.without_opinion(), past.clients(rows, past.without_opinion()))

    assert found.learning is not None
    assert found.learning.validation.auc.low < 0.5
    assert "no" in found.explanation
    assert found.verdict is Verdict.PROVISIONAL


def test_an_answer_from_after_the_sale() -> None:
    """A column that reveals the outcome is named as suspiciously perfect, and the points are not recommended."""
    rows = [row | {"pages": "3" if row["ended"] == "won" else "40"} for row in past.rows(80)]

    found = calibrate(builders.form(), past.clients(rows))

    assert found.verdict is Verdict.SUSPICIOUS
    assert found.learning is not None
    assert "Suspiciously perfect: pages alone" in found.learning.suspicions[0]
    assert "--map 'pages='" in presentation.as_text(found)


def test_an_answer_filled_in_later() -> None:
    """An answer that exists only after a sale reveals the outcome, too."""
    rows = [row | {"pages": "3" if row["ended"] == "won" else ""} for row in past.rows(80)]
    found = calibrate(builders.form(), past.clients(rows))
    assert found.learning is not None
    assert "pages alone" in found.learning.suspicions[0]


def test_a_question_better_than_all_others() -> None:
    """A question that surely predicts more than all others together is questioned, even if it is not perfect."""
    draws = np.random.default_rng(4)
    rows = [
        row | {"pages": "3" if (row["ended"] == "won") == (draws.random() < 0.86) else "40", "timeline": "soon"}
        for row in past.rows(800)
    ]
    found = calibrate(builders.form(), past.clients(rows))
    assert found.learning is not None
    assert "pages alone (AUC 0.8" in found.learning.suspicions[0]
    assert "predicts more than all other questions together" in found.learning.suspicions[0]


def test_the_text_describes_the_clients() -> None:
    """The text has the numbers of usable, left-out and ruled-out rows, and the unmatched cells."""
    rows = past.rows(63)
    rows[0]["ended"] = ""
    rows[1]["budget"] = "below"
    rows[2]["timeline"] = "whenever"

    shown = presentation.as_text(calibrate(builders.form(), past.clients(rows)))

    assert "61 clients to learn from" in shown
    assert "1 left out: ended is empty" in shown
    assert "1 set aside: an answer rules them out" in shown
    assert "timeline: no answer matches “whenever” (1); counted as the question's average" in shown


def test_honest_answers_are_not_suspicious() -> None:
    """A table whose strongest question is an honest one raises no suspicion."""
    for seed in range(2):
        found = calibrate(builders.form(), past.clients(past.rows(120, seed=seed)))
        assert found.learning is not None
        assert found.learning.suspicions == []


def test_grades_by_rank() -> None:
    """About the same share of clients reaches each grade and minimum under the new points as under the old."""
    form = builders.form()
    clients = past.clients(past.rows(180))
    found = calibrate(form, clients)
    assert found.learning is not None
    thresholds, scorecard = found.learning.thresholds, found.learning.scorecard
    assert thresholds is not None
    old = np.sum([block.totals(form.scoring.method) for block in clients.blocks], axis=0)
    new = scorecard.totals(found.learning.design, np.arange(180))

    hot, warm = thresholds.grades[Grade.HOT], thresholds.grades[Grade.WARM]
    assert warm < hot
    assert thresholds.minimum.keys() == {Axis.FIT}
    assert (new >= hot).mean() == pytest.approx((old >= 50).mean(), abs=0.1)
    assert (new >= warm).mean() == pytest.approx((old >= 30).mean(), abs=0.1)


def test_a_question_without_a_column_keeps_its_points() -> None:
    """A question without a column keeps its points, on the new scale, and the text says so."""
    rows = [{name: value for name, value in row.items() if name != "services"} for row in past.rows(100)]
    found = calibrate(builders.form(), past.clients(rows))
    assert found.points["services"]["design"] == found.points["services"]["build"] > 0
    assert "services: no column" in presentation.as_text(found)


def test_a_cap_without_a_column_keeps_its_proportion() -> None:
    """The cap of a question without a column is on the new scale, too, and still cuts."""
    rows = [{name: value for name, value in row.items() if name != "services"} for row in past.rows(100)]

    found = calibrate(builders.form(), past.clients(rows))

    points, cap = found.points["services"], presentation.as_json(found)["max_points"]["services"]
    assert cap == pytest.approx(points["design"] * 1.5, abs=1)
    assert cap < sum(points.values())
    assert f"max_points 15 → {cap}\n" in presentation.as_text(found)


def test_learned_points_are_not_capped() -> None:
    """Learned points need no cap; text and JSON show the new value of the form's, which cuts nothing."""
    found = calibrate(builders.form(), past.clients(past.rows(100)))
    together = sum(points for points in found.points["services"].values() if points > 0)
    assert presentation.as_json(found)["max_points"] == {"services": together}
    assert f"max_points 15 → {together}, which caps nothing" in presentation.as_text(found)


def test_questions_without_a_column_are_also_kept() -> None:
    """A question without a column doesn't count among the best that are asked for: it is also kept."""
    rows = [{name: value for name, value in row.items() if name != "services"} for row in past.rows(150)]

    found = calibrate(builders.form(), past.clients(rows), max_questions=2)

    assert found.points.keys() == {"budget", "timeline", "services"}
    assert "Also kept, as the table has no column to judge them by: services." in presentation.as_text(found)


def test_the_true_rate() -> None:
    """A true rate below the table's lowers the chances, and doesn't change the points."""
    clients = past.clients(past.rows(100))
    plain, corrected = calibrate(builders.form(), clients), calibrate(builders.form(), clients, true_rate=0.05)
    assert plain.learning
    assert corrected.learning
    assert plain.points == corrected.points
    totals = np.array([10.0])
    assert corrected.learning.scorecard.chances(totals) < plain.learning.scorecard.chances(totals) / 3


@pytest.mark.parametrize(
    ("rate", "words"), [(None, "as many prospects are good as in the table"), (0.07, "7% of the prospects are good")]
)
def test_the_rate_of_the_chances(rate: float | None, words: str) -> None:
    """The text states the share of good prospects for which the chances hold."""
    form = past.without_opinion()
    shown = presentation.as_text(calibrate(form, past.clients(past.rows(300), form), true_rate=rate))
    assert f"These chances hold where {words}" in shown


def dated(count: int) -> list[dict[str, str]]:
    """Return rows of distinct persons, from the oldest to the newest."""
    rows = past.rows(count)
    for index, row in enumerate(rows):
        day = builders.NOW - timedelta(days=count - index)
        row |= {"on": day.date().isoformat(), "email": f"{index}@example.com"}
    return rows


def test_clients_without_a_date() -> None:
    """Clients without a date are learned from, counted, and not used for the figure of the newest fifth."""
    rows = dated(150)
    rows[0]["on"] = rows[140]["on"] = ""

    clients = past.clients(rows, date="on")
    found = calibrate(builders.form(), clients)

    assert clients.order is not None
    assert clients.order.tolist() == [index for index in range(150) if index not in (0, 140)]
    assert found.learning is not None
    assert found.learning.validation.newest is not None
    shown = presentation.as_text(found)
    assert "150 clients to learn from" in shown
    assert "2 without a date" in shown


def test_persons_are_not_older_and_newest() -> None:
    """Persons among the older clients are not tested among the newest; if too few are left, the text says so."""
    rows = dated(150)
    for index in range(120, 150):
        rows[index]["email"] = rows[index - 100]["email"]

    found = calibrate(builders.form(), past.clients(rows, date="on"))

    assert found.learning is not None
    assert found.learning.validation.newest is None
    assert "AUC on the newest fifth     too few to tell" in presentation.as_text(found)


def test_the_newest_fifth() -> None:
    """With dates, the text has a figure for the newest fifth."""
    rows = past.rows(150)
    for index, row in enumerate(rows):
        row["on"] = f"2025-{index % 12 + 1:02}-{index % 28 + 1:02}"
    found = calibrate(builders.form(), past.clients(rows, date="on"))
    assert found.learning
    assert found.learning.validation.newest is not None
    assert "newest fifth" in presentation.as_text(found)


def test_the_plot_is_svg() -> None:
    """The plot is well-formed, with a dot for every answer, and both ROC curves."""
    found = calibrate(builders.form(), past.clients(past.rows(60)))
    assert found.learning is not None
    plot = ET.fromstring(render_svg(found))  # noqa: S314, it is ours
    name = "{http://www.w3.org/2000/svg}"
    assert len(plot.findall(f"{name}circle")) == sum(len(block.choices) for block in found.learning.design.blocks)
    assert len(plot.findall(f"{name}polyline")) == 2


def test_names_of_answers() -> None:
    """Options are named by their ids, bands by their bounds."""
    pages = builders.form().question("pages")
    assert pages is not None
    assert [choice_name(pages, band) for band in pages.bands] == ["up to 5", "above 5"]
    assert choice_name(pages, None) == "no answer"
    assert choice_name(replace(pages, bands=(Band(),)), Band()) == "any"
    assert choice_name(pages, Option(id="x", label={})) == "x"
