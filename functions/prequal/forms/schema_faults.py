"""Validation against the JSON Schemas in schema/. A rule's `errorMessage` is the advice for who breaks it."""

import difflib
import json
import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

import marshmallow as ma
from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from prequal.analysis.faults import Faults, Where
from prequal.core.fields import whole_number
from prequal.core.text import without_invisible
from prequal.forms.yaml_files import YamlFile
from prequal.forms.yaml_values import Spelling
from prequal.resources import SCHEMA


@cache
def load_schema(name: str) -> dict[str, Any]:
    """Read one of the schemas: `form` or `content`."""
    schema: dict[str, Any] = json.loads((SCHEMA / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


@cache
def _validator(name: str) -> Any:  # noqa: ANN401, jsonschema makes the class
    # A float is no integer here, not even 5.0: see yaml_values.
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    return extend(Draft202012Validator, type_checker=types)(load_schema(name))  # type: ignore[no-untyped-call]


def schema_faults(name: str, file: YamlFile, document: object) -> Faults:
    """Yield every place at which a document, read from a file, breaks a schema, with its message."""
    faults = list(_faults(name, file, document))
    # What stands under a key that must not be there is no fault of its own.
    keys = {where for where, _, is_key in faults if is_key}
    for where, message, is_key in faults:
        if not any(where[:length] in keys for length in range(1, len(where) + (not is_key))):
            yield where, message


def _faults(name: str, file: YamlFile, document: object) -> Iterator[tuple[Where, str, bool]]:
    """Yield the faults of a document, and whether each is about a key that must not be there."""
    for error in _validator(name).iter_errors(document):
        where = tuple(error.absolute_path)
        rule: Any = error.schema
        match error.validator:
            case "required":
                # Each missing key has an error of its own, but only its message names the key. Duplicates don't matter:
                # FaultyFileError has each fault once.
                for key in set(rule["required"]) - error.instance.keys():
                    yield (*where, key), f"Add {key}, which is missing here.", False
            case "dependentRequired":
                yield where, "A number that is scored has both axis and bands: add the other, or leave both out.", False
            case "additionalProperties":
                known = rule["properties"].keys()
                for key in error.instance.keys() - known:
                    yield (*where, key), _misplaced_key(name, file, (*where, key), known), True
            case _ if "propertyNames" in error.absolute_schema_path:
                place = (*where, error.instance)
                message = _misplaced_key(name, file, place, rule.get("enum", ()), rule.get("errorMessage"))
                yield place, message, True
            case _:
                suggestion = _suggestion(name, rule, error.instance, file.spellings.get(where))
                yield where, suggestion or rule["errorMessage"], False


def _suggestion(name: str, rule: Any, value: object, spelling: Spelling | None) -> str | None:  # noqa: ANN401, a schema
    """Return a message for a value that only has to be spelled differently."""
    validator = _validator(name).evolve(schema=rule)
    types = [rule["type"]] if isinstance(rule.get("type"), str) else rule.get("type", ())
    written = spelling.written if spelling else str(value)
    if "integer" in types and isinstance(value, str | float):
        number = _whole_number(written)
        if number is not None and not validator.is_valid(number):
            what_to_do = rule["errorMessage"].removesuffix(".")
            return f"{what_to_do}, with digits alone: “{_short(written)}” would be {number}."
        return None if number is None else f"Write {number} here, with digits alone."
    if types == ["string"] and "pattern" not in rule and isinstance(value, dict | list):
        why = "contains a colon or begins with {" if isinstance(value, dict) else "begins with [ or -"
        return f"Put this text in quotes, as it {why}."
    if isinstance(value, bool | int | float) and validator.is_valid(written):
        return f'Put this in quotes: "{_short(written)}".'
    if isinstance(value, str):
        bare = _bare(value)
        if bare != value and validator.is_valid(bare):
            return _WITHOUT.format(bare)
    return None


# Quotation marks of typography, and spaces.
_AROUND = re.compile(r"^[\s“”„‟«»‘’‚‹›\"'`´]+|[\s“”„‟«»‘’‚‹›\"'`´]+$")  # noqa: RUF001
_WITHOUT = "Write {} here, without the quotation marks, spaces or invisible characters around it."
_LONGEST = 40


def _bare(text: str) -> str:
    return _AROUND.sub("", without_invisible(text))


def _whole_number(written: str) -> int | None:
    """Read a number as people write it, such as 5.000 or 1e3."""
    text = _bare(written).replace("_", " ")
    try:
        return whole_number(text, low=None, high=None)
    except ma.ValidationError:
        pass
    try:
        number = float(int(text, 0)) if text.startswith(("0x", "0o")) else float(text)
    except (ValueError, OverflowError):
        return None
    return int(number) if number.is_integer() and abs(number) < 10**12 else None


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _misplaced_key(
    name: str, file: YamlFile, place: Where, known: Collection[str], otherwise: str | None = None
) -> str:
    """Return the message for a key that must not be where it is."""
    key, holder = str(place[-1]), place[-2:-1]
    homes = _homes(key) if name == "form" else ""
    if _bare(key) != key and (_bare(key) in known or otherwise):
        return _WITHOUT.format(_short(_bare(key)))
    spelling = file.spellings.get(place)
    if spelling and not spelling.written and not spelling.quoted and (otherwise or not homes):
        return _key_without_value(key)
    if homes and "type" in known and key in load_schema(name)["$defs"]["question"]["properties"]:
        return f"{key} is not for this type of question: remove it, or change the type."
    if homes:
        where = holder[0] if holder and isinstance(holder[0], str) else "this"
        return f"{key} belongs to {homes}, and not to {where}: check how far this line is indented."
    return otherwise or unknown_key(_short(key), known)


def _key_without_value(key: str) -> str:
    """Return the message for a part of another text, or of a number, that is a key to YAML."""
    if ":" in key:
        return f"Write a space behind the colon of {_short(key)}."
    if re.fullmatch("[0-9]{3}", key):
        return f"Write the number before {key} with digits alone: a comma ends it."
    return f"Put the text that {_short(key)} belongs to in quotes, or remove {_short(key)}."


@cache
def _homes(key: str) -> str:
    """Return the parts of a form file that have a key, in words."""
    schema = load_schema("form")
    parts = {part: schema["properties"][part] for part in ("business", "scoring", "invitation", "retention")}
    items = {"question": "a question", "option": "an option", "band": "a band"}
    parts |= {words: schema["$defs"][part] for part, words in items.items()}
    return " or ".join(part for part, rule in {"the form": schema, **parts}.items() if key in rule["properties"])


def unknown_key(key: str, known: Collection[str]) -> str:
    """Return the message for a key that isn't known, with the one that it resembles."""
    close = difflib.get_close_matches(key, known, n=1)
    return f"{key} is not known here: did you mean {close[0]}?" if close else f"{key} is not known here: remove it."
