"""How fast a managed export of Firestore's is read, and in how much memory (which Linux alone tells)."""

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
# So many take leveldb-export some seconds; it goes on at the same rate.
_BESIDE = 3_000
_LEVELDB_EXPORT = "leveldb-export==0.1.1"
_READERS = Path(__file__).parent / "readers"
# Where the number of a lead goes: as long as an id, so that no length in the record changes with it.
_NUMBER = "0123456789abcdef01234567"


def exports(folder: Path) -> Section:
    """Write an export of many leads and read it, then read its beginning with leveldb-export."""
    export = write_export(folder / "export", *(_leads(first) for first in range(_FILES)))
    own = measured([sys.executable, str(_READERS / "ours.py"), str(export)])
    if own.count != LEADS:
        raise RuntimeError(f"Of {LEADS} leads {own.count} were read.")
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
    """Return the leads of a file: each is another, and every other is invited."""
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
    """Return the Python of an environment of its own: it asks for a protobuf that prequal can't use."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, _LEVELDB_EXPORT], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return python
