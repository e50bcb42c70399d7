"""All rows of an export with their columns, which are known only once every lead was read.

The rows wait in a file without a name: each lead is read once, as Firestore counts reads, and memory doesn't grow.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from prequal.core.errors import PrequalError
from prequal.core.lead import Lead
from prequal.owner.rows import Cell, Columns, Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """So many rows, one a lead, the oldest first; they can be read again and again."""

    columns: Columns
    count: int
    kept: BinaryIO

    @property
    def names(self) -> Sequence[str]:
        """Return the names of the columns."""
        return [name for names in self.columns for name in names]

    def rows(self) -> Iterator[Sequence[Cell]]:
        """Return the cells of each row."""
        self.kept.seek(0)
        answers = self.columns.answers
        for _ in range(self.count):
            before, said, after = pickle.load(self.kept)  # noqa: S301, nobody but us has written it
            yield [*before, *map(said.get, answers), *after]


@contextmanager
def table(leads: Iterable[Lead], rows: Rows, folder: Path | None) -> Iterator[Table]:
    """Read every lead; while this lasts, their rows take space in the folder, or where temporary files are.

    Raises:
        PrequalError: there is no room for them.

    """
    with tempfile.TemporaryFile(dir=folder) as kept:
        count = 0
        try:
            for count, lead in enumerate(leads, start=1):  # noqa: B007, the last one is the number
                kept.write(pickle.dumps(tuple(rows.row(lead))))
            kept.flush()
        except OSError as error:
            with suppress(OSError):  # once more, of what it still holds
                kept.close()
            place = folder or tempfile.gettempdir()
            raise PrequalError(f"The leads need room in {place} until they are written: {error.strerror}.") from error
        yield Table(columns=rows.columns(), count=count, kept=kept)
