"""A server of one's own: the very files of infra/self-hosted, with nginx in front, at other places and ports."""

from __future__ import annotations

import json
import os
import select
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import pytest

from support.running import (
    CHECKOUT,
    PATIENCE,
    Server,
    environment,
    exported,
    free_port,
    get,
    link_in,
    outbox,
    post_form,
    post_json,
    prequal,
    prospect,
    run,
    until,
)
from support.shipped_form import shipped_form
from support.tools import leave_out

FILES = CHECKOUT / "infra/self-hosted"
HERE = "/opt/prequal"
STATE = "/var/lib/prequal"
# Slow bodies may all go to one of the two workers by chance.
_ROUNDS = 4
# An address of its own for each request.
_VISITORS = 'map $request_id $visitor { "~^(?<a>.{4})(?<b>.{4})" "2001:db8:$a:$b::1"; }\n'


@dataclass(slots=True, kw_only=True)
class Host:
    """A machine that is set up as the guide says: what lies where, and at which ports."""

    folder: Path
    function: Server
    desk: Server
    port: int
    accepted: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return where nginx serves."""
        return f"http://localhost:{self.port}"

    def command(self, unit: str) -> list[str]:
        """Return the command of a systemd unit, at our places."""
        return _command(self.folder, unit)

    def once(self, unit: str) -> None:
        """Run the command of a unit to its end."""
        done = run(self.command(unit), self.folder / "build/function", self.function.environ)
        assert done.returncode == 0, done.stderr

    @property
    def database(self) -> Path:
        """Return where the leads are."""
        return self.folder / "state/prequal.db"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Package, and start gunicorn and nginx."""
    for program in ("nginx", "sqlite3"):
        if not shutil.which(program):
            leave_out(f"{program} was not found: install nginx-light and sqlite3 to have a server of one's own tested.")
    folder = tmp_path_factory.mktemp("host")
    nginx, function_port, desk_port = free_port(), free_port(), free_port()
    settings = {
        "PREQUAL_STORE": f"sqlite:{folder}/state/prequal.db",
        "PREQUAL_SENDER": "Studio North <hello@studio.example>",
        "PREQUAL_BOOKING_URL": "https://cal.example/intro?email={email}",
        "PREQUAL_SECRET": "a secret that is long",
        "PREQUAL_PUBLIC_URL": f"http://localhost:{nginx}",
        "PREQUAL_HOPS": "1",
    }
    packaged = prequal(folder, "package", **settings)
    assert packaged.returncode == 0, packaged.stderr
    (folder / "state").mkdir()
    function, desk = (
        Server(
            command=_command(folder, unit, {place: f"127.0.0.1:{port}"}),
            folder=folder / "build",
            port=port,
            environ=environment(**settings),
            health=health,
        )
        for unit, place, port, health in (
            ("prequal.service", "127.0.0.1:8081", function_port, "/api/health"),
            ("prequal-desk.service", "127.0.0.1:8082", desk_port, "/desk"),
        )
    )
    with function, desk, _nginx(folder, nginx, function_port, desk_port):
        yield Host(folder=folder, function=function, desk=desk, port=nginx)


def _command(folder: Path, unit: str, instead: dict[str, str] | None = None) -> list[str]:
    (line,) = (line for line in (FILES / unit).read_text().splitlines() if line.startswith("ExecStart="))
    places = {f"{HERE}/.venv/bin": str(Path(sys.executable).parent), HERE: str(folder), STATE: f"{folder}/state"}
    line = line.removeprefix("ExecStart=").replace("%%", "%")
    for place, ours in {**places, **(instead or {})}.items():
        line = line.replace(place, ours)
    return shlex.split(line)


