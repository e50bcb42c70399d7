"""Totals of an axis over all answers to its questions, packed into one integer, with a slot for each total.

A slot holds the number of ways to its total. Points shift the slots, and alternatives add, so that the work grows with
the options and the range of totals, and not with the pairs of totals. With slots of one bit, an integer is the set of
the totals that can be reached.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from math import prod
from operator import or_
from typing import NamedTuple, TypeAlias

from prequal.core.form import Axis, Form, Kind, Method, Question
from prequal.core.scoring import capped, worth
from prequal.forms.outcomes import NOTHING, Outcomes, convolve, outcomes_of

Reach: TypeAlias = "Mapping[bool, int]"
"""The totals that can be reached as bits, by whether an answer rules out."""

# Up to so many pairs of totals, pairing them is faster; and unlike slots, pairs don't mind a few very large points.
_FEW_PAIRS = 50_000
_BITS = 8


class Range(NamedTuple):
    """The range of totals, with zero in it, so that no partial sum is outside."""

    low: int
    high: int

    @property
    def size(self) -> int:
        """Return the number of totals."""
        return self.high - self.low + 1

    def bits(self, totals: Iterable[int]) -> int:
        """Return a set of totals as bits, without those outside the range."""
        slots = bytearray(self.size // _BITS + 1)
        for total in totals:
            if self.low <= total <= self.high:
                byte, bit = divmod(total - self.low, _BITS)
                slots[byte] |= 1 << bit
        return int.from_bytes(slots, "little")


def range_of(parts: Iterable[Outcomes]) -> Range:
    """Return the range of the totals of several questions."""
    points = [[0, *(points for points, _ in part)] for part in parts]
    return Range(sum(map(min, points)), sum(map(max, points)))


def outcomes_by_axis(form: Form) -> Mapping[Axis, Outcomes]:
    """Return the outcomes of all questions of each axis together."""
    method = form.scoring.method
    return {
        axis: outcomes_together([question for question in form.questions if question.axis is axis], method)
        for axis in Axis
    }


def outcomes_together(questions: Sequence[Question], method: Method, few_pairs: int = _FEW_PAIRS) -> Outcomes:
    """Return the outcomes of several questions together, by at most so many pairs a question, else by slots."""
    parts = [outcomes_of(question, method) for question in questions]
    together: Outcomes = Counter([NOTHING])
    for part in parts:
        if len(together) * len(part) > few_pairs:
            return _count_by_slots(questions, parts, method)
        together = convolve(together, part)
    return together


def _count_by_slots(questions: Sequence[Question], parts: Sequence[Outcomes], method: Method) -> Outcomes:
    span = range_of(parts)
    size = prod(part.total() for part in parts).bit_length() // _BITS + 1  # in bytes
    every = surviving = 1 << -span.low * size * _BITS
    for question, part in zip(questions, parts, strict=True):
        every = _with_question(every, question, part, method, size)
        surviving = _with_question(surviving, question, part, method, size, only_surviving=True)
    together: Outcomes = Counter()
    for out, ways in ((False, surviving), (True, every - surviving)):
        slots = ways.to_bytes(span.size * size, "little")
        for slot in range(span.size):
            count = int.from_bytes(slots[slot * size : (slot + 1) * size], "little")
            if count:
                together[slot + span.low, out] = count
    return together


def _with_question(  # noqa: PLR0913, one question's values
    ways: int, question: Question, part: Outcomes, method: Method, size: int, *, only_surviving: bool = False
) -> int:
    """Return the number of ways to each total with one more question, perhaps without the answers that rule out."""
    worths = [worth(it, method) for it in question.options if it.rules_out is None or not only_surviving]
    most = sum(points for points in worths if points > 0)
    if question.kind is Kind.MANY and capped(question, most, method) == most:
        chosen = ways
        for points in worths:  # each option doubles the ways: without it, and with it
            chosen += shifted(chosen, points * size * _BITS)
        return chosen - ways if question.required else chosen
    low, high = range_of([part])
    slots = [0] * (high - low + 1)
    for (points, out), count in part.items():
        if not (out and only_surviving):
            slots[points - low] += count
    factor = int.from_bytes(b"".join(count.to_bytes(size, "little") for count in slots), "little")
    return shifted(ways * factor, low * size * _BITS)


def shifted(bits: int, places: int) -> int:
    """Return an integer with its bits moved up by a number of places, or down if it is negative."""
    return bits << places if places >= 0 else bits >> -places


def below(bits: int, distance: int) -> int:
    """Return the positions from which a set bit is above, at most so far away."""
    reached, so_far = (bits >> 1, 1) if distance else (0, 0)
    while so_far < distance:
        step = min(so_far, distance - so_far)
        reached |= reached >> step
        so_far += step
    return reached


def reach_of_others(parts: Sequence[Outcomes], beside: Reach) -> Iterator[Reach]:
    """Yield for each question the totals that all the others can reach, together with those `beside`."""
    if len(parts) > 1:  # in halves, so that the sums which many questions share are made once
        half = len(parts) // 2
        yield from reach_of_others(parts[:half], reduce(_extend, parts[half:], beside))
        yield from reach_of_others(parts[half:], reduce(_extend, parts[:half], beside))
    elif parts:
        yield beside


def _extend(reach: Reach, part: Outcomes) -> Reach:
    """Add one question to what others can reach."""
    surviving, ruling_out = ([points for points, out in part if out is ruled_out] for ruled_out in (False, True))
    return {
        False: _sums(reach[False], surviving),
        True: _sums(reach[True], {*surviving, *ruling_out}) | _sums(reach[False], ruling_out),
    }


def _sums(totals: int, points: Collection[int]) -> int:
    return reduce(or_, (shifted(totals, each) for each in points), 0) if totals else 0
