"""Parting clients into those to learn from and those to try on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from prequal.calibration.ridge import Flags, Rows

FOLDS = 5


def stratified_folds(good: Flags, rounds: int, draws: np.random.Generator) -> Iterator[tuple[Rows, Rows]]:
    """Return whom to learn from and whom to try on: five folds a round, each with its part of both outcomes."""
    for _ in range(rounds):
        fold = np.empty(len(good), dtype=np.intp)
        for outcome in (True, False):
            of_it = np.flatnonzero(good == outcome)
            fold[of_it] = draws.permutation(np.arange(len(of_it)) % FOLDS)
        for number in range(FOLDS):
            yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)


def folds_of_persons(
    good: Flags, persons: Rows, rounds: int, draws: np.random.Generator
) -> Iterator[tuple[Rows, Rows]]:
    """Return such folds with all that one person brought in the same one, which else would give the other away."""
    _, number = np.unique(persons, return_inverse=True)
    good_once = np.bincount(number, weights=good) > 0
    for _, tried in stratified_folds(good_once, rounds, draws):
        is_tried = np.isin(number, tried)
        yield np.flatnonzero(~is_tried), np.flatnonzero(is_tried)