@pytest.fixture(scope="module")
def caddy(host: Host) -> Iterator[int]:
    """Start Caddy with its file in front of the same function; return its port."""
    program = shutil.which("caddy")
    if not program:
        leave_out("caddy was not found: install it to have its file tested.")
    port, server = free_port(), (FILES / "Caddyfile").read_text()
    for theirs, ours in (
        (HERE, str(host.folder)),
        ("127.0.0.1:8081", f"127.0.0.1:{host.function.port}"),
        ("127.0.0.1:8082", f"127.0.0.1:{host.desk.port}"),
        ("studio.example {", f"http://localhost:{port} {{"),
        ("\tservers {", "\tadmin off\n\tservers {"),
    ):
        assert theirs in server
        server = server.replace(theirs, ours)
    (host.folder / "Caddyfile").write_text(server)
    environ = {**os.environ, "HOME": str(host.folder)}
    command = [program, "run", "--config", str(host.folder / "Caddyfile"), "--adapter", "caddyfile"]
    with (host.folder / "caddy.log").open("wb") as log, subprocess.Popen(command, env=environ, stderr=log) as process:
        try:
            until(lambda: _serves(port), "caddy to serve")
            yield port
        finally:
            process.terminate()


@contextmanager
def _nginx(folder: Path, port: int, function: int, desk: int) -> Iterator[None]:
    server = (FILES / "nginx.conf").read_text()
    for theirs, ours in (
        (HERE, str(folder)),
        ("127.0.0.1:8081", f"127.0.0.1:{function}"),
        ("127.0.0.1:8082", f"127.0.0.1:{desk}"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("    listen [::]:80;\n", ""),
        ("studio.example", "localhost"),
        ("X-Forwarded-For $remote_addr", "X-Forwarded-For $visitor"),  # or all were one visitor, and too many
    ):
        assert theirs in server
        server = server.replace(theirs, ours)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\n"
        + ("user root;\n" if os.geteuid() == 0 else "")
        + f"events {{}}\nhttp {{\n{_VISITORS}include /etc/nginx/mime.types;\naccess_log off;\n{temporary}{server}}}\n"
    )
    command = [str(shutil.which("nginx")), "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]
    with subprocess.Popen(command) as process:
        try:
            until(lambda: _serves(port), "nginx to serve")
            yield
        finally:
            process.send_signal(signal.SIGQUIT)


def _serves(port: int) -> bool:
    try:
        return get(f"http://localhost:{port}/api/health").status == 200
    except OSError:
        return False


def test_the_story(host: Host) -> None:
    """The page is served, an answer is taken, the sweep sends the invitation, its link leads on to the booking page."""
    page = get(f"{host.url}/")
    answered = post_form(f"{host.url}/api/leads", prospect("Ada Lovelace"))
    host.once("prequal-sweep.service")

    assert (page.status, "Studio North" in page.body) == (200, True)
    assert (answered.status, answered.headers["Location"]) == (303, f"{host.url}/thanks/")
    assert "ontrol" not in host.function.log  # gunicorn's control socket needs a home, which the service hasn't
    (invitation,) = outbox(host.folder / "build/function")
    followed = post_form(link_in(invitation), {})
    assert (followed.status, followed.headers["Location"]) == (
        303,
        "https://cal.example/intro?email=ada.lovelace%40example.com",
    )


def test_the_doctor_finds_nothing(host: Host) -> None:
    """The headers, the caching, the ways to the function and to the desk are as they should be."""
    examined = prequal(host.folder, "doctor", host.url)

    assert examined.returncode == 0, examined.stdout


def test_errors_are_not_cached(host: Host) -> None:
    """A missing file is answered with our own 404 page, which nobody caches."""
    missing = get(f"{host.url}/assets/nothing.css")

    assert (missing.status, missing.headers["Cache-Control"]) == (404, None)
    assert "Studio North" in missing.body


def test_slow_bodies_block_nobody_behind_nginx(host: Host) -> None:
    """While forty visitors send their answers a byte at a time, another is answered."""
    for _ in range(_ROUNDS):
        _answer_beside_slow_ones(host.port)


def test_slow_bodies_block_nobody_behind_caddy(caddy: int) -> None:
    """While forty visitors send their answers a byte at a time, another is answered."""
    for _ in range(_ROUNDS):
        _answer_beside_slow_ones(caddy)


def test_caddy_serves_page_function_and_desk(caddy: int) -> None:
    """The page has its headers, the function limits by Caddy's word, and a missing file is our own page."""
    forged = {"X-Forwarded-For": "203.0.113.9", "Content-Type": "application/json"}
    with closing(HTTPConnection("localhost", caddy, timeout=PATIENCE)) as connection:
        connection.request("GET", "/api/health", headers=forged)
        client = json.loads(connection.getresponse().read())["client"]
    too_long = post_json(f"http://localhost:{caddy}/api/leads", {"name": "a" * 300_000})

    assert "Content-Security-Policy" in get(f"http://localhost:{caddy}/").headers
    assert client == {"forwarded": 1, "hops": 1, "network": "127.0.0.0/24"}
    assert too_long.status == 413
    assert "Studio North" in get(f"http://localhost:{caddy}/nowhere").body
    assert "Mail me a link" in get(f"http://localhost:{caddy}/desk/").body


def _answer_beside_slow_ones(port: int) -> None:
    """Let more visitors than the function has threads send a byte and no more; meanwhile another one is answered."""
    with ExitStack() as open_ones:
        slow = [open_ones.enter_context(socket.create_connection(("localhost", port))) for _ in range(40)]
        for connection in slow:
            connection.sendall(
                b"POST /api/leads HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: 900\r\n\r\n{"
            )
        time.sleep(1)  # a proxy that passes on what it has would now have taken all threads of the function
        answered = get(f"http://localhost:{port}/api/health")
        still_open = [connection for connection in slow if not select.select([connection], [], [], 0)[0]]

    assert answered.status == 200
    assert still_open == slow, "the other visitor had to wait until these were given up"


def test_a_new_form_and_a_backup_under_load(host: Host) -> None:
    """While leads come in, another form takes over, and a backup is made: none is turned away, the backup restores."""
    form = host.folder / "form.yaml"
    form.write_text(shipped_form(("hot: 75", "hot: 80")))
    before_backup: set[str] = set()
    host.accepted.clear()
    with _load(host):
        until(lambda: len(host.accepted) > 20, "leads to come in")
        before_backup.update(host.accepted)
        host.once("prequal-backup.service")
        packaged = prequal(host.folder, "package", **{**host.function.environ, "PREQUAL_FORM": str(form)})
        assert packaged.returncode == 0, packaged.stderr
        assert host.function.process
        host.function.process.send_signal(signal.SIGHUP)
        version = packaged.stdout.partition("form version ")[2].partition(".")[0]
        until(lambda: version in get(f"{host.url}/").body, "the new page")
        until(lambda: all(version in get(f"{host.url}/api/health").body for _ in range(20)), "the new function")
        came = len(host.accepted)
        until(lambda: len(host.accepted) > came + 40, "more leads to come in")
    stored = {lead["email"] for lead in exported(host.folder, PREQUAL_STORE=f"sqlite:{host.database}")}
    (backup,) = (host.folder / "state").glob("backup-*.db")
    restored = {lead["email"] for lead in exported(host.folder, PREQUAL_STORE=f"sqlite:{backup}")}

    assert host.function.log.count("Booting worker") == 2 + 2 + 1  # the last is the desk's
    assert set(host.accepted) <= stored
    assert before_backup <= restored <= stored
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@contextmanager
def _load(host: Host) -> Iterator[None]:
    """Have four visitors answer one after another beside the block; any that is turned away fails it."""
    stop, turned_away = threading.Event(), list[str]()

    def visit(visitor: int) -> None:
        number = 0
        while not stop.is_set():
            sent = prospect(f"Visitor {visitor} {number}")
            try:
                status = post_json(f"{host.url}/api/leads", sent).status
            except OSError as error:
                turned_away.append(str(error))
                return
            if status != 202:
                turned_away.append(f"status {status}")
                return
            host.accepted.append(sent["email"])
            number += 1

    visitors = [threading.Thread(target=visit, args=(visitor,)) for visitor in range(4)]
    for visitor in visitors:
        visitor.start()
    try:
        yield
    finally:
        stop.set()
        for visitor in visitors:
            visitor.join()
    assert turned_away == []
