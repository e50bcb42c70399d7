"""The form file: reading it, or refusing it with every fault at once, each with its place and what to do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prequal.forms import form_rules
from prequal.forms.schemas import schema_faults
from prequal.forms.yaml_files import FaultyFileError, YamlFile, read_yaml


def read_form(path: Path) -> dict[str, Any]:
    """Return the document of a form file, without its examples; FaultyFileError with every fault."""
    return without_examples(read_form_file(path).content)


def read_form_file(path: Path) -> YamlFile:
    """Return a form file with the places of its values; FaultyFileError with every fault."""
    file = read_yaml(path)
    faults = [*schema_faults("form", file.content), *form_rules.faults(file.content)]
    if faults:
        raise FaultyFileError(path, [file.fault(where, message) for where, message in faults])
    return file


def without_examples(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a document that is asked and scored: other examples don't make another version of the form."""
    return {key: value for key, value in document.items() if key != "examples"}
