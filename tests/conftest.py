"""Fixtures for every test, and the end of the report."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.dev.emulator import EmulatorMissingError, emulator_command
from prequal.services.ports import Store
from support.emulating import TRANSPORTS, EmulatedStore, shared_emulator
from support.search import SEARCHES
from support.tools import leave_out

_NOTE = "note of a campaign"


def pytest_configure() -> None:
    """Choose the seed of a search, one for all its processes."""
    if SEARCHES:
        os.environ.setdefault("FAULTS_SEED", str(random.SystemRandom().randrange(10**6)))


@pytest.hookimpl(optionalhook=True)  # so that `-p no:xdist` works
def pytest_xdist_auto_num_workers() -> int:
    """Return two workers more than there are cores: many tests wait for something most of their time."""
    return (os.cpu_count() or 1) + 2


@pytest.fixture
def note(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Return a function that adds a line to the end of the report, from any worker."""
    return partial(record_property, _NOTE)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures of the fault campaigns, and one line for each reason why tests were left out."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
    for reason, number in reasons.items():
        terminalreporter.write_line(
            f"{reason.removeprefix('Skipped: ')} ({number} {'test' if number == 1 else 'tests'})"
        )
    reports = (report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, []))
    lines = [line for report in reports for name, line in report.user_properties if name == _NOTE]
    if lines:
        terminalreporter.section("fault injection")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteLeadStore]:
    """Return a real store, empty."""
    with closing(SqliteLeadStore(tmp_path / "prequal.db")) as opened:
        yield opened


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of Firestore's emulator, one for a whole run and all its workers."""
    folder = tmp_path_factory.getbasetemp()
    with ExitStack() as stack:
        with _or_left_out():
            address = stack.enter_context(
                shared_emulator(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)
            )
        yield address


@pytest.fixture(scope="session")
def emulator_installed() -> None:
    """Make sure of Firestore's emulator, for tests of what starts one of its own."""
    with _or_left_out():
        emulator_command()


@contextmanager
def _or_left_out() -> Iterator[None]:
    """Leave a test out where the emulator is missing."""
    try:
        yield
    except EmulatorMissingError as missing:
        leave_out(str(missing))


@pytest.fixture(params=["sqlite", *TRANSPORTS])
def any_store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Return each kind of store, real and empty; Firestore's by each transport."""
    if request.param == "sqlite":
        with closing(SqliteLeadStore(tmp_path / "prequal.db")) as opened:
            yield opened
        return
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", request.getfixturevalue("emulator"))
    with closing(EmulatedStore(transport=TRANSPORTS[request.param])) as firestore:
        yield firestore
