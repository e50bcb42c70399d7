"""The questions that the bank suggests for a call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from prequal.forms.form_file import read_form
from prequal.forms.question_bank import suggestions, topics
from prequal.forms.yaml_files import FaultyFileError
from prequal.resources import SCHEMA
from support import builders


def asking(*questions: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a form that asks these."""
    return {**builders.document(), "questions": [{"type": "text", "label": "?", **question} for question in questions]}


def test_the_default_form_leaves_out_the_specific() -> None:
    """It covers need, work, budget and time; the suggestions go from what they have to who decides."""
    suggested = suggestions(read_form(SCHEMA / "form.yaml"))

    assert suggested[0] == "Do you have something like this today?"
    assert suggested[-1] == "Who, besides you, approves the project?"
    assert len(suggested) == 6


@pytest.mark.parametrize("question", [{"id": "first_time"}, {"id": "experience"}, {"id": "x", "topic": "first_time"}])
def test_a_topic_is_covered_once(question: dict[str, Any]) -> None:
    """A question covers its topic: by its id, as a question of the bank, or by its `topic`."""
    form = read_form(SCHEMA / "form.yaml")
    more = {"type": "text", "label": "?", **question}

    suggested = suggestions({**form, "questions": [*form["questions"], more]})

    assert "Have you had work like this done before?" not in suggested


def test_each_topic_gets_one_question_first() -> None:
    """If the form asks little, the suggestions are spread over the topics, from pains to expectations."""
    suggested = suggestions(asking({"id": "name_it"}))

    assert suggested[:3] == [
        "Who does this kind of work for you today?",
        "Do you have something like this today?",
        "About how many pages will the site have?",
    ]
    assert len(suggested) == 6


def test_suggestions_are_in_the_language_of_the_owner() -> None:
    """The form's first language is the owner's."""
    assert suggestions({**asking({"id": "x"}), "languages": ["fr", "en"]})[1].startswith("Avez-vous déjà quelque chose")


def test_an_owner_adds_a_topic(tmp_path: Path) -> None:
    """Further files are further topics; a text may serve all languages."""
    (tmp_path / "press.yaml").write_text("questions: [{id: press, type: text, label: Who writes about you?}]")

    assert topics(tmp_path) == ["press"]
    assert suggestions(asking({"id": "x"}), tmp_path) == ["Who writes about you?"]


def test_a_question_follows_the_one_before_it(tmp_path: Path) -> None:
    """A question about an answer is suggested only with the question that has this answer."""
    press = """questions:
      - {id: channels, type: many, axis: fit, label: "Where?", options: [{id: am, label: AM}, {id: fm, label: FM}]}
      - {id: station, type: text, label: "Which station?", ask_if: {channels: [am]}}
      - {id: known, type: one, axis: fit, label: "Known?", options: [{id: yes, label: "Yes"}, {id: no, label: "No"}]}
      - {id: since, type: text, label: "Since when?", ask_if: {known: [yes]}}
    """
    (tmp_path / "press.yaml").write_text(press)

    assert suggestions(asking({"id": "x"}), tmp_path) == ["Known?", "Since when?"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- press", "List the questions of this topic under questions."),
        ("questions: [{id: press, type: text}]", "Add label, which is missing here."),
    ],
)
def test_faults_of_a_file_are_reported(tmp_path: Path, text: str, message: str) -> None:
    """A faulty file of the bank is refused with every fault."""
    (tmp_path / "press.yaml").write_text(text)

    with pytest.raises(FaultyFileError) as refused:
        suggestions(asking({"id": "x"}), tmp_path)

    assert [fault.message for fault in refused.value.faults] == [message]
