"""The keys of the form file, from schema/form.schema.json."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from itertools import chain
from typing import Any

from ruamel.yaml import YAML

from prequal.forms.schema_faults import load_schema

Schema = Mapping[str, Any]


def write() -> str:
    """Return a section for each key, in Markdown."""
    sections = (section(path, schema, required=required) for path, required, schema in form_keys())
    return "\n\n".join(chain.from_iterable(sections))


def form_keys() -> Iterator[tuple[Sequence[str], bool, Schema]]:
    """Yield each key: its path, whether it must be there, and its schema, in which no reference is left."""
    schema = load_schema("form")
    yield from _keys(schema, schema["$defs"], ())


def _keys(schema: Schema, definitions: Schema, above: Sequence[str]) -> Iterator[tuple[Sequence[str], bool, Schema]]:
    for name, part in schema.get("properties", {}).items():
        path, key = (*above, name), _resolved(part, definitions)
        yield path, name in schema.get("required", ()), key
        yield from _keys(key, definitions, path)
        yield from _keys(_resolved(key.get("items", {}), definitions), definitions, path)


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    """Return a schema with what the definition adds that it refers to, but for its description."""
    reference = schema.get("$ref", "").removeprefix("#/$defs/")
    resolved = {**definitions.get(reference, {}), "description": None, **schema}
    if "items" in resolved:
        resolved["items"] = _resolved(resolved["items"], definitions)
    return resolved


def section(path: Sequence[str], schema: Schema, *, required: bool) -> Iterator[str]:
    """Yield a key's heading, its meaning, its values and an example."""
    name = ".".join(path)
    if not schema.get("description"):
        raise ValueError(f"schema/form.schema.json has no description of {name}: write it.")
    if not {"examples", "enum", "default"} & schema.keys() and schema.get("type") != "boolean":
        raise ValueError(f"schema/form.schema.json has no example of {name}: write one.")
    yield f"{'##' if len(path) == 1 else '###'} `{name}`"
    yield schema["description"]
    facts = [_type(schema)]
    if "default" in schema:
        facts.append(f"default `{_yaml(schema['default'])}`")
    elif required:
        facts.append("required")
    yield f"*{facts[0][0].upper()}{'; '.join(facts)[1:]}.*"
    if "examples" in schema:
        yield f"```yaml\n{_example(path[-1], schema['examples'][0])}\n```"


def _type(schema: Schema) -> str:
    """Return the values that a key takes, in words."""
    if "enum" in schema:
        return _listed(schema["enum"], "or")
    match schema.get("type"):
        case "boolean":
            return "`true` or `false`"
        case "integer":
            return f"{schema.get('title', 'whole number')} from {schema['minimum']:,} to {schema['maximum']:,}"
        case "array":
            entries, most = schema["items"], f", at most {schema['maxItems']}" if "maxItems" in schema else ""
            return f"list, each {'with ' if 'properties' in entries else 'a '}{_type(entries)}{most}"
        case "object" if "properties" in schema:
            return f"the keys {_listed(schema['properties'], 'and')}"
    most = f", at most {schema['maxLength']} characters" if "maxLength" in schema else ""
    return f"{schema.get('title', 'text')}{most}"


def _listed(values: Iterable[str], conjunction: str) -> str:
    *others, last = (f"`{value}`" for value in values)
    return f"{', '.join(others)} {conjunction} {last}"


def _example(key: str, value: object) -> str:
    """Return a key with a value as an owner writes them: of a list of keys, each on a line of its own."""
    if isinstance(value, list) and isinstance(value[0], dict):
        return "\n".join([f"{key}:", *(f"  - {_yaml(item)}" for item in value)])
    return f"{key}: {_yaml(value)}"


def _yaml(value: object) -> str:
    yaml, text = YAML(typ="safe", pure=True), StringIO()
    yaml.default_flow_style, yaml.width = True, 1000
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.dump(value, text)
    return text.getvalue().removesuffix("...\n").strip()
