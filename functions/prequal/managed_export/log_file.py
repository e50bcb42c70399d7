"""The framing of an export's files: that of LevelDB's log, blocks of fragments that each carry a checksum.

https://github.com/google/leveldb/blob/main/doc/log_format.md
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import google_crc32c

from prequal.managed_export.errors import ExportError

BLOCK = 32 * 1024
HEADER = struct.Struct("<IHB")
"""The masked checksum, the length of the content, and which part of a record it is."""
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4

_COVERED_FROM = 6  # the checksum is of the last byte of the header, and of what follows


def records(path: Path) -> Iterator[bytes]:
    """Return the records of a file.

    Raises:
        ExportError: it can't be read, or is not as it was written. Only a cut between two records goes unnoticed.

    """
    begun: list[bytes] | None = None
    for part, content in _fragments(path):
        if (begun is None) != (part in (FULL, FIRST)):
            raise ExportError(path, "damaged: the parts of a record don't follow each other")
        if begun is None:
            if part == FULL:
                yield content
            else:
                begun = [content]
        else:
            begun.append(content)
            if part == LAST:
                yield b"".join(begun)
                begun = None
    if begun is not None:
        raise ExportError(path, "cut short: its last record has no end")


def masked_checksum(covered: bytes) -> int:
    """Return the CRC-32C as it is stored; masked, since a checksum of what holds checksums is worth less."""
    crc: int = google_crc32c.value(covered)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _fragments(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                yield from _fragments_in(block, path)
    except OSError as error:
        raise ExportError(path, f"can't be read: {error.strerror or error}") from error


def _fragments_in(block: bytes, path: Path) -> Iterator[tuple[int, bytes]]:
    start, left = 0, len(block)
    while left >= HEADER.size:
        checksum, length, part = HEADER.unpack_from(block, start)
        if checksum == length == part == 0:
            break  # the rest is filled up, as Google does with the last block
        end = start + HEADER.size + length
        if end > len(block):
            raise ExportError(path, "damaged or cut short: a record is longer than what is left")
        if not FULL <= part <= LAST or masked_checksum(block[start + _COVERED_FROM : end]) != checksum:
            raise ExportError(path, "damaged: a record doesn't have its checksum")
        yield part, block[start + HEADER.size : end]
        start, left = end, len(block) - end
    if left and len(block) < BLOCK:
        raise ExportError(path, "cut short: its last block has no end")
    if any(block[start:]):
        raise ExportError(path, "damaged: there is something where there is nothing to be")
