"""The prior: bands are a random walk, options are independent, and the owner's points are the centre."""

from __future__ import annotations

import numpy as np
import pytest

from prequal.calibration.design import Block, encode
from prequal.calibration.evaluation import auc
from prequal.calibration.learner import learn, make_prior
from prequal.calibration.ridge import expit
from prequal.core.form import Axis, Band, Kind, Option, Question

STEPS = 8


def number(*, required: bool = True, points: int = 0, steps: int = STEPS) -> Question:
    """Return a question for a number, with bands that end at 0, 1, 2, …, each worth `points` more than the last."""
    bounds: list[int | None] = [*range(steps - 1), None]
    bands = tuple(Band(up_to=bound, points=points * at) for at, bound in enumerate(bounds))
    return Question(id="n", kind=Kind.NUMBER, axis=Axis.FIT, label={"en": "?"}, bands=bands, required=required)


def choice(options: int) -> Question:
    """Return a question with options called 0, 1, 2, …, all without points."""
    made = tuple(Option(id=str(at), label={"en": "?"}) for at in range(options))
    return Question(id="c", kind=Kind.ONE, axis=Axis.FIT, label={"en": "?"}, options=made)


def covariance(*blocks: Block) -> np.ndarray:
    """Return the prior covariance of the weights."""
    cholesky, _ = make_prior(blocks)
    return np.asarray(cholesky @ cholesky.T)


@pytest.mark.parametrize("steps", [2, 3, 5, 12])
def test_bands_vary_as_much_as_options(steps: int) -> None:
    """Bands have the variance of the same number of options around their mean, and so does the mean."""
    prior = covariance(encode(number(steps=steps), range(steps)))

    around = np.eye(steps) - 1 / steps
    assert np.trace(around @ prior @ around) == pytest.approx(steps - 1)
    assert prior.mean() == pytest.approx(1 / steps)


def test_bands_are_a_random_walk() -> None:
    """The variance of the difference of two bands is proportional to their distance."""
    prior = covariance(encode(number(), range(STEPS)))

    differences = np.diag(prior)[:, None] + np.diag(prior)[None, :] - 2 * prior
    steps = np.abs(np.subtract.outer(np.arange(STEPS), np.arange(STEPS)))
    assert differences == pytest.approx(steps * differences[0, 1])


def test_options_are_independent() -> None:
    """Options are independent, and so is "no answer" to a question for a number."""
    blocks = [
        encode(choice(4), ["0", "1", "2", "3", "0"]),
        encode(number(required=False), [0, 1, 2, None, 3]),
    ]
    prior = covariance(*blocks)

    assert prior[:4, :4] == pytest.approx(np.eye(4))
    assert not prior[:4, 4:].any()
    assert blocks[1].choices[-1] is None
    assert prior[-1] == pytest.approx(np.eye(len(prior))[-1])


def test_the_owners_points_are_the_centre() -> None:
    """The centre is the owner's points, scaled to a total with standard deviation 1."""
    values = [0, 0, 1, 3, 5, 7]
    block = encode(number(points=3), values)

    cholesky, centre = make_prior([block])

    weights = cholesky @ centre
    assert np.diff(weights) == pytest.approx(weights[1] - weights[0])
    assert (block.cells @ weights).std() == pytest.approx(1)


def test_constant_owner_points_are_no_opinion() -> None:
    """If all clients have the same total, the centre is 0."""
    assert not make_prior([encode(choice(3), ["0", "1", "2"])])[1].any()


def test_an_empty_band() -> None:
    """A band without clients is worth a value between its neighbours'."""
    draws = np.random.default_rng(3)
    values = draws.choice([0, 1, 2, 4, 5, 6, 7], 600)
    good = draws.random(600) < expit(values - 3.5)

    points = learn([encode(number(), values.tolist())], good).points["n"]

    assert points[2] <= points[3] <= points[4]
    assert points[2] < points[4]


def test_bands_learn_from_their_neighbours() -> None:
    """From 40 clients, bands rank other clients better than the same values as unordered options."""
    draws = np.random.default_rng(4)
    values = draws.integers(STEPS, size=4000)
    good = draws.random(4000) < expit((values - 3.5) / 2)
    as_bands = encode(number(), values.tolist())
    as_options = encode(choice(STEPS), [str(value) for value in values])
    others = np.arange(2000, 4000)

    areas = []
    for start in range(0, 2000, 40):
        few = np.arange(start, start + 40)
        learned = [learn([block.of(few)], good[few]).totals([block.of(others)]) for block in (as_bands, as_options)]
        areas.append([auc(totals, good[others]) for totals in learned])

    bands, options = np.mean(areas, axis=0)
    assert bands > options + 0.02
