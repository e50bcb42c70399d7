"""The chance of telling a qualified prospect from another by the time of the answer."""

from __future__ import annotations

import random
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import numpy as np

from bench.functions import Function, Store, by_hand, packaged
from bench.prospects import JSON, prospect
from bench.serving import started
from bench.table import Row, Section
from bench.throughput import send_all
from prequal.calibration.evaluation import auc
from prequal.compiled import Compiled

SUBMISSIONS = 2_000
_WARMING = 200
_BLOCK = 100
_SEED = 1


def timing(compiled: Compiled, store: Store, folder: Path) -> Section:
    """Return the AUC of one answer's time; 0.5 tells nothing."""
    folder.mkdir()
    own, hand = _aucs(packaged(compiled, folder, store), by_hand(folder, store))
    title = (
        f"Telling who is qualified from the time of one answer, on {store.name}: AUC of {SUBMISSIONS:,}, 0.5 is chance"
    )
    return Section(title, [Row("one client", f"{own:.3f}", f"by hand {hand:.3f}")])


def _aucs(*functions: Function) -> list[float]:
    """Post to the functions in turns, blocks of equally many of both kinds in random order."""
    draws, numbers = random.Random(_SEED), count()  # noqa: S311, nobody attacks a benchmark
    with ExitStack() as running:
        connections = [
            running.enter_context(running.enter_context(started(function)).connection()) for function in functions
        ]
        waits: list[list[float]] = [[] for _ in functions]
        qualified: list[bool] = []
        for first in range(-_WARMING, SUBMISSIONS, _BLOCK):
            drawn = [next(numbers) for _ in range(_BLOCK)]
            draws.shuffle(drawn)
            posts = JSON.posts(map(prospect, drawn), _BLOCK)
            seconds = [send_all(connection, posts) for connection in connections]
            if first >= 0:
                qualified += [number % 2 == 0 for number in drawn]
                waits = [[*before, *new] for before, new in zip(waits, seconds, strict=True)]
    return [auc(np.array(measured), np.array(qualified)) for measured in waits]
