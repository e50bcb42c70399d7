"""The columns of an exported table that people read, under headings in words: the first sheet of a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from prequal.core.form import Form
from prequal.owner.form_labels import FormLabels
from prequal.owner.text_formats import Cell

_BEFORE = {
    "received_at.local": "Received",
    "name": "Name",
    "form_id": "Form",
    "company": "Company",
    "email": "Email",
    "score.grade": "Grade",
    "score.total": "Total",
    "status": "Status",
}
_AFTER = {"score.ruled_out": "Ruled out", "source.source": "Source", "outcome": "Outcome"}
_ANSWERS, _WORDS = "answers.", ".words"


class ReadingColumn(NamedTuple):
    """A column to read."""

    heading: str
    #: Where it is in the whole table.
    place: int
    #: Where the cell is taken from if that one is empty, or None.
    otherwise: int | None = None

    def cell(self, row: Sequence[Cell]) -> Cell:
        """Return its cell in a row of the whole table."""
        cell = row[self.place]
        return row[self.otherwise] if cell in (None, "") and self.otherwise is not None else cell


def reading_columns(names: Sequence[str], forms: Mapping[str, Form]) -> Sequence[ReadingColumn]:
    """Return the columns to read of a table with these names: one for each question, its answers in words.

    The form is among them if the forms, by version, have several ids.
    """
    several = len({form.id for form in forms.values()}) > 1
    labels = FormLabels(*reversed([*forms.values()]))
    place = {name: index for index, name in enumerate(names)}
    before = {name: heading for name, heading in _BEFORE.items() if name != "form_id" or several}
    answers = {
        name: labels.question(name.removeprefix(_ANSWERS).removesuffix(_WORDS))
        for name in names
        if name.startswith(_ANSWERS) and f"{name}{_WORDS}" not in place
    }
    return [
        ReadingColumn(heading, place[name], place["source.utm_source"] if name == "source.source" else None)
        for name, heading in (before | answers | _AFTER).items()
    ]
