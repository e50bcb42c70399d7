"""What the question bank suggests to ask in a call."""

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
    """It asks about need, work, budget, time and decision; what is left goes from what they have to what they know."""
    suggested = suggestions(read_form(SCHEMA / "form.yaml"))

    assert suggested[0] == "What do you have today?"
    assert suggested[-1] == "Have you had work like this done before?"
    assert len(suggested) == 6


@pytest.mark.parametrize("question", [{"id": "first_time"}, {"id": "experience"}, {"id": "x", "topic": "first_time"}])
def test_a_topic_is_asked_once(question: dict[str, Any]) -> None:
    """A question of the form's own takes its topic away: by its id, as one of the bank, or as it says."""
    form = read_form(SCHEMA / "form.yaml")
    more = {"type": "text", "label": "?", **question}

    suggested = suggestions({**form, "questions": [*form["questions"], more]})

    assert "Have you had work like this done before?" not in suggested


def test_each_topic_first_has_one() -> None:
    """Where the form asks little, the handful is spread over the topics, from pains to expectations."""
    suggested = suggestions(asking({"id": "name_it"}))

    assert suggested[:3] == [
        "Who does this kind of work for you today?",
        "What do you have today?",
        "About how many pages will the site have?",
    ]
    assert len(suggested) == 6


def test_it_is_in_the_language_of_the_owner() -> None:
    """The form's first language is the owner's."""
    assert suggestions({**asking({"id": "x"}), "languages": ["fr", "en"]})[1].startswith("Qu’avez-vous aujourd’hui")


def test_a_bank_of_ones_own(tmp_path: Path) -> None:
    """Further files are further topics; a text may serve all languages."""
    (tmp_path / "press.yaml").write_text("questions: [{id: press, type: text, label: Who writes about you?}]")

    assert topics(tmp_path) == ["press"]
    assert suggestions(asking({"id": "x"}), tmp_path) == ["Who writes about you?"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- press", "List the questions of this topic under questions."),
        ("questions: [{id: press, type: text}]", "Add label, which is missing here."),
    ],
)
def test_a_faulty_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    """A file of the bank that can't be read so is a sentence with its place."""
    (tmp_path / "press.yaml").write_text(text)

    with pytest.raises(FaultyFileError) as refused:
        suggestions(asking({"id": "x"}), tmp_path)

    assert [fault.message for fault in refused.value.faults] == [message]
