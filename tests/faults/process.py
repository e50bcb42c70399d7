"""Separate processes that admit submissions and send mails, and can be killed at any step."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import NoReturn

from faults import parts
from faults.faulty import Fault, FaultyStore, Once
from prequal.adapters.smtp import SmtpMailer
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.services.ports import Store
from support import builders
from support.builders import Clock
from support.running import PATIENCE

# Each process is forked from one that has only imported modules, so that all start at once.
_START = multiprocessing.get_context("forkserver")
_START.set_forkserver_preload(["support.emulating", "prequal.services.booking_link", "prequal.pages.mails"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A store's location, for any process: a file, or a project of an emulator."""

    file: str = ""
    emulator: str = ""
    project: str = ""

    def open(self) -> Store:
        """Open the store."""
        if self.file:
            return SqliteLeadStore(Path(self.file))
        os.environ["FIRESTORE_EMULATOR_HOST"] = self.emulator
        from support.emulating import EmulatedStore  # noqa: PLC0415, half a second that SQLite needn't wait

        return EmulatedStore(self.project)


def receive(store: Store, submitted: Mapping[str, str]) -> None:
    """Admit a submission."""
    parts.intake(store, Clock()).receive(submitted)


def deliver(store: Store, port: int, mail_ids: Sequence[str]) -> None:
    """Attempt to send these mails."""
    mailer = SmtpMailer(host="127.0.0.1", port=port, encryption="none")
    for mail_id in mail_ids:
        parts.delivery(store, mailer, Clock()).deliver(mail_id)


def killed(place: Place, call: str, fault: Fault, act: Callable[..., None], *given: object) -> int | None:
    """Run `act` in a process that is killed at a call of the store, and return its exit code."""
    process = _START.Process(target=_perish, args=(place, call, fault, act, *given))
    process.start()
    process.join()
    return process.exitcode


def _perish(place: Place, call: str, fault: Fault, act: Callable[..., None], *given: object) -> None:
    act(FaultyStore(place.open(), Once(call, fault), _kill), *given)


def _kill() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("the process survived SIGKILL")


def race(place: Place, runners: Sequence[tuple[Callable[..., None], tuple[object, ...]]]) -> list[int | None]:
    """Run each function in its own process, all starting together, and return their exit codes."""
    line = _START.Barrier(len(runners))
    processes = [_START.Process(target=_run, args=(line, place, act, *given)) for act, given in runners]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def _run(line: Barrier, place: Place, act: Callable[..., None], *given: object) -> None:
    store = place.open()
    store.find_lead("nobody")  # connects before the start
    line.wait()
    act(store, *given)


@contextmanager
def database_locked(file: Path) -> Iterator[None]:
    """Lock a database from another process."""
    locked, done = _START.Event(), _START.Event()
    process = _START.Process(target=_lock, args=(str(file), locked, done))
    process.start()
    try:
        assert locked.wait(PATIENCE), "the database was not locked"
        yield
    finally:
        done.set()
        process.join()


def _lock(file: str, locked: multiprocessing.synchronize.Event, done: multiprocessing.synchronize.Event) -> None:
    import sqlite3  # noqa: PLC0415

    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    locked.set()
    done.wait()
    connection.close()


def submitted(number: int = 0) -> dict[str, str]:
    """Return a qualified submission with this number in its id."""
    return builders.sent(submission_id=f"submission-{number}")
