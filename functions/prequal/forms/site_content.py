"""The texts of the pages: the owner's in site/content, one file per language, and prequal's own in the catalogues."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from prequal.analysis.faults import Faults, Where
from prequal.forms.pictures import add_sizes, picture_faults
from prequal.forms.schema_faults import schema_faults
from prequal.forms.yaml_files import FaultyFileError, FileFault, YamlFile, read_yaml
from prequal.pages.wording import CATALOGUES, DOMAIN
from prequal.resources import find_site

# Marks an item as one that came with prequal, in each language by itself.
_EXAMPLE = "example"


def read_picture() -> str:
    """Read the picture at the top of the page, an SVG to be inlined; empty if there is none."""
    path = find_site() / "picture.svg"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def read_content(folder: Path, languages: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Read the owner's texts by language, without empty parts, and with the sizes of their pictures.

    FaultyFileError if a file breaks its schema, or has other parts than the first language's.
    """
    contents: dict[str, Mapping[str, Any]] = {}
    for language, read in check_content(folder, languages):
        if isinstance(read, FaultyFileError):
            raise read
        contents[language] = add_sizes(read.content)
    return contents


def check_content(folder: Path, languages: Sequence[str]) -> Iterator[tuple[str, YamlFile | FaultyFileError]]:
    """Yield the file of each language, without empty parts, or the error that refuses it."""
    first: Any = None
    for language in languages:
        try:
            file = _read_language(folder, language)
            if language == languages[0]:
                file.refuse(_unnamed_words(file.content))
                first = file.content
            if first is not None:
                file.refuse(_differences(first, file.content, ()))
            file.refuse(picture_faults(file.content))
        except FaultyFileError as error:
            yield language, error
        else:
            yield language, file


def _read_language(folder: Path, language: str) -> YamlFile:
    path = folder / f"{language}.yaml"
    if not path.exists():
        message = f"Add this file, with the texts of the page in {language}, or remove {language} from the form."
        raise FaultyFileError(path, [FileFault(1, 1, message)])
    file = read_yaml(path)
    file = replace(file, content=_without_empty_parts(file.content))
    file.refuse(schema_faults("content", file, file.content))
    return file


def untranslated_sentences(language: str) -> Sequence[str]:
    """Return prequal's sentences that the catalogue of a language lacks: its readers get them in English."""
    paths = (CATALOGUES / name / "LC_MESSAGES" / f"{DOMAIN}.po" for name in (language, "en"))
    own, english = (read_po(path.read_bytes().splitlines()) for path in paths)
    translated = {message.id for message in own if message.string and all(message.string)}
    missing = [message.id for message in english if message.id and message.id not in translated]
    return [sentence if isinstance(sentence, str) else sentence[0] for sentence in missing]


def remaining_examples(content: Mapping[str, Any]) -> Faults:
    """Find the examples that come with prequal: one fault for all of them."""
    places = [
        (section, "list", index, _EXAMPLE)
        for section in content
        if isinstance(content[section], dict)
        for index, item in enumerate(content[section].get("list", ()))
        if _EXAMPLE in item
    ]
    if places:
        one, more = "This is still the example", f"This and {len(places) - 1} more are still examples"
        yield places[0], f"{more if len(places) > 1 else one}: put your own there, or delete it."


def _unnamed_words(content: Mapping[str, Any]) -> Faults:
    """Yield the words that the picture shows and the texts lack."""
    named = content["hero"].get("picture", {})
    for name in dict.fromkeys(re.findall(r"\{(\w+)\}", read_picture())):
        if name not in named:
            yield ("hero",), f"Add picture: {{{name}: …}} here, since site/picture.svg shows {{{name}}}."


def _without_empty_parts(value: object) -> object:
    if isinstance(value, dict):
        parts = {key: _without_empty_parts(part) for key, part in value.items()}
        return {key: part for key, part in parts.items() if part not in (None, "", {}, [])}
    if isinstance(value, str):  # blocks of YAML end in a line break
        return value.strip()
    # Empty items of a list stay, so that the places of the others remain true.
    return [_without_empty_parts(item) for item in value] if isinstance(value, list) else value


def _differences(first: Any, content: Any, where: Where) -> Faults:  # noqa: ANN401, both have passed the schema
    """Compare a language's texts with the first language's."""
    if isinstance(first, dict):
        for key in first.keys() - content.keys() - {_EXAMPLE}:
            yield (*where, key), f"Add {key}, which the first language has."
        for key in content.keys() - first.keys() - {_EXAMPLE}:
            yield (*where, key), f"The first language has no {key}: add it there, or remove it here."
        for key in first.keys() & content.keys():
            yield from _differences(first[key], content[key], (*where, key))
    elif isinstance(first, list):
        if len(first) != len(content):
            yield where, f"List {len(first)} items here, as the first language does."
        for index, pair in enumerate(zip(first, content, strict=False)):
            yield from _differences(*pair, (*where, index))
