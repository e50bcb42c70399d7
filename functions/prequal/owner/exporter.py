"""Exports: every lead, one row each, oldest first, as a table or as lines of JSON."""

import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from prequal.core.errors import PrequalError
from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.owner.rows import Row, RowBuilder
from prequal.owner.text_formats import Cell, write_csv, write_json_lines


class Format(StrEnum):
    """File format of an export."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"


def no_progress(items: Iterable[Any], what: str) -> Iterable[Any]:  # noqa: ARG001, others show it
    """Return the items, and report no progress."""
    return items


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """Export of leads in one format."""

    format: Format
    #: By version, for the labels of answers.
    forms: Mapping[str, Form]
    #: The owner's time zone; None for this machine's.
    zone: tzinfo | None = None
    #: Whether CSV begins with a byte order mark.
    bom: bool = False
    #: For temporary files; None for the system's.
    folder: Path | None = None
    #: Wraps what is iterated over, to show the progress.
    watch: Callable[[Iterable[Any], str], Iterable[Any]] = no_progress

    def write(self, leads: Iterable[Lead], out: BinaryIO) -> int:
        """Write the leads; return their number.

        Raises:
            TooManyLeadsError: a workbook can't hold them.
            PrequalError: there is no room for the temporary files.
        """
        if self.format is Format.JSONL:
            return write_json_lines(self.watch(leads, "written"), self.forms, out)
        builder = RowBuilder(self.forms, self.zone)
        with tempfile.TemporaryFile(dir=self.folder) as buffer:
            count = self._buffer_rows(self.watch(leads, "read"), builder, buffer)
            names, cells = builder.table(_read_rows(buffer, count))
            rows = self.watch(cells, f"of {count:,} written")
            if self.format is Format.CSV:
                write_csv(names, rows, out, bom=self.bom)
            else:
                self._write_workbook(names, rows, count, out)
        return count

    def _buffer_rows(self, leads: Iterable[Lead], builder: RowBuilder, buffer: BinaryIO) -> int:
        """Write the rows to a temporary file, as the columns are known only once every lead has been read.

        Each lead is read once, because Firestore bills reads, and memory use does not grow with the leads.
        """
        count = 0
        try:
            for count, lead in enumerate(leads, start=1):  # noqa: B007, the last one is the number
                buffer.write(pickle.dumps(builder.row(lead)))
            buffer.flush()
        except OSError as error:
            with suppress(OSError):  # flushes again
                buffer.close()
            place = self.folder or tempfile.gettempdir()
            raise PrequalError(f"The leads need room in {place} until they are written: {error.strerror}.") from error
        return count

    def _write_workbook(self, names: Sequence[str], rows: Iterable[Sequence[Cell]], count: int, out: BinaryIO) -> None:
        from prequal.owner.reading_sheet import reading_columns  # noqa: PLC0415, for workbooks alone
        from prequal.owner.xlsx_file import write_xlsx  # noqa: PLC0415, needs the extra `owner`

        # xlsxwriter replaces the error of a closed pipe by its own: it writes to a file first.
        with tempfile.TemporaryFile(dir=self.folder) as book:
            write_xlsx(names, rows, count, reading_columns(names, self.forms), book)
            book.seek(0)
            shutil.copyfileobj(book, out)


def _read_rows(buffer: BinaryIO, count: int) -> Iterator[Row]:
    buffer.seek(0)
    return (pickle.load(buffer) for _ in range(count))  # noqa: S301, written by this process
