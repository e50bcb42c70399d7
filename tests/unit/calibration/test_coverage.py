"""Coverage of the printed 95 % intervals, in a simulation with known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from prequal.calibration.evaluation import auc
from prequal.calibration.learner import learn
from prequal.calibration.validation import cross_validate
from unit.calibration import past

_DRAWS, _CLIENTS, _TABLE = 16, 50, 3000


def test_intervals_hold_the_truth() -> None:
    """From 50 clients, about 95 of 100 intervals hold the AUC that new clients show, or what the newest fifth was."""
    whole = past.clients(past.rows(_TABLE))
    draws = np.random.default_rng(8)
    held = []
    for _ in range(_DRAWS):
        some, others = np.split(draws.permutation(_TABLE), [_CLIENTS])
        blocks = tuple(block.of(some) for block in whole.blocks)
        clients = replace(
            whole, blocks=blocks, good=whole.good[some], groups=np.arange(_CLIENTS), order=np.arange(_CLIENTS)
        )
        found = cross_validate(clients, None)
        unseen = [block.of(others) for block in whole.blocks]
        new = auc(learn(blocks, clients.good).totals(unseen), whole.good[others])
        owner = auc(whole.owner_totals[others], whole.good[others])
        assert found.newest is not None
        held += [
            interval.low <= truth <= interval.high
            for interval, truth in (
                (found.auc, new),
                (found.auc_owner, owner),
                (found.lead, new - owner),
                (found.newest.expected, found.newest.actual),
            )
        ]
    assert 0.9 <= np.mean(held) < 1
