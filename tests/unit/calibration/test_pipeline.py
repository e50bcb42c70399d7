"""The whole calibration: verdicts, points, thresholds, text, JSON and plot."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from prequal.calibration import presentation
from prequal.calibration.design import choice_name
from prequal.calibration.evaluation import auc, auc_interval
from prequal.calibration.learner import learn
from prequal.calibration.pipeline import calibrate
from prequal.calibration.plot import render_svg
from prequal.calibration.verdict import Verdict, too_few
from prequal.core.form import Axis, Band, Grade, Option
from prequal.core.scoring import Answer, score
from support import builders
from unit.calibration import past


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
    json = presentation.as_json(found)
    figures = ("auc", "auc_owner", "lead", "log_loss", "log_loss_owner", "log_loss_base", "alone", "newest")
    assert {json[name] for name in figures} == {None}
    assert (json["rows"], json["good"], json["verdict"]) == (won + lost, won, "not calibrated")
    assert json["points"] == {
        "budget": {"below": 0, "around": 20, "unsure": 5},
        "timeline": {"rushed": -10, "soon": 20},
        "pages": {"up to 5": 5, "above 5": 10},
        "services": {"design": 10, "build": 10},
    }
    assert (json["grades"], json["minimum"]) == ({"hot": 50, "warm": 30}, {"fit": 20})
    assert json["max_points"] == {"services": 15}


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
    for interval in found.learning.validation.alone.values():
        assert interval == auc_interval(interval.mean, 0.8 * good, 0.8 * others)
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
    assert found.learning.validation.log_loss < found.learning.validation.log_loss_base
    assert "likely to be a good client" in presentation.as_text(found)
    others = past.clients(past.rows(4000, seed=2), past.without_opinion())
    chances = found.learning.scorecard.chances(found.learning.scorecard.totals(others.blocks))
    for low in (0.2, 0.4, 0.6):
        alike = (chances >= low) & (chances < low + 0.2)
        assert others.good[alike].mean() == pytest.approx(chances[alike].mean(), abs=0.06)


def test_the_form_scores_like_the_scorecard() -> None:
    """A form with the new points gives each client the scorecard's total."""
    form, rows = builders.form(), past.rows(200)
    clients = past.clients(rows)
    found = calibrate(form, clients)
    assert found.learning is not None
    totals = found.learning.scorecard.totals(clients.blocks)

    for row, total in zip(rows, totals, strict=True):
        answers: dict[str, Answer] = {
            "budget": row["budget"],
            "timeline": row["timeline"],
            **({"pages": int(row["pages"])} if row["pages"] else {}),
            "services": [part for part in row["services"].split("; ") if part],
        }
        assert score(found.learning.form, answers).total == total


def test_figures_are_of_unseen_clients() -> None:
    """If outcomes are random, the AUC's interval contains that of a coin, however well 60 rows can be fitted."""
    rows = past.rows(60)
    for row, flip in zip(rows, np.random.default_rng(3).random(60), strict=True):
        row["ended"] = "won" if flip < 0.5 else "lost"

    found = calibrate(past.without_opinion(), past.clients(rows, past.without_opinion()))

    assert found.learning is not None
    assert found.learning.validation.auc.low < 0.5
    assert found.learning.validation.lead.low < 0
    assert "They seem to rank clients" in found.explanation
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


def test_the_most_telling_columns() -> None:
    """The most telling questions are named, the first first, with the question whether they were known in time."""
    draws = np.random.default_rng(4)
    rows = [
        row | {"pages": "3" if (row["ended"] == "won") == (draws.random() < 0.8) else "40"} for row in past.rows(200)
    ]
    found = calibrate(builders.form(), past.clients(rows))
    assert found.verdict is not Verdict.SUSPICIOUS
    assert "Most telling alone: pages, " in presentation.as_text(found)
    assert "Was this known when the form was filled in?" in presentation.as_text(found)
    assert presentation.as_json(found)["telling"][0] == "pages"


def test_no_auc_without_an_interval() -> None:
    """Each AUC of the text stands before its interval, and each of the JSON within one."""
    found = calibrate(builders.form(), past.clients(dated(150), date="on"))
    shown, json = presentation.as_text(found), presentation.as_json(found)
    assert (
        len(re.findall(r"AUC.*? \d\.\d\d", shown))
        == len(re.findall(r"AUC.*? \d\.\d\d, \d\.\d\d to \d\.\d\d", shown))
        == 6
    )
    for figure in (json["auc"], json["auc_owner"], json["lead"], json["newest"]["auc"], *json["alone"].values()):
        assert figure.keys() == {"mean", "low", "high"}


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
    assert found.learning.graded
    thresholds, old = found.learning.form.scoring, clients.owner_totals
    new = found.learning.scorecard.totals(clients.blocks)

    hot, warm = thresholds.grades[Grade.HOT], thresholds.grades[Grade.WARM]
    assert warm < hot
    assert thresholds.minimum.keys() == {Axis.FIT}
    assert (new >= hot).mean() == pytest.approx((old >= 50).mean(), abs=0.1)
    assert (new >= warm).mean() == pytest.approx((old >= 30).mean(), abs=0.1)


