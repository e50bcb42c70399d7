"""Grades for new points, by rank: as many past clients are hot, warm, and above each minimum as under the old ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np

from prequal.calibration.design import Choice, choices_of, name_of
from prequal.calibration.ridge import Floats
from prequal.core.form import Axis, Grade, Kind, Method, Question, Scoring
from prequal.core.scoring import capped, worth

TOO_ALIKE = (
    "Answers come to fewer than three totals with these points, and hot, warm and cold take three: "
    "let more questions tell, or keep your own points."
)

# Where the old points tell nobody from anybody: the best quarter is hot, the better half warm.
_BEST, _BETTER = 0.25, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What past clients have in all, or on an axis, under the old points and the new; and all that the new can give."""

    old: Floats
    new: Floats
    possible: Collection[int]

    def part(self, threshold: int, otherwise: float) -> float:
        """Return what part of the clients reached the old threshold; otherwise, where all had the same total."""
        return float((self.old >= threshold).mean()) if np.ptp(self.old) else otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The lowest totals for the grades, and the lowest subtotals, in the new points."""

    hot: int
    warm: int
    minimum: Mapping[Axis, int]


def by_rank(scoring: Scoring, whole: Totals, axes: Mapping[Axis, Totals]) -> Thresholds | None:
    """Return thresholds that part the past clients as the old ones do; None where answers can't come to three grades.

    Some answers, of which none rules out, come to each grade and meet each minimum.
    """
    totals = sorted(whole.possible)
    if len(totals) < len(Grade):
        return None
    hot = _reached_by(whole.part(scoring.grades[Grade.HOT], _BEST), whole, totals[2:])
    warm = _reached_by(whole.part(scoring.grades[Grade.WARM], _BETTER), whole, totals[1:-1])
    return Thresholds(
        hot=max(hot, totals[totals.index(warm) + 1]),
        warm=warm,
        minimum={
            axis: _reached_by(axes[axis].part(minimum, 1.0), axes[axis], sorted(axes[axis].possible))
            for axis, minimum in scoring.minimum.items()
            if axis in axes
        },
    )


def renewed(
    questions: Iterable[Question], points: Mapping[str, Mapping[str, int]], caps: Mapping[str, int]
) -> Sequence[Question]:
    """Return the questions with these points and caps; one that is left out is worth nothing."""

    def worth_in(question: Question, choice: Choice) -> int:
        return points.get(question.id, {}).get(name_of(question, choice), 0)

    return [
        replace(
            question,
            max_points=caps.get(question.id),
            options=tuple(replace(option, points=worth_in(question, option)) for option in question.options),
            bands=tuple(replace(band, points=worth_in(question, band)) for band in question.bands),
        )
        for question in questions
    ]


def possible(question: Question) -> AbstractSet[int]:
    """Return all that answers to a question can come to, in points, if they don't rule out."""
    points = [worth(choice, Method.POINTS) if choice else 0 for choice in choices_of(question)]
    if question.kind is not Kind.MANY:
        return set(points)
    sums: set[int] = set()
    for more in points:
        sums |= {more, *(total + more for total in sums)}
    if not question.required:
        sums.add(0)
    return {capped(question, total, Method.POINTS) for total in sums}


def together(parts: Sequence[Totals]) -> Totals:
    """Return the totals of several questions."""
    return Totals(
        old=np.sum([part.old for part in parts], axis=0),
        new=np.sum([part.new for part in parts], axis=0),
        possible=_sums(part.possible for part in parts),
    )


def _sums(parts: Iterable[Collection[int]]) -> Collection[int]:
    found = {0}
    for part in parts:
        found = {total + more for total in found for more in part}
    return found


def _reached_by(part: float, totals: Totals, candidates: Sequence[int]) -> int:
    """Return the lowest of these totals that such a part of the clients reaches, or nearly."""
    below = np.searchsorted(np.sort(totals.new), candidates)
    return candidates[int(np.argmin(np.abs(1 - below / len(totals.new) - part)))]
