"""Validation against the JSON Schemas in schema/, whose `errorMessage` says what to do about a broken rule."""

import difflib
import json
from collections.abc import Collection
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from prequal.forms.yaml_files import Faults
from prequal.resources import SCHEMA


@cache
def load_schema(name: str) -> dict[str, Any]:
    """Read one of the schemas: `form` or `content`."""
    schema: dict[str, Any] = json.loads((SCHEMA / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


def schema_faults(name: str, document: object) -> Faults:
    """Yield every place at which a document breaks a schema, with its message."""
    schema = load_schema(name)
    for error in Draft202012Validator(schema).iter_errors(document):
        where = tuple(error.absolute_path)
        rule: Any = error.schema
        match error.validator:
            case "required":
                # Each missing key has an error of its own, but only its message names the key. Duplicates don't matter:
                # FaultyFileError has each fault once.
                for key in set(rule["required"]) - error.instance.keys():
                    yield (*where, key), f"Add {key}, which is missing here."
            case "dependentRequired":
                yield where, "A number that is scored has both axis and bands: add the other, or leave both out."
            case "additionalProperties":
                known = rule["properties"].keys()
                for key in error.instance.keys() - known:
                    yield (*where, key), unknown_key(key, known)
            case "enum" if "propertyNames" in error.absolute_schema_path:
                message = unknown_key(error.instance, rule["enum"])
                if error.instance in schema["$defs"]["question"]["properties"]:
                    message = f"{error.instance} is not for this type of question: remove it, or change the type."
                yield (*where, error.instance), message
            case _ if "propertyNames" in error.absolute_schema_path:
                yield (*where, error.instance), rule["errorMessage"]
            case _:
                yield where, rule["errorMessage"]


def unknown_key(key: str, known: Collection[str]) -> str:
    """Return the message for a key that isn't known, with the one that it resembles."""
    close = difflib.get_close_matches(key, known, n=1)
    return f"{key} is not known here: did you mean {close[0]}?" if close else f"{key} is not known here: remove it."
