"""Past clients: their answers, and whether they turned out good."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from prequal.analysis.common_answers import AnswerTally, CommonAnswers
from prequal.calibration.columns import make_parser, scored_questions
from prequal.calibration.design import UNKNOWN, Block, encode
from prequal.calibration.ridge import Flags, Floats, Rows
from prequal.core.form import Form, Question
from prequal.core.lead import Lead, Status
from prequal.core.past_client import PastClient
from prequal.core.scoring import Answer
from prequal.core.text import counted
from prequal.tables.cells import TableError, listed, normalised, shown
from prequal.tables.client_table import ClientTable

_EMAIL, _GOOD = "email", "good"
_ERROR = re.compile(r"#(n/?[av]|[^\s#]+[!?]|#+)")  # of a formula, in the language of any spreadsheet, or too wide


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRoles:
    """The columns that are no answers, and the outcomes."""

    #: Empty where all clients are good.
    outcome: str = ""
    good: Sequence[str] = ()
    #: Empty: every other outcome.
    bad: Sequence[str] = ()
    date: str | None = None
    person: str | None = None
    #: Clients that are younger than this have no reliable outcome yet.
    cycle: timedelta = timedelta(0)
    #: Leads of unknown outcome, which take the place of the clients who are not good.
    unlabelled: Iterable[Lead] | None = None


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


def read_outcomes(table: ClientTable, roles: ColumnRoles) -> Sequence[str]:
    """Return the outcome of each row.

    Raises:
        TableError: the column doesn't exist, or no row is good.
    """
    if not roles.outcome:
        return [_GOOD] * max(map(len, table.columns.values()), default=0)
    outcomes = [normalised(cell) for cell in table.column(roles.outcome)]
    if not {normalised(value) for value in roles.good} & set(outcomes):
        seen = [value for value, _ in Counter(filter(None, outcomes)).most_common(10)]
        raise TableError(f"No row's {roles.outcome} is {', '.join(roles.good)}: it is {listed(seen) or 'empty'}.")
    return outcomes


def clients_from_table(
    form: Form, table: ClientTable, columns: Mapping[str, str], roles: ColumnRoles, now: datetime
) -> Clients:
    """Read past clients from a table with a column for each of these questions.

    Raises:
        TableError: a column doesn't exist, a date can't be read, or no row is good.
    """
    outcomes = read_outcomes(table, roles)
    good, bad = ({normalised(value) for value in values} for values in (roles.good or [_GOOD], roles.bad))
    dates = [_parse_date(cell) for cell in table.column(roles.date)] if roles.date else [None] * len(outcomes)
    questions = [question for question in scored_questions(form) if question.id in columns]
    cells = {question.id: table.column(columns[question.id]) for question in questions}
    left_out: Counter[str] = Counter()
    usable: list[int] = []
    for row, (outcome, date) in enumerate(zip(outcomes, dates, strict=True)):
        if not outcome:
            left_out[f"{roles.outcome} is empty"] += 1
        elif _ERROR.fullmatch(outcome):
            left_out[f"{roles.outcome} is an error"] += 1
        elif bad and outcome not in good | bad:
            left_out[f"{roles.outcome} is open"] += 1
        elif date and roles.cycle and date > now - roles.cycle:
            left_out["too young to tell"] += 1
        elif roles.unlabelled is not None and outcome not in good:
            left_out["not good"] += 1
        elif not any(column[row] for column in cells.values()):
            left_out["no question is answered"] += 1
        else:
            usable.append(row)
    answers: dict[str, Sequence[Answer | None]] = {}
    unmatched: dict[str, Mapping[str, int]] = {}
    for question in questions:
        counts = Counter(cells[question.id][row] for row in usable)
        parse = make_parser(question, counts)
        by_cell = {cell: parse(cell) for cell in counts}
        answers[question.id] = [by_cell[cells[question.id][row]] for row in usable]
        if odd := {cell: count for cell, count in counts.items() if by_cell[cell] == UNKNOWN}:
            unmatched[question.id] = odd
    headings = {normalised(column): column for column in table.columns}
    person = roles.person or headings.get(_EMAIL)
    persons = table.column(person) if person else [""] * len(outcomes)
    names = [normalised(persons[row]) or str(row) for row in usable]
    leads = _others_among(form, roles.unlabelled or (), {*names}, left_out)
    # Beside leads, what a table lacks says more about who filled it in than about the client: it is unknown.
    missing = None if roles.unlabelled is None else UNKNOWN
    clients = _clients(
        form,
        {
            name: [missing if answer is None else answer for answer in (*given, *_answers(leads, name))]
            for name, given in answers.items()
        },
        good=[outcomes[row] in good for row in usable] + [False] * len(leads),
        persons=[*names, *(lead.id for lead in leads)],
        dates=[dates[row] for row in usable] if roles.date and roles.unlabelled is None else None,
    )
    return replace(
        clients,
        unlabelled=roles.unlabelled is not None,
        left_out=left_out,
        others=Counter(outcomes[row] for row in usable if outcomes[row] not in good),
        columns=columns,
        filled={name: sum(bool(column[row]) for row in usable) for name, column in cells.items()},
        unmatched=unmatched,
        notes=[*table.notes, *clients.notes],
    )


def clients_from_leads(  # noqa: PLR0913, all that is stored of clients comes together here
    form: Form,
    leads: Iterable[Lead],
    cycle: timedelta,
    now: datetime,
    *,
    asked: Iterable[PastClient] = (),
    good_only: bool = False,
) -> Clients:
    """Read past clients from the leads with a known outcome; with `good_only`, all that are not won are unlabelled.

    Those who were asked are good, too. One who is also a lead that was won counts as that lead.
    """
    left_out: Counter[str] = Counter()
    kept: list[Lead | PastClient] = []
    clients_by_id = {client.id: client for client in asked if client.form_id == form.id}
    for lead in _leads_of(form, leads, left_out):
        if lead.known_outcome == Status.WON:
            clients_by_id.pop(lead.id, None)
        if lead.id in clients_by_id:
            left_out["answered as a past client"] += 1
        elif lead.known_outcome is None and not good_only:
            left_out["no outcome yet"] += 1
        elif cycle and lead.received_at > now - cycle:
            left_out["too young to tell"] += 1
        else:
            kept.append(lead)
    kept += clients_by_id.values()
    clients = _clients(
        form,
        {name: _answers(kept, name) for name in {question for each in kept for question in each.answers}},
        good=[isinstance(each, PastClient) or each.known_outcome == Status.WON for each in kept],
        persons=[each.id for each in kept],
        # Nobody knows when a past client was a prospect.
        dates=None if good_only else [each.received_at if isinstance(each, Lead) else None for each in kept],
    )
    return replace(clients, left_out=left_out, unlabelled=good_only)


def _others_among(form: Form, leads: Iterable[Lead], persons: Collection[str], left_out: Counter[str]) -> list[Lead]:
    """Return the leads of a form that are none of these persons."""
    found = list(_leads_of(form, leads, left_out))
    others = [lead for lead in found if normalised(lead.email) not in persons]
    if len(others) < len(found):
        left_out["a lead of a good client"] += len(found) - len(others)
    return others


def _leads_of(form: Form, leads: Iterable[Lead], left_out: Counter[str]) -> Iterator[Lead]:
    """Yield the leads of a form, without those in quarantine, and count the others by reason."""
    for lead in leads:
        if lead.form_id != form.id:
            left_out["another form"] += 1
        elif lead.status is Status.QUARANTINED:
            left_out["quarantined"] += 1
        else:
            yield lead


def _answers(leads: Iterable[Lead | PastClient], question: str) -> list[Answer | None]:
    answers = (lead.answers.get(question) for lead in leads)
    return [tuple(answer) if isinstance(answer, list) else answer for answer in answers]


def _clients(
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


def _parse_date(cell: str) -> datetime | None:
    if not cell:
        return None
    try:
        instant = datetime.fromisoformat(cell)
    except ValueError:
        raise TableError(f"{shown(cell)} is no date: write dates like 2026-03-31.") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
