"""Exports: every lead, one row each, the oldest first; as lines of JSON, or as a table."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.owner.csv_file import write_csv
from prequal.owner.json_lines import write_json_lines
from prequal.owner.rows import Rows
from prequal.owner.table import table


class Format(StrEnum):
    """How leads are written."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"


def as_it_comes(rows: Iterable[Any], what: str) -> Iterable[Any]:  # noqa: ARG001, others tell
    """Watch nothing."""
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """How leads are exported.

    `forms` has the words of answers, by version. `zone` is where the owner's clock stands, None being this machine's
    zone. `bom` is for CSV. What isn't written yet waits in `folder`, or where temporary files are. `watch` is told what
    passes through it.
    """

    format: Format
    forms: Mapping[str, Form]
    zone: tzinfo | None = None
    bom: bool = False
    folder: Path | None = None
    watch: Callable[[Iterable[Any], str], Iterable[Any]] = as_it_comes

    def write(self, leads: Iterable[Lead], out: BinaryIO) -> int:
        """Write the leads; return how many.

        Raises:
            TooManyLeadsError: a workbook can't hold them.

        """
        if self.format is Format.JSONL:
            return write_json_lines(self.watch(leads, "written"), out)
        with table(self.watch(leads, "read"), Rows(self.forms, self.zone), self.folder) as whole:
            rows = self.watch(whole.rows(), f"of {whole.count:,} written")
            if self.format is Format.CSV:
                write_csv(whole.names, rows, out, bom=self.bom)
            else:
                from prequal.owner.xlsx_file import write_xlsx  # noqa: PLC0415, needs the extra `owner`

                # A pipe's reader may leave, of which the library would make errors of its own.
                with tempfile.TemporaryFile(dir=self.folder) as book:
                    write_xlsx(whole.names, rows, whole.count, book)
                    book.seek(0)
                    shutil.copyfileobj(book, out)
        return whole.count
