"""The benchmarks, one table: `python tests/bench`, about four minutes.

They need no network but loopback, except to install what the reading of exports stands beside.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prequal.adapters.sqlite import SqliteLeadStore
from prequal.authoring.compiling import compile_files
from prequal.authoring.places import SCHEMA
from prequal.bootstrap import site
from prequal.dev.emulator import EmulatorMissingError

# Python puts this folder first; the one above is needed, in which it is `bench`.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench.billing import billing  # noqa: E402
from bench.calibration import calibration  # noqa: E402
from bench.confirming import confirming  # noqa: E402
from bench.exports import exports  # noqa: E402
from bench.prospects import prospect  # noqa: E402
from bench.reading import reading  # noqa: E402
from bench.rescoring import rescoring  # noqa: E402
from bench.scoring import scoring  # noqa: E402
from bench.serving import DATABASE, packaged, plain, started  # noqa: E402
from bench.spreadsheets import spreadsheets  # noqa: E402
from bench.starting import starting  # noqa: E402
from bench.surroundings import NOTES, surroundings  # noqa: E402
from bench.table import Section, table  # noqa: E402
from bench.throughput import throughput  # noqa: E402
from bench.weight import weight  # noqa: E402
from emulating import warm_emulator  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prequal.compiled import Compiled


def main() -> None:
    """Measure everything and print the table."""
    compiled = compile_files(SCHEMA / "form.yaml")
    pages = site(compiled, "https://studio.example")
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
    """Raise RuntimeError unless the figures are of what they claim: every prospect kept, half of them qualified."""
    with closing(SqliteLeadStore(database)) as store:
        verdicts = [lead.score.qualified for lead in store.leads()]
    if (len(verdicts), sum(verdicts)) != (sent, sent // 2):
        raise RuntimeError(f"Of {sent} prospects {len(verdicts)} were kept, {sum(verdicts)} of them qualified.")


main()
