"""Totals of an axis, counted in the slots of one integer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from random import Random
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prequal.analysis.outcomes import Outcomes, outcomes_of
from prequal.analysis.totals import Part, Range, below, convolve, outcomes_together, range_of, reach_of_others
from prequal.core.form import Axis, Form, form_from
from support import builders
from unit import strategies

_QUESTIONS = _OPTIONS = 12


@contextmanager
def at_most_lines(number: int) -> Iterator[None]:
    """Raise AssertionError as soon as a block runs more lines of Python than that."""
    lines = 0

    def count(_frame: FrameType, event: str, _argument: object) -> Callable[..., Any]:
        nonlocal lines
        lines += event == "line"
        assert lines <= number
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)


def large_form(most: int, **changes: Any) -> Form:
    """Return a form of one axis, with as many different totals as its points allow."""
    random = Random(1)  # noqa: S311, it keeps no secret
    points = [[random.randint(-most, most) for _ in range(_OPTIONS)] for _ in range(_QUESTIONS)]
    questions = [
        {
            "id": f"question-{number}",
            "type": "many",
            "axis": "fit",
            "label": "?",
            "options": [{"id": f"option-{index}", "label": "!", "points": each} for index, each in enumerate(worths)],
            **changes,
        }
        for number, worths in enumerate(points)
    ]
    questions[0]["options"][0]["rules_out"] = "No"
    return form_from({**builders.document(), "questions": questions})


def parts_of(form: Form, axis: Axis) -> Sequence[Part]:
    """Return the questions of an axis as parts of a form."""
    return [
        Part(outcomes=outcomes_of(question, form.scoring.method), question=question)
        for question in form.questions
        if question.axis is axis
    ]


@given(strategies.forms())
def test_slots_equal_pairs(form: Form) -> None:
    """Counting in slots gives exactly the outcomes of pairing those of each question with all the others'."""
    method = form.scoring.method
    for axis in Axis:
        parts = parts_of(form, axis)
        without = [Part(outcomes=part.outcomes) for part in parts]

        by_slots = [outcomes_together(each, method, few_pairs=0) for each in (parts, without)]

        outcomes = [part.outcomes for part in parts]
        assert by_slots == [reduce(convolve, outcomes, outcomes_together([], method))] * 2


@pytest.mark.parametrize("changes", [{"required": False}, {"max_points": 300}], ids=str)
def test_the_work_does_not_grow_with_pairs_of_totals(changes: dict[str, Any]) -> None:
    """Twelve questions with 4,096 answers each and large points are counted exactly; pairs would be 10⁹."""
    form = large_form(1000 if not changes.get("max_points") else 100, **changes)
    parts = parts_of(form, Axis.FIT)

    with at_most_lines(3_000_000):
        together = outcomes_together(parts, form.scoring.method)
        points = [{points for points, _ in part.outcomes} for part in parts]
        reaches = list(reach_of_others(points, range_of(parts).bits([0])))

    ways = 2**_OPTIONS - form.questions[0].required
    assert together.total() == ways**_QUESTIONS
    assert sum(count for (_, out), count in together.items() if out) == 2 ** (_OPTIONS - 1) * ways ** (_QUESTIONS - 1)
    assert _points(together) == sum(_points(part.outcomes) for part in parts) * ways ** (_QUESTIONS - 1)
    assert len(reaches) == _QUESTIONS


def _points(outcomes: Outcomes) -> int:
    return sum(points * count for (points, _), count in outcomes.items())


@given(st.sets(st.integers(-20, 20)), st.integers(0, 50))
def test_positions_below(totals: set[int], distance: int) -> None:
    """A position is below if a total is above it, and not further than the distance."""
    span = Range(-20, 20)
    near = {place for place in range(-20, 21) if any(place < total <= place + distance for total in totals)}

    assert below(span.bits(totals), distance) == span.bits(near)


def test_totals_beyond_the_range_are_left_out() -> None:
    """A set of bits has no total outside its range, and can be read again."""
    assert list(Range(-3, 1).totals(Range(-3, 1).bits([1, -3, 0]))) == [-3, 0, 1]
    assert Range(-1, 1).bits([-2, -1, 1, 2]) == Range(-1, 1).bits([-1, 1]) == 0b101
