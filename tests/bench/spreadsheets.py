"""The speed and memory of an export in each format; only Linux reports the memory."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bench.measuring import Measured, measured
from bench.table import Row, Section, per_second, size, times
from prequal.adapters.sqlite.json_documents import dump, sort_key
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.documents import lead_document
from prequal.owner.exporter import Format
from support import builders
from support.running import environment

# The environment may set another number, such as a million.
LEADS = int(os.environ.get("PREQUAL_BENCH_LEADS", "50000"))
FEW = 1_000
_COMMAND = Path(__file__).with_name("export_command.py")


def spreadsheets(folder: Path) -> Section:
    """Fill a store with leads and export it in each format."""
    folder.mkdir()
    many, few = filled(folder / "many.db", LEADS), filled(folder / "few.db", FEW)
    rows = []
    for kind in Format:
        path = folder / f"leads.{kind}"
        beside = _exported(few, folder / f"few.{kind}", FEW)
        export = _exported(many, path, LEADS)
        rows += [
            Row(kind.value, per_second(export.rate)),
            memory(export, beside),
            Row("  file", size(path.stat().st_size)),
        ]
    return Section(f"Exporting {LEADS:,} leads from SQLite", rows)


def _exported(database: Path, path: Path, count: int) -> Measured:
    export = measured([sys.executable, str(_COMMAND), str(path)], environment(PREQUAL_STORE=f"sqlite:{database}"))
    if export.count != count:
        raise RuntimeError(f"Of {count} leads {export.count} were exported.")
    return export


def memory(many: Measured, few: Measured) -> Row:
    """Return the row that compares the memory of many leads with that of a few."""
    beside = f"{FEW:,} leads {size(few.peak_kb * 1024)}"
    return Row("  memory", size(many.peak_kb * 1024), beside, times(many.peak_kb / few.peak_kb))


def filled(database: Path, count: int) -> Path:
    """Make a store with a number of leads."""
    with closing(SqliteLeadStore(database)) as store:
        store.save_form(builders.document())
    with closing(sqlite3.connect(database)) as connection, connection:
        statement = "INSERT INTO leads (id, received_at, expire_at, document) VALUES (?, ?, ?, ?)"
        connection.executemany(statement, _leads(count))
    return database


def _leads(count: int) -> Iterator[tuple[str, str, str, str]]:
    """Return rows of distinct leads as the store writes them; every other one is invited."""
    answers = {"services": ["design", "build"], "pages": 7, "goals": "Nobody finds us.\nWe would like to be called."}
    kinds = (builders.lead(company="Analytical Engines", **answers), builders.lead(**builders.UNQUALIFIED))
    for number in range(count):
        kind = kinds[number % 2]
        received_at = kind.received_at + timedelta(seconds=number)
        lead = replace(kind, id=f"{number:024x}", email=f"{number}@example.com", received_at=received_at)
        yield lead.id, sort_key(received_at), sort_key(lead.expire_at), dump(lead_document(lead))
