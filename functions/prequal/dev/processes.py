"""Processes that serve this one, and end with it, however it ends.

Between the two stands a guard: this module, run as a program. Its standard input is a pipe to which nobody writes, and
which the system closes when this process ends, after `kill -9` too: nothing else is told of that on every system.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from typing import IO

HOST = "127.0.0.1"
# Below those that systems give to whoever asks for any.
_PORTS = range(20_000, 32_000)
_SECONDS_TO_START = 60
_SECONDS_TO_STOP = 10


@contextmanager
def guarded(
    command: Sequence[str], environ: Mapping[str, str] | None = None, output: IO[bytes] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command until the block is left; what it says goes to `output`, or where ours goes."""
    guard = subprocess.Popen(  # noqa: S603, commands of ours
        [sys.executable, "-m", "prequal.dev.processes", *command],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        env=environ,
        start_new_session=True,  # Ctrl-C is for us, who stop one after the other
    )
    try:
        yield guard
    finally:
        if guard.stdin:
            guard.stdin.close()
        guard.wait()


def free_address() -> str:
    """Return an address on which nothing listens, and that the system gives to nobody until somebody does."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311, it keeps no secret
        with suppress(OSError), socket.create_server((HOST, port)):
            return f"{HOST}:{port}"


def serves(process: subprocess.Popen[bytes], address: str) -> bool:
    """Wait until a process answers HTTP at an address; False when it ends, or takes too long."""
    give_up_at = time.monotonic() + _SECONDS_TO_START
    while process.poll() is None and time.monotonic() < give_up_at:
        with closing(HTTPConnection(address, timeout=1)) as connection, suppress(OSError, HTTPException):
            connection.request("GET", "/")
            connection.getresponse()
            return True
        time.sleep(0.05)
    return False


def main() -> None:
    """Guard the command that the arguments are."""
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)  # noqa: S603, it is what this program is for
    threading.Thread(target=_stop_when_left, args=(process,), daemon=True).start()
    sys.exit(process.wait())


def _stop_when_left(process: subprocess.Popen[bytes]) -> None:
    os.read(0, 1)
    process.terminate()
    try:
        process.wait(_SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    main()
