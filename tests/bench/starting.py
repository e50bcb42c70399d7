"""The first visitor's wait, from the start of the process to the first accepted submission."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from statistics import median

from bench.functions import Function, Store, by_hand, packaged, plain
from bench.prospects import JSON, Post, prospect
from bench.serving import send, started
from bench.table import Row, Section, milliseconds, times
from prequal.compiled import Compiled

STARTS = 11


def starting(compiled: Compiled, store: Store, folder: Path) -> Section:
    """Start all functions in turns. The first turn is not counted: it warms the disk cache and makes the database."""
    folder.mkdir()
    ours = packaged(compiled, folder, store)
    stale = packaged(compiled, folder / "stale", store, hashed=False, PREQUAL_STORE=f"{store.prefix}stale")
    functions = [ours, by_hand(folder, store), plain("hello", folder), stale]
    turns = [
        [_seconds(function.copied(folder / "instance"), post) for function in functions]
        for post in JSON.posts(map(prospect, count(step=2)), STARTS + 1)
    ]
    _, *counted = turns
    names = ["by hand", "hello", "stale"]
    rows = [_row(name, [(turn[0], turn[other]) for turn in counted]) for other, name in enumerate(names, start=1)]
    return Section(
        f"From the start of the process to the first accepted lead, on {store.name}, median of {STARTS}", rows
    )


def _row(name: str, pairs: list[tuple[float, float]]) -> Row:
    own, beside = (median(seconds) for seconds in zip(*pairs, strict=True))
    ratio = median(own / other for own, other in pairs)
    return Row(f"beside {name}", milliseconds(own), f"{name} {milliseconds(beside)}", times(ratio, digits=3))


def _seconds(function: Function, post: Post) -> float:
    start = time.perf_counter()
    with started(function) as server, server.connection() as connection:
        send(connection, post)
        return time.perf_counter() - start
