"""Thresholds for new points, by rank: the same share of past clients reaches each grade and minimum as before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TypeAlias

import numpy as np

from prequal.calibration.design import choice_name, choices_of
from prequal.calibration.ridge import Floats
from prequal.core.conditions import ALWAYS
from prequal.core.form import Axis, Grade, Kind, Question, Scoring
from prequal.core.scoring import asked_after

_Path: TypeAlias = "tuple[frozenset[str], int]"
"""The ids of the questions that are asked next, and points."""

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

    @classmethod
    def sum(cls, parts: Iterable[Totals]) -> Totals:
        """Return the totals of several questions together."""
        old, new = zip(*((part.old, part.new) for part in parts), strict=True)
        return cls(old=np.sum(old, axis=0), new=np.sum(new, axis=0))

    def match(self, threshold: int, default: float, candidates: Sequence[int]) -> int:
        """Return the new threshold that nearest to the same share of clients reaches; lowest first.

        The share is the default if all clients have the same old total.
        """
        share = float((self.old >= threshold).mean()) if np.ptp(self.old) else default
        below = np.searchsorted(np.sort(self.new), candidates)
        return candidates[int(np.argmin(np.abs(1 - below / len(self.new) - share)))]


def match_thresholds(
    scoring: Scoring, totals: Sequence[tuple[Axis | None, Totals]], possible: Callable[[Axis | None], Collection[int]]
) -> Scoring | None:
    """Return the scoring with new thresholds; None if the questions' totals are too few for three grades.

    `possible` returns every total that answers can have under the new points, for an axis or, with None, in all.

    Each grade and each minimum can be reached by answers that don't rule out.
    """
    whole = Totals.sum(part for _, part in totals)
    candidates = sorted(possible(None))
    if len(candidates) < len(Grade):
        return None
    hot = whole.match(scoring.grades[Grade.HOT], _HOT_SHARE, candidates[2:])
    warm = whole.match(scoring.grades[Grade.WARM], _WARM_SHARE, candidates[1:-1])
    minimum = {}
    for axis, least in scoring.minimum.items():
        of_axis = [part for part_axis, part in totals if part_axis is axis]
        if of_axis:
            minimum[axis] = Totals.sum(of_axis).match(least, 1.0, sorted(possible(axis)))
    hot = max(hot, candidates[candidates.index(warm) + 1])
    return replace(scoring, grades={Grade.HOT: hot, Grade.WARM: warm}, minimum=minimum)


def possible_totals(
    questions: Sequence[Question], points: Mapping[str, Mapping[str, int]], caps: Mapping[str, int], axis: Axis | None
) -> Collection[int]:
    """Return all totals over the paths, for an axis or in all, without answers that rule out."""

    def paths(question: Question, followers: Sequence[Question]) -> set[_Path]:
        if axis not in (None, question.axis):
            return {(asked, 0) for asked, _ in _paths(question, followers, {}, None)}
        return _paths(question, followers, points.get(question.id, {}), caps.get(question.id))

    totals = {0}
    for question in questions:
        if question.ask_if == ALWAYS:
            followers = [each for each in questions if question.id in each.ask_if.listed]
            parts = {each.id: {total for _, total in paths(each, ())} for each in followers}
            totals = {
                total + more
                for asked, own in paths(question, followers)
                for more in _sums([{own}, *(parts[each] for each in asked)])
                for total in totals
            }
    return totals


def possible_points(question: Question, points: Mapping[str, int], cap: int | None) -> set[int]:
    """Return all totals of a question whose answers have these points, without answers that rule out."""
    return {total for _, total in _paths(question, (), points, cap)}


def _sums(parts: Iterable[Collection[int]]) -> Collection[int]:
    return reduce(lambda some, others: {one + other for one in some for other in others}, parts, {0})


def _paths(question: Question, followers: Sequence[Question], points: Mapping[str, int], cap: int | None) -> set[_Path]:
    nobody: frozenset[str] = frozenset()
    values = [
        (asked_after(choice, followers) if choice else nobody, points.get(choice_name(question, choice), 0))
        for choice in choices_of(question)
    ]
    if question.kind is not Kind.MANY:
        return set(values)
    paths: set[_Path] = set() if question.required else {(nobody, 0)}
    for asked, value in values:
        paths |= {(asked, value), *((asked | also, total + value) for also, total in paths)}
    return {(asked, total if cap is None else min(total, cap)) for asked, total in paths}
