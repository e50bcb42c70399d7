"""Changing the points in the form file, and nothing else in it: comments, order and layout stay as they are.

ruamel.yaml says where each value stands; the new one is written over it. What came of it is read again and compared, so
that a file written in a way that this can't follow is refused, not damaged.
"""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from prequal.calibration.calibrating import Calibration
from prequal.calibration.columns import scored
from prequal.calibration.design import name_of
from prequal.calibration.grades import TOO_ALIKE
from prequal.core.errors import PrequalError
from prequal.core.form import Band, Grade, Method, Option
from prequal.files import write_atomically

if TYPE_CHECKING:
    from ruamel.yaml.comments import CommentedMap

_NUMBER = re.compile(r"-?\d+")


class UnwritableError(PrequalError):
    """The points can't be written into this file."""


class _LostError(Exception):
    """The place of a value can't be told."""


def rewritten(path: Path, calibration: Calibration) -> tuple[str, str]:
    """Return the file's text as it is, and with the new points, grades and minimums.

    Raises:
        UnwritableError: the form counts traits, the points come to too few totals for three grades, or the form is
            written in a way that only a person can change.

    """
    if calibration.form.scoring.method is Method.TRAITS:
        raise UnwritableError("This form counts desired answers, not points: set scoring.method to points first.")
    if calibration.learning and calibration.learning.thresholds is None:
        raise UnwritableError(f"{path} was left as it is. {TOO_ALIKE}")
    before = path.read_bytes().decode("utf-8")  # with its line ends
    try:
        after = _edited(before, calibration)
    except (_LostError, YAMLError):
        raise UnwritableError(
            f"{path} writes its points in a way that only you can change, as with an anchor that questions share: "
            "it was left as it is."
        ) from None
    return before, after


def difference(path: Path, before: str, after: str) -> str:
    """Return what changes, as `diff -u` shows it."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), str(path), f"{path} (new)", lineterm="")
    return "\n".join(lines)


def save(path: Path, text: str) -> None:
    """Write the file, all of it or nothing."""
    write_atomically(path, text)


def _edited(before: str, calibration: Calibration) -> str:
    edits: dict[int, tuple[int, str]] = {}
    lines = _starts(before)
    for mapping, key, value in _changes(_read(before), calibration):
        start, end, text = _edit(before, lines, mapping, key, value)
        if edits.setdefault(start, (end, text)) != (end, text):
            raise _LostError
    after = before
    for start, (end, text) in sorted(edits.items(), reverse=True):
        after = after[:start] + text + after[end:]
    if _read(after) != _expected(before, calibration):
        raise _LostError
    return after


def _read(text: str) -> CommentedMap:
    document: CommentedMap = YAML().load(io.StringIO(text))
    return document


def _expected(before: str, calibration: Calibration) -> Any:  # noqa: ANN401, a document
    document = _read(before)
    for mapping, key, value in _changes(document, calibration):
        mapping[key] = value
    return document


def _changes(document: CommentedMap, calibration: Calibration) -> Iterator[tuple[CommentedMap, str, int]]:
    """Return every value that is another now, with what holds it and its key."""
    new = calibration.learning.thresholds if calibration.learning else None
    if new is None:
        return
    nodes = {node["id"]: node for node in document["questions"]}
    for question in scored(calibration.form):
        node, points = nodes[question.id], calibration.points.get(question.id, {})
        choices: Sequence[Option | Band] = question.options or question.bands
        for choice, written in zip(choices, node["options" if question.options else "bands"], strict=True):
            if points or not (isinstance(choice, Option) and choice.rules_out):
                yield from _change(written, "points", points.get(name_of(question, choice), 0), default=0)
        if question.id in calibration.caps:
            yield from _change(node, "max_points", calibration.caps[question.id])
    scoring = document["scoring"]
    for grade, total in ((Grade.HOT, new.hot), (Grade.WARM, new.warm)):
        yield from _change(scoring["grades"], grade.value, total)
    for axis, subtotal in new.minimum.items():
        yield from _change(scoring["minimum"], axis.value, subtotal)


def _change(
    mapping: CommentedMap, key: str, value: int, default: int | None = None
) -> Iterator[tuple[CommentedMap, str, int]]:
    if mapping.get(key, default) != value:
        yield mapping, key, value


def _edit(text: str, lines: Sequence[int], mapping: CommentedMap, key: str, value: int) -> tuple[int, int, str]:
    """Return from where to where to write what: over the present value, or where there is none before another key."""
    if key in mapping:
        number = _NUMBER.match(text, _place(lines, mapping.lc.value(key))) if key in (mapping.lc.data or {}) else None
        if number is None:  # an anchor, or a value from elsewhere
            raise _LostError
        return number.start(), number.end(), str(value)
    name = f'"{key}"' if text.lstrip().startswith("{") else key  # a form may be JSON, which is YAML too
    keys = [name for name in mapping if name in (mapping.lc.data or {})]
    if not keys:
        start = _place(lines, (mapping.lc.line, mapping.lc.col))
        return start, start + len("{}"), f"{{{name}: {value}}}"
    first = _place(lines, mapping.lc.key(keys[0]))
    if mapping.fa.flow_style():
        return first, first, f"{name}: {value}, "
    line_end = "\r\n" if "\r\n" in text else "\n"
    if len(keys) == 1:
        return first, first, f"{name}: {value}{line_end}{' ' * mapping.lc.key(keys[0])[1]}"
    second = mapping.lc.key(keys[1])
    start = _place(lines, second)
    return start, start, f"{name}: {value}{line_end}{' ' * second[1]}"


def _place(lines: Sequence[int], position: tuple[int, int]) -> int:
    line, column = position
    return lines[line] + column


def _starts(text: str) -> Sequence[int]:
    """Return where each line starts, as YAML counts lines."""
    return [0, *(match.end() for match in re.finditer("\r\n|[\r\n\x85\u2028\u2029]", text))]
