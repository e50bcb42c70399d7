"""Outcomes of all possible answers: their points, whether one rules out, and the number of ways to each.

Every option of a *one*, every subset of a *many*, every band of a *number* and, where a question is optional, no answer
count as one way each. Nothing is sampled: see `paths` for a whole form.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from prequal.core.form import Band, Kind, Method, Option, Question
from prequal.core.scoring import asked_after, capped, worth

Outcome: TypeAlias = "tuple[int, bool]"
"""Points, and whether an answer rules out."""

Outcomes: TypeAlias = "Counter[Outcome]"
"""The number of ways to each outcome."""

Ways: TypeAlias = "Mapping[frozenset[str], Outcomes]"
"""The outcomes of a question by the ids of those that are asked next."""

NOTHING: Outcome = (0, False)
_NOBODY: frozenset[str] = frozenset()


def outcomes_of(question: Question, method: Method) -> Outcomes:
    """Return the outcomes of one question that is asked."""
    return ways_of(question, (), method).get(_NOBODY, Counter())


def ways_of(question: Question, followers: Sequence[Question], method: Method) -> Ways:
    """Return the outcomes of a question by those that are asked next, of its followers."""
    if question.kind is Kind.MANY:
        ways = subsets(question.choices, followers, method)
        if question.required:
            ways[_NOBODY][NOTHING] -= 1  # choosing nothing is no answer
        return {asked: _capped(question, +outcomes, method) for asked, outcomes in ways.items() if +outcomes}
    by_asked: defaultdict[frozenset[str], Outcomes] = defaultdict(Counter)
    for choice in question.choices:
        by_asked[asked_after(choice, followers)][_outcome(choice, method)] += 1
    if not question.required or not question.choices:
        by_asked[_NOBODY][NOTHING] += 1
    return by_asked


def subsets(
    choices: Iterable[Option | Band], followers: Sequence[Question], method: Method
) -> dict[frozenset[str], Outcomes]:
    """Return the outcomes of choosing any number of these, none included, before a cap."""
    ways: dict[frozenset[str], Outcomes] = {_NOBODY: Counter([NOTHING])}
    for choice in choices:
        asked, (points, out) = asked_after(choice, followers), _outcome(choice, method)
        without, ways = ways, {others: outcomes.copy() for others, outcomes in ways.items()}
        for others, outcomes in without.items():
            with_it = ways.setdefault(asked | others, Counter())
            for (more, also_out), times in outcomes.items():
                with_it[points + more, out or also_out] += times
    return ways


def only_asked(question: Question, ways: Ways) -> Ways:
    """Return the ways after which a question is asked, without it."""
    return {asked - {question.id}: outcomes for asked, outcomes in ways.items() if question.id in asked}


def _capped(question: Question, outcomes: Outcomes, method: Method) -> Outcomes:
    result: Outcomes = Counter()
    for (points, out), count in outcomes.items():
        result[capped(question, points, method), out] += count
    return result


def _outcome(choice: Option | Band, method: Method) -> Outcome:
    return worth(choice, method), choice.rules_out is not None
