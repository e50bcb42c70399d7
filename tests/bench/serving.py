"""Functions in separate processes, served as in a deployment."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from bench.functions import Function
from bench.prospects import Post

_HOST = "127.0.0.1"
_SECONDS_TO_ANSWER = 30
_SECONDS_BETWEEN_TRIES = 0.001
_NOTED = 4000  # characters of a function's output in an error message
_ACCEPTED = {202, 303}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A process that serves a function, or is about to, and its workers."""

    process: subprocess.Popen[bytes]
    port: int

    @contextmanager
    def connection(self) -> Iterator[HTTPConnection]:
        """Open a keep-alive connection as soon as the process listens."""
        with closing(HTTPConnection(_HOST, self.port, timeout=_SECONDS_TO_ANSWER)) as connection:
            while not _is_open(connection):
                if self.process.poll() is not None:
                    raise RuntimeError("The function didn't start.")
                time.sleep(_SECONDS_BETWEEN_TRIES)
            yield connection

    def processor_seconds(self) -> float:
        """Return the processor time that the processes have used; only Linux reports it."""
        ticks = sum(int(fields[11]) + int(fields[12]) for fields in self._stats().values())  # utime and stime
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Return the memory of the processes in bytes, shared pages counted once; only Linux reports it."""
        rollups = [(folder / "smaps_rollup").read_text().split() for folder in self._stats()]
        return sum(int(words[words.index("Pss:") + 1]) for words in rollups) * 1024

    def _stats(self) -> dict[Path, list[str]]:
        """Return the fields of each process' /proc/PID/stat after its name, by the folder of the process."""
        stats = {
            path.parent: path.read_text().rpartition(") ")[2].split() for path in Path("/proc").glob("[0-9]*/stat")
        }
        return {folder: fields for folder, fields in stats.items() if int(fields[3]) == self.process.pid}  # its session


def started(function: Function) -> AbstractContextManager[Server]:
    """Run a function as the cloud does, and kill it at the end."""
    command = [sys.executable, "-m", "functions_framework", "--target", function.target]
    return running(command, function.folder, function.settings)


@contextmanager
def running(command: Sequence[str], folder: Path, settings: Mapping[str, str]) -> Iterator[Server]:
    """Run a command that takes --host and --port in a folder, and kill it at the end."""
    with socket.create_server((_HOST, 0)) as free:
        port = free.getsockname()[1]
    said = folder / "said.txt"
    with said.open("wb") as stream:
        process = subprocess.Popen(
            [*command, "--host", _HOST, "--port", str(port)],
            cwd=folder,
            # Without the caller's environment: THREADS, DEBUG and the like would change the figures.
            env={"PATH": os.defpath, **settings},
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    try:
        yield Server(process=process, port=port)
    except Exception as error:
        error.add_note(f"The output of {' '.join(command)}:\n{said.read_text(errors='replace')[-_NOTED:]}")
        raise
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # its worker too
        process.wait()


def send(connection: HTTPConnection, post: Post, visitor: str = "") -> None:
    """Send one submission, from a visitor's address behind a proxy; RuntimeError if it is not accepted."""
    forwarded = {"X-Forwarded-For": visitor} if visitor else {}
    connection.request("POST", "/api/leads", post.body, {"Content-Type": post.media_type, **forwarded})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in _ACCEPTED:
        raise RuntimeError(f"A submission was answered {answer.status}: {text.decode(errors='replace')}")


def _is_open(connection: HTTPConnection) -> bool:
    try:
        connection.connect()
    except ConnectionRefusedError:
        return False
    return True
