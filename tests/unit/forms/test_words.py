"""The words of the pages: what they must have, may leave out, and lack."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from prequal.forms.words import faulty_words, read_words, untranslated
from prequal.forms.yaml_files import FaultyFileError
from prequal.pages.catalogues import languages
from prequal.resources import SHIPPED

_WORDS: dict[str, Any] = {
    "title": "T",
    "description": "D",
    "hero": {"headline": "H", "lead": "L", "action": "A", "note": "N"},
    "steps": {"title": "S", "list": [{"title": "One", "text": "First"}, {"title": "Two", "text": "Second"}]},
    "price": {"title": "P", "amount": "5", "text": "T", "terms": [{"title": "In", "text": "All"}]},
    "form": {"title": "F", "intro": "I"},
    "faq": {"title": "Q", "list": [{"question": "Who?", "answer": "We"}]},
    "privacy": {"contact": "C", "recipients": "R"},
    "footer": "F",
}


def words(**changes: Any) -> dict[str, Any]:
    """Return complete words with some of them changed; None leaves a part out."""
    changed = {**copy.deepcopy(_WORDS), **changes}
    return {key: value for key, value in changed.items() if value is not None}


def write(folder: Path, **files: dict[str, Any]) -> None:
    """Write words by language, as JSON, which is YAML too, with a value a line."""
    for language, content in files.items():
        (folder / f"{language}.yaml").write_text(json.dumps(content, indent=1), encoding="utf-8")


def complaints(folder: Path, *languages: str) -> list[str]:
    """Return what is wrong with the words in a folder."""
    return [fault.message for error in faulty_words(folder, languages) for fault in error.faults]


def test_words_are_read_by_language(tmp_path: Path) -> None:
    """Languages with the same parts are read, each from its file, whatever their order within it."""
    french = dict(reversed(words(title="Titre").items()))
    write(tmp_path, en=words(), fr=french)

    assert read_words(tmp_path, ["en", "fr"]) == {"en": words(), "fr": french}


@pytest.mark.parametrize("part", ["steps", "price", "faq", "footer"])
@pytest.mark.parametrize("empty", ["left out", "nothing", "an empty text"])
def test_a_section_without_words_is_off(tmp_path: Path, part: str, empty: str) -> None:
    """A part that isn't there, or has nothing in it, is as if it had never been thought of, in every language."""
    without = words(**{part: None})
    blanks: dict[str, dict[str, Any]] = {"left out": {}, "nothing": {part: None}, "an empty text": {part: ""}}
    write(tmp_path, en={**without, **blanks[empty]}, fr=without)

    assert read_words(tmp_path, ["en", "fr"]) == {"en": without, "fr": without}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"title": None}, "Add title, which the page can’t do without."),
        ({"title": ""}, "Add title, which the page can’t do without."),
        ({"faq": {"title": "Q", "list": []}}, "Add list, which the page can’t do without."),
        ({"privacy": {"recipients": "R"}}, "Add contact, which the page can’t do without."),
        (
            {"stepz": {"title": "S"}},
            (
                "stepz is shown nowhere: it is one of title, description, hero, steps, price, form, faq, privacy, "
                "footer, or misspelt."
            ),
        ),
        ({"title": 12}, "Write this as text, in quotes if need be."),
        ({"hero": "H"}, "Write headline, lead, action, note here, each with its words."),
        ({"faq": {"title": "Q", "list": "Who?"}}, "Write a list here."),
    ],
)
def test_what_the_page_has_no_place_for(tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    """Words that are missing, misspelt or of another kind are faults, in the first language too."""
    write(tmp_path, en={**words(), **changes} if None not in changes.values() else words(**changes))

    assert complaints(tmp_path, "en") == [complaint]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"faq": None}, "Add faq, which the first language has."),
        ({"hero": {"headline": "H", "lead": "L", "action": "A"}}, "Add note, which the first language has."),
        (
            {"faq": {**_WORDS["faq"], "list": _WORDS["faq"]["list"] * 2}},
            "List 1 items here, as the first language does.",
        ),
    ],
)
def test_each_language_has_the_words_of_the_first(tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    """What one language lacks, or has too much of, is a fault of its file."""
    write(tmp_path, en=words(), fr=words(**changes))

    with pytest.raises(FaultyFileError) as caught:
        read_words(tmp_path, ["en", "fr"])
    assert caught.value.path == tmp_path / "fr.yaml"
    assert [fault.message for fault in caught.value.faults] == [complaint]


def test_a_part_that_only_another_language_has(tmp_path: Path) -> None:
    """A part that the first language leaves out is a fault elsewhere, at its line."""
    write(tmp_path, en=words(footer=None), fr=words())

    [error] = faulty_words(tmp_path, ["en", "fr"])

    [fault] = error.faults
    assert fault.message == "The first language has no footer: add it there, or remove it here."
    assert error.path.read_text(encoding="utf-8").splitlines()[fault.line - 1].startswith(' "footer"')


def test_all_languages_are_complained_of(tmp_path: Path) -> None:
    """A file that isn't there, and one that lacks something, are both named."""
    write(tmp_path, en=words(), fr=words(footer=None))

    assert [
        (error.path.stem, *[fault.message for fault in error.faults])
        for error in faulty_words(tmp_path, ["en", "nl", "fr"])
    ] == [
        ("nl", "There is no such file."),
        ("fr", "Add footer, which the first language has."),
    ]


def test_the_words_of_the_checkout_are_complete() -> None:
    """Every language that comes with prequal has all of the page's words, and all of ours."""
    assert complaints(SHIPPED / "site" / "content", *languages()) == []
    assert [sentence for language in languages() for sentence in untranslated(language)] == []
