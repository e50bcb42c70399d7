"""The default form and the question bank, from which every owner starts."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from prequal.analysis.form_analysis import analyse
from prequal.core.form import Grade, form_from
from prequal.forms import form_file
from prequal.forms.form_check import check_form
from prequal.forms.form_file import read_form
from prequal.forms.question_bank import topics
from prequal.forms.rules import visible_fields
from prequal.forms.yaml_files import read_yaml
from prequal.resources import SCHEMA
from support import builders

LANGUAGES = {"en", "fr", "nl", "ru", "pl"}
BANK = sorted((SCHEMA / "questions").glob("*.yaml"))
QUESTIONS: list[dict[str, Any]] = [question for path in BANK for question in read_yaml(path).content["questions"]]


def test_the_default_form_is_right() -> None:
    """The default form has no errors and no warnings: it reaches every grade, with every text in every language."""
    report = check_form(SCHEMA / "form.yaml")
    assert report.errors == []
    assert report.analysis is not None
    assert set(report.analysis.form.languages) == LANGUAGES
    assert report.warnings == []
    assert "silence" not in report.analysis.document


def test_the_default_form_is_short_and_begins_with_the_easiest() -> None:
    """It has eight fields, four of them scored, and first asks for what visitors came for; a quarter are invited."""
    analysis = analyse(read_form(SCHEMA / "form.yaml"))
    assert visible_fields(analysis.form) == [
        "work", "provider", "budget", "timeline", "goals", "name", "email", "website",
    ]  # fmt: skip
    assert analysis.form.questions[0].label["en"] == "What do you need?"
    scored = [question for question in analysis.form.questions if question.axis]
    assert [question.id for question in scored] == ["work", "provider", "budget", "timeline"]
    best = Counter[str]()
    for question in scored:
        best[str(question.axis)] += max(option.points for option in question.options)
    assert best == {"fit": 50, "intent": 50}
    assert Fraction(1, 4) <= analysis.shares.qualified <= Fraction(1, 3)
    assert analysis.shares.grades[Grade.HOT] <= Fraction(1, 10)


def test_the_bank_covers_every_topic_of_qualification() -> None:
    """There is a file for each topic that qualification asks about."""
    assert {path.stem for path in BANK} >= {
        "need", "kind_of_work", "budget", "timeline", "first_time", "decision", "repeat_business", "buying_temperature",
        "working_together", "their_side", "who_they_are",
    }  # fmt: skip
    assert topics()[-1] == "who_they_are", "a topic has no place in the order of the suggestions"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["id"])
def test_a_question_of_the_bank_is_valid(tmp_path: Path, question: dict[str, Any]) -> None:
    """A question can be copied into a form of all five languages as it is, with the one that it follows."""
    before = [other for other in QUESTIONS if other["id"] in question.get("ask_if", {})]
    document = {**builders.document(), "languages": sorted(LANGUAGES), "questions": [*before, question]}
    path = tmp_path / "form.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert form_from(read_form(path)).questions[-1].id == question["id"]


def test_what_they_like_is_asked_of_those_who_have_one() -> None:
    """Do they have one, since when, and what do they like: the last two only of those who have one."""
    first, *others = read_yaml(SCHEMA / "questions/buying_temperature.yaml").content["questions"]
    have = [option["id"] for option in first["options"] if option["id"] != "nothing"]
    assert [other["ask_if"] for other in others] == [{first["id"]: have}] * 2


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["id"])
def test_a_question_of_the_bank_speaks_every_language(question: dict[str, Any]) -> None:
    """Every text of the bank exists in all five languages, and no other."""
    texts = dict(form_file.texts_by_language(question))
    assert ("label",) in texts
    assert {where: set(words) for where, words in texts.items()} == dict.fromkeys(texts, LANGUAGES)


def test_nobody_has_to_admit_that_they_do_not_decide() -> None:
    """The bank asks who decides, and how many, besides the person who answers, in every language."""
    besides = {
        "en": "besides you", "fr": "en dehors de vous", "nl": "naast jou", "ru": "кроме вас", "pl": "oprócz Ciebie",
    }  # fmt: skip
    [who] = [question["label"] for question in QUESTIONS if question["id"] == "decision"]
    [how_many] = [question["label"] for question in QUESTIONS if question["id"] == "approvers"]
    for language, words in besides.items():
        assert words in who[language]
        assert words in how_many[language]


def test_ids_are_unique_over_the_bank() -> None:
    """Any two questions of the bank can stand in one form."""
    ids = Counter(question["id"] for question in QUESTIONS)
    assert [one for one, times in ids.items() if times > 1] == []


@pytest.mark.parametrize("path", BANK, ids=lambda path: path.stem)
def test_the_bank_is_questions_only(path: Path) -> None:
    """A file of the bank contains questions, and nothing that copying them would miss."""
    content = read_yaml(path).content
    assert list(content) == ["questions"]
    assert content["questions"]
