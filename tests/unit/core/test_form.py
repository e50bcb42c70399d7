"""Reading of a form from its document."""

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


def test_optional_keys_have_defaults() -> None:
    """The defaults are points, warm, two weeks, two years and half a year."""
    form = form_from(SMALLEST)
    assert (form.scoring.method, form.scoring.qualify, form.scoring.minimum) == (Method.POINTS, Grade.WARM, {})
    assert (form.invitation_days, form.qualified_days, form.unqualified_days) == (14, 730, 180)
    assert form.prepare == {"en": [], "fr": []}


def test_only_text_is_optional_by_default() -> None:
    """A text question is optional and any other required, unless the form says otherwise."""
    assert [question.required for question in form_from(SMALLEST).questions] == [True, False]


def test_every_key_of_the_document_is_read() -> None:
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
    """A text without languages is used for each of them."""
    assert form_from(SMALLEST).questions[0].label == {"en": "What?", "fr": "What?"}


def test_a_missing_language_falls_back_on_the_first_one() -> None:
    """A text without one of the form's languages uses the first of them that it has."""
    document = builders.document()
    document["languages"] = ["en", "nl", "fr"]
    question = document["questions"][0]
    question["label"] = {"fr": "Combien ?", "nl": "Hoeveel?"}
    question["help"] = {"fr": "Sans compter"}
    question["options"][0]["reveals"] = {"en": "Most"}
    read = form_from(document).questions[0]
    assert read.label == {"en": "Hoeveel?", "nl": "Hoeveel?", "fr": "Combien ?"}
    assert read.help == {"en": "Sans compter", "nl": "Sans compter", "fr": "Sans compter"}
    assert [reveal.text for reveal in read.options[0].reveals] == [{"en": "Most", "nl": "Most", "fr": "Most"}]
    assert read.options[1].reveals == ()


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("fr", "fr"), ("nl", "en"), ("", "en"), ("FR", "fr"), ("fr-CA", "fr"), ("fr_BE.UTF-8", "fr"),
     ("zh-Hant-TW", "en"), ("f", "en"), ("fr" + "-x" * 20_000, "fr"), ("-fr", "en")],
)  # fmt: skip
def test_a_language_is_looked_up(asked: str, spoken: str) -> None:
    """A regional form of a language is that language (RFC 4647); one that the form doesn't have is the default."""
    assert builders.form().language(asked) == spoken


def test_questions_are_found_by_id() -> None:
    """An unknown question is None."""
    form = builders.form()
    assert form.question("budget") is form.questions[0]
    assert form.question("colour") is None


def test_grades_have_an_order() -> None:
    """Each grade reaches itself and every grade below it."""
    assert [[grade.reaches(other) for other in Grade] for grade in Grade] == [
        [True, True, True],
        [False, True, True],
        [False, False, True],
    ]


def test_canonical_json_is_written_out() -> None:
    """Canonical JSON has sorted keys, no white space, and unescaped UTF-8."""
    assert canonical_json({"b": [1, True], "a": "é €"}) == '{"a":"é €","b":[1,true]}'.encode()


def test_the_version_is_a_hash_of_the_content() -> None:
    """The version is the beginning of the SHA-256 of the canonical JSON."""
    assert version_of({"b": 1, "a": "é"}) == hashlib.sha256('{"a":"é","b":1}'.encode()).hexdigest()[:12]


@given(strategies.documents())
def test_the_order_of_keys_does_not_change_the_version(document: dict[str, object]) -> None:
    """Equal content has the same version in any order."""
    assert form_from(dict(reversed(document.items()))).version == form_from(document).version


def test_any_change_of_content_changes_the_version() -> None:
    """Even a change of one label gives another version."""
    document = builders.document()
    document["questions"][1]["label"] = "By when, please?"
    assert form_from(document).version != builders.form().version


@given(strategies.forms())
def test_texts_are_complete(form: Form) -> None:
    """Every text of a form exists in every language of the form."""
    for question in form.questions:
        for words in (question.label, *(option.label for option in question.options)):
            assert tuple(words) == form.languages
