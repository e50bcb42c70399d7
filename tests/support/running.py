"""Real processes to test against, in folders of their own, and a client for what they serve."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from http.client import HTTPConnection, HTTPException, HTTPMessage
from http.server import HTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlencode, urlsplit

from prequal.forms import compilation
from prequal.forms.compilation import compile_files

CHECKOUT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).with_name("prequal")

# Answers to the default form.
QUALIFIED = {"work": "website", "provider": "nobody", "budget": "more", "timeline": "soon"}
UNQUALIFIED = {**QUALIFIED, "budget": "below"}

# Each worker has its own, and the system, the product, and who asks for any port have others.
_WORKER, _WORKERS = os.environ.get("PYTEST_XDIST_WORKER", "gw0"), os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
_PORTS = range(10_000 + int(_WORKER.removeprefix("gw")), 20_000, int(_WORKERS))

# The seconds after which a wait is given up: far more than a busy machine needs. Every wait ends as soon as it can.
PATIENCE = 300

_T = TypeVar("_T")


def prospect(name: str, answers: Mapping[str, str] = QUALIFIED, **more: str) -> dict[str, str]:
    """Return the fields that the browser of a prospect of this name sends."""
    return {"name": name, "email": address(name), "consent": "yes", "lang": "en", **answers, **more}


def address(name: str) -> str:
    """Return the mail address of a prospect of this name."""
    return f"{name.lower().replace(' ', '.')}@example.com"


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer."""

    status: int
    headers: HTTPMessage
    body: str


def get(url: str) -> Answer:
    """Ask for a page; no redirect is followed."""
    return _request("GET", url)


def post_json(url: str, fields: Mapping[str, str] | Sequence[str]) -> Answer:
    """Post fields as the page's script does; a list is none."""
    return _request("POST", url, json.dumps(fields), "application/json")


def post_form(url: str, fields: Mapping[str, str]) -> Answer:
    """Post fields as a browser does without a script."""
    return _request("POST", url, urlencode(fields), "application/x-www-form-urlencoded")


def _request(method: str, url: str, body: str | None = None, content_type: str = "") -> Answer:
    parts = urlsplit(url)
    headers = {"Content-Type": content_type} if content_type else {}
    connection = HTTPConnection(parts.netloc, timeout=PATIENCE)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode())
    finally:
        connection.close()


def until(condition: Callable[[], _T], what: str) -> _T:
    """Wait until a condition holds, and return its value."""
    give_up_at = time.monotonic() + PATIENCE
    while not (result := condition()):
        assert time.monotonic() < give_up_at, f"waited {PATIENCE} s in vain for {what}"
        time.sleep(0.02)
    return result


def free_port() -> int:
    """Return a port that nothing listens on, and that nobody takes until a server has started: see `_PORTS`."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311, it keeps no secret
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of these tests with these settings alone, and the default form."""
    ours = ("PREQUAL_", "MAKE", "MFLAGS")  # these tests may run under make, which prequal's messages reflect
    others = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**others, "PREQUAL_FORM": str(CHECKOUT / "schema/form.yaml"), **settings}


