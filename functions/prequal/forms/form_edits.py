"""Edits of the form file that change points, caps and thresholds only: comments, order and layout stay as they are.

ruamel.yaml gives the position of each value, and the new one is written over it. The result is read again and compared,
so that a file in an unforeseen style is refused instead of damaged.
"""

from __future__ import annotations

import difflib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import YAMLError

from prequal.analysis.adjustments import DEFAULTS, MINIMUM, Value
from prequal.analysis.faults import Where
from prequal.core.errors import PrequalError
from prequal.files import temporary_folder
from prequal.forms.examples import failing_examples
from prequal.forms.form_check import check_form

if TYPE_CHECKING:
    from ruamel.yaml.comments import CommentedMap

# A day, a number, or one of our words, perhaps in quotes, which stay.
_VALUE = re.compile(r"""(?P<quote>["']?)(?P<value>\d{4}-\d\d-\d\d|-?\d+|[a-z]+)(?P=quote)""")
_FLOW_MAPPING = re.compile(r"\{[^{}#]*\}")


class UnwritableError(PrequalError):
    """Raised when values can't be written into a form file; the file is unchanged."""


class _PositionError(Exception):
    """Raised when the position of a value is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A value that changes."""

    holder: CommentedMap
    key: str
    #: A mapping stands for all the minimums; None removes the key.
    value: Value | dict[str, Value] | None


def edit_form(path: Path, values: Mapping[Where, Value | None]) -> tuple[str, str]:
    """Return the file's present text, and the text with these values by their places; None removes one.

    Raises:
        UnwritableError: the form is written in a way that only a person can change.
    """
    before = path.read_bytes().decode("utf-8")  # with its line ends
    try:
        return before, _edit(before, values)
    except (_PositionError, YAMLError):
        raise UnwritableError(
            f"{path} writes its points in a way that only you can change, such as an anchor that questions share: "
            "it was left as it is."
        ) from None


def unified_diff(path: Path, before: str, after: str) -> str:
    """Return the changes as `diff -u` shows them."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), str(path), f"{path} (new)", lineterm="")
    return "\n".join(lines)


def find_new_errors(path: Path, after: str) -> tuple[Sequence[str], Sequence[str]]:
    """Return the errors that `prequal check` would find in this text and not in the file: of rules, and of examples."""
    with temporary_folder() as folder:
        new = folder / path.name
        new.write_bytes(after.encode())
        found = check_form(new)
    old = {fault.message for fault in check_form(path).errors}
    messages = [fault.message for fault in found.errors if fault.message not in old]
    # Examples are the owner's opinion, as points are: the owner chooses which to change.
    examples = {message for _, message in failing_examples(found.analysis)} if found.analysis else set()
    return (
        [message for message in messages if message not in examples],
        [message for message in messages if message in examples],
    )


def _edit(before: str, values: Mapping[Where, Value | None]) -> str:
    edits: dict[int, tuple[int, str]] = {}
    # As YAML counts lines.
    starts = [0, *(match.end() for match in re.finditer("\r\n|[\r\n\x85\u2028\u2029]", before))]
    document, expected = _load(before), _load(before)
    for change in _changes(document, values):
        start, end, text = _replacement(before, starts, change)
        if start == end and start in edits and edits[start] != (end, text):  # two keys before the same one
            text += edits.pop(start)[1]
        if edits.setdefault(start, (end, text)) != (end, text):
            raise _PositionError
    after = before
    for start, (end, text) in sorted(edits.items(), reverse=True):
        after = after[:start] + text + after[end:]
    for change in _changes(expected, values):
        if change.value is None:
            del change.holder[change.key]
        else:
            change.holder[change.key] = change.value
    if _load(after) != expected:
        raise _PositionError
    return after


class _Constructor(RoundTripConstructor):
    """Constructor of values that leaves a day as it is written."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_yaml_str)


def _load(text: str) -> CommentedMap:
    yaml = YAML()
    yaml.Constructor = _Constructor
    document: CommentedMap = yaml.load(io.StringIO(text))
    return document


