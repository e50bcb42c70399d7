"""The benchmarks, one table: `make bench`, about four minutes.

They need no network but loopback, except to install what the reading of exports stands beside.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

import click

from bench.billing import billing
from bench.calibration import calibration
from bench.confirming import confirming
from bench.exports import exports
from bench.prospects import prospect
from bench.reading import reading
from bench.rescoring import rescoring
from bench.scoring import scoring
from bench.serving import DATABASE, packaged, plain, started
from bench.spreadsheets import spreadsheets
from bench.starting import starting
from bench.surroundings import NOTES, surroundings
from bench.table import Section, table
from bench.throughput import throughput
from bench.weight import weight
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.bootstrap import build_site
from prequal.compiled import Compiled
from prequal.dev.emulator import EmulatorMissingError
from prequal.forms.compilation import compile_files
from prequal.resources import SCHEMA
from support.emulating import warm_emulator


def main() -> None:
    """Measure everything and print the table."""
    compiled = compile_files(SCHEMA / "form.yaml")
    pages = build_site(compiled, "https://studio.example")
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        click.echo(f"{surroundings(here)}\n")
        sections = [
            starting(packaged(compiled, here / "starting"), plain("hello", here), "SQLite"),
            *_on_firestore(compiled, here / "firestore"),
            *_throughput(compiled, here),
            confirming(packaged(compiled, here / "confirming"), pages, here / "confirming/site"),
            scoring(compiled.form),
            *calibration(),
            *weight(pages, here / "site"),
            exports(here / "exports"),
            spreadsheets(here / "spreadsheets"),
            rescoring(here / "rescoring"),
        ]
    click.echo(f"{table(sections)}\n\n{NOTES}")


def _on_firestore(compiled: Compiled, folder: Path) -> Iterator[Section]:
    try:
        with warm_emulator(folder / "emulator.log") as emulator:
            settings = {"FIRESTORE_EMULATOR_HOST": emulator}
            ours = packaged(compiled, folder, PREQUAL_STORE="firestore:bench-starting", **settings)
            yield starting(ours, plain("write", folder, "writing.py", **settings), "Firestore's emulator")
            yield billing(emulator, folder / "outbox")
            yield reading(emulator)
    except EmulatorMissingError as missing:
        yield Section(f"On Firestore\n  not measured: {missing}", [])


def _throughput(compiled: Compiled, folder: Path) -> Sequence[Section]:
    ours, echo = packaged(compiled, folder / "ours"), plain("echo", folder)
    numbers = count()
    with started(ours) as server, started(echo) as beside:
        sections = list(throughput(server, beside, map(prospect, numbers)))
    _check(ours.folder / DATABASE, next(numbers))
    return sections


def _check(database: Path, sent: int) -> None:
    """Raise RuntimeError unless every prospect was stored, and half of them qualified."""
    with closing(SqliteLeadStore(database)) as store:
        verdicts = [lead.score.qualified for lead in store.iter_leads()]
    if (len(verdicts), sum(verdicts)) != (sent, sent // 2):
        raise RuntimeError(f"Of {sent} prospects {len(verdicts)} were kept, {sum(verdicts)} of them qualified.")


main()
