"""The texts of the pages: required and optional parts, and the differences between languages."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from prequal.forms import site_content
from prequal.forms.schema_faults import load_schema
from prequal.forms.site_content import check_content, read_content, untranslated_sentences
from prequal.forms.yaml_files import FaultyFileError, read_yaml
from prequal.pages.wording import languages
from prequal.resources import SHIPPED

_TEXTS: dict[str, Any] = {
    "title": "T",
    "description": "D",
    "hero": {"headline": "H", "lead": "L", "action": "A", "note": "N", "picture": {"noon": "n", "midnight": "m"}},
    "steps": {"title": "S", "list": [{"title": "One", "text": "First"}, {"title": "Two", "text": "Second"}]},
    "price": {"title": "P", "amount": "5", "text": "T", "terms": [{"title": "In", "text": "All"}]},
    "form": {"title": "F", "intro": "I", "offer": {"title": "O", "list": ["One", "Two"]}},
    "objections": {"title": "O", "list": [{"question": "Why?", "answer": "So"}]},
    "faq": {"title": "Q", "list": [{"question": "Who?", "answer": "We"}]},
    "privacy": {"contact": "C", "recipients": "R", "more": ["M"]},
    "thanks": {"title": "T", "text": ["One", "Two"], "more": ["M"]},
    "invitation": {"subject": "S", "opening": "O", "closing": "C", "signature": "S"},
    "reminder": {"subject": "S", "opening": "O", "closing": "C"},
    "footer": "F",
}


def texts(**changes: Any) -> dict[str, Any]:
    """Return complete texts with some of them changed; None leaves a part out."""
    changed = {**copy.deepcopy(_TEXTS), **changes}
    return {key: value for key, value in changed.items() if value is not None}


def write(folder: Path, **files: dict[str, Any]) -> None:
    """Write texts by language, as JSON, which is YAML too, one value per line."""
    for language, content in files.items():
        (folder / f"{language}.yaml").write_text(json.dumps(content, indent=1), encoding="utf-8")


def faulty_files(folder: Path, languages: Sequence[str]) -> list[FaultyFileError]:
    """Return the errors of the files in a folder."""
    return [read for _, read in check_content(folder, languages) if isinstance(read, FaultyFileError)]


def complaints(folder: Path, *languages: str) -> list[str]:
    """Return the faults of the files in a folder."""
    return [fault.message for error in faulty_files(folder, languages) for fault in error.faults]


def test_texts_are_read_by_language(tmp_path: Path) -> None:
    """Languages with the same parts are read, each from its file, whatever their order within it."""
    french = dict(reversed(texts(title="Titre").items()))
    write(tmp_path, en=texts(), fr=french)

    assert read_content(tmp_path, ["en", "fr"]) == {"en": texts(), "fr": french}


_OPTIONAL = ["steps", "price", "faq", "footer", "thanks", "invitation", "reminder"]


@pytest.mark.parametrize("part", _OPTIONAL)
@pytest.mark.parametrize("empty", ["left out", "nothing", "an empty text"])
def test_a_section_without_texts_is_off(tmp_path: Path, part: str, empty: str) -> None:
    """A part that is missing or empty is dropped, in every language."""
    without = texts(**{part: None})
    blanks: dict[str, dict[str, Any]] = {"left out": {}, "nothing": {part: None}, "an empty text": {part: ""}}
    write(tmp_path, en={**without, **blanks[empty]}, fr=without)

    assert read_content(tmp_path, ["en", "fr"]) == {"en": without, "fr": without}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"title": None}, "Add title, which is missing here."),
        ({"title": ""}, "Add title, which is missing here."),
        ({"faq": {"title": "Q", "list": []}}, "Add list, which is missing here."),
        ({"privacy": {"recipients": "R"}}, "Add contact, which is missing here."),
        ({"stepz": {"title": "S"}}, "stepz is not known here: did you mean steps?"),
        ({"title": 12}, 'Put this in quotes: "12".'),
        ({"title": ["a"]}, "Put this text in quotes, as it begins with [ or -."),
        ({"hero": "H"}, "Write headline, lead, action and, if you like, note here, each with its text."),
        ({"faq": {"title": "Q", "list": "Who?"}}, "Write a list here, each item with question and answer."),
        ({"thanks": {"text": "Soon"}}, "Write a list here, each item a paragraph."),
        ({"invitation": "Hello"}, "Write subject, opening, call, closing or signature here, or leave this out."),
        ({"reminder": {"subject": "A\nB"}}, "Write the subject on one line, in at most 100 characters."),
        ({"reminder": {"subject": "A" * 101}}, "Write the subject on one line, in at most 100 characters."),
        (
            {"invitation": {"opening": "A" * 1001}},
            "Write this as text of at most 1,000 characters, in quotes if need be.",
        ),
        ({"invitation": {"sign": "S"}}, "sign is not known here: did you mean signature?"),
    ],
)
def test_a_file_that_breaks_the_schema(tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    """Parts that are missing, misspelt or of another type are faults, in the first language too."""
    write(tmp_path, en={**texts(), **changes} if None not in changes.values() else texts(**changes))

    assert complaints(tmp_path, "en") == [complaint]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"faq": None}, "Add faq, which the first language has."),
        (
            {"hero": {name: text for name, text in _TEXTS["hero"].items() if name != "note"}},
            "Add note, which the first language has.",
        ),
        (
            {"faq": {**_TEXTS["faq"], "list": _TEXTS["faq"]["list"] * 2}},
            "List 1 items here, as the first language does.",
        ),
    ],
)
def test_each_language_has_the_parts_of_the_first(tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    """A part that a language lacks, or an item too many, is a fault of its file."""
    write(tmp_path, en=texts(), fr=texts(**changes))

    with pytest.raises(FaultyFileError) as caught:
        read_content(tmp_path, ["en", "fr"])
    assert caught.value.path == tmp_path / "fr.yaml"
    assert [fault.message for fault in caught.value.faults] == [complaint]


def test_a_part_that_only_another_language_has(tmp_path: Path) -> None:
    """A part that the first language leaves out is a fault elsewhere, at its line."""
    write(tmp_path, en=texts(footer=None), fr=texts())

    [error] = faulty_files(tmp_path, ["en", "fr"])

    [fault] = error.faults
    assert fault.message == "The first language has no footer: add it there, or remove it here."
    assert error.path.read_text(encoding="utf-8").splitlines()[fault.line - 1].startswith(' "footer"')


def test_the_words_of_the_picture_are_there(tmp_path: Path) -> None:
    """A word that the picture shows, and the texts lack, is a fault."""
    write(tmp_path, en=texts(hero={**_TEXTS["hero"], "picture": {"noon": "n"}}))

    with pytest.raises(FaultyFileError, match=r"Add picture: \{midnight: …\} here"):
        read_content(tmp_path, ["en"])


def test_faults_of_all_languages_are_reported(tmp_path: Path) -> None:
    """A file that doesn't exist, and one that lacks a part, are both reported."""
    write(tmp_path, en=texts(), fr=texts(footer=None))

    assert [
        (error.path.stem, *[fault.message for fault in error.faults])
        for error in faulty_files(tmp_path, ["en", "nl", "fr"])
    ] == [
        ("nl", "Add this file, with the texts of the page in nl, or remove nl from the form."),
        ("fr", "Add footer, which the first language has."),
    ]


