"""The framing of an export's files: LevelDB's log format, blocks of fragments that each carry a checksum.

https://github.com/google/leveldb/blob/main/doc/log_format.md
"""

import struct
from collections.abc import Iterator
from pathlib import Path

import google_crc32c

from prequal.managed_export import ExportError

BLOCK = 32 * 1024
HEADER = struct.Struct("<IHB")
"""The header of a fragment: masked checksum, length of the content, and position in its record."""
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4

_COVERED_FROM = 6  # the checksum covers the last byte of the header and the content


def read_records(path: Path) -> Iterator[bytes]:
    """Read the records of a file.

    Raises:
        ExportError: the file can't be read, or is corrupt. Only a cut between two records goes unnoticed.
    """
    fragments: list[bytes] | None = None
    for position, content in _read_fragments(path):
        if (fragments is None) != (position in (FULL, FIRST)):
            raise ExportError(path, "corrupt: the fragments of a record are out of order")
        fragments = [*(fragments or ()), content]
        if position in (FULL, LAST):
            yield b"".join(fragments)
            fragments = None
    if fragments is not None:
        raise ExportError(path, "truncated: the last record is incomplete")


def masked_checksum(covered: bytes) -> int:
    """Return the CRC-32C as it is stored: masked, since the CRC of data that contains CRCs is weak."""
    crc: int = google_crc32c.value(covered)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _read_fragments(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                yield from _fragments_of(block, path)
    except OSError as error:
        raise ExportError(path, f"can't be read: {error.strerror or error}") from error


def _fragments_of(block: bytes, path: Path) -> Iterator[tuple[int, bytes]]:
    start, left = 0, len(block)
    while left >= HEADER.size:
        checksum, length, position = HEADER.unpack_from(block, start)
        if checksum == length == position == 0:
            break  # the rest is padding, which Google also writes after the last record
        end = start + HEADER.size + length
        if end > len(block):
            raise ExportError(path, "corrupt or truncated: a record is longer than the rest of its block")
        if not FULL <= position <= LAST or masked_checksum(block[start + _COVERED_FROM : end]) != checksum:
            raise ExportError(path, "corrupt: a record doesn't match its checksum")
        yield position, block[start + HEADER.size : end]
        start, left = end, len(block) - end
    if left and len(block) < BLOCK:
        raise ExportError(path, "truncated: the last block is incomplete")
    if any(block[start:]):
        raise ExportError(path, "corrupt: block padding is not zero")
