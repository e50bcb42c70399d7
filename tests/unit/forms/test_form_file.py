"""The loader of form files against the JSON Schema, over the set of documents in tests/forms.

good     both accept it
bad      both refuse it
beyond   the schema accepts it, and a rule of the loader refuses it
unreadable  other YAML readers fail on it, or may
unsound  both accept it, and `prequal check` has findings: see test_rules.py

A document begins with a comment for each fault that the loader finds in it: the line, and the message.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from prequal.core.answers import make_parser
from prequal.core.form import form_from, published
from prequal.core.scoring import score
from prequal.forms import conditions, form_file
from prequal.forms.form_file import read_form
from prequal.forms.yaml_files import FaultyFileError
from prequal.resources import SCHEMA
from support import builders

FORMS = Path(__file__).resolve().parents[2] / "forms"
VALIDATOR = Draft202012Validator(json.loads((SCHEMA / "form.schema.json").read_text(encoding="utf-8")))

Expected = list[tuple[int, str]]


def documents(*folders: str) -> list[Any]:
    """Return the paths of the documents in some folders, as parameters named by the file."""
    paths = [path for folder in folders for path in sorted((FORMS / folder).glob("*.yaml"))]
    assert paths
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in paths]


def expected(path: Path) -> Expected:
    """Return the faults that the comments at the beginning of a document announce."""
    announced = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fault = re.fullmatch(r"# (\d+): (.+)", line)
        if not fault:
            break
        announced.append((int(fault[1]), fault[2]))
    return sorted(announced)


def faults_of(path: Path) -> Expected:
    """Return the faults that the loader finds in a document."""
    try:
        read_form(path)
    except FaultyFileError as error:
        return sorted((fault.line, fault.message) for fault in error.faults)
    return []


def accepted_by_schema(path: Path) -> bool:
    """Whether the schema accepts a document as another YAML reader reads it."""
    return VALIDATOR.is_valid(YAML(typ="safe", pure=True).load(path))


@pytest.mark.parametrize("path", documents("good"))
def test_a_good_form_is_accepted(path: Path) -> None:
    """Loader and schema both accept a good form, and it takes and scores answers."""
    assert accepted_by_schema(path)
    form = form_from(read_form(path))
    assert callable(make_parser(form))
    assert score(form, {}).total is not None


def test_examples_are_no_part_of_the_form() -> None:
    """The compiled form, and so its version, is the same with other examples, or none."""
    path = FORMS / "good" / "examples.yaml"
    document = YAML(typ="safe", pure=True).load(path)
    del document["examples"]
    assert read_form(path) == document


def test_silences_are_no_part_of_the_form() -> None:
    """The compiled form, and so its version, is the same with silenced warnings, or none."""
    path = FORMS / "good" / "silence.yaml"
    document = YAML(typ="safe", pure=True).load(path)
    del document["silence"]
    assert read_form(path) == document


def test_json_in_ascii_is_the_same_form(tmp_path: Path) -> None:
    """An emoji that JSON escapes as a surrogate pair is read as the emoji, so that the version is the same."""
    document = builders.document()
    document["questions"][0]["label"]["en"] = "Budget? 💶"
    path = tmp_path / "form.json"
    path.write_text(json.dumps(document), encoding="ascii")
    assert read_form(path) == document
    assert form_from(read_form(path)).version == form_from(document).version


@pytest.mark.parametrize("path", documents("bad"))
def test_a_bad_form_is_refused(path: Path) -> None:
    """Loader and schema both refuse a bad form."""
    assert not accepted_by_schema(path)
    assert faults_of(path)


@pytest.mark.parametrize("path", documents("beyond"))
def test_a_contradictory_form_is_refused(path: Path) -> None:
    """A contradiction that no schema can express is refused by the loader alone."""
    assert accepted_by_schema(path)
    assert faults_of(path)


@pytest.mark.parametrize("path", documents("good", "bad", "beyond", "unreadable"))
def test_every_fault_has_its_line(path: Path) -> None:
    """The loader finds exactly the faults that a document announces, each on its line."""
    assert faults_of(path) == expected(path)


def test_twelve_faults_get_twelve_messages() -> None:
    """A form with twelve different faults gets twelve different messages, on the lines of the faults."""
    faults = faults_of(FORMS / "bad" / "twelve_faults.yaml")
    assert len({message for _, message in faults}) == len(faults) == 12


def test_every_message_of_the_schema_is_shown() -> None:
    """For each message of the schema, a bad form shows it."""
    shown = {message for path in (FORMS / "bad").glob("*.yaml") for _, message in expected(path)}
    assert set(messages(VALIDATOR.schema)) - shown == set()


def test_every_rule_beyond_the_schema_is_shown() -> None:
    """For each message of the rules beyond the schema, a form shows it."""
    shown = [message for path in (FORMS / "beyond").glob("*.yaml") for _, message in expected(path)]
    templates = list(rules())
    assert len(templates) > 10
    assert [template for template in templates if not any(re.fullmatch(template, line) for line in shown)] == []


def test_the_schema_is_valid() -> None:
    """The schema itself conforms to the draft that it names."""
    Draft202012Validator.check_schema(VALIDATOR.schema)


def messages(schema: object) -> Iterator[str]:
    """Return every message that a schema holds."""
    if isinstance(schema, dict):
        if isinstance(schema.get("errorMessage"), str):
            yield schema["errorMessage"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from messages(part)


def rules() -> Iterator[str]:
    """Return a pattern for each message in the source of the rules."""
    sources = (Path(str(module.__file__)).read_text(encoding="utf-8") for module in (form_file, conditions))
    for node in chain.from_iterable(ast.walk(ast.parse(source)) for source in sources):
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            match node.value.elts[-1]:
                case ast.Constant(value=str(message)):
                    yield re.escape(message)
                case ast.JoinedStr(values=parts):
                    yield "".join(
                        re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in parts
                    )


# Arbitrary content

words = st.text("abc123 -", max_size=6)
any_value = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 600) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def almost_forms(draw: st.DrawFn) -> Any:
    """Return the document of a form with a few values removed, replaced or added."""
    document: Any = {"form": builders.document()}
    for _ in range(draw(st.integers(1, 4))):
        holder, key = draw(st.sampled_from(list(places(document))))
        match draw(st.sampled_from(["replace", "replace", "remove", "add", "swap"])):
            case "replace":
                holder[key] = draw(any_value)
            case "remove" if holder is not document:
                del holder[key]
            case "add" if isinstance(holder[key], dict):
                holder[key][draw(words)] = draw(any_value)
            case "swap":
                other, place = draw(st.sampled_from(list(places(document))))
                holder[key] = copy.deepcopy(other[place])
    return document["form"]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Return every value in a document, as its container and its key there."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


def has_floats(document: Any) -> bool:
    """Whether a document has a number with a point: JSON Schema takes 5.0 for an integer, and the loader doesn't."""
    return any(isinstance(holder[key], float) for holder, key in places(document))


@settings(max_examples=75)
@given(almost_forms())
def test_arbitrary_content_gets_one_verdict(tmp_path_factory: pytest.TempPathFactory, document: Any) -> None:
    """The loader accepts any content exactly if schema and rules do; otherwise it says why, and where."""
    text = json.dumps(document, indent=1)
    path = tmp_path_factory.getbasetemp() / "almost.yaml"
    path.write_text(text, encoding="utf-8")
    faults = faults_of(path)
    faultless = VALIDATOR.is_valid(document) and not list(form_file.disagreements(document))
    assert (not faults) == (faultless and not has_floats(document))
    assert all(1 <= line <= text.count("\n") + 1 and message.endswith((".", "?")) for line, message in faults)
    assert max(Counter(faults).values(), default=1) == 1
    if not faults:
        assert read_form(path) == published(document)
        assert callable(make_parser(form_from(document)))
