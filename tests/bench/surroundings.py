"""The machine that the figures depend on, and notes on reading them."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.table import milliseconds

NOTES = """\
Beside prequal stands a function written by hand for the default form, tests/bench/plain/by_hand.py: it validates,
scores and stores lead, attempt and mails in one write, with Google's client or in SQLite. Hello leaves the body unread,
echo answers with what it read. They take turns with prequal, on one interpreter and with one set of packages. A ratio
is prequal's figure divided by the one beside it; of starts it is the median of the ratios of each turn.
Each function is a process of its own, `python -m functions_framework`: gunicorn, one worker, four threads a core. The
clients keep their connections alive, over loopback, and share the cores with it. Processor time and memory are those of
the server with its worker.
Every submission is another prospect's. Every other one is qualified, and every one after a start: for these, an
invitation and a brief are written. Sending them is another process's work. Each lead waits for the disk (SQLite,
synchronous = FULL).
Each start finds a function's files as the cloud's build leaves them: bytecode with a hash of its source, and all times
in 1980. Stale is prequal without that hash, as the build leaves it unless SOURCE_DATE_EPOCH is set. The bytecode of the
packages and the disk cache are warm.
leveldb-export reads the beginning of the same export in an environment of its own, with the protobuf that it asks for,
which has no part in C for every Python."""

_WRITES = 101
_PAGE_BYTES = 4096


def surroundings(folder: Path) -> str:
    """Describe the machine that the benchmarks run on; the disk is the folder's."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("functions-framework", "gunicorn"))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return (
        f"{python}, {versions}\n"
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores; "
        f"the disk keeps {_PAGE_BYTES:,} B within {milliseconds(_seconds_to_keep(folder))} (median)"
    )


def _seconds_to_keep(folder: Path) -> float:
    seconds = []
    with (folder / "kept").open("wb", buffering=0) as file:
        for _ in range(_WRITES):
            start = time.perf_counter()
            file.write(bytes(_PAGE_BYTES))
            os.fsync(file.fileno())
            seconds.append(time.perf_counter() - start)
    return median(seconds)
