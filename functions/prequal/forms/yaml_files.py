"""YAML files as plain values, with the line and column of each, and their validation.

Files are read as YAML 1.2, in which `no` (Norwegian) and `on` are strings, not booleans, and a date stays a string. The
JSON Schemas in schema/ have an `errorMessage`, which says what to do about a broken rule.
"""

import difflib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scalarbool import ScalarBoolean
from ruamel.yaml.scanner import RoundTripScanner

from prequal.core.errors import PrequalError
from prequal.resources import SCHEMA

Where: TypeAlias = "tuple[str | int, ...]"
"""The path of a value in a document: keys and list positions."""

Faults: TypeAlias = "Iterator[tuple[Where, str]]"
"""Faults of a document: the path of a value, and a sentence that says what to do about it."""


@dataclass(frozen=True, slots=True, order=True)
class FileFault:
    """A fault in a file, and what to do about it. Line and column count from 1."""

    line: int
    column: int
    message: str


class FaultyFileError(PrequalError):
    """Raised when a file of the owner's has faults: all of them, by line."""

    def __init__(self, path: Path, faults: Iterable[FileFault]) -> None:
        self.path = path
        self.faults: Sequence[FileFault] = sorted(set(faults))
        super().__init__("\n".join(f"{path}:{fault.line}:{fault.column}: {fault.message}" for fault in self.faults))


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The content of a file as plain values."""

    path: Path
    content: Any
    #: The line and column of every value.
    places: dict[Where, tuple[int, int]]

    def fault(self, where: Where, message: str) -> FileFault:
        """Locate a fault at a value; where that is missing, at the nearest one that should contain it."""
        while where not in self.places:
            where = where[:-1]
        return FileFault(*self.places[where], message)

    def refuse(self, faults: Iterable[tuple[Where, str]]) -> None:
        """Raise FaultyFileError with all of the faults, if there are any."""
        if located := [self.fault(where, message) for where, message in faults]:
            raise FaultyFileError(self.path, located)


def read_yaml(path: Path) -> YamlFile:
    """Read a file; FaultyFileError if it doesn't exist, or is not text, or not YAML."""
    yaml = YAML()
    yaml.Constructor, yaml.Scanner = _Constructor, _Scanner
    try:
        text = path.read_text(encoding="utf-8")
        parsed = yaml.load(text)
    except FileNotFoundError:
        raise FaultyFileError(path, [FileFault(1, 1, "There is no such file.")]) from None
    except UnicodeDecodeError as error:
        raise FaultyFileError(path, [FileFault(1, 1, "Save this file as UTF-8 text.")]) from error
    except OSError as error:
        raise FaultyFileError(path, [FileFault(1, 1, f"This file can't be read: {error.strerror}.")]) from error
    except ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"Remove the character U+{error.character:04X} here: it is not allowed in text."
        raise FaultyFileError(path, [FileFault(line, column, message)]) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = " ".join(str(error.problem).split())
        message = problem if isinstance(error, _UnreadableError) else f"This is not YAML: {problem}."
        raise FaultyFileError(path, [FileFault(line, column, message)]) from error
    except RecursionError as error:
        raise FaultyFileError(path, [FileFault(1, 1, "This is nested too deeply to be read.")]) from error
    places: dict[Where, tuple[int, int]] = {(): (1, 1)}
    return YamlFile(path, _plain(parsed, (), places), places)


class _UnreadableError(MarkedYAMLError):
    """Raised when a value can't be read; its `problem` is a sentence that says what to do."""


class _Scanner(RoundTripScanner):
    """Scanner that refuses versions of YAML other than 1.1 and 1.2."""

    def scan_yaml_directive_value(self, start_mark: Any) -> Any:  # noqa: ANN401, as ruamel has it
        version = super().scan_yaml_directive_value(start_mark)
        if version not in ((1, 1), (1, 2)):
            raise _UnreadableError(None, None, "Write %YAML 1.2 here, or leave this line out.", start_mark)
        return version


class _Constructor(RoundTripConstructor):
    """Constructor that reports every value that can't be built at its place."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002, as ruamel has it
        if not isinstance(node, ScalarNode):
            return super().construct_object(node, deep)
        try:
            # JSON escapes an emoji as a surrogate pair.
            node.value = node.value.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError as error:
            message = "Write the other half of this character too: this \\u escape is one half of a pair."
            raise _UnreadableError(None, None, message, node.start_mark) from error
        try:
            return super().construct_object(node, deep)
        except (AttributeError, LookupError, ValueError) as error:
            message = f"This can't be read as {str(node.tag).rpartition(':')[2]}: write it in quotes, without a tag."
            raise _UnreadableError(None, None, message, node.start_mark) from error


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_scalar)


def _plain(node: Any, where: Where, places: dict[Where, tuple[int, int]]) -> Any:  # noqa: ANN401, any YAML value
    """Convert a node to plain values, and record the place of every value in it."""

    def child(key: str | int, value: object, place: tuple[int, int] | None) -> Any:  # noqa: ANN401, any YAML value
        line, column = place or (node.lc.line, node.lc.col)
        places[*where, key] = (line + 1, column + 1)
        return _plain(value, (*where, key), places)

    if isinstance(node, CommentedMap):
        known = node.lc.data or {}
        return {
            str(key): child(str(key), item, node.lc.key(key) if key in known else None) for key, item in node.items()
        }
    if isinstance(node, CommentedSeq):
        return [child(index, item, node.lc.item(index)) for index, item in enumerate(node)]
    if isinstance(node, ScalarBoolean):  # one with an anchor
        return bool(node)
    if isinstance(node, float) and node.is_integer():  # 5.0 is an integer to JSON Schema, and so here
        return int(node)
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return None if node is None else str(node)


@cache
def load_schema(name: str) -> dict[str, Any]:
    """Read one of the schemas: `form` or `content`."""
    schema: dict[str, Any] = json.loads((SCHEMA / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


def schema_faults(name: str, document: object) -> Faults:
    """Yield every place at which a document breaks a schema, with its message."""
    schema = load_schema(name)
    for error in Draft202012Validator(schema).iter_errors(document):
        where = tuple(error.absolute_path)
        rule: Any = error.schema
        match error.validator:
            case "required":
                # Each missing key has an error of its own, but only its message names the key. Duplicates don't matter:
                # FaultyFileError has each fault once.
                for key in set(rule["required"]) - error.instance.keys():
                    yield (*where, key), f"Add {key}, which is missing here."
            case "dependentRequired":
                yield where, "A number that is scored has both axis and bands: add the other, or leave both out."
            case "additionalProperties":
                known = rule["properties"].keys()
                for key in error.instance.keys() - known:
                    yield (*where, key), unknown_key(key, known)
            case "enum" if "propertyNames" in error.absolute_schema_path:
                message = unknown_key(error.instance, rule["enum"])
                if error.instance in schema["$defs"]["question"]["properties"]:
                    message = f"{error.instance} is not for this type of question: remove it, or change the type."
                yield (*where, error.instance), message
            case _ if "propertyNames" in error.absolute_schema_path:
                yield (*where, error.instance), rule["errorMessage"]
            case _:
                yield where, rule["errorMessage"]


def unknown_key(key: str, known: Collection[str]) -> str:
    """Return the message for a key that isn't known, with the one that it resembles."""
    close = difflib.get_close_matches(key, known, n=1)
    return f"{key} is not known here: did you mean {close[0]}?" if close else f"{key} is not known here: remove it."
