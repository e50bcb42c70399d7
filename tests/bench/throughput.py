"""Throughput and latency of a running function."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import chain, pairwise
from statistics import quantiles

from bench.prospects import FORM, JSON, Encoding, Post
from bench.serving import Server, send
from bench.table import Row, Section, milliseconds, per_second, times

CLIENTS = (1, 8)
POSTS = 200
ROUNDS = 6


@dataclass(slots=True)
class _Measured:
    """The elapsed seconds, and each submission's latency."""

    elapsed: float = 0
    waits: list[float] = field(default_factory=list)

    def post(self, server: Server, posts: Sequence[Post], clients: int) -> None:
        """Send submissions, each client its share on one keep-alive connection."""
        shares = [posts[first::clients] for first in range(clients)]
        with ExitStack() as opened, ThreadPoolExecutor(clients) as threads:
            connections = [opened.enter_context(server.connection()) for _ in shares]
            start = time.perf_counter()
            self.waits += chain.from_iterable(threads.map(_waits, connections, shares))
            self.elapsed += time.perf_counter() - start

    @property
    def rate(self) -> float:
        """Return the submissions per second."""
        return len(self.waits) / self.elapsed

    def percentile(self, percent: int) -> float:
        """Return a percentile of the latency in seconds."""
        return quantiles(self.waits, n=100)[percent - 1]


def throughput(ours: Server, echo: Server, prospects: Iterator[Mapping[str, str]]) -> Iterator[Section]:
    """Post to both alternately, once they are warm; a section for each encoding."""
    warming = JSON.posts(prospects, POSTS)
    for server in (ours, echo):
        _Measured().post(server, warming, clients=1)
    for encoding in (JSON, FORM):
        for clients in CLIENTS:
            rows = list(_rows(ours, echo, prospects, encoding, clients))
            side = "client" if clients == 1 else "clients at once"
            yield Section(f"{encoding.name} posts, {clients} {side}", rows)


def _rows(
    ours: Server, echo: Server, prospects: Iterator[Mapping[str, str]], encoding: Encoding, clients: int
) -> Iterator[Row]:
    own, other = _Measured(), _Measured()
    for _ in range(ROUNDS):
        posts = encoding.posts(prospects, POSTS)
        own.post(ours, posts, clients)
        other.post(echo, posts, clients)
    yield Row("submissions", per_second(own.rate), f"echo {per_second(other.rate)}", times(own.rate / other.rate))
    for percent in (50, 99):
        wait, beside = own.percentile(percent), other.percentile(percent)
        yield Row(f"answered, p{percent}", milliseconds(wait), f"echo {milliseconds(beside)}", times(wait / beside))


def _waits(connection: HTTPConnection, posts: Sequence[Post]) -> Sequence[float]:
    instants = [time.perf_counter()]
    for post in posts:
        send(connection, post)
        instants.append(time.perf_counter())
    return [after - before for before, after in pairwise(instants)]