def test_the_texts_of_the_checkout_are_complete() -> None:
    """Every language of the product has all page texts, and a translation of every sentence."""
    assert complaints(SHIPPED / "site" / "content", *languages()) == []
    assert [sentence for language in languages() for sentence in untranslated_sentences(language)] == []


def test_a_sentence_without_translation_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence that a language's catalogue leaves empty, or lacks, would be read in English."""
    monkeypatch.setattr(site_content, "CATALOGUES", tmp_path)
    catalogues = {"en": {"Yes": "", "No": "", "Perhaps": ""}, "fr": {"Yes": "Oui", "No": ""}}
    for language, sentences in catalogues.items():
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        entries = (f'msgid "{sentence}"\nmsgstr "{string}"\n' for sentence, string in sentences.items())
        (folder / "prequal.po").write_text("\n".join(entries), encoding="utf-8")

    assert untranslated_sentences("fr") == ["No", "Perhaps"]


def test_editors_complete_and_check_the_files() -> None:
    """Every file names the schema for editors, and the schema accepts it as it is written."""
    schema = load_schema("content")
    Draft202012Validator.check_schema(schema)
    for language in languages():
        path = SHIPPED / "site" / "content" / f"{language}.yaml"
        modeline, address = path.read_text(encoding="utf-8").splitlines()[0].split("=")
        assert modeline == "# yaml-language-server: $schema"
        assert json.loads((path.parent / address).read_text(encoding="utf-8")) == schema
        assert Draft202012Validator(schema).is_valid(read_yaml(path).content)


@pytest.mark.parametrize("part", _OPTIONAL)
def test_editors_accept_a_section_that_is_off(part: str) -> None:
    """The schema, too, accepts a section that has no texts."""
    assert Draft202012Validator(load_schema("content")).is_valid({**texts(), part: None})
