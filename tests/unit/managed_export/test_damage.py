"""Damaged exports: each is an ExportError, or is read without any change."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from prequal.managed_export import ExportError
from prequal.managed_export.document import Document
from prequal.managed_export.log_file import read_records
from prequal.managed_export.reader import read_documents
from support.exporting import PART, log, write_export
from support.search import ROUNDS

EXPORTS = Path(__file__).parents[2] / "exports"
OUTPUT = PART.rpartition("/")[0] + "/output-0"
OVERALL = "firestore_export.overall_export_metadata"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Return a small export to damage."""
    return copied("named-database", tmp_path)


def copied(name: str, to: Path) -> Path:
    """Return a copy of a fixture."""
    return Path(shutil.copytree(EXPORTS / name, to / name))


def read(export: Path) -> list[Document] | None:
    """Return an export's documents, or None on an ExportError; any other exception passes through."""
    try:
        return list(read_documents(export))
    except ExportError:
        return None


def replace(path: Path, content: bytes) -> None:
    """Replace a file: some systems wait for the disk when one is overwritten."""
    path.unlink()
    path.write_bytes(content)


def flips(content: bytes, bits: range | list[int] | None = None) -> Iterator[bytes]:
    """Return the content with one bit flipped, for each bit in turn."""
    for bit in bits or range(len(content) * 8):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        yield bytes(damaged)


@pytest.mark.parametrize("name", [OUTPUT, OVERALL])
def test_every_flipped_bit_is_an_error(export: Path, name: str) -> None:
    """Any flipped bit is noticed in the documents and in the metadata with their number."""
    for damaged in flips((export / name).read_bytes()):
        replace(export / name, damaged)

        assert read(export) is None, damaged


def test_a_flipped_bit_without_a_checksum_changes_no_document(export: Path) -> None:
    """A part's metadata has no checksum: a flip in the fields that are read is noticed, and the rest has no effect."""
    whole = read(export)
    content = (export / PART).read_bytes()

    for damaged in flips(content):
        replace(export / PART, damaged)
        assert read(export) in (None, whole), damaged

    for damaged in flips(content, list(range(content.index(b"output-0") * 8, len(content) * 8))):
        replace(export / PART, damaged)
        assert read(export) is None, damaged


def test_flipped_bits_of_a_larger_export(tmp_path: Path) -> None:
    """A flipped bit is an error in documents with every type of value, and in the padding of the last block."""
    export = copied("types-nested", tmp_path)
    content = (export / OUTPUT).read_bytes()
    filled = content + bytes(-len(content) % (32 * 1024))
    replace(export / OUTPUT, filled)
    assert str(read(export)) == str(read(EXPORTS / "types-nested"))  # as text, for NaN is not equal to itself

    sample = random.Random(1).sample(range(len(filled) * 8), 1500)  # noqa: S311, no secret
    for damaged in flips(filled, sample):
        replace(export / OUTPUT, damaged)
        assert read(export) is None


@pytest.mark.parametrize("name", [OUTPUT, OVERALL])
def test_every_cut_is_an_error(export: Path, name: str) -> None:
    """A file that ends too early is noticed, even if it ends between two records."""
    content = (export / name).read_bytes()

    for length in range(len(content)):
        replace(export / name, content[:length])
        assert read(export) is None, length


def test_an_added_document_is_an_error(export: Path) -> None:
    """A surplus document is an error, as a missing one is."""
    replace(export / OUTPUT, (export / OUTPUT).read_bytes() * 2)

    assert read(export) is None


def test_mutated_files_raise_no_other_error(export: Path) -> None:
    """Files with bytes changed, moved, removed and inserted: each is an ExportError, or is read unchanged."""
    chance, whole = random.Random(2), read(export)  # noqa: S311, no secret
    originals = {name: (export / name).read_bytes() for name in (OUTPUT, OVERALL, PART)}

    for _ in range(ROUNDS):
        name, content = chance.choice(list(originals.items()))
        damaged = mutated(content, chance)
        replace(export / name, damaged)
        assert read(export) in (None, whole), damaged
        replace(export / name, content)


def test_mutated_records_raise_no_other_error(tmp_path: Path) -> None:
    """10,000 mutated documents with valid checksums: each is read, or is an ExportError."""
    chance = random.Random(3)  # noqa: S311, no secret
    originals = list(read_records(EXPORTS / "types-nested" / OUTPUT))
    export = write_export(tmp_path / "export", originals[:1])
    outcomes = set()

    for _ in range(ROUNDS):
        replace(export / OUTPUT, log(mutated(chance.choice(originals), chance)))
        outcomes.add(read(export) is None)

    assert outcomes == {True, False}


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Return the content with up to four mutations."""
    damaged = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        start, length = chance.randrange(len(damaged) + 1), chance.randint(1, 8)
        match chance.randrange(5):
            case 0:
                damaged[start : start + length] = chance.randbytes(length)
            case 1:
                del damaged[start : start + length]
            case 2:
                damaged[start:start] = chance.randbytes(length)
            case 3:
                damaged[start:start] = damaged[start : start + length]
            case _:
                damaged[start : start + 1] = chance.choice((b"\x00", b"\x7f", b"\x80", b"\xff"))
    return bytes(damaged)
