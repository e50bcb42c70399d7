"""Damage of every kind: either it is an error of ours, or nothing of what is read has changed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from prequal.managed_export.errors import ExportError
from prequal.managed_export.log_file import records
from prequal.managed_export.reading import Document, documents
from support.exporting import PART, log, write_export

EXPORTS = Path(__file__).parents[2] / "exports"
OUTPUT = PART.rpartition("/")[0] + "/output-0"
OVERALL = "firestore_export.overall_export_metadata"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Return a small export, to be damaged at will."""
    return copied("named-database", tmp_path)


def copied(name: str, to: Path) -> Path:
    """Return a copy of a fixture."""
    return Path(shutil.copytree(EXPORTS / name, to / name))


def read(export: Path) -> list[Document] | None:
    """Return an export's documents, or None when that is an error of ours; any other goes through."""
    try:
        return list(documents(export))
    except ExportError:
        return None


def replace(path: Path, content: bytes) -> None:
    """Put a file in the place of another: some systems wait for the disk when one is written over."""
    path.unlink()
    path.write_bytes(content)


def flips(content: bytes, bits: range | list[int] | None = None) -> Iterator[bytes]:
    """Return the content with one bit of it flipped, each in turn."""
    for bit in bits or range(len(content) * 8):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        yield bytes(damaged)


@pytest.mark.parametrize("name", [OUTPUT, OVERALL])
def test_every_flipped_bit_is_an_error(export: Path, name: str) -> None:
    """No bit of the documents, nor of what says how many there are, can change unnoticed."""
    for damaged in flips((export / name).read_bytes()):
        replace(export / name, damaged)

        assert read(export) is None, damaged


def test_a_flipped_bit_without_a_checksum_changes_nothing_that_is_read(export: Path) -> None:
    """The metadata of a part has no checksum: what is read of it is noticed, and nothing is made of the rest."""
    whole = read(export)
    content = (export / PART).read_bytes()

    for damaged in flips(content):
        replace(export / PART, damaged)
        assert read(export) in (None, whole), damaged

    for damaged in flips(content, list(range(content.index(b"output-0") * 8, len(content) * 8))):
        replace(export / PART, damaged)
        assert read(export) is None, damaged


def test_flipped_bits_of_a_larger_export(tmp_path: Path) -> None:
    """Wherever a bit is flipped, in a document of every type or in what fills up its last block, it is an error."""
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
    """A file that ends too early, wherever it does, between two records too, is noticed."""
    content = (export / name).read_bytes()

    for length in range(len(content)):
        replace(export / name, content[:length])
        assert read(export) is None, length


def test_what_is_added_is_an_error(export: Path) -> None:
    """A document more than were exported is as wrong as one less."""
    replace(export / OUTPUT, (export / OUTPUT).read_bytes() * 2)

    assert read(export) is None


def test_mutated_files_raise_nothing_else(export: Path) -> None:
    """10,000 files with bytes changed, moved, taken out and put in: each is an error of ours, or read as it was."""
    chance, whole = random.Random(2), read(export)  # noqa: S311, no secret
    originals = {name: (export / name).read_bytes() for name in (OUTPUT, OVERALL, PART)}

    for _ in range(10_000):
        name, content = chance.choice(list(originals.items()))
        damaged = mutated(content, chance)
        replace(export / name, damaged)
        assert read(export) in (None, whole), damaged
        replace(export / name, content)


def test_mutated_records_raise_nothing_else(tmp_path: Path) -> None:
    """10,000 documents of every type, mutated, with their checksums right: each is read or is an error of ours."""
    chance = random.Random(3)  # noqa: S311, no secret
    originals = list(records(EXPORTS / "types-nested" / OUTPUT))
    export = write_export(tmp_path / "export", originals[:1])
    outcomes = set()

    for _ in range(10_000):
        replace(export / OUTPUT, log(mutated(chance.choice(originals), chance)))
        outcomes.add(read(export) is None)

    assert outcomes == {True, False}


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Return the content with up to four things done to it."""
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
