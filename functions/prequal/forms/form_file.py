"""The form file, checked: every fault at once, each with its place and what to do."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from prequal.forms import form_rules
from prequal.forms.yaml_files import FaultyFileError, Where, YamlFile, read_yaml
from prequal.resources import SCHEMA

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


def read_form(path: Path) -> dict[str, Any]:
    """Return the document of a form file, without its examples; FaultyFileError with every fault."""
    return without_examples(checked(path).content)


def without_examples(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked and scored: another example doesn't make another version of the form."""
    return {key: value for key, value in document.items() if key != "examples"}


def checked(path: Path) -> YamlFile:
    """Return a form file whose content is a form.

    Raises:
        FaultyFileError: with every fault that the schema or the rules beyond it find.

    """
    file = read_yaml(path)
    found = [*_schema_faults(file.content), *form_rules.faults(file.content)]
    if found:
        raise FaultyFileError(path, [file.fault(where, message) for where, message in found])
    return file


def unknown(key: str, known: Collection[str]) -> str:
    """Say what to do about a key that isn't one of those known."""
    close = difflib.get_close_matches(key, known, n=1)
    return f"{key} is not known here: did you mean {close[0]}?" if close else f"{key} is not known here: remove it."


def read_bank_file(path: Path) -> Sequence[dict[str, Any]]:
    """Return the questions of a file of the question bank; FaultyFileError with every fault."""
    file = read_yaml(path)
    content = file.content if isinstance(file.content, dict) else {}
    found = [(where, message) for where, message in _schema_faults(content) if where[:1] == ("questions",)]
    if "questions" not in content:
        found.append(((), "List the questions of this topic under questions."))
    if found:
        raise FaultyFileError(path, [file.fault(where, message) for where, message in found])
    questions: Sequence[dict[str, Any]] = content["questions"]
    return questions


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMA / "form.schema.json").read_text(encoding="utf-8"))
    return schema


def _schema_faults(document: object) -> Iterator[tuple[Where, str]]:
    for error in Draft202012Validator(_schema()).iter_errors(document):
        where = tuple(error.absolute_path)
        rule: Any = error.schema
        match error.validator:
            case "required":
                yield where, f"Add {_missing(error)}, which is missing here."
            case "dependentRequired":
                yield where, "A number that is scored has both axis and bands: add the other, or leave both out."
            case "additionalProperties":
                known = rule["properties"].keys()
                for key in [key for key in error.instance if key not in known]:
                    yield (*where, key), unknown(key, known)
            case "enum" if "propertyNames" in error.absolute_schema_path:
                yield (*where, error.instance), _misplaced(error.instance, rule["enum"])
            case _ if "propertyNames" in error.absolute_schema_path:
                yield (*where, error.instance), rule["errorMessage"]
            case _:
                yield where, rule["errorMessage"]


def _missing(error: ValidationError) -> str:
    """Return the property that a `required` error is about: jsonschema reports each by itself, in its message only."""
    names: Any = error.validator_value
    return next(str(name) for name in names if error.message.startswith(repr(name)))


def _misplaced(key: str, known: Collection[str]) -> str:
    if key in _schema()["$defs"]["question"]["properties"]:
        return f"{key} is not for this type of question: remove it, or change the type."
    return unknown(key, known)
