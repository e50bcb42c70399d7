"""YAML files as plain values, with the place of each.

YAML is read as version 1.2: `no` is Norwegian and `on` a word, not false and true.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarbool import ScalarBoolean

from prequal.core.errors import PrequalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Where: TypeAlias = "tuple[str | int, ...]"
"""The keys and positions that lead to a value in a document."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong in a file, and what to do. `line` and `column` count from 1."""

    line: int
    column: int
    message: str


class FaultyFileError(PrequalError):
    """A file of the owner's has faults: all of them, in the order of its lines."""

    def __init__(self, path: Path, faults: Iterable[Fault]) -> None:
        self.path = path
        self.faults: Sequence[Fault] = sorted(set(faults))
        super().__init__("\n".join(f"{path}:{fault.line}:{fault.column}: {fault.message}" for fault in self.faults))


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file's content as plain values, and where in the file each of them is."""

    path: Path
    content: Any
    places: dict[Where, tuple[int, int]]

    def fault(self, where: Where, message: str) -> Fault:
        """Return a fault at the place of a value, or of what holds it when it isn't in the file."""
        while where not in self.places:
            where = where[:-1]
        return Fault(*self.places[where], message)


def read_yaml(path: Path) -> YamlFile:
    """Read a file.

    Raises:
        FaultyFileError: it is not there, not text, or not YAML.

    """
    try:
        parsed = YAML().load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FaultyFileError(path, [Fault(1, 1, "There is no such file.")]) from None
    except UnicodeDecodeError as error:
        raise FaultyFileError(path, [Fault(1, 1, "Save this file as UTF-8 text.")]) from error
    except OSError as error:
        raise FaultyFileError(path, [Fault(1, 1, f"This file can't be read: {error.strerror}.")]) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise FaultyFileError(path, [Fault(line, column, f"This is not YAML: {error.problem}.")]) from error
    except YAMLError as error:
        raise FaultyFileError(path, [Fault(1, 1, f"This is not YAML: {error}.")]) from error
    except RecursionError as error:
        raise FaultyFileError(path, [Fault(1, 1, "This nests too deeply to be read.")]) from error
    except ValueError as error:  # of a date without such a day, or a number without end
        raise FaultyFileError(path, [Fault(1, 1, f"A value can't be read: {error}. Put it in quotes.")]) from error
    places: dict[Where, tuple[int, int]] = {(): (1, 1)}
    return YamlFile(path, _plain(parsed, (), places), places)


def _plain(node: object, where: Where, places: dict[Where, tuple[int, int]]) -> Any:  # noqa: ANN401, any YAML value
    """Return a node as plain values, and note the place of every value in it."""
    if isinstance(node, CommentedMap):
        mapping = {}
        for key, value in node.items():
            name = str(key)
            line, column = node.lc.key(key) if key in (node.lc.data or {}) else (node.lc.line, node.lc.col)
            places[*where, name] = (line + 1, column + 1)
            mapping[name] = _plain(value, (*where, name), places)
        return mapping
    if isinstance(node, CommentedSeq):
        items = []
        for index, item in enumerate(node):
            line, column = node.lc.item(index)
            places[*where, index] = (line + 1, column + 1)
            items.append(_plain(item, (*where, index), places))
        return items
    if isinstance(node, ScalarBoolean):  # one with an anchor
        return bool(node)
    if isinstance(node, float) and node.is_integer():  # 5.0 is a whole number to JSON Schema, and so to us
        return int(node)
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return None if node is None else str(node)
