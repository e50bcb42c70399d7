"""Past clients: their answers, and whether they turned out good."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from prequal.analysis.common_answers import AnswerTally, CommonAnswers
from prequal.calibration.columns import scored_questions
from prequal.calibration.design import UNKNOWN, Block, encode
from prequal.calibration.ridge import Flags, Floats, Rows
from prequal.core.form import Form, Question
from prequal.core.scoring import Answer
from prequal.core.text import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """The clients to learn from. Those whom an answer rules out are not among them, as no points decide on them."""

    blocks: tuple[Block, ...]
    good: Flags
    #: The number of each client's person: rows of one person are not independent.
    groups: Rows
    #: The dated clients from the oldest to the newest; None if no dates were asked for.
    order: Rows | None = None
    undated: int = 0
    #: The number of unusable rows by reason.
    left_out: Mapping[str, int] = field(default_factory=dict)
    #: The outcomes that are not good, with their number.
    others: Mapping[str, int] = field(default_factory=dict)
    #: By question, the heading of its column.
    columns: Mapping[str, str] = field(default_factory=dict)
    #: By question, the number of cells that are not empty.
    filled: Mapping[str, int] = field(default_factory=dict)
    #: By question, the cells that match no answer, with their number.
    unmatched: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    #: Sentences about the table: what was not read as it seems.
    notes: Sequence[str] = ()
    #: The questions without any data.
    absent: tuple[Question, ...] = ()
    ruled_out: int = 0
    ruled_out_good: int = 0
    #: Whether those who are not good are leads of unknown outcome, among whom some are good too.
    unlabelled: bool = False
    #: The answers of the good ones beside everybody's, those whom an answer rules out included.
    common: CommonAnswers

    @property
    def group_counts(self) -> tuple[int, int]:
        """The number of persons who were good at least once, and of those who never were."""
        good = len(np.unique(self.groups[self.good]))
        return good, len(np.unique(self.groups)) - good

    @property
    def owner_totals(self) -> Floats:
        """The total of each client under the owner's points."""
        totals: Floats = np.sum([block.owner_totals for block in self.blocks], axis=0)
        return totals

    @property
    def unread(self) -> Mapping[str, int]:
        """The number of cells that match no answer, by the question that has any."""
        return {question: sum(cells.values()) for question, cells in self.unmatched.items()}


def make_clients(
    form: Form,
    answers: Mapping[str, Sequence[Answer | None]],
    *,
    good: Sequence[bool],
    persons: Sequence[str],
    dates: Sequence[datetime | None] | None,
) -> Clients:
    """Encode clients by their answers to each question, leave out those whom one rules out, and order them by date."""
    questions, blocks = scored_questions(form), list[Block]()
    notes: list[str] = []
    for question in questions:
        if question.id in answers:
            asked = _asked(form, question, answers)
            blocks.append(encode(question, answers[question.id], asked, form.scoring.method))
            notes += _dropped(question, answers[question.id], asked)
    is_good = np.array(good, dtype=np.bool_)
    ruled_out = np.any([np.zeros(len(good), dtype=np.bool_), *(block.ruled_out for block in blocks)], axis=0)
    rows = np.flatnonzero(~ruled_out)
    kept = tuple(block.of(rows) for block in blocks if block.choices)
    learnable = {block.question.id for block in kept}
    order, undated = None, 0
    if dates is not None:
        instants = np.array([date.timestamp() if date else np.nan for date in dates])[rows]
        undated = int(np.isnan(instants).sum())
        order = np.argsort(instants, kind="stable")[: len(rows) - undated]  # NaN comes last
    return Clients(
        blocks=kept,
        good=is_good[rows],
        groups=np.unique(persons, return_inverse=True)[1][rows],
        order=order,
        undated=undated,
        notes=notes,
        absent=tuple(question for question in questions if question.id not in learnable),
        ruled_out=int(ruled_out.sum()),
        ruled_out_good=int(is_good[ruled_out].sum()),
        common=_compare(form, answers, good, persons),
    )


def _compare(
    form: Form, answers: Mapping[str, Sequence[Answer | None]], good: Sequence[bool], persons: Sequence[str]
) -> CommonAnswers:
    """Compare good clients with everybody; of the rows of one person, which are not independent, the last counts."""
    tally, last = AnswerTally(), {each: row for row, each in enumerate(zip(persons, good, strict=True))}
    for (_, is_good), row in last.items():
        given = ((name, column[row]) for name, column in answers.items())
        tally.add({name: answer for name, answer in given if answer not in (None, UNKNOWN)}, good=is_good)
    return tally.compare(form)


def _asked(form: Form, question: Question, read: Mapping[str, Sequence[Answer | None]]) -> Sequence[bool]:
    """Return whether the form asks each client a question; if the answer that decides is unknown, whether they did.

    Required answers that are missing, and those of a question without a column, are unknown.
    """
    answers, asked = read[question.id], [True] * len(read[question.id])
    for name in question.ask_if.listed:
        before = form.question(name)
        is_required = before is None or before.required
        deciding = read.get(name, [UNKNOWN] * len(answers))
        asked = [
            answer is not None
            if decided == UNKNOWN or (decided is None and is_required)
            else question.ask_if.holds({name: decided})
            for answer, decided in zip(answers, deciding, strict=True)
        ]
    return asked


def _dropped(question: Question, answers: Sequence[Answer | None], asked: Sequence[bool]) -> Iterator[str]:
    count = sum(answer not in (None, UNKNOWN) and not was for answer, was in zip(answers, asked, strict=True))
    if count:
        names = ", ".join(question.ask_if.listed)
        cases = counted(count, "answer")
        yield f"{cases} to {question.id} not counted, as the form doesn't ask it after the answer there to {names}"
