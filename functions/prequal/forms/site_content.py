"""The texts of the pages: the owner's in site/content, one file per language, and prequal's own in the catalogues."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from prequal.forms.yaml_files import Faults, FaultyFileError, Where, read_yaml, schema_faults
from prequal.pages.wording import CATALOGUES, DOMAIN


def read_content(folder: Path, languages: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Read the owner's texts by language, without empty parts.

    FaultyFileError if a file breaks its schema, or has other parts than the first language's.
    """
    contents: dict[str, Mapping[str, Any]] = {}
    for language in languages:
        file = read_yaml(folder / f"{language}.yaml")
        content: Any = _without_empty_parts(file.content)
        file.refuse(schema_faults("content", content))
        file.refuse(_differences(contents.get(languages[0], content), content, ()))
        contents[language] = content
    return contents


def find_faulty_files(folder: Path, languages: Sequence[str]) -> Iterator[FaultyFileError]:
    """Yield the error of each language's file that has faults."""
    for language in languages:
        try:
            read_content(folder, [languages[0], language])
        except FaultyFileError as error:
            if error.path.stem == language:
                yield error


def untranslated_sentences(language: str) -> Sequence[str]:
    """Return prequal's sentences that the catalogue of a language lacks: its readers get them in English."""
    paths = (CATALOGUES / name / "LC_MESSAGES" / f"{DOMAIN}.po" for name in (language, "en"))
    own, english = (read_po(path.read_bytes().splitlines()) for path in paths)
    translated = {message.id for message in own if message.string and all(message.string)}
    missing = [message.id for message in english if message.id and message.id not in translated]
    return [sentence if isinstance(sentence, str) else sentence[0] for sentence in missing]


def _without_empty_parts(value: object) -> object:
    if isinstance(value, dict):
        parts = {key: _without_empty_parts(part) for key, part in value.items()}
        return {key: part for key, part in parts.items() if part not in (None, "", {}, [])}
    # Empty items of a list stay, so that the places of the others remain true.
    return [_without_empty_parts(item) for item in value] if isinstance(value, list) else value


def _differences(first: Any, content: Any, where: Where) -> Faults:  # noqa: ANN401, both have passed the schema
    """Compare a language's texts with the first language's."""
    if isinstance(first, dict):
        for key in first.keys() - content.keys():
            yield (*where, key), f"Add {key}, which the first language has."
        for key in content.keys() - first.keys():
            yield (*where, key), f"The first language has no {key}: add it there, or remove it here."
        for key in first.keys() & content.keys():
            yield from _differences(first[key], content[key], (*where, key))
    elif isinstance(first, list):
        if len(first) != len(content):
            yield where, f"List {len(first)} items here, as the first language does."
        for index, pair in enumerate(zip(first, content, strict=False)):
            yield from _differences(*pair, (*where, index))
