"""Thresholds for new points, by rank: the same share of past clients reaches each grade and minimum as before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from prequal.calibration.design import choice_name, choices_of
from prequal.calibration.ridge import Floats
from prequal.core.form import Axis, Grade, Kind, Question, Scoring

TOO_FEW_TOTALS = (
    "Answers add up to fewer than three different totals with these points, and hot, warm and cold take three: "
    "use more questions, or keep your own points."
)

# Shares for hot and for warm or better if all clients have the same total under the old points.
_HOT_SHARE, _WARM_SHARE = 0.25, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The totals of past clients under the old points and the new, for a question, an axis or the form."""

    old: Floats
    new: Floats
    #: Every total that answers can have under the new points.
    possible: Collection[int]

    @classmethod
    def sum(cls, parts: Iterable[Totals]) -> Totals:
        """Return the totals of several questions together."""
        old, new, possible = zip(*((part.old, part.new, part.possible) for part in parts), strict=True)
        sums = {0}
        for part in possible:
            sums = {total + more for total in sums for more in part}
        return cls(old=np.sum(old, axis=0), new=np.sum(new, axis=0), possible=sums)

    def match(self, threshold: int, default: float, candidates: Sequence[int]) -> int:
        """Return the new threshold that nearest to the same share of clients reaches; lowest first.

        The share is the default if all clients have the same old total.
        """
        share = float((self.old >= threshold).mean()) if np.ptp(self.old) else default
        below = np.searchsorted(np.sort(self.new), candidates)
        return candidates[int(np.argmin(np.abs(1 - below / len(self.new) - share)))]


def match_thresholds(scoring: Scoring, totals: Sequence[tuple[Axis | None, Totals]]) -> Scoring | None:
    """Return the scoring with new thresholds; None if the questions' totals are too few for three grades.

    Each grade and each minimum can be reached by answers that don't rule out.
    """
    whole = Totals.sum(part for _, part in totals)
    candidates = sorted(whole.possible)
    if len(candidates) < len(Grade):
        return None
    hot = whole.match(scoring.grades[Grade.HOT], _HOT_SHARE, candidates[2:])
    warm = whole.match(scoring.grades[Grade.WARM], _WARM_SHARE, candidates[1:-1])
    minimum = {}
    for axis, least in scoring.minimum.items():
        of_axis = [part for part_axis, part in totals if part_axis is axis]
        if of_axis:
            together = Totals.sum(of_axis)
            minimum[axis] = together.match(least, 1.0, sorted(together.possible))
    hot = max(hot, candidates[candidates.index(warm) + 1])
    return replace(scoring, grades={Grade.HOT: hot, Grade.WARM: warm}, minimum=minimum)


def possible_points(question: Question, points: Mapping[str, int], cap: int | None) -> set[int]:
    """Return all totals of a question whose answers have these points, without answers that rule out."""
    values = [points.get(choice_name(question, choice), 0) for choice in choices_of(question)]
    if question.kind is not Kind.MANY:
        return set(values)
    sums: set[int] = set() if question.required else {0}
    for value in values:
        sums |= {value, *(total + value for total in sums)}
    return {total if cap is None else min(total, cap) for total in sums}
