"""Speed and peak memory of reading a managed export of Firestore's. The memory is read from Linux's /proc."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.measuring import measured
from bench.table import Row, Section, per_second, size, times
from prequal.core.documents import lead_document
from support import builders
from support.exporting import PART, record, write_export

LEADS = 200_000
_FILES = 10
# Enough for some seconds of leveldb-export, whose rate does not depend on the number.
_BESIDE = 3_000
_LEVELDB_EXPORT = "leveldb-export==0.1.1"
_READERS = Path(__file__).parent / "readers"
# Placeholder for a lead's number: as long as an id, so that no length in the record changes with it.
_NUMBER = "0123456789abcdef01234567"


def exports(folder: Path) -> Section:
    """Measure an export of many leads, and the same for the beginning of one read with leveldb-export."""
    export = write_export(folder / "export", *(_leads(first) for first in range(_FILES)))
    own = measured([sys.executable, str(_READERS / "ours.py"), str(export)])
    if own.count != LEADS:
        raise RuntimeError(f"{own.count} of {LEADS} leads were read.")
    title = f"Reading a managed export of {LEADS:,} leads"
    try:
        python = _python_with_leveldb_export(folder / "beside")
    except subprocess.CalledProcessError:
        absent = f"{_LEVELDB_EXPORT} can't be installed here"
        return Section(title, [Row("documents", per_second(own.rate), absent), Row("memory", size(own.peak_kb * 1024))])
    first_file = (export / PART).with_name("output-0")
    other = measured([python, str(_READERS / "theirs.py"), str(first_file), str(_BESIDE)])
    ratio, memory = own.rate / other.rate, own.peak_kb / other.peak_kb
    return Section(
        title,
        [
            Row("documents", per_second(own.rate), f"leveldb-export {per_second(other.rate)}", times(ratio)),
            Row("memory", size(own.peak_kb * 1024), f"leveldb-export {size(other.peak_kb * 1024)}", times(memory)),
        ],
    )


def _leads(first: int) -> Iterator[bytes]:
    """Return the distinct leads of one file; every other one is invited."""
    written = [
        _template(**answers) for answers in ({"services": ["design", "build"], "pages": 7}, builders.UNQUALIFIED)
    ]
    for number in range(first, LEADS, _FILES):
        yield written[number // _FILES % 2].replace(_NUMBER.encode(), f"{number:024x}".encode())


def _template(**answers: object) -> bytes:
    lead = builders.lead(
        email=f"{_NUMBER}@example.com", goals="Nobody finds us.\nWe would like to be called.", **answers
    )
    return record(f"leads/{_NUMBER}", lead_document(replace(lead, id=_NUMBER)))


def _python_with_leveldb_export(folder: Path) -> str:
    """Create a separate environment and return its Python: leveldb-export needs a protobuf that prequal can't use."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, _LEVELDB_EXPORT], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return python
