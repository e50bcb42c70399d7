"""The question bank: a file a topic, to take questions from for the form, and for the call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from prequal.forms.drafts import Draft
from prequal.forms.form_file import read_bank_file
from prequal.forms.yaml_files import Where
from prequal.pages.labels import HANDFUL
from prequal.resources import find_question_bank

# From the general to the specific: pains, then goals, then expectations. Other topics come last.
_ORDER = (
    "need",
    "buying_temperature",
    "kind_of_work",
    "repeat_business",
    "timeline",
    "first_time",
    "decision",
    "budget",
)


def topics(bank: Path | None = None) -> Sequence[str]:
    """Return the bank's topics, from the general to the specific."""
    bank = bank or find_question_bank()
    known = [topic for topic in _ORDER if (bank / f"{topic}.yaml").is_file()]
    return [*known, *sorted(path.stem for path in bank.glob("*.yaml") if path.stem not in _ORDER)]


def suggestions(form: Mapping[str, Any], bank: Path | None = None) -> Sequence[str]:
    """Return a handful of questions on what the form's document doesn't ask, in the owner's language.

    They go from the general to the specific, and no topic has a second one before each has its first.

    Raises:
        FaultyFileError: the file of such a topic has faults.

    """
    bank = bank or find_question_bank()
    ids = {question["id"] for question in form["questions"]}
    asked = ids | {question.get("topic") for question in form["questions"]}
    language = form["languages"][0]
    left = [
        # One of type many is no question without its options.
        [_in(language, question["label"]) for question in questions if question["type"] != "many"]
        for questions in (read_bank_file(bank / f"{topic}.yaml") for topic in topics(bank) if topic not in asked)
        if ids.isdisjoint(question["id"] for question in questions)
    ]
    firsts_first = sorted((nth, place) for place, labels in enumerate(left) for nth in range(len(labels)))
    return [left[place][nth] for place, nth in sorted((place, nth) for nth, place in firsts_first[:HANDFUL])]


def unknown_topics(draft: Draft) -> Iterator[tuple[Where, str]]:
    """A topic from which nothing follows, as the bank has no such file."""
    known = topics()
    for index, question in enumerate(draft.document["questions"]):
        if "topic" in question and question["topic"] not in known:
            where = ("questions", index, "topic")
            yield where, f"The question bank has no file {question['topic']}: choose from {', '.join(known)}."


def _in(language: str, words: str | Mapping[str, str]) -> str:
    return words if isinstance(words, str) else words.get(language) or next(iter(words.values()))
