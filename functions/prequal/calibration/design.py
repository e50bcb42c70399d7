"""The design matrix, one row per past client and one column per answer that can have points, and its scorecard."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import numpy as np

from prequal.calibration.ridge import Flags, Floats, Rows, expit
from prequal.core.form import Band, Kind, Method, Option, Question
from prequal.core.scoring import Answer, capped, chosen, worth

Choice: TypeAlias = "Option | Band | None"
"""The meaning of a column; None is "no answer", to an optional question."""

_Value = TypeVar("_Value", bound=Hashable)

UNKNOWN: Answer = ()
"""In place of an answer that exists, or must have existed, and is not known: none of the choices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The columns of one question."""

    question: Question
    #: One per column; options that rule out have none.
    choices: tuple[Choice, ...]
    #: 1 where a client made a choice. The row of an unknown answer is all 0 until it is imputed: see `Design.imputed`.
    #: That of a client who is not asked stays so, since what is not asked adds nothing.
    cells: Floats
    unknown: Flags
    ruled_out: Flags
    asked: Flags

    def of(self, rows: Rows) -> Block:
        """Return the block of these clients."""
        parts = {name: getattr(self, name)[rows] for name in ("cells", "unknown", "ruled_out", "asked")}
        return replace(self, **parts)

    @property
    def known(self) -> Flags:
        """Whether a client was asked, and the answer is known."""
        return self.asked & ~self.unknown

    @property
    def additive(self) -> bool:
        """Whether several choices can be made, whose points add up."""
        return self.question.kind is Kind.MANY

    def points(self, method: Method) -> Floats:
        """Return the owner's points for each choice."""
        return np.array([worth(choice, method) if choice else 0 for choice in self.choices], dtype=np.float64)

    def totals(self, method: Method) -> Floats:
        """Return the owner's points for each client's answer; the mean for an unknown one."""
        sums = self.cells @ self.points(method)
        totals: Floats = np.array([capped(self.question, total, method) for total in sums.tolist()], dtype=np.float64)
        totals[~self.asked] = 0
        if self.unknown.any() and self.known.any():
            totals[self.unknown] = totals[self.known].mean()
        return totals


def encode(
    question: Question,
    values: Sequence[_Value],
    read: Callable[[_Value], Answer | None],
    asked: Sequence[bool] | None = None,
) -> Block:
    """Encode the answers to a question of the clients who were asked, or of all; each distinct value is read once."""
    choices = choices_of(question)
    position = {value: index for index, value in enumerate(dict.fromkeys(values))}
    cells = np.zeros((len(position), len(choices)))
    unknown, ruled_out = np.zeros((2, len(position)), dtype=np.bool_)
    for value, index in position.items():
        answer = read(value)
        made: Sequence[Choice] = chosen(question, answer) if question.required or answer is not None else (None,)
        ruled_out[index] = any(choice and choice.rules_out is not None for choice in made)
        unknown[index] = not made or ruled_out[index]
        if not unknown[index]:
            cells[index] = [choice in made for choice in choices]
    which = np.fromiter((position[value] for value in values), dtype=np.intp, count=len(values))
    flags = np.ones(len(values), dtype=np.bool_) if asked is None else np.array(asked, dtype=np.bool_)
    return Block(
        question=question,
        choices=choices,
        cells=cells[which] * flags[:, None],
        unknown=unknown[which] & flags,
        ruled_out=ruled_out[which] & flags,
        asked=flags,
    )


def choices_of(question: Question) -> tuple[Choice, ...]:
    """Return the choices that don't rule out, and last, if the question is optional and takes one answer, None."""
    offered = tuple(choice for choice in question.choices if choice.rules_out is None)
    return offered if question.required or question.kind is Kind.MANY else (*offered, None)


def choice_name(question: Question, choice: Choice) -> str:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """The blocks of all questions, side by side."""

    blocks: tuple[Block, ...]
    cells: Floats
    #: Whether the client's answer is unknown, and whether it is known, for each cell: neither where it is not asked.
    unknown: Flags
    known: Flags
    #: The owner's points for each column.
    owner_points: Floats
    #: The way in which the form counts.
    method: Method

    @classmethod
    def of(cls, blocks: Sequence[Block], method: Method) -> Design:
        """Put blocks side by side."""
        unknown, known = (
            np.hstack([np.repeat(getattr(block, name)[:, None], len(block.choices), axis=1) for block in blocks])
            for name in ("unknown", "known")
        )
        return cls(
            blocks=tuple(blocks),
            cells=np.hstack([block.cells for block in blocks]),
            unknown=unknown,
            known=known,
            owner_points=np.concatenate([block.points(method) for block in blocks]),
            method=method,
        )

    @property
    def slices(self) -> list[slice]:
        """The columns of each block."""
        ends = np.cumsum([len(block.choices) for block in self.blocks]).tolist()
        return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]

    @property
    def parts(self) -> list[tuple[Block, slice]]:
        """Each block with its columns."""
        return list(zip(self.blocks, self.slices, strict=True))

    def shares(self, rows: Rows) -> Floats:
        """Return the share of each choice among the known answers of these clients."""
        known = self.known[rows].sum(axis=0)
        shares: Floats = self.cells[rows].sum(axis=0) / np.maximum(known, 1)
        return shares

    def imputed(self, rows: Rows, shares: Floats) -> Floats:
        """Return the cells of these clients, with the shares in place of unknown answers."""
        return np.where(self.unknown[rows], shares, self.cells[rows])

    def only(self, kept: Sequence[int]) -> Design:
        """Return the design of some of the blocks, by position."""
        return Design.of([self.blocks[index] for index in kept], self.method)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Learned points for the columns of a design. The logit of being good is intercept + slope · total."""

    #: The positions of its questions in the design that it was learned from.
    kept: tuple[int, ...]
    points: Floats
    #: Standard errors of the unrounded points, as distances from their question's mean.
    errors: Floats
    intercept: float
    slope: float
    #: Points per unit of weight; 0 if all answers are worth the same.
    scale: float
    #: In place of unknown answers: see `Design.imputed`.
    shares: Floats
    #: The standard deviation of the owner's total on the scale of logits, in the prior.
    trust: float

    def totals(self, design: Design, rows: Rows) -> Floats:
        """Return the totals of these clients of the design that it was learned from."""
        return design.only(self.kept).imputed(rows, self.shares) @ self.points

    def chances(self, totals: Floats) -> Floats:
        """Return the chances that clients with these totals are good."""
        return expit(self.intercept + self.slope * totals)
