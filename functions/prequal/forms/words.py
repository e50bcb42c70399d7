"""The words of the pages: the owner's, a file a language, and ours, in the catalogues; and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from prequal.forms.yaml_files import Fault, FaultyFileError, Where, YamlFile, read_yaml
from prequal.pages.catalogues import DOMAIN, FOLDER

# What a file of words may hold: words under each key, a list of alike things where the value is a list. A key that ends
# in a question mark may be left out, and what it stands for is then not on the page.
_TITLED = {"title": "", "text": ""}
_SHAPE: dict[str, Any] = {
    "title": "",
    "description": "",
    "hero": {"headline": "", "lead": "", "action": "", "note?": ""},
    "steps?": {"title": "", "list": [_TITLED]},
    "price?": {"title": "", "amount": "", "text": "", "terms?": [_TITLED]},
    "form": {"title": "", "intro?": ""},
    "faq?": {"title": "", "list": [{"question": "", "answer": ""}]},
    "privacy": {"contact": "", "recipients?": ""},
    "footer?": "",
}


def read_words(folder: Path, languages: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Read the page's words, a file a language. What is empty is as if it weren't there.

    Raises:
        FaultyFileError: words are missing, or nothing shows them, or a language has others than the first one.

    """
    words = {}
    model = None
    for language in languages:
        file = _without_empty(read_yaml(folder / f"{language}.yaml"))
        model = model or file
        faults = list(_faults(file, model))
        if faults:
            raise FaultyFileError(file.path, faults)
        words[language] = file.content
    return words


def faulty_words(folder: Path, languages: Sequence[str]) -> Iterator[FaultyFileError]:
    """Say of each file of words what is wrong with it, if anything is."""
    for language in languages:
        try:
            read_words(folder, [languages[0], language])
        except FaultyFileError as error:
            if error.path.stem == language:
                yield error


def untranslated(language: str) -> Sequence[str]:
    """Return the sentences of ours that a language's catalogue lacks: its readers would meet them in English."""
    with _catalogue_file(language).open("rb") as file:
        translated = {message.id for message in read_po(file) if message.string and all(message.string)}
    with _catalogue_file("en").open("rb") as file:
        missing = [message.id for message in read_po(file) if message.id and message.id not in translated]
    return [sentence if isinstance(sentence, str) else sentence[0] for sentence in missing]


def _catalogue_file(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def _without_empty(file: YamlFile) -> YamlFile:
    return YamlFile(file.path, _filled_parts(file.content), file.places)


def _filled_parts(value: object) -> object:
    if isinstance(value, dict):
        parts = {key: _filled_parts(part) for key, part in value.items()}
        return {key: part for key, part in parts.items() if part not in (None, "", {}, [])}
    # Every item of a list keeps its place, which is how it is told from the others.
    return [_filled_parts(item) for item in value] if isinstance(value, list) else value


def _faults(file: YamlFile, model: YamlFile) -> Sequence[Fault]:
    """Return what the page can't do with these words, or else how they differ from the first language's."""
    return list(_misfits(file, _SHAPE, file.content, ())) or list(_differences(file, model.content, file.content, ()))


def _misfits(file: YamlFile, shape: object, words: object, where: Where) -> Iterator[Fault]:
    match shape, words:
        case dict(), dict():
            yield from _misfits_of_parts(file, shape, words, where)
        case dict(), _:
            yield file.fault(where, f"Write {', '.join(key.rstrip('?') for key in shape)} here, each with its words.")
        case [item], list():
            for index, part in enumerate(words):
                yield from _misfits(file, item, part, (*where, index))
        case [_], _:
            yield file.fault(where, "Write a list here.")
        case str(), _ if not isinstance(words, str):
            yield file.fault(where, "Write this as text, in quotes if need be.")


def _misfits_of_parts(
    file: YamlFile, shape: Mapping[str, object], words: Mapping[str, object], where: Where
) -> Iterator[Fault]:
    parts = {key.rstrip("?"): part for key, part in shape.items()}
    for key in shape.keys() - words.keys():
        if not key.endswith("?"):
            yield file.fault((*where, key), f"Add {key}, which the page can’t do without.")
    for key in words.keys() - parts.keys():
        yield file.fault((*where, key), f"{key} is shown nowhere: it is one of {', '.join(parts)}, or misspelt.")
    for key in words.keys() & parts.keys():
        yield from _misfits(file, parts[key], words[key], (*where, key))


def _differences(file: YamlFile, model: Any, words: Any, where: Where) -> Iterator[Fault]:  # noqa: ANN401, both of the page's shape
    if isinstance(model, dict):
        for key in model.keys() - words.keys():
            yield file.fault((*where, key), f"Add {key}, which the first language has.")
        for key in words.keys() - model.keys():
            yield file.fault((*where, key), f"The first language has no {key}: add it there, or remove it here.")
        for key in model.keys() & words.keys():
            yield from _differences(file, model[key], words[key], (*where, key))
    elif isinstance(model, list):
        if len(model) != len(words):
            yield file.fault(where, f"List {len(model)} items here, as the first language does.")
        for index, pair in enumerate(zip(model, words, strict=False)):
            yield from _differences(file, *pair, (*where, index))
