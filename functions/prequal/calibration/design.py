"""Past clients as a matrix: a column for every answer that can have points, a row a client."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import numpy as np

from prequal.calibration.ridge import Flags, Floats, Rows
from prequal.core.form import Band, Kind, Method, Option, Question
from prequal.core.scoring import Answer, capped, chosen, worth

Choice: TypeAlias = "Option | Band | None"
"""What a column stands for; None is no answer, to a question that needs none."""

_Value = TypeVar("_Value", bound=Hashable)


class Unknown:
    """In the place of an answer: there is one, or must have been, and nobody knows which."""


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What past clients answered to one question: `cells` is 1 where a client chose a choice.

    Of an unknown answer a row is all 0: it will count as the average. What was ruled out has no column.
    """

    question: Question
    choices: tuple[Choice, ...]
    cells: Floats
    unknown: Flags
    ruled_out: Flags

    def taken(self, rows: Rows) -> Block:
        """Return the block of these clients."""
        return replace(self, cells=self.cells[rows], unknown=self.unknown[rows], ruled_out=self.ruled_out[rows])

    @property
    def additive(self) -> bool:
        """Whether several choices can be made, so that each stands for itself."""
        return self.question.kind is Kind.MANY

    @property
    def optional(self) -> bool:
        """Whether no answer is an answer, worth no points."""
        return not self.question.required

    def points(self, method: Method) -> Floats:
        """Return what the owner gives each choice."""
        return np.array([worth(choice, method) if choice else 0 for choice in self.choices], dtype=np.float64)

    def totals(self, method: Method) -> Floats:
        """Return what the owner gives each client for the answer, where it isn't known the average."""
        sums = self.cells @ self.points(method)
        totals: Floats = np.array([capped(self.question, total, method) for total in sums.tolist()], dtype=np.float64)
        if self.unknown.any() and not self.unknown.all():
            totals[self.unknown] = totals[~self.unknown].mean()
        return totals


def block(question: Question, values: Sequence[_Value], read: Callable[[_Value], Answer | Unknown | None]) -> Block:
    """Return the block of a question whose answers are these values, read once for each that differs."""
    choices = choices_of(question)
    position = {value: index for index, value in enumerate(dict.fromkeys(values))}
    kinds = [_coded(question, choices, read(value)) for value in position]
    which = np.fromiter((position[value] for value in values), dtype=np.intp, count=len(values))
    return Block(
        question=question,
        choices=choices,
        cells=np.array([cells for cells, _, _ in kinds]).reshape(len(kinds), len(choices))[which],
        unknown=np.array([unknown for _, unknown, _ in kinds])[which],
        ruled_out=np.array([ruled_out for _, _, ruled_out in kinds])[which],
    )


def choices_of(question: Question) -> tuple[Choice, ...]:
    """Return what can be chosen and does not rule out; last, where that is allowed, not to answer."""
    offered: tuple[Choice, ...] = tuple(
        choice for choice in question.options or question.bands if not _rules_out(choice)
    )
    return offered if question.required or question.kind is Kind.MANY else (*offered, None)


def name_of(question: Question, choice: Choice) -> str:
    """Return the name of a choice: an option's id, or the bounds of a band."""
    match choice:
        case None:
            return "no answer"
        case Option():
            return choice.id
        case Band(up_to=None):
            bounds = [band.up_to for band in question.bands if band.up_to is not None]
            return f"above {bounds[-1]}" if bounds else "any"
        case Band():
            return f"up to {choice.up_to}"


def _rules_out(choice: Option | Band) -> bool:
    return isinstance(choice, Option) and choice.rules_out is not None


def _coded(
    question: Question, choices: Sequence[Choice], answer: Answer | Unknown | None
) -> tuple[list[float], bool, bool]:
    """Return the cells of an answer, whether it is unknown, and whether it rules out."""
    made: Sequence[Choice] = () if isinstance(answer, Unknown) else chosen(question, answer)
    ruled_out = any(choice is not None and _rules_out(choice) for choice in made)
    if answer is None and not question.required:
        made = (None,)
    known = bool(made) and not ruled_out
    return [float(known and choice in made) for choice in choices], not known, ruled_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """All blocks side by side. `card` is what the owner gives each column."""

    blocks: tuple[Block, ...]
    cells: Floats
    card: Floats

    @property
    def slices(self) -> list[slice]:
        """Return where each block's columns are."""
        ends = np.cumsum([len(block.choices) for block in self.blocks]).tolist()
        return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]

    def shares(self, rows: Rows) -> Floats:
        """Return how often each answer was given by these clients, among those whose answer is known."""
        shares: Floats = np.zeros(self.cells.shape[1])
        for block, columns in zip(self.blocks, self.slices, strict=True):
            known = rows[~block.unknown[rows]]
            if len(known):
                shares[columns] = self.cells[known, columns].mean(axis=0)
        return shares

    def filled(self, rows: Rows, shares: Floats) -> Floats:
        """Return the cells of these clients; where an answer is unknown, the shares stand for it."""
        cells: Floats = self.cells[rows]
        for block, columns in zip(self.blocks, self.slices, strict=True):
            unknown = block.unknown[rows]
            if unknown.any():
                cells[unknown, columns] = shares[columns]
        return cells

    def only(self, kept: Sequence[int]) -> Design:
        """Return the design of some of the blocks."""
        slices = self.slices
        columns = np.concatenate([np.arange(slices[index].start, slices[index].stop) for index in kept])
        return Design(
            blocks=tuple(self.blocks[index] for index in kept),
            cells=np.ascontiguousarray(self.cells[:, columns]),
            card=self.card[columns],
        )


def design_of(blocks: Sequence[Block], method: Method) -> Design:
    """Put blocks side by side."""
    return Design(
        blocks=tuple(blocks),
        cells=np.hstack([block.cells for block in blocks]),
        card=np.concatenate([block.points(method) for block in blocks]),
    )
