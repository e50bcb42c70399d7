"""The commands, from click's declarations."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from prequal.cli import main
from prequal.cli.command_group import Command


def write() -> str:
    """Return a section for each command, with its options, in Markdown."""
    return "\n\n".join(
        part for context in _contexts(click.Context(main, info_name="prequal")) for part in _parts(context)
    )


def _contexts(context: click.Context) -> Iterator[click.Context]:
    """Yield a command, and those of its group."""
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            if command := context.command.get_command(context, name):
                yield from _contexts(click.Context(command, context, name))


def _parts(context: click.Context) -> Iterator[str]:
    """Yield a command's heading, its help, its usage, its options and its examples."""
    command = context.command
    if not command.help:
        raise ValueError(f"{context.command_path} has no help: write its docstring.")
    yield f"## {context.command_path}"
    yield inspect.cleandoc(command.help)
    yield f"```sh\n{' '.join([context.command_path, *command.collect_usage_pieces(context)])}\n```"
    yield f":::{{program}} {context.command_path}\n:::"
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and isinstance(parameter, click.Option) and "--help" not in parameter.opts:
            names, says = record
            if not says:
                raise ValueError(f"{names} of {context.command_path} has no help: write it.")
            yield f":::{{option}} {names}\n{says}\n:::"
    if isinstance(command, Command):
        yield "Examples:"
        yield "\n".join(("```sh", *command.examples, "```"))
