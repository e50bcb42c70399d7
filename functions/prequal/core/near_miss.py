"""Near misses: leads that only just don't qualify, and those not invited of whom the owner wants to hear."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the settings import this, and few who read them score
    from prequal.core.form import Scoring
    from prequal.core.scoring import Score

# A near miss lacks at most this part of the largest total: a tenth.
_REACH = 10


class Briefs(StrEnum):
    """The leads of which the owner gets a brief; of those that qualify in any case."""

    QUALIFIED = "qualified"
    NEAR = "near"
    ALL = "all"

    def includes(self, score: Score, scoring: Scoring) -> bool:
        """Return whether a lead with this score, which doesn't qualify, is worth a brief."""
        return self is Briefs.ALL or (self is Briefs.NEAR and is_near_miss(score, scoring))


def find_shortfalls(score: Score, scoring: Scoring) -> Mapping[str, int]:
    """Return the points that are needed where the score has fewer: of `total`, `fit` and `intent`."""
    minimums = {axis.value: least for axis, least in scoring.minimum.items()}
    needed = {"total": scoring.grades.get(scoring.qualify), **minimums}
    return {name: least for name, least in needed.items() if least is not None and getattr(score, name) < least}


def is_near_miss(score: Score, scoring: Scoring) -> bool:
    """Return whether a lead would qualify without one answer that rules out, or with a few more points.

    Few is a tenth of the form's largest total, and at least one.
    """
    missing: dict[str, int] = {
        name: least - getattr(score, name) for name, least in find_shortfalls(score, scoring).items()
    }
    if score.ruled_out:
        return len(score.ruled_out) == 1 and not missing
    points = max(missing.pop("total", 0), sum(missing.values()))
    return 0 < points <= max(1, score.max // _REACH)
