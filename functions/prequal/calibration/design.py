"""The design matrix: one row per past client, and one column per answer that can have points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from prequal.calibration.ridge import Flags, Floats, Rows
from prequal.core.form import Band, Kind, Method, Option, Question
from prequal.core.scoring import Answer, chosen, worth

Choice: TypeAlias = "Option | Band | None"
"""The meaning of a column; None is "no answer", to an optional question."""

UNKNOWN: Answer = ()
"""In place of an answer that exists, or must have existed, and is not known: none of the choices."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """The columns of one question."""

    question: Question
    #: The way in which the form counts.
    method: Method
    #: One per column; options that rule out have none.
    choices: tuple[Choice, ...]
    #: 1 where a client made a choice, and in place of an unknown answer the shares of all choices. The row of a client
    #: who is not asked is all 0, since what is not asked adds nothing.
    cells: Floats
    asked: Flags
    ruled_out: Flags

    def of(self, rows: Rows) -> Block:
        """Return the block of these clients."""
        return replace(self, cells=self.cells[rows], asked=self.asked[rows], ruled_out=self.ruled_out[rows])

    @property
    def additive(self) -> bool:
        """Whether several choices can be made, whose points add up."""
        return self.question.kind is Kind.MANY

    @property
    def owner_points(self) -> Floats:
        """The owner's points for each choice."""
        return np.array([worth(choice, self.method) if choice else 0 for choice in self.choices], dtype=np.float64)

    @property
    def owner_totals(self) -> Floats:
        """The owner's points for each client's answer."""
        cap = None if self.method is Method.TRAITS else self.question.max_points
        return np.minimum(self.cells @ self.owner_points, np.inf if cap is None else cap)

    @property
    def shares(self) -> Floats:
        """The share of each choice among the clients who were asked."""
        shares: Floats = self.cells.sum(axis=0) / max(int(self.asked.sum()), 1)
        return shares


def encode(
    question: Question,
    answers: Sequence[Answer | None],
    asked: Sequence[bool] | None = None,
    method: Method = Method.POINTS,
) -> Block:
    """Encode the answers to a question of the clients who were asked, or of all; each distinct one is read once."""
    choices = choices_of(question)
    position = {answer: index for index, answer in enumerate(dict.fromkeys(answers))}
    cells = np.zeros((len(position), len(choices)))
    unknown, ruled_out = np.zeros((2, len(position)), dtype=np.bool_)
    for answer, index in position.items():
        made: Sequence[Choice] = chosen(question, answer) if question.required or answer is not None else (None,)
        ruled_out[index] = any(choice and choice.rules_out is not None for choice in made)
        unknown[index] = not made or ruled_out[index]
        if not unknown[index]:
            cells[index] = [choice in made for choice in choices]
    which = np.fromiter((position[answer] for answer in answers), dtype=np.intp, count=len(answers))
    flags = np.ones(len(answers), dtype=np.bool_) if asked is None else np.array(asked, dtype=np.bool_)
    known = flags & ~unknown[which]
    shares = cells[which][known].mean(axis=0) if known.any() else cells.sum(axis=0)
    return Block(
        question=question,
        method=method,
        choices=choices,
        cells=np.where(unknown[which][:, None], shares, cells[which]) * flags[:, None],
        asked=flags,
        ruled_out=ruled_out[which] & flags,
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
