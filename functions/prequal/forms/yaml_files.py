"""YAML files as plain values, with the line and column of each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from prequal.analysis.faults import Where
from prequal.core.errors import PrequalError
from prequal.forms.yaml_syntax import Explanation, QuoteScanner
from prequal.forms.yaml_values import Spelling, UnreadableError, Values


@dataclass(frozen=True, slots=True, order=True)
class FileFault:
    """A fault in a file, and what to do about it. Line and column count from 1."""

    line: int
    column: int
    message: str
    #: The file, if it is another than the one that was asked for.
    file: str = ""

    def __str__(self) -> str:
        return self.message


class FaultyFileError(PrequalError):
    """Raised when a file of the owner's has faults: all of them, by line."""

    def __init__(self, path: Path, faults: Iterable[FileFault]) -> None:
        self.path = path
        self.faults: Sequence[FileFault] = sorted(set(faults))
        lines = (f"{fault.file or path}:{fault.line}:{fault.column}: {fault.message}" for fault in self.faults)
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The content of a file as plain values."""

    path: Path
    content: Any
    #: The line and column of every value.
    places: Mapping[Where, tuple[int, int]]
    spellings: Mapping[Where, Spelling]
    #: Anchors that an alias refers to.
    used_anchors: Collection[str]

    def fault(self, where: Where, message: str) -> FileFault:
        """Locate a fault at a value; where that is missing, at the nearest one that should contain it."""
        while where not in self.places:
            where = where[:-1]
        return FileFault(*self.places[where], printable(message))

    def refuse(self, faults: Iterable[tuple[Where, str]]) -> None:
        """Raise FaultyFileError with all of the faults, if there are any."""
        if located := [self.fault(where, message) for where, message in faults]:
            raise FaultyFileError(self.path, located)


def printable(text: str) -> str:
    """Return a text on one line, with its characters that can't be seen by their numbers."""
    return "".join(character if character.isprintable() else f"U+{ord(character):04X}" for character in text)


def read_yaml(path: Path) -> YamlFile:
    """Read a file; FaultyFileError if it doesn't exist, or is not text, or not YAML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FaultyFileError(path, [FileFault(1, 1, "There is no such file.")]) from None
    except UnicodeDecodeError as error:
        raise FaultyFileError(path, [FileFault(1, 1, "Save this file as UTF-8 text.")]) from error
    except OSError as error:
        raise FaultyFileError(path, [FileFault(1, 1, f"This file can't be read: {error.strerror}.")]) from error
    values = _read(text)
    if values.faults:
        raise FaultyFileError(
            path, [FileFault(*values.place(index), printable(message)) for index, message in values.faults]
        )
    return YamlFile(path, deepcopy(values.content), values.places, values.spellings, values.used)


@lru_cache(maxsize=64)  # as a process reads the same files again and again, and parsing one takes 50 ms
def _read(text: str) -> Values:
    """Return the values of a text, with its faults."""
    values = Values(text)
    try:
        _parse(values)
    except UnreadableError as error:
        values.faults.append((error.index, error.message))
    return values


def _parse(values: Values) -> None:
    """Read the values of a text; UnreadableError if it is not YAML."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = QuoteScanner
    try:
        values.read(yaml.parse(values.text))
    except ReaderError as error:
        message = f"Remove the character U+{error.character:04X} here: it is not allowed in text."
        raise UnreadableError(error.position, message) from error
    except MarkedYAMLError as error:
        stop, context = error.problem_mark or error.context_mark, error.context_mark
        explanation = Explanation(
            values.text,
            stop.index,
            context=context.index if context else None,
            problem=str(error.problem),
            quoted=yaml.scanner.quoted,
        )
        raise UnreadableError(*explanation.explain()) from error
    except (ValueError, OverflowError) as error:
        message = "Write the characters themselves in this text: one of its escapes is beyond Unicode."
        raise UnreadableError(yaml.scanner.opened, message) from error
