"""Measures of rankings and chances, compared with scikit-learn's and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score

from prequal.calibration import evaluation

CASES = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=60).filter(
    lambda cases: len({good for _, good in cases}) == 2
)


@settings(max_examples=40)
@given(CASES)
def test_auc_agrees_with_scikit_learn(cases: list[tuple[int, bool]]) -> None:
    """The AUC counts ties half, as scikit-learn does."""
    scores, good = np.array([score for score, _ in cases], float), np.array([good for _, good in cases])
    assert evaluation.auc(scores, good) == pytest.approx(roc_auc_score(good, scores))


@settings(max_examples=40)
@given(CASES)
def test_roc_has_the_auc(cases: list[tuple[int, bool]]) -> None:
    """The area under the ROC curve is the AUC, up to the resolution of the grid."""
    scores, good = np.array([score for score, _ in cases], float), np.array([good for _, good in cases])
    grid = np.linspace(0, 1, 4001)
    curve = evaluation.roc(scores, good, grid)
    area = float(np.mean((curve[1:] + curve[:-1]) / 2))
    assert area == pytest.approx(evaluation.auc(scores, good), abs=1e-2)


def test_log_loss_agrees_with_scikit_learn() -> None:
    """The log-loss is the mean of the losses."""
    chances, good = np.array([0.9, 0.2, 0.6]), np.array([True, False, False])
    assert evaluation.log_loss(chances, good) == pytest.approx(log_loss(good, chances))


@pytest.mark.parametrize("mean", [0.0, 0.4, 0.5, 0.75, 1.0])
def test_intervals_hold_the_mean_and_narrow(mean: float) -> None:
    """An interval lies in 0 to 1, contains the mean, and narrows with more clients."""
    few, many = evaluation.auc_interval(mean, 6, 14), evaluation.auc_interval(mean, 600, 1400)
    for found in (few, many):
        assert 0 <= found.low <= mean <= found.high <= 1
    assert many.high - many.low < few.high - few.low


def test_intervals_of_twenty_clients_are_wide() -> None:
    """With 20 clients, .62 may be anything from worse than random to good; a perfect ranking is no certainty."""
    found = evaluation.auc_interval(0.62, 6, 14)
    assert found.low < 0.4
    assert found.high > 0.8
    assert evaluation.auc_interval(1.0, 10, 10).low < 0.9


def test_calibration_of_true_chances() -> None:
    """True chances have a slope of 1, and the expected number of good clients."""
    draws = np.random.default_rng(1)
    chances = draws.uniform(0.05, 0.95, 20_000)
    good = draws.random(20_000) < chances
    assert evaluation.calibration_of(chances, good) == pytest.approx((1, 1), abs=0.05)


def test_calibration_of_overconfident_chances() -> None:
    """Overconfident chances have a slope below 1."""
    draws = np.random.default_rng(1)
    logits = draws.normal(size=40_000)
    good = draws.random(40_000) < 1 / (1 + np.exp(-logits))
    assert evaluation.calibration_of(1 / (1 + np.exp(-2 * logits)), good)[1] == pytest.approx(0.5, abs=0.05)
