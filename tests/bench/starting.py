"""The first visitor's wait, from the start of the process to the first accepted submission."""

from __future__ import annotations

import time
from itertools import count
from statistics import median

from bench.prospects import JSON, Post, prospect
from bench.serving import Function, send, started
from bench.table import Row, Section, milliseconds, times

STARTS = 11


def starting(ours: Function, hello: Function, store: str) -> Section:
    """Start both alternately. The first pair is not counted: it compiles bytecode and makes the database."""
    qualified = map(prospect, count(step=2))
    pairs = [(_seconds(ours, post), _seconds(hello, post)) for post in JSON.posts(qualified, STARTS + 1)]
    own, other = (median(seconds) for seconds in zip(*pairs[1:], strict=True))
    beside, ratio = f"{hello.target} {milliseconds(other)}", times(own / other, digits=3)
    row = Row("to the first accepted lead", milliseconds(own), beside, ratio)
    return Section(f"From the start of the process, on {store}, median of {STARTS}", [row])


def _seconds(function: Function, post: Post) -> float:
    start = time.perf_counter()
    with started(function) as server, server.connection() as connection:
        send(connection, post)
        return time.perf_counter() - start
