"""The production server as processes, under load: they are killed, and they are told to stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from itertools import count
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.mail import LEASE
from support.running import (
    CHECKOUT,
    QUALIFIED,
    UNQUALIFIED,
    Server,
    exported,
    outbox,
    post_json,
    prequal,
    production_server,
    prospect,
    until,
)

_VISITORS = 12


@dataclass(slots=True, kw_only=True)
class Crowd:
    """Visitors who answer one after another, each until there is no server any more."""

    server: Server
    accepted: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Let them come; at the end of the block, wait until the last has left."""
        visitors = [threading.Thread(target=self._visit) for _ in range(_VISITORS)]
        for visitor in visitors:
            visitor.start()
        try:
            yield
        finally:
            for visitor in visitors:
                visitor.join()

    def wait_for_more(self) -> None:
        """Wait until some more answers were accepted."""
        before = len(self.accepted)
        until(lambda: len(self.accepted) > before + 3 * _VISITORS, "more answers")

    def _visit(self) -> None:
        for number in self.numbers:
            fields = prospect(f"Prospect {number}", UNQUALIFIED if number % 10 else QUALIFIED)
            fields["email"] = f"prospect.a{number}@web.de"
            try:
                status = post_json(self.server.leads, fields).status
            except ConnectionRefusedError:
                return
            except (OSError, HTTPException) as error:
                self.failed.append(repr(error))
            else:
                (self.accepted if status == 202 else self.failed).append(fields["email"])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Serve a form without a mail budget, so that every invitation is seen to arrive."""
    document = (CHECKOUT / "schema/form.yaml").read_text(encoding="utf-8")
    (tmp_path / "form.yaml").write_text(document.replace("\ninvitation:\n", "\ninvitation:\n  most_a_day: 10000\n"))
    (tmp_path / "temporary").mkdir()
    settings = {"PREQUAL_FORM": str(tmp_path / "form.yaml"), "TMPDIR": str(tmp_path / "temporary")}
    with production_server(tmp_path, **settings) as served:
        yield served


def processes(server: Server) -> list[int]:
    """Return the processes that gunicorn's first one has forked."""
    assert server.process, "it isn't running"
    pid = server.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def reload(server: Server) -> None:
    """Have gunicorn replace the process that serves, and wait until it has."""
    before = processes(server)
    assert server.process, "it isn't running"
    server.process.send_signal(signal.SIGHUP)
    until(lambda: (now := processes(server)) and not set(now) & set(before), "the new process")


def due_mails(server: Server, after: timedelta = timedelta()) -> Sequence[str]:
    """Return the ids of the mails that are due after some time."""
    with closing(SqliteLeadStore(server.folder / ".prequal/prequal.db")) as store:
        return store.list_due_mails(datetime.now(UTC) + after, 1000)


def is_listening(server: Server) -> bool:
    """Whether anybody listens at the server's port."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", server.port)):
        return True
    return False


def test_nothing_is_lost_when_processes_are_killed(server: Server) -> None:
    """After kill -9 of each process under load, every accepted answer is a lead; every invitation is sent or waits."""
    crowd = Crowd(server=server)
    with crowd.at_once():
        crowd.wait_for_more()
        for process in processes(server):
            os.kill(process, signal.SIGKILL)
            crowd.wait_for_more()
        server.stop(signal.SIGKILL)
    until(lambda: not is_listening(server), "the orphaned processes to end")

    server.start()
    until(lambda: not due_mails(server), "the mails that are due")
    leads = exported(server.folder)
    # Those that were being sent when their process was killed are due again when their lease has run out.
    in_hand = {mail_id.partition("-")[0] for mail_id in due_mails(server, after=LEASE)}
    sent = [mail["To"] for mail in outbox(server.folder)]

    assert set(crowd.accepted) <= {lead["email"] for lead in leads}
    assert len(sent) == len(set(sent))
    assert {*sent, *(lead["email"] for lead in leads if lead["id"] in in_hand)} == {
        lead["email"] for lead in leads if lead["score"]["qualified"]
    }
    assert len(in_hand) <= 2


def test_every_request_is_answered_when_processes_stop(server: Server) -> None:
    """At SIGHUP under load, another process takes over; at SIGTERM, all who have connected are answered."""
    crowd = Crowd(server=server)
    with crowd.at_once():
        crowd.wait_for_more()
        reload(server)
        crowd.wait_for_more()
        status = server.stop(signal.SIGTERM)

    assert (status, crowd.failed) == (0, [])
    assert set(crowd.accepted) == {lead["email"] for lead in exported(server.folder)}
    assert '"severity": "ERROR"' not in server.log
    # It works on a read-only file system, and leaves nothing behind.
    assert {path.name for path in server.folder.iterdir()} == {".prequal", "form.yaml", "server.log", "temporary"}
    assert list((server.folder / "temporary").iterdir()) == []


def test_faulty_settings_are_all_named(tmp_path: Path) -> None:
    """Each missing or faulty setting is one sentence that begins with its name; on Cloud Run a file is a fault."""
    refused = prequal(tmp_path, "serve", PREQUAL_FORM="nope.yaml", K_SERVICE="prequal")

    assert [sentence.split()[0] for sentence in refused.stderr.splitlines()] == [
        "PREQUAL_FORM",
        "PREQUAL_STORE",
        "PREQUAL_MAIL",
        "PREQUAL_SENDER",
        "PREQUAL_BOOKING_URL",
        "PREQUAL_PUBLIC_URL",
        "PREQUAL_SECRET",
    ]
    assert (refused.returncode, refused.stdout, list(tmp_path.iterdir())) == (2, "", [])


def refused(folder: Path, port: int, **settings: str) -> CompletedProcess[str]:
    """Try to serve at a port that is in use."""
    given = {name: value for name, value in production_server(folder).environ.items() if name.startswith("PREQUAL_")}
    return prequal(folder, "serve", **{**given, **settings}, PORT=str(port))


def test_a_port_in_use(tmp_path: Path) -> None:
    """A port in use is one sentence that says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = refused(tmp_path, port)

    assert done.stderr.splitlines()[-1] == (
        f"127.0.0.1:{port} can't be listened on (Address already in use): choose another --port or --host."
    )
    assert (done.returncode, done.stdout) == (2, "")


def test_a_store_that_does_not_last(tmp_path: Path) -> None:
    """A database in memory is warned of, as is one on a container's own file system."""
    with socket.create_server(("127.0.0.1", 0)) as other, TemporaryDirectory(dir="/dev/shm") as memory:
        done = refused(tmp_path, other.getsockname()[1], PREQUAL_STORE=f"sqlite:{memory}/prequal.db")

    warning = json.loads(done.stderr.splitlines()[0])
    assert (warning["severity"], warning["store"]) == ("WARNING", f"{memory}/prequal.db")
