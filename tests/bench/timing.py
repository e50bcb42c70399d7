"""The chance of telling a qualified prospect from another by the time of the answer."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
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

# The environment may set a larger number, which takes longer, as the beat makes each answer wait.
SUBMISSIONS = int(os.environ.get("PREQUAL_BENCH_SUBMISSIONS", "500"))
_WARMING = 200
_BLOCK = 100
_SEED = 1


def timing(compiled: Compiled, store: Store, folder: Path) -> Section:
    """Return the AUC of one answer's time; 0.5 tells nothing."""
    steady = packaged(compiled, folder / "beat", store, PREQUAL_BEAT="50", PREQUAL_STORE=f"{store.prefix}steady")
    own, beating, hand = _aucs([packaged(compiled, folder / "plain", store), steady, by_hand(folder, store)])
    title = (
        f"Telling who is qualified from the time of one answer, on {store.name}: AUC of {SUBMISSIONS:,}, 0.5 is chance"
    )
    rows = [
        Row("with the beat off", f"{own:.3f}", f"by hand {hand:.3f}"),
        Row("as it is deployed", f"{beating:.3f}", f"by hand {hand:.3f}"),
    ]
    return Section(title, rows)


def _aucs(functions: Sequence[Function]) -> list[float]:
    """Post to the functions in turns, blocks of equally many of both kinds in random order."""
    draws, numbers = random.Random(_SEED), count()  # noqa: S311, nobody attacks a benchmark
    waits: list[list[float]] = [[] for _ in functions]
    qualified: list[bool] = []
    with ExitStack() as running:
        servers = [running.enter_context(started(function)) for function in functions]
        for first in range(-_WARMING, SUBMISSIONS, _BLOCK):
            drawn = [next(numbers) for _ in range(_BLOCK)]
            draws.shuffle(drawn)
            posts = JSON.posts(map(prospect, drawn), _BLOCK)
            qualified += [number % 2 == 0 for number in drawn] if first >= 0 else []
            for server, measured in zip(servers, waits, strict=True):
                with server.connection() as connection:
                    seconds = send_all(connection, posts)
                measured.extend(seconds if first >= 0 else [])
    return [auc(np.array(measured), np.array(qualified)) for measured in waits]
