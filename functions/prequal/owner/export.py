"""Exports: every lead, one row each, the oldest first."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from prequal.owner.rows import columns, exported, flat, harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prequal.core.lead import Lead


def write_jsonl(leads: Callable[[], Iterable[Lead]], out: TextIO) -> int:
    """Write a JSON object a line; return how many."""
    count = 0
    for count, lead in enumerate(leads(), start=1):  # noqa: B007, the last one is the number
        out.write(json.dumps(exported(lead), ensure_ascii=False) + "\n")
    return count


def write_csv(leads: Callable[[], Iterable[Lead]], out: TextIO) -> int:
    """Write a table (RFC 4180); return how many leads. Reads the leads twice: the columns come first."""
    names = columns(leads())
    table = csv.DictWriter(out, names, restval="", lineterminator="\r\n", extrasaction="ignore")
    table.writeheader()
    count = 0
    for count, lead in enumerate(leads(), start=1):  # noqa: B007, the last one is the number
        table.writerow({name: harmless(value) for name, value in flat(exported(lead)).items()})
    return count


FORMATS: dict[str, Callable[[Callable[[], Iterable[Lead]], TextIO], int]] = {"csv": write_csv, "jsonl": write_jsonl}


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Open a file that appears only once it is written to its end."""
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            yield out
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
