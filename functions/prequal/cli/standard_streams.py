"""Standard streams that fail in no surprising way, whatever the caller's locale is and whichever streams it closed."""

import codecs
import io
import os
import sys
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_SIMPLER = {"→": "->", "…": "...", "€": "EUR"} | dict(zip("↓–—−·⏎✓✗×’‘“”„", 'v----/+xx\'\'"""', strict=True))  # noqa: RUF001
_BLOCKS = range(0x2580, 0x25A0)


def prepare() -> None:
    """Make the standard streams safe to use.

    A character that the locale lacks is replaced by a simpler one. A closed standard output fails when it is written
    to, as a full disk does; standard error never fails.
    """
    # No file may take the place of a closed stream.
    for number, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)
    codecs.register_error("simpler", _simplify)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115, a descriptor
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="simpler")
    encoding = sys.stderr.encoding if sys.stderr else sys.stdout.encoding
    unfailing = io.BufferedWriter(_Unfailing(2, "w", closefd=False))
    sys.stderr = io.TextIOWrapper(unfailing, encoding, errors="simpler", line_buffering=True, write_through=True)


def _simplify(error: UnicodeError) -> tuple[str, int]:
    """Handle an encoding error by similar characters of ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_simpler, error.object[error.start : error.end])), error.end


def _simpler(character: str) -> str:
    if ord(character) in _BLOCKS:
        return "#"
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return _SIMPLER.get(character) or plain or "?"


class _Unfailing(io.FileIO):
    """A file that drops what it can't write: a message that can't be shown changes nothing that a command does."""

    def write(self, content: "ReadableBuffer", /) -> int:
        with suppress(OSError):
            super().write(content)
        return memoryview(content).nbytes