def _changes(document: CommentedMap, values: Mapping[Where, Value | None]) -> Iterator[_Change]:
    """Yield every value that changes; the minimums together, if other ones are left."""
    minimum = document["scoring"].get("minimum", {})
    wanted = {**minimum, **{str(where[-1]): least for where, least in values.items() if where[:-1] == MINIMUM}}
    left = {axis: least for axis, least in wanted.items() if least is not None}
    if left.keys() != minimum.keys():
        yield _Change(holder=document["scoring"], key="minimum", value=left)
    for where, value in values.items():
        if where[:-1] == MINIMUM and (value is None or left.keys() != minimum.keys()):
            continue
        holder: Any = document
        for part in where[:-1]:
            holder = holder[part]
        key = str(where[-1])
        if holder.get(key, DEFAULTS.get(key)) != value:
            yield _Change(holder=holder, key=key, value=value)


def _replacement(text: str, starts: Sequence[int], change: _Change) -> tuple[int, int, str]:
    """Return start, end and text of an edit: a value replaced, removed, or inserted before another."""
    mapping, key = change.holder, change.key
    is_json = text.lstrip().startswith("{")  # JSON is YAML too

    def offset(position: tuple[int, int]) -> int:
        line, column = position
        return starts[line] + column

    def span(holder: CommentedMap, name: str) -> tuple[int, int]:
        found = _VALUE.match(text, offset(holder.lc.value(name))) if name in (holder.lc.data or {}) else None
        if found is None:  # an anchor, or a value from elsewhere
            raise _PositionError
        return found.span("value")

    positions = mapping.lc.data or {}
    if key in mapping and isinstance(change.value, dict):
        start = offset(mapping.lc.value(key)) if key in positions else len(text)
        flow = _FLOW_MAPPING.match(text, start)
        end = flow.end() if flow else max(span(mapping[key], name)[1] for name in mapping[key])
        if "#" in text[start:end]:
            raise _PositionError
        return start, end, _written(change.value, is_json=is_json)
    if key in mapping and change.value is None:
        return _removal(text, offset(mapping.lc.key(key)), span(mapping, key)[1])
    if key in mapping:
        return (*span(mapping, key), _written(change.value, is_json=False))
    entry = f"{_written(key, is_json=is_json)}: {_written(change.value, is_json=is_json)}"
    keys = [name for name in mapping if name in positions]
    if not keys:
        start = offset((mapping.lc.line, mapping.lc.col))
        return start, start + len("{}"), f"{{{entry}}}"
    in_flow = mapping.fa.flow_style()
    line, column = mapping.lc.key(keys[0 if in_flow else min(1, len(keys) - 1)])  # a block's first may follow a dash
    start = offset((line, column))
    line_end = "\r\n" if "\r\n" in text else "\n"
    return start, start, f"{entry}, " if in_flow else f"{entry}{line_end}{' ' * column}"


def _removal(text: str, start: int, end: int) -> tuple[int, int, str]:
    """Return the edit that removes an entry: with its comma, or with its line and the comment on it."""
    if comma := re.compile(r"\s*,\s*").match(text, end):
        return start, comma.end(), ""
    if before := re.search(r",\s*$", text[:start]):
        return before.start(), end, ""
    line_start = max(text.rfind(line_end, 0, start) for line_end in "\r\n") + 1
    line = re.compile(r"[ \t]*(#[^\r\n]*)?(\r\n|[\r\n]|$)").match(text, end)
    if text[line_start:start].strip() or not line:
        raise _PositionError
    return line_start, line.end(), ""


def _written(value: object, *, is_json: bool) -> str:
    """Return a value in JSON, or in YAML without quotes."""
    if isinstance(value, dict) and not is_json:
        return "{" + ", ".join(f"{key}: {_written(each, is_json=False)}" for key, each in value.items()) + "}"
    return value if isinstance(value, str) and not is_json else json.dumps(value)
