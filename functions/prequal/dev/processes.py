"""Child processes that end with this one, however it ends.

Each is watched by a guard: this module, run as a program. Its standard input is a pipe that nobody writes to and that
the system closes when this process ends, even after `kill -9`. No other signal of that works on every system.
"""

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
# Below the ports that systems assign on request.
_PORTS = range(20_000, 32_000)
_SECONDS_TO_START = 120
_SECONDS_TO_STOP = 10


@contextmanager
def run_guarded(
    command: Sequence[str], environ: Mapping[str, str] | None = None, output: IO[bytes] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command for the length of the block; its output goes to the file `output`, or with ours."""
    guard = subprocess.Popen(  # noqa: S603, commands of ours
        [sys.executable, "-m", "prequal.dev.processes", *command],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        env=environ,
        start_new_session=True,  # Ctrl-C reaches this process only, which stops its children in order
    )
    try:
        yield guard
    finally:
        if guard.stdin:
            guard.stdin.close()
        guard.wait()


def find_free_address() -> str:
    """Find a free local address, outside the range of ports that the system assigns."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311, not for a secret
        with suppress(OSError), socket.create_server((HOST, port)):
            return f"{HOST}:{port}"


def wait_until_serving(process: subprocess.Popen[bytes], address: str) -> bool:
    """Wait until a process answers HTTP at an address; return False when it ends first, or takes too long."""
    deadline = time.monotonic() + _SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        with closing(HTTPConnection(address, timeout=1)) as connection, suppress(OSError, HTTPException):
            connection.request("GET", "/")
            connection.getresponse()
            return True
        time.sleep(0.05)
    return False


def main() -> None:
    """Run the command in the arguments, and stop it when standard input closes."""
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)  # noqa: S603, the purpose of this program
    threading.Thread(target=_stop_at_end_of_input, args=(process,), daemon=True).start()
    sys.exit(process.wait())


def _stop_at_end_of_input(process: subprocess.Popen[bytes]) -> None:
    os.read(0, 1)
    process.terminate()
    try:
        process.wait(_SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    main()
