"""The project that readers of the documentation begin with."""

from __future__ import annotations

import csv
import itertools
import shutil
from contextlib import closing
from pathlib import Path

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.documents import lead_document
from prequal.core.lead import Lead, Status
from prequal.forms.compilation import compile_files
from support.exporting import record, write_export
from support.running import CHECKOUT, QUALIFIED
from support.season import only_attempt, season


def make_project(folder: Path) -> Lead:
    """Make a project as a checkout is one, with leads and files of an owner's own; return an invited lead."""
    for part in ("schema", "site", "examples", "infra"):
        shutil.copytree(CHECKOUT / part, folder / part, ignore=shutil.ignore_patterns(".terraform", "settings.env"))
    (folder / ".venv").mkdir()
    (folder / ".venv/run").touch()
    [compiled] = compile_files(folder / "schema/form.yaml").forms
    leads = list(season(compiled.form, 200))
    with closing(SqliteLeadStore(folder / ".prequal/prequal.db")) as store:
        store.save_form(compiled.document)
        for lead in leads:
            store.admit(lead, only_attempt(lead), [], lambda existing: (existing, ()))
    write_export(folder / "FOLDER", [record(f"leads/{lead.id}", lead_document(lead)) for lead in leads])
    _write_clients(folder)
    (folder / "infra/settings.env").write_text("PREQUAL_SECRET=a-secret-that-is-long\n")
    return next(lead for lead in reversed(leads) if lead.status is Status.INVITED)


def _write_clients(folder: Path) -> None:
    rows = []
    # More than 200 clients are cross-validated in fewer rounds.
    for budget, timeline, number in itertools.product(
        ["around", "more", "unsure"], ["soon", "later", "rushed", "no_date"], range(17)
    ):
        good = (budget != "unsure") + (timeline in ("soon", "later")) + number % 2 > 1
        rows.append({**QUALIFIED, "budget": budget, "timeline": timeline, "result": "won" if good else "lost"})
    won = [row for row in rows if row["result"] == "won"]
    for name, columns, kept in (("clients.csv", [*QUALIFIED, "result"], rows), ("good.csv", [*QUALIFIED], won)):
        with (folder / name).open("w", newline="") as file:
            table = csv.DictWriter(file, columns, extrasaction="ignore")
            table.writeheader()
            table.writerows(kept)
