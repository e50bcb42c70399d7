"""Two public tables of sales and leads, prepared as past clients: a form, and a table with one column per question.

    python tests/bench/past_clients.py FOLDER INTO

writes INTO/bank.yaml and INTO/bank.csv, and the same of extraalearn, for `prequal calibrate`. FOLDER has
`bank-full.csv` (UCI Bank Marketing, doi 10.1016/j.dss.2014.03.001, CC BY 4.0) and `extraalearn.csv` (the leads of a
school). Only columns that were known before the sale are used: the length of a call, for one, reveals the outcome.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

_NO_POINTS = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table and its questions: choices, and numbers with the bounds of their bands."""

    name: str
    file: str
    outcome: str
    good: str
    choices: Sequence[str]
    numbers: Mapping[str, Sequence[int]]

    @property
    def questions(self) -> Sequence[str]:
        """The columns that are questions."""
        return [*self.choices, *self.numbers]


BANK = Source(
    name="bank",
    file="bank-full.csv",
    outcome="outcome",
    good="yes",
    choices=["job", "marital", "education", "default", "housing", "loan", "poutcome"],
    numbers={
        "age": [30, 45, 60],
        "balance": [0, 500, 2000],
        "previouscontact": [0, 2],
    },
)
EXTRAALEARN = Source(
    name="extraalearn",
    file="extraalearn.csv",
    outcome="status",
    good="1",
    choices=[
        "current_occupation",
        "first_interaction",
        "profile_completed",
        "print_media_type1",
        "print_media_type2",
        "digital_media",
        "educational_channels",
        "referral",
    ],
    numbers={
        "age": [20, 25, 35, 45, 55],
        "website_visits": [0, 1, 2, 3, 5],
        "time_spent_on_website": [0, 100, 250, 500, 1000, 1500],
        "page_views_per_visit": [0, 1, 2, 3, 4, 6],
    },
)

SOURCES = (BANK, EXTRAALEARN)


def read(source: Source, folder: Path) -> list[dict[str, str]]:
    """Read the questions' columns and the outcome of a table."""
    with (folder / source.file).open(encoding="utf-8", newline="") as file:
        return [{name: row[name] for name in [*source.questions, source.outcome]} for row in csv.DictReader(file)]


def document(source: Source, rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return a form for a table, in which every answer has 0 points."""
    asked = {"axis": "fit", "required": True}
    questions: list[dict[str, Any]] = []
    for name in source.choices:
        values = sorted({row[name] for row in rows})
        options = [{"id": _id(value), "label": value, "points": _NO_POINTS} for value in values]
        questions.append({"id": name, "label": name, "type": "one", **asked, "options": options})
    for name, bounds in source.numbers.items():
        bands: list[dict[str, int]] = [{"up_to": bound, "points": _NO_POINTS} for bound in bounds]
        bands.append({"points": _NO_POINTS})
        questions.append({"id": name, "label": name, "type": "number", **asked, "bands": bands})
    return {
        "id": source.name,
        "languages": ["en"],
        "currency": "EUR",
        "starting_price": 0,
        "business": {"name": source.name, "url": "https://a.example", "privacy_url": "https://a.example/privacy"},
        "questions": questions,
        "scoring": {"grades": {"hot": 40, "warm": 20}},
    }


def _id(value: str) -> str:
    return re.sub("[^a-z0-9]+", "_", value.lower()).strip("_")


def main(folder: Path, into: Path) -> None:
    """Prepare both tables."""
    into.mkdir(parents=True, exist_ok=True)
    for source in SOURCES:
        rows = read(source, folder)
        form = into / f"{source.name}.yaml"
        form.write_text(json.dumps(document(source, rows), indent=2) + "\n", encoding="utf-8")  # JSON is YAML
        table = into / f"{source.name}.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*source.questions, source.outcome])
            writer.writeheader()
            writer.writerows(rows)
        command = f"PREQUAL_FORM={form} prequal calibrate {table} --outcome {source.outcome} --good {source.good}"
        click.echo(f"{len(rows):,} clients: {command}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
