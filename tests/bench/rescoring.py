"""The speed and memory of scoring stored leads by another form; only Linux reports the memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.measuring import Measured, measured
from bench.spreadsheets import FEW, LEADS, filled, memory
from bench.table import Row, Section, per_second
from support import builders
from support.running import environment

_COMMAND = Path(__file__).with_name("rescore_command.py")


def rescoring(folder: Path) -> Section:
    """Compare many leads, and a few, under another form; then write the new scores of the many."""
    folder.mkdir()
    form = folder / "form.yaml"
    form.write_text(json.dumps(_other_rules()), encoding="utf-8")
    few = _rescored(form, filled(folder / "few.db", FEW), FEW)
    many = filled(folder / "many.db", LEADS)
    looked, applied = _rescored(form, many, LEADS), _rescored(form, many, LEADS, "--apply")
    return Section(
        f"Rescoring {LEADS:,} leads in SQLite",
        [
            Row("looking", per_second(looked.rate)),
            memory(looked, few),
            Row("--apply", per_second(applied.rate)),
            memory(applied, few),
        ],
    )


def _other_rules() -> dict[str, object]:
    """Return a form by which half of the leads change their grade."""
    document = builders.document()
    document["scoring"]["grades"] = {"hot": 70, "warm": 60}
    return document


def _rescored(form: Path, database: Path, count: int, *options: str) -> Measured:
    command = [sys.executable, str(_COMMAND), "--form", str(form), *options]
    run = measured(command, environment(PREQUAL_STORE=f"sqlite:{database}"))
    if run.count != count:
        raise RuntimeError(f"Of {count} leads {run.count} were rescored.")
    return run
