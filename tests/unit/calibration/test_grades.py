"""Thresholds for new points: each grade can be reached, or the report says that it can't."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prequal.calibration import presentation
from prequal.calibration.form_values import NoPointsError, form_values
from prequal.calibration.grades import TOO_FEW_TOTALS
from prequal.calibration.pipeline import calibrate
from prequal.core.form import Form, Kind, form_from
from prequal.forms.form_check import check_form
from prequal.forms.form_edits import edit_form
from support import builders
from unit.calibration import past


def form_document(hot: int, warm: int, **points_of: tuple[int, ...]) -> dict[str, Any]:
    """Return a form with these points by question; a name that begins with "many" is a question of type many."""
    questions = [
        {
            "id": name,
            "axis": "intent" if index else "fit",
            "type": "many" if name.startswith("many") else "one",
            "label": name,
            "options": [{"id": f"o{at}", "label": f"{at}", "points": value} for at, value in enumerate(points)],
        }
        for index, (name, points) in enumerate(points_of.items())
    ]
    return {**builders.document(), "questions": questions, "scoring": {"grades": {"hot": hot, "warm": warm}}}


def simulate_clients(form: Form, count: int, seed: int) -> list[dict[str, str]]:
    """Return rows of past clients; those with more points are good more often."""
    draws = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        row, total = {}, 0
        for question in form.questions:
            options = [option for option in question.options if draws.random() < 0.5] or list(question.options[:1])
            if question.kind is Kind.ONE:
                options = [question.options[int(draws.integers(len(question.options)))]]
            row[question.id] = ";".join(option.id for option in options)
            total += sum(option.points for option in options)
        won = draws.random() < 1 / (1 + np.exp((20 - total) / 10))
        rows.append({**row, "ended": "won" if won else "lost"})
    return rows


@pytest.mark.parametrize(
    ("document", "count", "seed"),
    [
        (form_document(18, 9, one=(0, 5, 15), many=(10, 5)), 60, 0),
        (form_document(40, 25, many=(10, 5), many_more=(15, 20)), 60, 0),
        (form_document(24, 12, one=(10, 10, 20, 10), two=(15, 0)), 100, 5),
        (form_document(15, 10, one=(15, 0, 5, 10)), 100, 1),
    ],
)
def test_each_grade_can_be_reached(tmp_path: Path, document: dict[str, Any], count: int, seed: int) -> None:
    """`prequal check` accepts a form with the new points: some answers lead to each grade."""
    path = tmp_path / "form.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    form = form_from(document)

    calibration = calibrate(form, past.clients(simulate_clients(form, count, seed), form))
    before, after = edit_form(path, form_values(calibration))
    path.write_text(after, encoding="utf-8")

    assert before != after
    assert not check_form(path).errors


def test_too_few_totals_for_three_grades(tmp_path: Path) -> None:
    """With two different totals there are no grades: the report says so, and nothing is written."""
    document = form_document(20, 10, one=(20, 0))
    path = tmp_path / "form.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    form = form_from(document)

    calibration = calibrate(form, past.clients(simulate_clients(form, 200, 1), form))

    found = presentation.as_json(calibration)
    assert (found["grades"], found["minimum"]) == (None, None)
    assert TOO_FEW_TOTALS in presentation.as_text(calibration)
    with pytest.raises(NoPointsError, match="fewer than three different totals"):
        form_values(calibration)
