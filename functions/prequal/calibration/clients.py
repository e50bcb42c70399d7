"""Past clients: what they answered, and whether they turned out good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from prequal.calibration.cells import plain, reader
from prequal.calibration.columns import scored
from prequal.calibration.design import Block, Unknown, block
from prequal.calibration.ridge import Flags, Rows
from prequal.calibration.tables import Table, TableError
from prequal.core.form import Form, Question
from prequal.core.lead import Lead, Status
from prequal.core.scoring import Answer

_PERSON = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Which columns are what, and which cells mean good; `bad` is empty where everything else is not good."""

    outcome: str
    good: Sequence[str]
    bad: Sequence[str] = ()
    date: str | None = None
    person: str | None = None
    cycle: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """The clients that points are learned from: none that an answer rules out, as points never decide on these.

    `order` has them from the oldest to the newest, without the `undated` ones; None where no dates were asked for.
    `left_out` counts the rows of no use by the reason, `strange` the cells that are no answers by question, `absent`
    the questions that nothing is known of.
    """

    blocks: tuple[Block, ...]
    good: Flags
    persons: Rows
    order: Rows | None = None
    undated: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    strange: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    absent: tuple[Question, ...] = ()
    ruled_out: int = 0
    ruled_out_good: int = 0

    @property
    def persons_of_either(self) -> tuple[int, int]:
        """Return how many persons were good at least once, and how many never."""
        good = len(np.unique(self.persons[self.good]))
        return good, len(np.unique(self.persons)) - good

    @property
    def others(self) -> int:
        """Return how many were not good."""
        return len(self.good) - int(self.good.sum())


def outcomes_of(table: Table, reading: Reading) -> Sequence[str]:
    """Return how each row ended.

    Raises:
        TableError: the column isn't there, or no row is good.

    """
    outcomes = [plain(cell) for cell in table.column(reading.outcome)]
    if not {plain(value) for value in reading.good} & set(outcomes):
        seen = [value for value, _ in Counter(filter(None, outcomes)).most_common(10)]
        raise TableError(
            f"No row's {reading.outcome} is {', '.join(reading.good)}: it is {', '.join(seen) or 'empty'}."
        )
    return outcomes


def from_table(form: Form, table: Table, columns: Mapping[str, str], reading: Reading, now: datetime) -> Clients:
    """Read past clients from a table whose columns answer questions.

    Raises:
        TableError: a column that is named isn't there, or no row is good.

    """
    outcomes = outcomes_of(table, reading)
    good = {plain(value) for value in reading.good}
    bad = {plain(value) for value in reading.bad}
    reasons = [
        f"{reading.outcome} is empty"
        if not value
        else f"{reading.outcome} is open"
        if bad and value not in good | bad
        else ""
        for value in outcomes
    ]
    dates = [_instant(cell) for cell in table.column(reading.date)] if reading.date else []
    for row, date in enumerate(dates):
        if date and date > now - reading.cycle and reading.cycle:
            reasons[row] = reasons[row] or "too young to tell"
    asked = {question.id: table.column(columns[question.id]) for question in scored(form) if question.id in columns}
    for row, answers in enumerate(zip(*asked.values(), strict=True)):
        if not any(answers):
            reasons[row] = reasons[row] or "no question is answered"
    usable = [row for row, reason in enumerate(reasons) if not reason]
    blocks: list[Block] = []
    strange: dict[str, Mapping[str, int]] = {}
    for question in scored(form):
        if question.id in asked:
            cells = [asked[question.id][row] for row in usable]
            read = reader(question, set(cells))
            blocks.append(block(question, cells, read))
            odd = {cell: count for cell, count in Counter(cells).items() if isinstance(read(cell), Unknown)}
            if odd:
                strange[question.id] = odd
    headings = {plain(column): column for column in table.columns}
    person = reading.person or headings.get(_PERSON)
    return _clients(
        form=form,
        blocks=blocks,
        good=np.array([outcomes[row] in good for row in usable], dtype=np.bool_),
        persons=[plain(table.column(person)[row]) or str(row) for row in usable] if person else usable,
        dates=[dates[row] for row in usable] if dates else [],
        left_out=Counter(filter(None, reasons)),
        strange=strange,
    )


def from_leads(form: Form, leads: Iterable[Lead], cycle: timedelta, now: datetime) -> Clients:
    """Read past clients from the leads whose outcome is known."""
    left_out: Counter[str] = Counter()
    kept: list[Lead] = []
    for lead in leads:
        if lead.form_id != form.id:
            left_out["another form"] += 1
        elif lead.status is Status.QUARANTINED:
            left_out["quarantined"] += 1
        elif _outcome(lead) is None:
            left_out["no outcome yet"] += 1
        elif cycle and lead.received_at > now - cycle:
            left_out["too young to tell"] += 1
        else:
            kept.append(lead)
    asked = {question for lead in kept for question in lead.answers}
    return _clients(
        form=form,
        blocks=[
            block(question, [_hashable(lead.answers.get(question.id)) for lead in kept], lambda answer: answer)
            for question in scored(form)
            if question.id in asked
        ],
        good=np.array([_outcome(lead) == Status.WON for lead in kept], dtype=np.bool_),
        persons=[lead.id for lead in kept],
        dates=[lead.received_at for lead in kept],
        left_out=left_out,
        strange={},
    )


def _clients(  # noqa: PLR0913, all by name
    *,
    form: Form,
    blocks: Sequence[Block],
    good: Flags,
    persons: Sequence[object],
    dates: Sequence[datetime | None],
    left_out: Mapping[str, int],
    strange: Mapping[str, Mapping[str, int]],
) -> Clients:
    """Leave out whom an answer rules out."""
    ruled_out = np.any([block.ruled_out for block in blocks], axis=0) if blocks else np.zeros(len(good), dtype=np.bool_)
    rows = np.flatnonzero(~ruled_out)
    known = {block.question.id for block in blocks if block.choices}
    number = {person: index for index, person in enumerate(dict.fromkeys(persons))}
    order, undated = None, 0
    if dates:
        instants = np.array([date.timestamp() if date else np.nan for date in dates])[rows]
        undated = int(np.isnan(instants).sum())
        order = np.argsort(instants, kind="stable")[: len(rows) - undated]  # NaN comes last
    return Clients(
        blocks=tuple(block.taken(rows) for block in blocks if block.choices),
        good=good[rows],
        persons=np.array([number[person] for person in persons], dtype=np.intp)[rows],
        order=order,
        undated=undated,
        left_out=left_out,
        strange=strange,
        absent=tuple(question for question in scored(form) if question.id not in known),
        ruled_out=int(ruled_out.sum()),
        ruled_out_good=int((ruled_out & good).sum()),
    )


def _outcome(lead: Lead) -> str | None:
    if lead.outcome:
        return lead.outcome
    return lead.status if lead.status in (Status.WON, Status.LOST) else None


def _hashable(answer: Answer | None) -> Answer | None:
    return tuple(answer) if isinstance(answer, list) else answer


def _instant(cell: str) -> datetime | None:
    if not cell:
        return None
    try:
        instant = datetime.fromisoformat(cell)
    except ValueError:
        raise TableError(f"{cell} is no date: write dates like 2026-03-31.") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
