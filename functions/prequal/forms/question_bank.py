"""The question bank: one file per topic, with questions to copy into the form or to ask in the call."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prequal.analysis.faults import Faults
from prequal.analysis.form_analysis import Analysis
from prequal.forms.schema_faults import schema_faults
from prequal.forms.yaml_files import read_yaml
from prequal.pages.labels import HANDFUL
from prequal.resources import find_question_bank

# From the general to the specific: pains, then goals, then expectations. Other topics come last.
_ORDER = (
    "need", "buying_temperature", "kind_of_work", "their_side", "repeat_business", "timeline", "working_together",
    "first_time", "decision", "budget", "who_they_are",
)  # fmt: skip


def topics(bank: Path | None = None) -> Sequence[str]:
    """Return the bank's topics, from the general to the specific."""
    bank = bank or find_question_bank()
    known = [topic for topic in _ORDER if (bank / f"{topic}.yaml").is_file()]
    return [*known, *sorted(path.stem for path in bank.glob("*.yaml") if path.stem not in _ORDER)]


def suggestions(form: Mapping[str, Any], bank: Path | None = None) -> Sequence[str]:
    """Return a handful of questions about topics that the form doesn't cover, in the owner's language.

    They go from the general to the specific, and every topic gets its first question before any gets a second.

    Raises:
        FaultyFileError: the file of such a topic has faults.
    """
    bank = bank or find_question_bank()
    ids = {question["id"] for question in form["questions"]}
    covered = ids | {question.get("topic") for question in form["questions"]}
    language = form["languages"][0]
    remaining = [
        [_in(language, question["label"]) for question in _askable(questions)]
        for questions in (_read_topic(bank / f"{topic}.yaml") for topic in topics(bank) if topic not in covered)
        if ids.isdisjoint(question["id"] for question in questions)
    ]
    firsts_first = sorted((nth, place) for place, labels in enumerate(remaining) for nth in range(len(labels)))
    return [remaining[place][nth] for place, nth in sorted((place, nth) for nth, place in firsts_first[:HANDFUL])]


def unknown_topics(analysis: Analysis) -> Faults:
    """Find topics that have no effect, because the bank has no such file."""
    known = topics()
    for index, question in enumerate(analysis.document["questions"]):
        if "topic" in question and question["topic"] not in known:
            where = ("questions", index, "topic")
            yield where, f"The question bank has no file {question['topic']}: choose from {', '.join(known)}."


def _read_topic(path: Path) -> Sequence[dict[str, Any]]:
    """Return the questions of a file; FaultyFileError with every fault."""
    file = read_yaml(path)
    content = file.content if isinstance(file.content, dict) else {}
    faults = [fault for fault in schema_faults("form", file, content) if fault[0][:1] == ("questions",)]
    if "questions" not in content:
        faults = [((), "List the questions of this topic under questions.")]
    file.refuse(faults)
    questions: Sequence[dict[str, Any]] = content["questions"]
    return questions


def _askable(questions: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Return the questions that can be asked in a call: none that needs its options, or follows one not asked."""
    askable: dict[str, dict[str, Any]] = {}
    for question in questions:
        if question["type"] != "many" and askable.keys() >= question.get("ask_if", {}).keys():
            askable[question["id"]] = question
    return list(askable.values())


def _in(language: str, text: str | Mapping[str, str]) -> str:
    return text if isinstance(text, str) else text.get(language) or next(iter(text.values()))
