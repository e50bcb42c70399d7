"""The speed of the scoring rules alone."""

from __future__ import annotations

from timeit import repeat

from bench.prospects import QUALIFIED, UNQUALIFIED
from bench.table import Row, Section, per_second
from prequal.core.form import Form
from prequal.core.scoring import scorer

_PAIRS = 50_000
_ROUNDS = 7


def scoring(form: Form) -> Section:
    """Score a qualified and an unqualified prospect alternately, on one core, with one compiled scorer."""
    score = scorer(form)

    def pair() -> None:
        score(QUALIFIED)
        score(UNQUALIFIED)

    fastest = min(repeat(pair, number=_PAIRS, repeat=_ROUNDS))  # slower rounds were disturbed, as timeit's manual says
    return Section(f"Scoring alone, on one core, best of {_ROUNDS}", [Row("scores", per_second(2 * _PAIRS / fastest))])
