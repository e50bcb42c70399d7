"""Throughput, latency, processor time and memory of running functions; only Linux reports the last two."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import chain, count, pairwise
from pathlib import Path
from statistics import quantiles

from bench.functions import Store, by_hand, packaged, plain
from bench.prospects import FORM, JSON, Encoding, Post, prospect
from bench.serving import Server, send, started
from bench.table import Row, Section, mebibytes, milliseconds, per_second, times
from prequal.compiled import Compiled

POSTS = 200
ROUNDS = 4
_LOADS = [(JSON, 1), (JSON, 8), (FORM, 1)]


@dataclass(slots=True)
class _Measured:
    """The seconds that passed, the processor seconds that the server used, and each submission's latency."""

    elapsed: float = 0
    used: float = 0
    waits: list[float] = field(default_factory=list)

    def post(self, server: Server, posts: Sequence[Post], clients: int) -> None:
        """Send submissions, each client its share on one keep-alive connection."""
        shares = [posts[first::clients] for first in range(clients)]
        with ExitStack() as opened, ThreadPoolExecutor(clients) as threads:
            connections = [opened.enter_context(server.connection()) for _ in shares]
            start, used = time.perf_counter(), server.processor_seconds()
            self.waits += chain.from_iterable(threads.map(send_all, connections, shares))
            self.elapsed += time.perf_counter() - start
            self.used += server.processor_seconds() - used

    @property
    def rate(self) -> float:
        """Return the submissions per second."""
        return len(self.waits) / self.elapsed

    @property
    def cost(self) -> float:
        """Return the processor seconds per submission."""
        return self.used / len(self.waits)

    def percentile(self, percent: int) -> float:
        """Return a percentile of the latency in seconds."""
        return quantiles(self.waits, n=100)[percent - 1]


def throughput(compiled: Compiled, store: Store, folder: Path) -> Iterator[Section]:
    """Post to all functions in turns, once they are warm; a section for each load, and one for the memory."""
    folder.mkdir()
    functions = [packaged(compiled, folder, store), by_hand(folder, store), plain("echo", folder)]
    prospects = map(prospect, count())
    with ExitStack() as running:
        servers = [running.enter_context(started(function)) for function in functions]
        warming = JSON.posts(prospects, POSTS)
        for server in servers:
            _Measured().post(server, warming, clients=1)
        for encoding, clients in _LOADS:
            rows = list(_rows(servers, prospects, encoding, clients))
            side = "client" if clients == 1 else "clients at once"
            yield Section(f"{encoding.name} posts on {store.name}, {clients} {side}", rows)
        own, hand, _ = (server.memory() for server in servers)
        row = Row("after all of these", mebibytes(own), f"by hand {mebibytes(hand)}", times(own / hand))
        yield Section(f"Memory of the warm function on {store.name}", [row])


def send_all(connection: HTTPConnection, posts: Sequence[Post]) -> Sequence[float]:
    """Send submissions one after the other and return the latency of each."""
    instants = [time.perf_counter()]
    for post in posts:
        send(connection, post)
        instants.append(time.perf_counter())
    return [after - before for before, after in pairwise(instants)]


def _rows(
    servers: Sequence[Server], prospects: Iterator[Mapping[str, str]], encoding: Encoding, clients: int
) -> Iterator[Row]:
    measured = [_Measured() for _ in servers]
    for _ in range(ROUNDS):
        posts = encoding.posts(prospects, POSTS)
        for server, figures in zip(servers, measured, strict=True):
            figures.post(server, posts, clients)
    own, hand, echo = measured
    yield Row("submissions", per_second(own.rate), f"by hand {per_second(hand.rate)}", times(own.rate / hand.rate))
    for percent in (50, 99):
        wait, beside = own.percentile(percent), hand.percentile(percent)
        yield Row(f"answered, p{percent}", milliseconds(wait), f"by hand {milliseconds(beside)}", times(wait / beside))
    for name, other in {"by hand": hand, "echo": echo}.items():
        beside_it = f"{name} {milliseconds(other.cost)}"
        yield Row("processor time of each", milliseconds(own.cost), beside_it, times(own.cost / other.cost))
