"""Values of the form file that a calibration changes."""

from collections.abc import Mapping

from prequal.analysis.adjustments import GRADES, MINIMUM
from prequal.analysis.faults import Where
from prequal.calibration.grades import TOO_FEW_TOTALS
from prequal.calibration.pipeline import Calibration
from prequal.core.errors import PrequalError
from prequal.core.form import Method


class NoPointsError(PrequalError):
    """Raised when a form can't have the points of a calibration."""


def form_values(calibration: Calibration) -> Mapping[Where, int]:
    """Return the points, caps, grades and minimums by their places in the form; none if nothing was learned.

    Raises:
        NoPointsError: the form counts traits, or the points give too few totals for three grades.
    """
    if calibration.form.scoring.method is Method.TRAITS:
        raise NoPointsError("This form counts desired answers, not points: set scoring.method to points first.")
    if not calibration.learning:
        return {}
    if not calibration.learning.graded:
        raise NoPointsError(f"The form was left as it is. {TOO_FEW_TOTALS}")
    new = calibration.learning.form
    values: dict[Where, int] = {}
    for index, question in enumerate(new.questions):
        where, kind = ("questions", index), "options" if question.options else "bands"
        for position, choice in enumerate(question.choices if question.axis else ()):
            values[*where, kind, position, "points"] = choice.points
        if question.axis and question.max_points is not None:
            values[*where, "max_points"] = question.max_points
    values |= {(*GRADES, grade.value): total for grade, total in new.scoring.grades.items()}
    return values | {(*MINIMUM, axis.value): subtotal for axis, subtotal in new.scoring.minimum.items()}
