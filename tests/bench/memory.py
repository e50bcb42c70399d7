"""Memory of the production server after few and after many submissions, each of another visitor."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from bench.functions import SETTINGS
from bench.prospects import JSON, Post, prospect
from bench.serving import Server, running, send
from bench.table import Row, Section, mebibytes, times
from prequal.resources import SCHEMA

_FEW, _MANY = 2_000, 20_000
_CLIENTS = 8


def memory(folder: Path) -> Section:
    """Post to `prequal serve` with SQLite, which sends the mails to an outbox meanwhile."""
    folder.mkdir()
    settings = {
        **SETTINGS,
        "PREQUAL_FORM": str(SCHEMA / "form.yaml"),
        "PREQUAL_STORE": "sqlite:prequal.db",
    }
    prospects = map(prospect, count())
    with running([sys.executable, "-m", "prequal", "serve"], folder, settings) as server:
        figures = []
        for number in (_FEW, _MANY - _FEW):
            _post(server, JSON.posts(prospects, number))
            figures.append(server.memory())
    few, many = figures
    row = Row(f"after {_MANY:,}", mebibytes(many), f"after {_FEW:,} {mebibytes(few)}", times(many / few, digits=3))
    return Section("Memory of all processes of prequal serve, submissions accepted", [row])


def _post(server: Server, posts: Sequence[Post]) -> None:
    """Send submissions, each client its share on one keep-alive connection."""

    def send_share(first: int) -> None:
        with server.connection() as connection:
            for number in range(first, len(posts), _CLIENTS):
                send(connection, posts[number], visitor=f"2001:db8:{len(posts):x}:{number:x}::1")

    with ThreadPoolExecutor(_CLIENTS) as clients:
        list(clients.map(send_share, range(_CLIENTS)))
