"""The columns of exported tables, from the schema of a lead and the tables' own declarations."""

from __future__ import annotations

import json
from typing import Any

from prequal.owner.reading_sheet import reading_columns
from prequal.owner.rows import RowBuilder
from prequal.resources import SCHEMA

_LOCAL = ".local"


def write() -> str:
    """Return a row for each column, in Markdown."""
    schema = json.loads((SCHEMA / "lead.schema.json").read_text(encoding="utf-8"))
    names, _ = RowBuilder({}, None).table([])
    headings = {names[column.place]: column.heading for column in reading_columns(names, {})}
    rows = []
    for name in names:
        if not name.endswith(_LOCAL):
            local = f"{name}{_LOCAL}"
            zoned = f" `{local}` is the same in your time zone." if local in names else ""
            heading = headings.get(name) or headings.get(local)
            headed = f" On the sheet *Leads*: *{heading}*." if heading else ""
            rows.append(f"| `{name}` | {_meaning(schema, name)}{zoned}{headed} |")
    return "\n".join(["| column | meaning |", "|---|---|", *rows])


def _meaning(schema: dict[str, Any], name: str) -> str:
    """Return the description of a field, and its values where they are few."""
    part = schema
    for key in name.split("."):
        part = part["properties"][key]
    if "description" not in part:
        raise ValueError(f"schema/lead.schema.json has no description of {name}: write it.")
    values = ", ".join(f"`{value}`" for value in part.get("enum", ()) if value)
    return f"{part['description']} One of {values}." if values else str(part["description"])
