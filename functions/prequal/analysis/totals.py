"""Totals over all answers to several questions, packed into one integer, with a slot for each total.

A slot holds the number of ways to its total. Points shift the slots, and alternatives add, so that the work grows with
the options and the range of totals, and not with the pairs of totals. With slots of one bit, an integer is the set of
the totals that can be reached.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod
from operator import or_
from typing import NamedTuple

from prequal.analysis.outcomes import NOTHING, Outcomes
from prequal.core.form import Kind, Method, Question
from prequal.core.scoring import capped, worth

# Up to so many pairs of totals, pairing them is faster; and unlike slots, pairs don't mind a few very large points.
_FEW_PAIRS = 50_000
# Up to so many outcomes of a part, shifting for each is faster than one long multiplication.
_FEW_OUTCOMES = 64
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

    def totals(self, bits: int) -> Iterator[int]:
        """Yield the totals of a set of bits."""
        return (self.low + place for place, bit in enumerate(reversed(f"{bits:b}")) if bit == "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The outcomes of a part of a form that doesn't depend on the others."""

    outcomes: Outcomes
    #: The question if the part is one alone: several options are counted faster one by one.
    question: Question | None = None

    @property
    def points(self) -> Sequence[int]:
        """The points of its outcomes, and zero."""
        return [0, *(points for points, _ in self.outcomes)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """The layout of an integer with a slot for each total."""

    span: Range
    #: Bytes of a slot.
    size: int
    method: Method

    @classmethod
    def of(cls, parts: Sequence[Part], method: Method) -> Slots:
        """Return a layout that holds the ways to answer these parts."""
        every = prod(part.outcomes.total() for part in parts)
        return cls(span=range_of(parts), size=every.bit_length() // _BITS + 1, method=method)

    def pack(self, outcomes: Outcomes, *, surviving: bool = False) -> int:
        """Return the outcomes as an integer, perhaps only those that don't rule out."""
        slots = bytearray(self.span.size * self.size)
        counts: Counter[int] = Counter()
        for (points, out), count in outcomes.items():
            if not (out and surviving):
                counts[points - self.span.low] += count
        for slot, count in counts.items():
            slots[slot * self.size : (slot + 1) * self.size] = count.to_bytes(self.size, "little")
        return int.from_bytes(slots, "little")

    def unpack(self, every: int, surviving: int) -> Outcomes:
        """Return the outcomes of all ways to answer, and of those that don't rule out."""
        outcomes: Outcomes = Counter()
        for out, ways in ((False, surviving), (True, every - surviving)):
            slots = ways.to_bytes(self.span.size * self.size, "little") if ways else b""
            for slot in range(len(slots) // self.size):
                count = int.from_bytes(slots[slot * self.size : (slot + 1) * self.size], "little")
                if count:
                    outcomes[slot + self.span.low, out] = count
        return outcomes

    def extend(self, ways: int, part: Part, *, surviving: bool = False) -> int:
        """Return the number of ways to each total with one more part, perhaps without the answers that rule out."""
        question, width = part.question, self.size * _BITS
        if question and question.kind is Kind.MANY:
            worths = [worth(it, self.method) for it in question.options if it.rules_out is None or not surviving]
            most = sum(points for points in worths if points > 0)
            if capped(question, most, self.method) == most:
                chosen = ways
                for points in worths:  # each option doubles the ways: without it, and with it
                    chosen += shifted(chosen, points * width)
                return chosen - ways if question.required else chosen
        if len(part.outcomes) <= _FEW_OUTCOMES:
            return sum(
                count * shifted(ways, points * width)
                for (points, out), count in part.outcomes.items()
                if not (out and surviving)
            )
        own = Slots(span=range_of([part]), size=self.size, method=self.method)
        return shifted(ways * own.pack(part.outcomes, surviving=surviving), own.span.low * width)


def range_of(parts: Iterable[Part]) -> Range:
    """Return the range of the totals of several parts."""
    points = [part.points for part in parts]
    return Range(sum(map(min, points)), sum(map(max, points)))


def outcomes_together(parts: Sequence[Part], method: Method, few_pairs: int = _FEW_PAIRS) -> Outcomes:
    """Return the outcomes of several parts together, by at most so many pairs a part, else by slots."""
    together: Outcomes = Counter([NOTHING])
    for part in parts:
        if len(together) * len(part.outcomes) > few_pairs:
            slots = Slots.of(parts, method)
            every = surviving = slots.pack(Counter([NOTHING]))
            for each in parts:
                every, surviving = slots.extend(every, each), slots.extend(surviving, each, surviving=True)
            return slots.unpack(every, surviving)
        together = convolve(together, part.outcomes)
    return together


def convolve(some: Outcomes, others: Outcomes) -> Outcomes:
    """Return the outcomes of two parts of a form together, pair by pair."""
    ways: dict[tuple[int, bool], int] = defaultdict(int)  # faster than a Counter where most keys are new
    for (points, out), count in some.items():
        for (more, also_out), times in others.items():
            ways[points + more, out or also_out] += count * times
    return Counter(ways)


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


def reach_of_others(parts: Sequence[Collection[int]], beside: int) -> Iterator[int]:
    """Yield for each part the totals that all the others can reach, together with those `beside`, as bits."""
    if len(parts) > 1:  # in halves, so that the sums which many parts share are made once
        half = len(parts) // 2
        yield from reach_of_others(parts[:half], reduce(sums, parts[half:], beside))
        yield from reach_of_others(parts[half:], reduce(sums, parts[:half], beside))
    elif parts:
        yield beside


def sums(totals: int, points: Collection[int]) -> int:
    """Return the totals, as bits, that are the sum of one of these and some of these points."""
    return reduce(or_, (shifted(totals, each) for each in points), 0) if totals else 0
