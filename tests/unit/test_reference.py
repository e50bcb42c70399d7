"""The pages of the reference that are written from the code."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from prequal.core.form import form_from
from prequal.resources import INFRA, SCHEMA
from reference import form_file, terraform
from reference.extension import PLACE, WRITERS
from support.running import CHECKOUT

_SCHEMA = json.loads((SCHEMA / "form.schema.json").read_text(encoding="utf-8"))
_SMALL = {
    "id": "small",
    "languages": ["en"],
    "currency": "EUR",
    "starting_price": 5000,
    "business": {"name": "N", "url": "https://n.example", "privacy_url": "https://n.example/privacy"},
    "contact": {},
    "questions": [
        {"id": "a", "type": "one", "axis": "fit", "label": "A", "options": [{"id": "yes", "label": "Yes"}]},
        {"id": "b", "type": "number", "axis": "fit", "label": "B", "bands": [{}]},
        {"id": "c", "type": "text", "label": "C"},
    ],
    "scoring": {"grades": {"hot": 2, "warm": 1}},
    "invitation": {},
    "retention": {},
}


def test_every_part_has_a_place() -> None:
    """Each part that is written from the code is in one page, and each place has a writer."""
    places = [place for page in (CHECKOUT / "docs").rglob("*.md") for place in PLACE.findall(page.read_text("utf-8"))]

    assert sorted(places) == sorted(WRITERS)


@pytest.mark.parametrize("name", WRITERS)
def test_everything_is_described(name: str) -> None:
    """Every command, option, setting, key, column and variable has a description; a writer refuses any other."""
    assert len(WRITERS[name]()) > 50


@pytest.mark.parametrize("key", [{"type": "boolean"}, {"type": "integer", "description": "A."}])
def test_a_key_without_words_is_refused(key: Mapping[str, Any]) -> None:
    """A key without a description or an example stops the build, and is named."""
    with pytest.raises(ValueError, match=r"schema/form\.schema\.json .* of scoring\.new: write"):
        list(form_file.section(["scoring", "new"], key, required=False))


def test_examples_of_keys_are_valid() -> None:
    """The schema takes each example and each default that it names."""
    for path, _, schema in form_file.form_keys():
        validator = Draft202012Validator({**schema, "$defs": _SCHEMA["$defs"]})
        for value in [*schema.get("examples", ()), *([schema["default"]] if "default" in schema else ())]:
            assert list(validator.iter_errors(value)) == [], (path, value)


def test_defaults_are_those_of_the_form() -> None:
    """A form that spells out the schema's defaults is the form without them."""
    spelt_out = json.loads(json.dumps(_SMALL))
    count = 0
    for path, _, schema in form_file.form_keys():
        if "default" in schema:
            for holder in _holders(spelt_out, path[:-1]):
                holder[path[-1]] = schema["default"]
                count += 1

    assert count > 15
    assert replace(form_from(spelt_out), version="") == replace(form_from(_SMALL), version="")


def _holders(document: Any, path: Any) -> list[dict[str, Any]]:
    """Return the parts of a document at a path, of each entry of its lists."""
    holders = [document]
    for name in path:
        parts = [holder[name] for holder in holders if name in holder]
        holders = [entry for part in parts for entry in (part if isinstance(part, list) else [part])]
    return holders


def test_every_variable_and_output_is_found() -> None:
    """No block of Terraform is missed, and each variable has its type."""
    text = "\n".join(file.read_text("utf-8") for file in INFRA.glob("*.tf"))
    for kind in ("variable", "output"):
        written = re.findall(rf'^\s*{kind} "(\w+)"', text, re.MULTILINE)
        assert sorted(block.name for block in terraform.blocks(kind)) == sorted(written)
    assert all(block.type for block in terraform.blocks("variable"))
