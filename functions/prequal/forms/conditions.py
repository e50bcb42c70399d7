"""Rules for the conditions of a form file: they name values that decide, and what these can be."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any, TypeAlias

from prequal.analysis.faults import Faults, Where
from prequal.core.form import Grade, Kind
from prequal.forms.document_parts import mappings, part

_Questions: TypeAlias = "Sequence[Mapping[str, Any]]"
_Choices: TypeAlias = "Mapping[str, Sequence[str]]"
"""The values that a condition can list, by name."""

# The check counts every combination of them: 256 are counted in a second or two.
_MOST_FOLLOWERS = 8


def condition_faults(document: Mapping[str, Any]) -> Faults:
    """Find conditions that can't be decided, and entries behind one that always applies."""
    questions: _Questions = [question for _, question in mappings(document, ("questions",))]
    unconditional = [question for question in questions if "ask_if" not in question]
    for index, (where, question) in enumerate(mappings(document, ("questions",))):
        earlier = [other for other in unconditional if other in questions[:index]]
        decides = "an earlier question with options that everybody is asked"
        yield from _unknown_values(question, (*where, "ask_if"), _choices(earlier), decides)
        others = _choices(other for other in unconditional if other is not question)
        for option_where, option in mappings(question, (*where, "options")):
            decides = "another question with options that everybody is asked"
            yield from _entries(option, (*option_where, "reveals"), others, decides)
    languages = [language for language in part(document, "languages", list) or [] if isinstance(language, str)]
    of_lead = {"grade": [grade.value for grade in Grade], "language": languages}
    decides = "a question with options, grade or language"
    yield from _entries(document, ("booking",), {**_choices(questions), **of_lead}, decides)
    used = {name for _, entry in mappings(document, ("booking",)) for name in part(entry, "if", dict) or {}}
    for where, question in mappings(document, ("questions",)):
        if (name := part(question, "id", str)) in used & of_lead.keys():
            yield (*where, "id"), f"To booking, {name} is that of the lead: give the question another id."


def follower_faults(document: Mapping[str, Any]) -> Faults:
    """Find more questions that follow from others than the check can count the paths of."""
    questions = {part(question, "id", str): question for _, question in mappings(document, ("questions",))}
    has_minimum = bool(part(part(document, "scoring", dict) or {}, "minimum", dict))
    after: Counter[str] = Counter()
    across: Counter[str] = Counter()
    for where, question in mappings(document, ("questions",)):
        for name in part(question, "ask_if", dict) or {}:
            before = questions.get(name, {})
            if question.get("axis") is None or before.get("axis") is None:
                continue
            after[name] += 1
            across[name] += question["axis"] != before["axis"]
            if before.get("type") == Kind.MANY and after[name] > _MOST_FOLLOWERS:
                what = f"At most {_MOST_FOLLOWERS} scored questions can follow from one with several answers"
                yield (*where, "ask_if"), f"{what}: ask this one after another question, or everybody."
            elif has_minimum and question["axis"] != before["axis"]:
                paths = prod(min(2**count, _most_paths(questions[name])) for name, count in across.items())
                if paths > 2**_MOST_FOLLOWERS:
                    what = f"With a minimum, at most {_MOST_FOLLOWERS} questions can follow from one of the other axis"
                    yield (*where, "ask_if"), f"{what}: score this one for {before['axis']}, or ask it of everybody."


def _most_paths(question: Mapping[str, Any]) -> int:
    """Return the most combinations of questions that can follow from the answers to one."""
    options = len(part(question, "options", list) or [])
    return 2**options if question.get("type") == Kind.MANY else options + 1


def _entries(holder: Mapping[str, Any], where: Where, choices: _Choices, decides: str) -> Faults:
    """Find faults in a list of which the first entry applies whose condition holds."""
    is_decided = False
    for place, entry in mappings(holder, where):
        if is_decided:
            yield place, "The entry before applies in every case: give it a condition, or remove this one."
        is_decided = is_decided or "if" not in entry
        yield from _unknown_values(entry, (*place, "if"), choices, decides)


def _unknown_values(holder: Mapping[str, Any], where: Where, choices: _Choices, decides: str) -> Faults:
    for name, listed in (part(holder, str(where[-1]), dict) or {}).items():
        if name not in choices:
            what_to_do = f"choose from {', '.join(choices)}" if choices else "remove the condition"
            yield (*where, name), f"A condition names {decides}, and {name} is none: {what_to_do}."
            continue
        for index, value in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(value, str) and value not in choices[name]:
                yield (*where, name, index), f"{name} is never {value}: choose from {', '.join(choices[name])}."


def _choices(questions: Iterable[Mapping[str, Any]]) -> dict[str, Sequence[str]]:
    """Return the ids of the options of each question that has any."""
    choices: dict[str, Sequence[str]] = {}
    for question in questions:
        options = [id_ for _, option in mappings(question, ("options",)) if (id_ := part(option, "id", str))]
        if options and (name := part(question, "id", str)):
            choices[name] = options
    return choices
