"""The commands by task, from click's declarations."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from prequal.cli import main
from prequal.cli.command_group import Command


def write() -> str:
    """Return a section for each command, with its options, in Markdown."""
    return "\n\n".join(_parts())


def _parts() -> Iterator[str]:
    whole = click.Context(main, info_name="prequal")
    yield from _section(whole, "##")
    for task, names in main.sections.items():
        yield f"## {task}"
        for name in names:
            yield from _sections(whole, name)


def _sections(above: click.Context, name: str) -> Iterator[str]:
    """Yield the section of a command, and those of the commands in its group."""
    command = above.command.get_command(above, name) if isinstance(above.command, click.Group) else None
    if command:
        context = click.Context(command, above, name)
        yield from _section(context, "###")
        for inner in command.list_commands(context) if isinstance(command, click.Group) else ():
            yield from _sections(context, inner)


def _section(context: click.Context, heading: str) -> Iterator[str]:
    """Yield a command's heading, its help, its usage with examples, and its options."""
    command, name = context.command, context.command_path
    if not command.help:
        raise ValueError(f"{name} has no help: write its docstring.")
    yield f"{heading} `{name}`"
    yield _marked(inspect.cleandoc(command.help))
    yield f"```sh\n{' '.join([name, *command.collect_usage_pieces(context)])}\n```"
    if isinstance(command, Command):
        yield "For example:"
        yield "\n".join(["```sh", *command.examples, "```"])
    yield f":::{{program}} {name}\n:::"
    for option in command.params:
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record:
            names, says = record
            if not says:
                raise ValueError(f"{names} of {name} has no help: write it.")
            yield f":::{{option}} {names}\n{_marked(says)}\n:::"


def _marked(text: str) -> str:
    """Return a text with its options as code, and with what click adds in brackets as words."""
    text = re.sub(r"  \[(.*)\]$", r" (\1)", text)
    text = re.sub(r"(\d+)<=x<=(\d+)", r"\1 to \2", text).replace("x>=", "at least ")
    return re.sub(r"`.*?`|(?<![\w-])--?[a-z][\w-]*", lambda it: it[0] if it[0][0] == "`" else f"`{it[0]}`", text)
