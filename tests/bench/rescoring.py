"""How fast stored leads are scored anew, and in how much memory (which Linux alone tells)."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import builders
from bench.table import Row, Section, per_second, size, times
from prequal.adapters.sqlite import SqliteLeadStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A million take some minutes: PREQUAL_BENCH_LEADS=1000000.
_LEADS = int(os.environ.get("PREQUAL_BENCH_LEADS", "100000"))
_COMMAND = Path(__file__).parent / "readers/command.py"
# Where the number of a lead goes: as long as an id.
_NUMBER = "0123456789abcdef01234567"


@dataclass(frozen=True, slots=True)
class _Run:
    seconds: float
    peak: int


def rescoring(folder: Path) -> Section:
    """Score many leads by another form, and some, looking alone; then write the new scores."""
    folder.mkdir()
    form = folder / "form.yaml"
    form.write_text(json.dumps(_other_rules()), encoding="utf-8")
    some = _rescored(form, _filled(folder / "some.db", _LEADS // 10), _LEADS // 10)
    many = _filled(folder / "many.db", _LEADS)
    looked, applied = _rescored(form, many, _LEADS), _rescored(form, many, _LEADS, "--apply")
    return Section(
        f"Rescoring {_LEADS:,} leads in SQLite",
        [
            Row("leads", per_second(_LEADS / looked.seconds)),
            Row(
                "memory", size(looked.peak), f"{_LEADS // 10:,} leads {size(some.peak)}", times(looked.peak / some.peak)
            ),
            Row("leads, with --apply", per_second(_LEADS / applied.seconds)),
            Row("memory", size(applied.peak)),
        ],
    )


def _other_rules() -> dict[str, object]:
    document = builders.document()
    document["questions"][0]["options"][1]["points"] = 35
    document["scoring"]["grades"]["warm"] = 20
    return document


def _filled(database: Path, count: int) -> Path:
    """Make a store of so many leads, every other of them qualified."""
    answers: Sequence[dict[str, Any]] = ({"services": ["design", "build"], "pages": 7}, builders.UNQUALIFIED)
    with closing(SqliteLeadStore(database)) as store:
        for number, said in enumerate(answers):
            lead, attempt = builders.admitted(email=f"{_NUMBER}@example.com", goals="Nobody finds us.", **said)
            lead_id = f"{number}{_NUMBER[1:]}"
            store.admit(replace(lead, id=lead_id), attempt, [], lambda existing: (existing, ()))
    with closing(sqlite3.connect(database)) as connection, connection:
        written = connection.execute("SELECT id, received_at, expire_at, document FROM leads").fetchall()
        connection.execute("DELETE FROM leads")

        def leads() -> Iterator[tuple[str, ...]]:
            for number in range(count):
                old, *instants, document = written[number % len(written)]
                yield f"{number:024x}", *instants, document.replace(old, f"{number:024x}")

        connection.executemany("INSERT INTO leads (id, received_at, expire_at, document) VALUES (?, ?, ?, ?)", leads())
    return database


def _rescored(form: Path, database: Path, count: int, *options: str) -> _Run:
    command = [sys.executable, str(_COMMAND), "rescore", "--form", str(form), *options]
    environ = {**os.environ, "PREQUAL_STORE": f"sqlite:{database}"}
    *words, figures = subprocess.run(
        command, check=True, capture_output=True, text=True, env=environ
    ).stdout.splitlines()
    if not any(f" of {count:,} leads move." in line for line in words):
        raise RuntimeError(f"Not all of {count} leads were scored.")
    seconds, peak_kb = figures.split()
    return _Run(float(seconds), int(peak_kb) * 1024)
