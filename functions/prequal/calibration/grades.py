"""Grades for new points, by rank: as many past clients are hot, warm, and above each minimum as under the old ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prequal.core.form import Grade

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prequal.calibration.ridge import Floats
    from prequal.core.form import Axis, Scoring


# Where the old points tell nobody from anybody: the best quarter is hot, the better half warm.
_BEST, _BETTER = 0.25, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What past clients have in all, or on an axis, under the old points and the new; and what the new can give."""

    old: Floats
    new: Floats
    least: int
    most: int

    def part(self, threshold: int, otherwise: float) -> float:
        """Return what part of the clients reached the old threshold; otherwise, where all had the same total."""
        return float((self.old >= threshold).mean()) if np.ptp(self.old) else otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The lowest totals for the grades, and the lowest subtotals, in the new points."""

    hot: int
    warm: int
    minimum: Mapping[Axis, int]


def by_rank(scoring: Scoring, whole: Totals, axes: Mapping[Axis, Totals]) -> Thresholds:
    """Return thresholds that part the past clients as the old ones do; every grade can be reached."""
    hot = _reached_by(whole.part(scoring.grades[Grade.HOT], _BEST), whole, whole.least + 2)
    warm = _reached_by(whole.part(scoring.grades[Grade.WARM], _BETTER), whole, whole.least + 1)
    hot = min(max(hot, warm + 1), max(whole.most, whole.least + 2))
    return Thresholds(
        hot=hot,
        warm=min(warm, hot - 1),
        minimum={
            axis: _reached_by(axes[axis].part(minimum, 1.0), axes[axis], axes[axis].least)
            for axis, minimum in scoring.minimum.items()
            if axis in axes
        },
    )


def _reached_by(part: float, totals: Totals, least: int) -> int:
    """Return the lowest new total that such a part of the clients reaches, or nearly."""
    candidates = np.arange(least, max(totals.most, least) + 1)
    parts = np.array([(totals.new >= candidate).mean() for candidate in candidates])
    return int(candidates[np.argmin(np.abs(parts - part))])
