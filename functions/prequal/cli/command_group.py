"""The group of all commands, and their class."""

import errno
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem

from prequal.cli.signals import INTERRUPTED
from prequal.core.errors import IllegalStepError, MissingExtraError, PrequalError, StoreUnavailableError
from prequal.resources import PACKAGE

_OUTPUT_FAILED = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EPIPE, errno.EBADF}
_CLOSED = "standard output is closed"


class Command(click.Command):
    """Command whose help ends with examples."""

    def __init__(self, *arguments: Any, examples: Sequence[str], **attributes: Any) -> None:  # noqa: ANN401, click's
        super().__init__(*arguments, **attributes)
        #: Lines to type.
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002, click's
        """Write the examples, one a line."""
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")


class CommandGroup(click.Group):
    """Group that imports a command when it runs, and prints expected errors as sentences."""

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401, click's
        sections: Mapping[str, Mapping[str, str]] | None = None,
        **attributes: Any,  # noqa: ANN401, click's
    ) -> None:
        super().__init__(*arguments, **attributes)
        #: The commands that are imported, each from the module of its name, with the first sentences of their help.
        self.sections = sections or {}
        self.summaries = {name: summary for section in self.sections.values() for name, summary in section.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted([*super().list_commands(ctx), *self.summaries])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None if there is none of this name."""
        if cmd_name not in self.summaries:
            return super().get_command(ctx, cmd_name)
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"prequal.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002, click's
        """List the commands by their summaries, as importing all of them takes half a second."""
        width = max(map(len, self.summaries))
        for title, section in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:{width}}", summary) for name, summary in section.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names of commands and options, importing none."""
        found = [(name, summary) for name, summary in self.summaries.items() if name.startswith(incomplete)]
        own = [CompletionItem(name, help=summary) for name, summary in found]
        return [*own, *click.Command.shell_complete(self, ctx, incomplete)]

    def main(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401, click's signature
        """Run a command; on an expected error, print it and exit with its status."""
        try:
            try:
                return super().main(*arguments, **options)
            finally:
                if not sys.stdout.closed:
                    sys.stdout.flush()  # which can fail too
        except PrequalError as error:
            _fail(str(error), 1 if isinstance(error, StoreUnavailableError | IllegalStepError) else 2)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("prequal"):
                raise
            _fail(str(MissingExtraError(error.name or "")))
        except UnicodeEncodeError as error:
            _fail(_unencodable(error))
        except OSError as error:
            if error.filename is None and error.errno not in _OUTPUT_FAILED:
                raise
            _fail(_sentence(error))

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401, click's signature
        """Run a command; Ctrl-C, where it raises an exception, ends it without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


def _fail(sentence: str, status: int = 2) -> NoReturn:
    if sentence:
        click.echo(sentence, err=True)
    sys.exit(status)


def _unencodable(error: UnicodeEncodeError) -> str:
    """Return as a sentence that a text has no place in the locale's encoding, or was not text in it."""
    character, encoding = error.object[error.start], sys.getfilesystemencoding()
    if 0xD800 <= ord(character) <= 0xDFFF:  # noqa: PLR2004, surrogates: bytes that Python could not decode
        return f"An argument or a setting is not text in this terminal's encoding, {encoding}: type it again."
    return f"{error.object} can't be written in this terminal's encoding, {encoding}: set LC_ALL=C.UTF-8."


def _sentence(error: OSError) -> str:
    """Return an error of reading or writing as a sentence."""
    reason = error.strerror or error
    if error.filename is None:
        with suppress(OSError):  # flushes again; otherwise Python tries at exit, and prints that error too
            sys.stdout.close()
        if error.errno == errno.EPIPE:  # nobody reads on
            return ""
        return f"The output can't be written: {_CLOSED if error.errno == errno.EBADF else reason}."
    if isinstance(error.filename, str) and Path(error.filename).is_relative_to(PACKAGE):
        return f"prequal's own file {error.filename} can't be read: {reason}. Install prequal again."
    return f"{error.filename} can't be read or written: {reason}."
