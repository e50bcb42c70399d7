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
def test_placements_have_the_auc(cases: list[tuple[int, bool]]) -> None:
    """The mean placement of the good clients is the AUC, and so is that of the others."""
    scores, good = np.array([score for score, _ in cases], float), np.array([good for _, good in cases])
    found = evaluation.placements(scores, good)
    assert found[good].mean() == pytest.approx(found[~good].mean())


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


def test_auc_above_unlabelled_leads() -> None:
    """From the AUC above leads of whom a known share is good follows that above the others."""
    draws = np.random.default_rng(1)
    good, others = draws.normal(1, 1, 40_000), draws.normal(0, 1, 40_000)
    leads = np.concatenate([draws.normal(1, 1, 12_000), draws.normal(0, 1, 28_000)])

    def above(scores: np.ndarray) -> float:
        return evaluation.auc(np.concatenate([good, scores]), np.arange(len(good) + len(scores)) < len(good))

    found = evaluation.above_unlabelled(evaluation.auc_interval(above(leads), 40_000, 40_000), rate=0.3)

    assert found.mean == pytest.approx(above(others), abs=0.01)
    assert found.low < found.mean < found.high
    assert above(leads) < found.mean
