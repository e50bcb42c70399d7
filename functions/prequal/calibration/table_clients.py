"""Past clients from a table, and their outcomes in its columns."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from prequal.calibration.clients import Clients, make_clients
from prequal.calibration.columns import make_parser, scored_questions
from prequal.calibration.design import UNKNOWN
from prequal.calibration.lead_clients import answers_to, leads_of
from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.core.scoring import Answer
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
    clients = make_clients(
        form,
        {
            name: [missing if answer is None else answer for answer in (*given, *answers_to(leads, name))]
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


def _others_among(form: Form, leads: Iterable[Lead], persons: Collection[str], left_out: Counter[str]) -> list[Lead]:
    """Return the leads of a form that are none of these persons."""
    found = list(leads_of(form, leads, left_out))
    others = [lead for lead in found if normalised(lead.email) not in persons]
    if len(others) < len(found):
        left_out["a lead of a good client"] += len(found) - len(others)
    return others


def _parse_date(cell: str) -> datetime | None:
    if not cell:
        return None
    try:
        instant = datetime.fromisoformat(cell)
    except ValueError:
        raise TableError(f"{shown(cell)} is no date: write dates like 2026-03-31.") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
