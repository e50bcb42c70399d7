"""Edits of the form file that change points, caps and thresholds only: comments, order and layout stay as they are.

ruamel.yaml gives the position of each value, and the new one is written over it. The result is read again and compared,
so that a file in an unforeseen style is refused instead of damaged.
"""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from prequal.calibration.columns import scored_questions
from prequal.calibration.design import choice_name
from prequal.calibration.grades import TOO_FEW_TOTALS
from prequal.calibration.pipeline import Calibration
from prequal.core.errors import PrequalError
from prequal.core.form import Method

if TYPE_CHECKING:
    from ruamel.yaml.comments import CommentedMap

_NUMBER = re.compile(r"-?\d+")


class UnwritableError(PrequalError):
    """Raised when points can't be written into a form file; the file is unchanged."""


class _PositionError(Exception):
    """Raised when the position of a value is unknown."""


def edit_form(path: Path, calibration: Calibration) -> tuple[str, str]:
    """Return the file's present text, and the text with the new points, grades and minimums.

    Raises:
        UnwritableError: the form counts traits, the points give too few totals for three grades, or the form is written
            in a way that only a person can change.
    """
    if calibration.form.scoring.method is Method.TRAITS:
        raise UnwritableError("This form counts desired answers, not points: set scoring.method to points first.")
    if calibration.learning and calibration.learning.thresholds is None:
        raise UnwritableError(f"{path} was left as it is. {TOO_FEW_TOTALS}")
    before = path.read_bytes().decode("utf-8")  # with its line ends
    try:
        return before, _edit(before, calibration)
    except (_PositionError, YAMLError):
        raise UnwritableError(
            f"{path} writes its points in a way that only you can change, such as an anchor that questions share: "
            "it was left as it is."
        ) from None


def unified_diff(path: Path, before: str, after: str) -> str:
    """Return the changes as `diff -u` shows them."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), str(path), f"{path} (new)", lineterm="")
    return "\n".join(lines)


def _edit(before: str, calibration: Calibration) -> str:
    edits: dict[int, tuple[int, str]] = {}
    # As YAML counts lines.
    starts = [0, *(match.end() for match in re.finditer("\r\n|[\r\n\x85\u2028\u2029]", before))]
    document, expected = _load(before), _load(before)
    for mapping, key, value in _changes(document, calibration):
        start, end, text = _replacement(before, starts, mapping, key, value)
        if edits.setdefault(start, (end, text)) != (end, text):
            raise _PositionError
    after = before
    for start, (end, text) in sorted(edits.items(), reverse=True):
        after = after[:start] + text + after[end:]
    for mapping, key, value in _changes(expected, calibration):
        mapping[key] = value
    if _load(after) != expected:
        raise _PositionError
    return after


def _load(text: str) -> CommentedMap:
    document: CommentedMap = YAML().load(io.StringIO(text))
    return document


def _changes(document: CommentedMap, calibration: Calibration) -> Iterator[tuple[CommentedMap, str, int]]:
    """Return the mapping, the key and the new number of every value that changes."""
    new = calibration.learning.thresholds if calibration.learning else None
    if new is None:
        return
    values: list[tuple[CommentedMap, str, int]] = []
    nodes = {node["id"]: node for node in document["questions"]}
    for question in scored_questions(calibration.form):
        node, points = nodes[question.id], calibration.points.get(question.id, {})
        for choice, of_choice in zip(question.choices, node.get("options") or node["bands"], strict=True):
            if points or not choice.rules_out:
                values.append((of_choice, "points", points.get(choice_name(question, choice), 0)))
        if question.id in calibration.caps:
            values.append((node, "max_points", calibration.caps[question.id]))
    grades, minimum = document["scoring"]["grades"], document["scoring"].get("minimum")
    values += [(grades, grade.value, total) for grade, total in new.grades.items()]
    values += [(minimum, axis.value, subtotal) for axis, subtotal in new.minimum.items()]
    for mapping, key, value in values:
        if mapping.get(key, 0 if key == "points" else None) != value:
            yield mapping, key, value


def _replacement(text: str, starts: Sequence[int], mapping: CommentedMap, key: str, value: int) -> tuple[int, int, str]:
    """Return start, end and text of an edit: it replaces the present value, or else inserts the key before another."""

    def offset(position: tuple[int, int]) -> int:
        line, column = position
        return starts[line] + column

    positions = mapping.lc.data or {}
    if key in mapping:
        number = _NUMBER.match(text, offset(mapping.lc.value(key))) if key in positions else None
        if number is None:  # an anchor, or a value from elsewhere
            raise _PositionError
        return number.start(), number.end(), str(value)
    entry = f'"{key}": {value}' if text.lstrip().startswith("{") else f"{key}: {value}"  # JSON is YAML too
    keys = [name for name in mapping if name in positions]
    if not keys:
        start = offset((mapping.lc.line, mapping.lc.col))
        return start, start + len("{}"), f"{{{entry}}}"
    flow = mapping.fa.flow_style()
    line, column = mapping.lc.key(keys[0 if flow else min(1, len(keys) - 1)])  # the first of a block may follow a dash
    start = offset((line, column))
    line_end = "\r\n" if "\r\n" in text else "\n"
    return start, start, f"{entry}, " if flow else f"{entry}{line_end}{' ' * column}"
