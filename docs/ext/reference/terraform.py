"""The variables and outputs of Terraform, from infra/*.tf."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from prequal.resources import INFRA


class Block(NamedTuple):
    """A variable or an output."""

    name: str
    description: str
    #: The type of a variable, in Terraform's words.
    type: str
    #: The default of a variable; empty without one.
    default: str


def write_variables() -> str:
    """Return a section for each variable, in Markdown."""
    return "\n\n".join(part for block in blocks("variable") for part in _variable(block))


def write_outputs() -> str:
    """Return a row for each output, in Markdown."""
    rows = (f"| `{block.name}` | {block.description} |" for block in blocks("output"))
    return "\n".join(["| output | value |", "|---|---|", *rows])


def blocks(kind: str) -> Iterator[Block]:
    """Yield the blocks of a kind, as `terraform fmt` puts them: a block ends where a line begins with its bracket."""
    for file in sorted(INFRA.glob("*.tf")):
        for name, body in re.findall(
            rf'^{kind} "(\w+)" {{\n(.*?)^}}$', file.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        ):
            yield Block(
                name, _attribute(body, "description").strip('"'), _attribute(body, "type"), _attribute(body, "default")
            )


def _attribute(body: str, name: str) -> str:
    """Return an attribute's value; one that goes on over several lines ends where a line is indented like the first."""
    found = re.search(rf"^  {name}\s+= (.*?\n)(?=  \w|\n|\Z)", body, re.DOTALL | re.MULTILINE)
    return found[1].strip() if found else ""


def _variable(block: Block) -> Iterator[str]:
    yield f"### `{block.name}`"
    if not block.description:
        raise ValueError(f"The variable {block.name} has no description: write it in infra/.")
    yield block.description
    several = "\n" in block.type
    yield f"Type: {'as below' if several else f'`{block.type}`'}. " + (
        f"Default: `{block.default}`." if block.default else "It has no default."
    )
    if several:
        yield f"```text\n{block.type}\n```"
