"""Reading a form from its document."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given

from prequal.core.form import Axis, Form, Grade, Kind, Method, canonical_json, form_from, version_of
from support import builders
from unit import strategies

SMALLEST = {
    "id": "small",
    "languages": ["en", "fr"],
    "currency": "EUR",
    "starting_price": 0,
    "business": {"name": "N", "url": "https://n.example", "privacy_url": "https://n.example/p"},
    "questions": [
        {"id": "work", "type": "one", "axis": "fit", "label": "What?", "options": [{"id": "a", "label": "A"}]},
        {"id": "words", "type": "text", "label": "Why?"},
    ],
    "scoring": {"grades": {"hot": 2, "warm": 1}},
}


def test_what_the_owner_leaves_out_has_a_default() -> None:
    """Points, warm, two weeks, two years and half a year are what a form has unless it says otherwise."""
    form = form_from(SMALLEST)
    assert (form.scoring.method, form.scoring.qualify, form.scoring.minimum) == (Method.POINTS, Grade.WARM, {})
    assert (form.invitation_days, form.qualified_days, form.unqualified_days) == (14, 730, 180)
    assert form.prepare == {"en": [], "fr": []}


def test_text_is_optional_and_the_rest_required() -> None:
    """A text question may be left empty unless the form says otherwise; any other must be answered."""
    assert [question.required for question in form_from(SMALLEST).questions] == [True, False]


def test_what_the_owner_writes_is_kept() -> None:
    """Everything in the document is in the form."""
    form = builders.form()
    assert form.scoring.grades == {Grade.HOT: 50, Grade.WARM: 30}
    assert form.scoring.minimum == {Axis.FIT: 20}
    assert [question.kind for question in form.questions] == [Kind.ONE, Kind.ONE, Kind.NUMBER, Kind.MANY, Kind.TEXT]
    pages, services, goals = form.questions[2:]
    assert (pages.min, pages.max, [band.up_to for band in pages.bands]) == (1, 500, [5, None])
    assert (services.max_points, services.required, goals.max_length) == (15, False, 600)
    assert form.business.privacy_url == "https://studio.example/privacy"


def test_one_text_serves_every_language() -> None:
    """A text that isn't written by language is the text of each."""
    assert form_from(SMALLEST).questions[0].label == {"en": "What?", "fr": "What?"}


def test_a_missing_language_reads_the_first_there_is() -> None:
    """A text that lacks a language has there the first of the form's languages that it has."""
    document = builders.document()
    document["languages"] = ["en", "nl", "fr"]
    question = document["questions"][0]
    question["label"] = {"fr": "Combien ?", "nl": "Hoeveel?"}
    question["help"] = {"fr": "Sans compter"}
    question["options"][0]["reveals"] = {"en": "Most"}
    read = form_from(document).questions[0]
    assert read.label == {"en": "Hoeveel?", "nl": "Hoeveel?", "fr": "Combien ?"}
    assert read.help == {"en": "Sans compter", "nl": "Sans compter", "fr": "Sans compter"}
    assert read.options[0].reveals == {"en": "Most", "nl": "Most", "fr": "Most"}
    assert read.options[1].reveals is None


@pytest.mark.parametrize(("asked", "spoken"), [("fr", "fr"), ("nl", "en"), ("", "en"), ("FR", "en")])
def test_an_unknown_language_is_the_default(asked: str, spoken: str) -> None:
    """Whoever asks for a language that the form doesn't speak gets its first."""
    assert builders.form().language(asked) == spoken


def test_questions_and_options_are_found_by_id() -> None:
    """A question or an option is found by its id; there is no question of another, and an option must be there."""
    form = builders.form()
    budget = form.question("budget")
    assert budget is form.questions[0]
    assert budget.option("around").points == 20
    assert form.question("colour") is None
    with pytest.raises(KeyError, match="colour"):
        budget.option("colour")


def test_grades_have_an_order() -> None:
    """Each grade reaches itself and every grade below it."""
    assert [[grade.reaches(other) for other in Grade] for grade in Grade] == [
        [True, True, True],
        [False, True, True],
        [False, False, True],
    ]


def test_canonical_json_is_written_out() -> None:
    """Canonical JSON has its keys sorted, no white space, and UTF-8 as it is."""
    assert canonical_json({"b": [1, True], "a": "é €"}) == '{"a":"é €","b":[1,true]}'.encode()


def test_the_version_is_of_the_content() -> None:
    """The version is the beginning of the SHA-256 of the canonical JSON."""
    assert version_of({"b": 1, "a": "é"}) == hashlib.sha256('{"a":"é","b":1}'.encode()).hexdigest()[:12]


@given(strategies.documents())
def test_the_order_of_keys_makes_no_version(document: dict[str, object]) -> None:
    """The same content has the same version in whatever order it is written."""
    assert form_from(dict(reversed(document.items()))).version == form_from(document).version


def test_another_word_makes_another_version() -> None:
    """Any change to the content, even of one label, is another version."""
    document = builders.document()
    document["questions"][1]["label"] = "By when, please?"
    assert form_from(document).version != builders.form().version


@given(strategies.forms())
def test_texts_are_complete(form: Form) -> None:
    """Every text of a form is there in every language of the form."""
    for question in form.questions:
        for words in (question.label, *(option.label for option in question.options)):
            assert tuple(words) == form.languages
