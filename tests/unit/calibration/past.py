"""Simulated past clients, whose outcomes follow a known rule."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from prequal.calibration.clients import Clients
from prequal.calibration.columns import match_columns
from prequal.calibration.table_clients import ColumnRoles, clients_from_table
from prequal.core.form import Form, form_from
from prequal.tables.client_table import ClientTable
from support import builders

ANSWERS = {
    "budget": ["around", "unsure"],
    "timeline": ["rushed", "soon"],
    "pages": ["3", "40", ""],
    "services": ["design", "build", "design; build", ""],
}
# The weight of an answer in the logit of being good.
TRUTH = {"around": 1.5, "unsure": -1.0, "soon": 1.0, "rushed": -1.0, "40": 0.5, "build": 0.5}


def rows(count: int, seed: int = 1, **columns: Sequence[str]) -> list[dict[str, str]]:
    """Return rows for the builders' form; the outcome `ended` follows the rule above."""
    draws = np.random.default_rng(seed)
    made = []
    for index in range(count):
        row = {question: str(draws.choice(answers)) for question, answers in ANSWERS.items()}
        logit = sum(TRUTH.get(part, 0) for answer in row.values() for part in answer.split("; "))
        row["ended"] = "won" if draws.random() < 1 / (1 + np.exp(-logit)) else "lost"
        made.append(row | {name: values[index] for name, values in columns.items()})
    return made


def table(given: Sequence[Mapping[str, str]]) -> ClientTable:
    """Return rows as a table."""
    return ClientTable(columns={name: tuple(row[name] for row in given) for name in given[0]})


def write(path: Path, given: Sequence[Mapping[str, str]]) -> Path:
    """Write rows as a CSV file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(given[0]))
    writer.writeheader()
    writer.writerows(given)
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def clients(given: Sequence[Mapping[str, str]], form: Form | None = None, **reading: Any) -> Clients:
    """Return rows as past clients."""
    form, read = form or builders.form(), table(given)
    settings: dict[str, Any] = {"outcome": "ended", "good": ["won"], "cycle": timedelta(0), **reading}
    used = [settings[name] for name in ("outcome", "date", "person") if settings.get(name)]
    columns, _ = match_columns(form, read, [], used)
    return clients_from_table(form, read, columns, ColumnRoles(**settings), builders.NOW)


def without_opinion() -> Form:
    """Return the builders' form with 0 points for every answer."""
    document = builders.document()
    for question in document["questions"]:
        for choice in [*question.get("options", []), *question.get("bands", [])]:
            choice["points"] = 0
    return form_from(document)
