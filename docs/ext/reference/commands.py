"""The commands, from click's declarations."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from prequal.cli import main


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
    """Yield a command's heading, its help, its usage and its options."""
    command = context.command
    if not command.help:
        raise ValueError(f"{context.command_path} has no help: write its docstring.")
    yield f"## {context.command_path}"
    yield _text(command.help)
    yield f"```sh\n{' '.join([context.command_path, *command.collect_usage_pieces(context)])}\n```"
    yield f":::{{program}} {context.command_path}\n:::"
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and isinstance(parameter, click.Option) and "--help" not in parameter.opts:
            names, says = record
            if not says:
                raise ValueError(f"{names} of {context.command_path} has no help: write it.")
            yield f":::{{option}} {names}\n{_text(says)}\n:::"
    if command.epilog:
        yield _text(command.epilog)


def _text(text: str) -> str:
    """Return click's paragraphs in Markdown; those whose lines are kept, after a backspace, become code."""
    paragraphs = (paragraph.strip("\n") for paragraph in inspect.cleandoc(text).split("\n\n"))
    return "\n\n".join(
        f"```sh\n{paragraph[1:].strip()}\n```" if paragraph.startswith("\b") else paragraph for paragraph in paragraphs
    )
