"""The group of all commands."""

import errno
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from prequal.core.errors import IllegalStepError, MissingExtraError, PrequalError, StoreUnavailableError
from prequal.resources import PACKAGE

_OUTPUT_FAILED = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class CommandGroup(click.Group):
    """Group that imports a command when it runs, and prints expected errors as sentences."""

    def __init__(self, *arguments: Any, summaries: Mapping[str, str] | None = None, **attributes: Any) -> None:  # noqa: ANN401, click's
        super().__init__(*arguments, **attributes)
        #: The commands that are imported, each from the module of its name, with the first sentences of their help.
        self.summaries = summaries or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted([*super().list_commands(ctx), *self.summaries])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None if there is none of this name."""
        if cmd_name not in self.summaries:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(f"prequal.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by their summaries, as importing all of them takes half a second."""
        listed = [click.Command(name, help=summary) for name, summary in self.summaries.items()]
        click.Group(commands=[*self.commands.values(), *listed]).format_commands(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401, click's signature
        """Run a command; on an expected error, print it and exit with its status."""
        try:
            result = super().invoke(ctx)
            click.echo(nl=False)  # flushes standard output, which can fail too
        except PrequalError as error:
            click.echo(str(error), err=True)
            ctx.exit(1 if isinstance(error, StoreUnavailableError | IllegalStepError) else 2)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("prequal"):
                raise
            click.echo(str(MissingExtraError(error.name or "")), err=True)
            ctx.exit(2)
        except OSError as error:
            if error.filename is None and error.errno not in _OUTPUT_FAILED:  # not about a file, such as a closed pipe
                raise
            click.echo(_sentence(error), err=True)
            ctx.exit(2)
        return result


def _sentence(error: OSError) -> str:
    """Return an error of reading or writing as a sentence."""
    reason = error.strerror or error
    if error.filename is None:
        with suppress(OSError):  # flushes again; otherwise Python tries at exit, and prints that error too
            sys.stdout.close()
        return f"The output can't be written: {reason}."
    if isinstance(error.filename, str) and Path(error.filename).is_relative_to(PACKAGE):
        return f"prequal's own file {error.filename} can't be read: {reason}. Install prequal again."
    return f"{error.filename} can't be read or written: {reason}."
