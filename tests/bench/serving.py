"""Functions in separate processes, served as in a deployment."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from bench.prospects import Post
from prequal.compiled import Compiled
from prequal.forms.compilation import package_function

DATABASE = "leads.db"
_HOST = "127.0.0.1"
_PLAIN = Path(__file__).parent / "plain"
_SECONDS_TO_ANSWER = 30
_SECONDS_BETWEEN_TRIES = 0.001
_NOTED = 4000  # characters of a function's output in an error message
_ACCEPTED = {202, 303}


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function in a folder of its own, with the settings it needs."""

    target: str
    folder: Path
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A process that serves a function, or is about to."""

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


def packaged(compiled: Compiled, folder: Path, **settings: str) -> Function:
    """Unpack the archive of `make package`. The store is SQLite unless set otherwise, and the owner receives briefs."""
    archive = folder / "function.zip"
    package_function(compiled, archive)
    unpacked = folder / "function"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(unpacked)
    defaults = {
        "PREQUAL_STORE": f"sqlite:{DATABASE}",
        "PREQUAL_MAIL": "outbox:outbox",
        "PREQUAL_SENDER": "Studio North <hello@studio.example>",
        "PREQUAL_OWNER": "owner@studio.example",
        "PREQUAL_BOOKING_URL": "https://booking.example/?name={name}&email={email}&lead={lead}",
        "PREQUAL_PUBLIC_URL": "https://studio.example",
        "PREQUAL_SECRET": "a secret of the benchmark",
    }
    return Function(target="submit", folder=unpacked, settings=defaults | settings)


def plain(target: str, folder: Path, source: str = "main.py", **settings: str) -> Function:
    """Return a function of the baseline."""
    own = folder / target
    own.mkdir()
    (own / "main.py").write_bytes((_PLAIN / source).read_bytes())
    return Function(target=target, folder=own, settings=settings)


@contextmanager
def started(function: Function) -> Iterator[Server]:
    """Run a function, and kill it at the end."""
    with socket.create_server((_HOST, 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "functions_framework", "--target", function.target]
    said = function.folder / "said.txt"
    with said.open("wb") as stream:
        process = subprocess.Popen(
            [*command, "--host", _HOST, "--port", str(port)],
            cwd=function.folder,
            # Without the caller's environment: THREADS, DEBUG and the like would change the figures.
            env={"PATH": os.defpath, **function.settings},
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    try:
        yield Server(process=process, port=port)
    except Exception as error:
        error.add_note(f"What {function.target} said:\n{said.read_text(errors='replace')[-_NOTED:]}")
        raise
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # its worker too
        process.wait()


def send(connection: HTTPConnection, post: Post) -> None:
    """Send one submission and read the answer; RuntimeError if it is not accepted."""
    connection.request("POST", "/api/leads", post.body, {"Content-Type": post.media_type})
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
