"""Rules of the check about conditions that change nothing."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import TypeAlias

from prequal.analysis.faults import Faults
from prequal.analysis.form_analysis import Analysis

_Listed: TypeAlias = "Mapping[str, Sequence[str]]"
"""The values that a condition lists by name."""

# More ways for a value to escape the conditions before are not tried: nobody writes so many.
_MOST_WAYS = 10_000


def idle_conditions(analysis: Analysis) -> Faults:
    """Find questions that everybody is asked in spite of their condition."""
    for index, question in enumerate(analysis.form.questions):
        if analysis.asked.get(question.id) == 1:
            names = ", ".join(question.ask_if.listed)
            what = f"Everybody is asked this, as each answer to {names} leads to it"
            yield ("questions", index, "ask_if"), f"{what}: remove the condition, or some of its answers."


def idle_reveals(analysis: Analysis) -> Faults:
    """Find texts that no answers show, because entries before them cover all that they are for."""
    for index, question in enumerate(analysis.form.questions):
        for position, option in enumerate(question.options):
            conditions = [reveal.condition.listed for reveal in option.reveals]
            for entry, condition in enumerate(conditions):
                if condition and is_covered(condition, conditions[:entry]):
                    where = ("questions", index, "options", position, "reveals", entry)
                    yield (
                        where,
                        "Nobody is shown this, as the entries before cover each case: move it up, or remove it.",
                    )


def is_covered(condition: _Listed, before: Sequence[_Listed]) -> bool:
    """Whether one of the conditions before holds wherever this one does, if everything else is still unanswered."""
    relevant = [listed for listed in before if listed.keys() <= condition.keys()]
    if prod(map(len, relevant)) > _MOST_WAYS:
        return False
    return _has_no_way_out({name: frozenset(values) for name, values in condition.items()}, relevant)


def _has_no_way_out(left: Mapping[str, frozenset[str]], before: Sequence[_Listed]) -> bool:
    """Whether each choice of one of the values that are left for each name meets one of the conditions before."""
    if not before:
        return False
    first, *others = before
    ways = ({**left, name: left[name].difference(values)} for name, values in first.items())
    return all(not all(way.values()) or _has_no_way_out(way, others) for way in ways)