def test_a_question_without_a_column_keeps_its_points() -> None:
    """A question without a column keeps its points, on the new scale, and the text says so."""
    rows = [{name: value for name, value in row.items() if name != "services"} for row in past.rows(100)]
    found = calibrate(builders.form(), past.clients(rows))
    points = presentation.as_json(found)["points"]["services"]
    assert points["design"] == points["build"] > 0
    assert "services: no column" in presentation.as_text(found)


def test_a_cap_without_a_column_keeps_its_proportion() -> None:
    """The cap of a question without a column is on the new scale, too, and still cuts."""
    rows = [{name: value for name, value in row.items() if name != "services"} for row in past.rows(100)]

    found = calibrate(builders.form(), past.clients(rows))

    points, cap = (presentation.as_json(found)[name]["services"] for name in ("points", "max_points"))
    assert cap == pytest.approx(points["design"] * 1.5, abs=1)
    assert cap < sum(points.values())
    assert f"max_points 15 → {cap}\n" in presentation.as_text(found)


def test_learned_points_are_not_capped() -> None:
    """Learned points need no cap; text and JSON show the new value of the form's, which cuts nothing."""
    found = calibrate(builders.form(), past.clients(past.rows(100)))
    json = presentation.as_json(found)
    together = sum(points for points in json["points"]["services"].values() if points > 0)
    assert json["max_points"] == {"services": together}
    assert f"max_points 15 → {together}, which caps nothing" in presentation.as_text(found)


def test_questions_without_a_column_are_also_kept() -> None:
    """A question without a column doesn't count among the best that are asked for: it is also kept."""
    rows = [{name: value for name, value in row.items() if name != "services"} for row in past.rows(60)]

    found = calibrate(builders.form(), past.clients(rows), max_questions=2)

    assert presentation.as_json(found)["points"].keys() == {"budget", "timeline", "services"}
    assert "Also kept, as the table has no column to judge them by: services." in presentation.as_text(found)


def test_the_true_rate() -> None:
    """A true rate below the table's lowers the chances, and doesn't change the points."""
    clients = past.clients(past.rows(100))
    plain, corrected = calibrate(builders.form(), clients), calibrate(builders.form(), clients, true_rate=0.05)
    assert plain.learning
    assert corrected.learning
    assert plain.learning.form == corrected.learning.form
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
    assert "too few to compare" in presentation.as_text(found)


def test_the_newest_fifth() -> None:
    """With dates, the newest fifth is compared with what the older clients let expect; by chance they agree."""
    found = calibrate(builders.form(), past.clients(dated(150), date="on"))
    assert found.learning
    newest = found.learning.validation.newest
    assert newest is not None
    assert newest.expected.low < newest.actual < newest.expected.high
    assert "newest fifth" in presentation.as_text(found)


@pytest.mark.parametrize(("rate", "verdict"), [(None, Verdict.PROVISIONAL), (0.8, Verdict.CALIBRATED)])
def test_percentages_are_withheld(rate: float | None, verdict: Verdict) -> None:
    """If more of the newest clients are good than expected, no percentage is printed unless the owner states a rate."""
    rows = dated(600)
    for row, flip in zip(rows[480:], np.random.default_rng(1).random(120), strict=True):
        row["ended"] = "won" if flip < 0.7 else row["ended"]
    form = past.without_opinion()

    found = calibrate(form, past.clients(rows, form, date="on"), true_rate=rate)

    assert found.verdict is verdict
    shown = presentation.as_text(found)
    assert ("likely to be a good client" in shown) is (rate is not None)
    assert ("Percentages are withheld" in shown) is (rate is None)


def test_the_plot_is_svg() -> None:
    """The plot is well-formed, with a dot for every answer."""
    clients = past.clients(past.rows(60))
    plot = ET.fromstring(render_svg(clients, learn(clients.blocks, clients.good)))  # noqa: S314, it is ours
    circles = plot.findall("{http://www.w3.org/2000/svg}circle")
    assert len(circles) == sum(len(block.choices) for block in clients.blocks)


def test_names_of_answers() -> None:
    """Options are named by their ids, bands by their bounds."""
    pages = builders.form().question("pages")
    assert pages is not None
    assert [choice_name(pages, band) for band in pages.bands] == ["up to 5", "above 5"]
    assert choice_name(pages, None) == "no answer"
    assert choice_name(replace(pages, bands=(Band(),)), Band()) == "any"
    assert choice_name(pages, Option(id="x", label={})) == "x"


@pytest.mark.parametrize(("rate", "words"), [(None, "at least so large"), (0.3, "of whom 30% are good")])
def test_good_clients_beside_unlabelled_leads(rate: float | None, words: str) -> None:
    """Good clients rank others beside leads of unknown outcome, and the text says what the AUC means."""
    rows = past.rows(700)
    for index, row in enumerate(rows[:600]):
        row["ended"] = "won" if row["ended"] == "won" and index < 100 else "lost"
    form = past.without_opinion()
    clients = replace(past.clients(rows[:600], form), unlabelled=True)

    found = calibrate(form, clients, true_rate=rate)

    assert found.verdict is Verdict.PROVISIONAL
    assert found.learning is not None
    assert words in presentation.as_text(found)
    unseen = past.clients(past.rows(2000, seed=5), form)
    known = auc(found.learning.scorecard.totals(unseen.blocks), unseen.good)
    assert known > 0.7
    assert (found.learning.validation.auc.low < known) is True
    assert presentation.as_json(found)["chances"] == {}
