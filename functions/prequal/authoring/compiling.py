"""Compiling: the form file, the page's words and the assets become the one value that everything else runs on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prequal.authoring.form_file import read_form
from prequal.authoring.places import SITE
from prequal.authoring.yaml_files import FaultyFileError, read_yaml
from prequal.compiled import Compiled, compiled_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from prequal.authoring.yaml_files import Fault, Where, YamlFile


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page. Its address holds a hash of its content, so that it may be kept for ever."""

    name: str
    content: bytes

    @property
    def path(self) -> str:
        """Return its path on the site."""
        stem, _, ending = self.name.rpartition(".")
        return f"/assets/{stem}.{hashlib.sha256(self.content).hexdigest()[:8]}.{ending}"


def assets() -> Sequence[Asset]:
    """Read the files of the page."""
    return [Asset(path.name, path.read_bytes()) for path in sorted((SITE / "assets").iterdir())]


def compile_files(form_path: Path) -> Compiled:
    """Read and check all the owner's files.

    Raises:
        FaultyFileError: the form or a file of words has faults.

    """
    document = read_form(form_path)
    return compiled_from(
        {
            "form": document,
            "content": read_words(SITE / "content", document["languages"]),
            "assets": {asset.name: asset.path for asset in assets()},
        }
    )


def read_words(folder: Path, languages: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Read the page's words, a file a language.

    Raises:
        FaultyFileError: a language has other words than the first one.

    """
    files = {language: read_yaml(folder / f"{language}.yaml") for language in languages}
    model = files[languages[0]]
    for file in files.values():
        faults = list(_differences(file, model.content, file.content, ()))
        if faults:
            raise FaultyFileError(file.path, faults)
    return {language: file.content for language, file in files.items()}


def _differences(file: YamlFile, model: object, words: object, where: Where) -> Iterator[Fault]:
    if isinstance(model, dict) and isinstance(words, dict):
        for key in model.keys() - words.keys():
            yield file.fault((*where, key), f"Add {key}, which the first language has.")
        for key in words.keys() - model.keys():
            yield file.fault((*where, key), f"The first language has no {key}: add it there, or remove it here.")
        for key in model.keys() & words.keys():
            yield from _differences(file, model[key], words[key], (*where, key))
    elif isinstance(model, list) and isinstance(words, list) and len(model) == len(words):
        for index, pair in enumerate(zip(model, words, strict=True)):
            yield from _differences(file, *pair, (*where, index))
    elif isinstance(model, list):
        yield file.fault(where, f"List {len(model)} items here, as the first language does.")
    elif isinstance(model, dict):
        yield file.fault(where, f"Write {', '.join(model)} here, as the first language does.")
    elif not isinstance(words, str):
        yield file.fault(where, "Write this as text, in quotes if need be.")