def prequal(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command `prequal` in a folder."""
    return run([str(COMMAND), *arguments], folder, environment(**settings))


def run(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run any command in a folder, to its end."""
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def write_entry_point(folder: Path, form: Path = CHECKOUT / "schema/form.yaml") -> str:
    """Write main.py and a compiled form as an archive has them, without the modules, and return main.py's path."""
    return str(compilation.write_entry_point(compile_files(form), folder))


def exported(folder: Path, **settings: str) -> list[dict[str, Any]]:
    """Return every lead that is stored, by default under a folder, as `prequal export` writes them."""
    export = prequal(folder, "export", "--format", "jsonl", **settings)
    assert export.returncode == 0, export.stderr
    return [json.loads(line) for line in export.stdout.splitlines()]


def outbox(folder: Path) -> list[EmailMessage]:
    """Return the mails that were sent from a folder."""
    return [message_from_bytes(path.read_bytes(), policy=modern) for path in (folder / ".prequal/outbox").glob("*.eml")]


def link_in(invitation: EmailMessage) -> str:
    """Return the booking link of an invitation."""
    text = invitation.get_body(("plain",))
    assert text, "the invitation has no text"
    [link] = re.findall(r"http\S+/b/\S+", text.get_content())
    return str(link)


@dataclass(slots=True, kw_only=True)
class Server:
    """A process that serves the function at a port, in a folder, as often as it is started.

    Its log, and whatever else it says, is in the folder's `server.log`.
    """

    command: Sequence[str]
    folder: Path
    port: int
    environ: Mapping[str, str]
    #: The path that it answers with 200 as soon as it serves.
    health: str = "/api/health"
    process: subprocess.Popen[bytes] | None = field(init=False, default=None)

    @property
    def url(self) -> str:
        """Return where it serves, without a slash at the end."""
        return f"http://localhost:{self.port}"

    @property
    def leads(self) -> str:
        """Return where submissions go."""
        return f"{self.url}/api/leads"

    @property
    def site(self) -> Path:
        """Return the folder of the pages that `prequal dev` builds."""
        return self.folder / f".prequal/site-{self.port}"

    @property
    def log(self) -> str:
        """Return all that it said so far."""
        return (self.folder / "server.log").read_text()

    def logged(self, message: str) -> list[dict[str, Any]]:
        """Return the events of one kind in its log."""
        lines = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return [line for line in lines if line["message"] == message]

    @property
    def settings_for_others(self) -> dict[str, str]:
        """Return the settings that it says another terminal needs to see its leads."""
        exports = [line.split()[1:] for line in self.log.splitlines() if line.startswith("  export ")]
        return dict(setting.split("=") for setting in exports[-1]) if exports else {}

    def start(self) -> None:
        """Start it, and wait until it serves."""
        _let_ctrl_c_through()
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(self.command, cwd=self.folder, env=self.environ, stdout=log, stderr=log)
        until(self._is_healthy, "the server to serve")

    def stop(self, by: signal.Signals = signal.SIGINT) -> int:
        """Stop it, as Ctrl-C does, and return its exit status: negative when it was killed."""
        assert self.process, "it was never started"
        self.process.send_signal(by)
        try:
            return self.process.wait(timeout=PATIENCE)
        finally:
            self.process.kill()
            self.process = None

    def _is_healthy(self) -> bool:
        assert self.process, "it was stopped"
        assert self.process.poll() is None, self.log
        try:
            return get(f"{self.url}{self.health}").status == 200
        except (OSError, HTTPException):
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process:
            self.stop()


@contextmanager
def serving(server: HTTPServer) -> Iterator[int]:
    """Serve beside the block, at the yielded port."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def development_server(folder: Path, *options: str, **settings: str) -> Server:
    """Return `prequal dev` in a folder, not yet started."""
    port = free_port()
    command = [str(COMMAND), "dev", "--port", str(port), *options]
    return Server(command=command, folder=folder, port=port, environ=environment(**settings))


def production_server(folder: Path, **settings: str) -> Server:
    """Return `prequal serve` in a folder, with all that it needs, not yet started."""
    port = free_port()
    needed = {
        "PREQUAL_STORE": f"sqlite:{folder}/.prequal/prequal.db",
        "PREQUAL_MAIL": f"outbox:{folder}/.prequal/outbox",
        "PREQUAL_SENDER": "Studio North <hello@studio.example>",
        "PREQUAL_BOOKING_URL": "https://cal.example/intro?email={email}",
        "PREQUAL_SECRET": "a secret that is long",
        "PREQUAL_PUBLIC_URL": f"http://localhost:{port}",
    }
    command = [str(COMMAND), "serve", "--port", str(port)]
    return Server(command=command, folder=folder, port=port, environ=environment(**{**needed, **settings}))


def _let_ctrl_c_through() -> None:
    # A shell has what it runs in the background ignore Ctrl-C, and all that is started from there inherits it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
