"""The HTTP interface, from the OpenAPI document beside its page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Part = Mapping[str, Any]

_DOCUMENT = Path(__file__).resolve().parents[2] / "reference/openapi.yaml"
_SCHEMAS = "#/components/schemas/"
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "`true` or `false`",
    "object": "object",
    "null": "`null`",
}


def write() -> str:
    """Return a section for each group of addresses, and one for the fields of all bodies, in Markdown."""
    written = YAML(typ="safe").load(_DOCUMENT)
    document = _inlined(written, written["components"])
    return "\n\n".join([document["info"]["description"], *_operations(document), *_schemas(document)])


def _inlined(part: Any, components: Part) -> Any:  # noqa: ANN401, YAML's
    """Return a part of the document with what it refers to in its place, but for schemas."""
    if isinstance(part, list):
        return [_inlined(each, components) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part and not part["$ref"].startswith(_SCHEMAS):
        *_, kind, name = part["$ref"].split("/")
        return _inlined(components[kind][name], components)
    return {name: _inlined(each, components) for name, each in part.items()}


def _operations(document: Part) -> Iterator[str]:
    for tag in document["tags"]:
        yield f"## {tag['name']}\n\n{tag['description']}"
        for path, item in document["paths"].items():
            for method, operation in item.items():
                if method != "parameters" and tag["name"] in operation["tags"]:
                    signatures = [name for each in operation.get("security", ()) for name in each]
                    parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
                    parameters += [document["components"]["securitySchemes"][name] for name in signatures]
                    yield f"### `{method.upper()} {path}`"
                    yield from _operation(operation, parameters)


def _operation(operation: Part, parameters: Iterable[Part]) -> Iterator[str]:
    """Yield the purpose of an address, its parameters, the content that it takes, and its answers."""
    yield f"{operation['summary']}\n\n{operation.get('description', '')}"
    rows = [(f"`{each['name']}`", each["in"], each["description"]) for each in parameters]
    yield from _table(("parameter", "in", "meaning"), rows)
    if content := operation.get("requestBody", {}).get("content"):
        sent, kinds = content["application/json"], " or ".join(f"`{kind}`" for kind in content)
        yield f"It takes a {_value(sent['schema'])} as {kinds}:"
        yield f"```json\n{json.dumps(sent['example'], indent=2, ensure_ascii=False)}\n```"
    answers = operation["responses"].items()
    rows = [(f"**{status}**", answer["description"], _carried(answer)) for status, answer in answers]
    yield from _table(("status", "meaning", "with"), rows)


def _carried(answer: Part) -> str:
    """Return the headers and the body of an answer."""
    headers = [f"`{name}`" for name in answer.get("headers", ())]
    bodies = [
        "a page" if kind == "text/html" else _value(content["schema"])
        for kind, content in answer.get("content", {}).items()
    ]
    return ", ".join([*headers, *filter(None, [" or ".join(bodies)])])


def _schemas(document: Part) -> Iterator[str]:
    """Yield what is sent and answered, each with its fields."""
    yield "## Fields"
    for name, schema in document["components"]["schemas"].items():
        yield f"### {name}\n\n{schema['description']}"
        yield from _table(("field", "value", "meaning"), _fields(schema))


def _fields(schema: Part, above: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield a row for each field of an object, and for those of the objects in it.

    Raises:
        ValueError: a field has no description.
    """
    for name, field in schema.get("properties", {}).items():
        if "description" not in field:
            raise ValueError(f"docs/reference/openapi.yaml says nothing of {above}{name}: write its description.")
        required = ", required" if name in schema.get("required", ()) else ""
        yield f"`{above}{name}`", _value(field) + required, field["description"]
        yield from _fields(field, f"{above}{name}.")
        yield from _fields(field.get("items", {}), f"{above}{name}[].")
    others = schema.get("additionalProperties") or {}
    if "$ref" in others:
        yield "a question’s id", _value(others), "The answer to this question."


def _value(schema: Part) -> str:
    """Return the values that a schema allows, in words."""
    if name := schema.get("$ref", "").removeprefix(_SCHEMAS):
        return f"[{name}](#{name.lower()})"
    if "const" in schema or "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema.get("enum") or [schema["const"]])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join("list" if kind == "array" else _WORDS[kind] for kind in types)


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield a table, unless it has no rows."""
    lines = ["| " + " | ".join(" ".join(cell.split()) for cell in row) + " |" for row in (columns, *rows)]
    if len(lines) > 1:
        yield "\n".join([lines[0], "|---|---|---|", *lines[1:]])
