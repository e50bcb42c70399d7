"""The benchmarks, one table: `make bench`, about ten minutes; `make bench ARGS="starting weight"` runs these alone.

They need no network but loopback, except to install what the reading of exports stands beside.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from bench.billing import billing
from bench.calibration import calibration
from bench.commands import commands
from bench.confirming import confirming
from bench.desk import desk
from bench.exports import exports
from bench.functions import Store, firestore, packaged, sqlite
from bench.memory import memory
from bench.reading import reading
from bench.rescoring import rescoring
from bench.scoring import scoring
from bench.spreadsheets import spreadsheets
from bench.starting import starting
from bench.surroundings import NOTES, surroundings
from bench.table import Section, table
from bench.throughput import throughput
from bench.timing import timing
from bench.weight import weight
from prequal.bootstrap import build_sites
from prequal.dev.emulator import EmulatorMissingError
from prequal.forms.compilation import compile_files
from prequal.resources import SCHEMA
from support.emulating import warm_emulator


class _Setup:
    """The setup that benchmarks share: a folder, the compiled form, the pages and an emulator that starts on demand."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self.folder = folder
        self._running = running
        self.compiled = compile_files(SCHEMA / "form.yaml")
        self.pages = build_sites(self.compiled, "https://studio.example")[0]

    @cached_property
    def emulator(self) -> str:
        """Start an emulator and return its address; EmulatorMissingError if there is none."""
        return self._running.enter_context(warm_emulator(self.folder / "emulator.log"))

    def stores(self, benchmark: str) -> Iterator[tuple[Store, Path]]:
        """Yield each kind of store with a folder for its functions."""
        folder = self.folder / benchmark
        folder.mkdir()
        yield sqlite(folder), folder / "sqlite"
        yield firestore(self.emulator, benchmark), folder / "firestore"


def _starting(setup: _Setup) -> Iterator[Section]:
    for store, folder in setup.stores("starting"):
        yield starting(setup.compiled, store, folder)


def _throughput(setup: _Setup) -> Iterator[Section]:
    for store, folder in setup.stores("throughput"):
        yield from throughput(setup.compiled, store, folder)


def _timing(setup: _Setup) -> Iterator[Section]:
    for store, folder in setup.stores("timing"):
        yield timing(setup.compiled, store, folder)


def _confirming(setup: _Setup) -> Iterator[Section]:
    folder = setup.folder / "confirming"
    yield confirming(packaged(setup.compiled, folder, sqlite(folder)), setup.pages, folder / "site")


_BENCHMARKS: Mapping[str, Callable[[_Setup], Iterable[Section]]] = {
    "starting": _starting,
    "throughput": _throughput,
    "timing": _timing,
    "memory": lambda setup: [memory(setup.folder / "memory")],
    "billing": lambda setup: [billing(setup.emulator, setup.folder / "outbox")],
    "reading": lambda setup: [reading(setup.emulator)],
    "desk": lambda setup: [desk(setup.emulator)],
    "confirming": _confirming,
    "scoring": lambda setup: [scoring(setup.compiled.main)],
    "calibration": lambda _: calibration(),
    "weight": lambda setup: weight(setup.pages, setup.folder / "site"),
    "exports": lambda setup: [exports(setup.folder / "exports")],
    "spreadsheets": lambda setup: [spreadsheets(setup.folder / "spreadsheets")],
    "commands": lambda setup: [commands(setup.folder / "commands")],
    "rescoring": lambda setup: [rescoring(setup.folder / "rescoring")],
}


def main() -> None:
    """Run the named benchmarks, or all, and print the table."""
    names = sys.argv[1:] or list(_BENCHMARKS)
    if unknown := set(names) - _BENCHMARKS.keys():
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}. There are {', '.join(_BENCHMARKS)}.")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        setup = _Setup(Path(folder), running)
        print(f"{surroundings(setup.folder)}\n", flush=True)
        sections = [section for name in names for section in _run(name, setup)]
    print(f"{table(sections)}\n\n{NOTES}")


def _run(name: str, setup: _Setup) -> Iterator[Section]:
    try:
        yield from _BENCHMARKS[name](setup)
    except EmulatorMissingError as missing:
        yield Section(f"{name} on Firestore\n  not measured: {missing}", [])


main()
