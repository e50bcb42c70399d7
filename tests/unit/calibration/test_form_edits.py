"""Edits of the form file: points, caps and thresholds change, and nothing else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from prequal.calibration.form_values import NoPointsError, form_values
from prequal.calibration.pipeline import Calibration, calibrate
from prequal.core.form import form_from
from prequal.forms.form_edits import UnwritableError, edit_form, unified_diff
from prequal.forms.form_file import read_form
from support import builders
from unit.calibration import past

_FORM = """\
# My clients.
id: web-design
languages: [en]
currency: EUR
starting_price: 5000
business: {name: Studio North, url: "https://studio.example", privacy_url: "https://studio.example/privacy"}
questions:
  - id: budget   # the question that decides
    axis: fit
    type: one
    label: Prepared to spend that?
    options:
      - id: below
        label: Less
        rules_out: Cannot afford it
      - {id: around, label: About that, points: 20, desired: true}
      - id: unsure
        # no points yet
        label: Not sure

  - id: timeline
    axis: intent
    type: one
    label: By when?
    options:
      - {id: rushed, label: Next week}
      - points: 20       # the best
        id: soon
        label: "This season"
  - {id: pages, axis: fit, type: number, required: false, label: Pages?, bands: [{up_to: 5}, {}]}
  - id: services
    axis: fit
    type: many
    required: false
    label: What?
    max_points: 15
    options:
      - {id: design, label: Design, points: 10}
      - {id: build, label: Building, points: 10}
scoring:
  grades: {hot: 50, warm: 30}   # out of 65
  minimum: {fit: 20}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a form file."""
    path = tmp_path / "form.yaml"
    path.write_text(_FORM, encoding="utf-8")
    return path


def calibrated(path: Path) -> Calibration:
    """Return the calibration by 220 past clients: from 200 on, the cross-validation has fewer rounds."""
    form = form_from(read_form(path))
    return calibrate(form, past.clients(past.rows(220), form))


def test_only_numbers_change(path: Path) -> None:
    """The file has the new points, grades and minimums afterwards; everything else is unchanged."""
    calibration = calibrated(path)
    assert calibration.learning
    new = calibration.learning.form
    expected: dict[str, Any] = copy.deepcopy(read_form(path))
    for question, learned in zip(expected["questions"], new.questions, strict=True):
        for choice, found in zip(question.get("options") or question["bands"], learned.choices, strict=True):
            if found.points or "points" in choice:
                choice["points"] = found.points
    expected["questions"][3]["max_points"] = sum(max(choice.points, 0) for choice in new.questions[3].choices)
    thresholds = new.scoring
    expected["scoring"]["grades"] = {grade.value: points for grade, points in thresholds.grades.items()}
    expected["scoring"]["minimum"] = {axis.value: points for axis, points in thresholds.minimum.items()}

    before, after = edit_form(path, form_values(calibration))
    path.write_bytes(after.encode())

    assert before == _FORM
    assert read_form(path) == expected
    for comment in ("# My clients.", "# the question that decides", "# no points yet", "# the best", "# out of 65"):
        assert comment in after
    gone = [line for line in before.splitlines() if line not in after.splitlines()]
    assert all(
        "points" in line or "bands" in line or "grades" in line or "minimum" in line or "id: " in line for line in gone
    )


def test_unified_diff(path: Path) -> None:
    """The changes are shown in the format of `diff -u`."""
    before, after = edit_form(path, form_values(calibrated(path)))
    shown = unified_diff(path, before, after).splitlines()
    assert shown[0] == f"--- {path}"
    assert "-  grades: {hot: 50, warm: 30}   # out of 65" in shown


def test_editing_again_changes_nothing(path: Path) -> None:
    """A file that has the points already is unchanged."""
    calibration = calibrated(path)
    path.write_bytes(edit_form(path, form_values(calibration))[1].encode())
    before, after = edit_form(path, form_values(calibration))
    assert before == after


def test_line_ends_are_kept(path: Path) -> None:
    """A file with Windows' line ends keeps them."""
    path.write_bytes(_FORM.replace("\n", "\r\n").encode())
    _, after = edit_form(path, form_values(calibrated(path)))
    assert after.count("\n") == after.count("\r\n")


def test_a_form_in_json(path: Path) -> None:
    """A form in JSON stays JSON."""
    document = read_form(path)
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    _, after = edit_form(path, form_values(calibrated(path)))
    assert json.loads(after)["scoring"]["grades"] != document["scoring"]["grades"]


def test_shared_points_are_refused(path: Path) -> None:
    """A file in which two questions share points through an anchor is refused."""
    document = builders.document()
    text = json.dumps({**document, "questions": []})[:-1]
    shared = (
        '{"id": "QUESTION", "axis": "fit", "type": "one", "label": "?", "options": '
        '[{"id": "yes", "label": "Yes", "points": &same 10}, {"id": "no", "label": "No", "points": 0}]}'
    )
    first = shared.replace("QUESTION", "budget").replace('"yes"', '"around"').replace('"no"', '"unsure"')
    second = shared.replace("QUESTION", "timeline").replace('"yes"', '"soon"').replace('"no"', '"rushed"')
    questions = f"[{first}, {second.replace('&same 10', '*same')}]"
    path.write_text(text.replace('"questions": []', f'"questions": {questions}') + "}", encoding="utf-8")

    with pytest.raises(UnwritableError, match="in a way that only you can change"):
        edit_form(path, form_values(calibrated(path)))


def test_a_form_that_counts_traits(path: Path) -> None:
    """A form that counts traits gets no points."""
    path.write_text(_FORM.replace("scoring:\n", "scoring:\n  method: traits\n"), encoding="utf-8")
    with pytest.raises(NoPointsError, match=r"set scoring\.method to points first"):
        form_values(calibrated(path))
