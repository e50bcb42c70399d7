"""Shared parts of the commands: options, access to the leads, progress."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click

from prequal import bootstrap_store
from prequal.compiled import Compiled
from prequal.config.settings import Settings, SqliteStore, read_form
from prequal.core.days import start_of
from prequal.core.errors import PrequalError, StoreMissingError, UnreadableDocumentError
from prequal.core.form import Form
from prequal.files import STANDARD_OUTPUT, open_output
from prequal.owner.lookup import Leads
from prequal.pages.labels import count_leads
from prequal.pages.zone import Zone
from prequal.services.ports import Store

_PROGRESS_EVERY_SECONDS = 0.2
_T = TypeVar("_T")
_Command = TypeVar("_Command", bound=Callable[..., object])


def owner_zone() -> Zone:
    """Return the owner's time zone: that of PREQUAL_ZONE, or else this machine's."""
    return Zone(Settings(os.environ, Settings.zone).zone)


def _as_start(_context: click.Context, _option: click.Parameter, day: datetime | None) -> datetime | None:
    return day and start_of(day, owner_zone().tz)


def _named(_context: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    if path == STANDARD_OUTPUT:
        raise click.BadParameter("standard output has the text: name a file.")
    return path


def plot_option(shows: str) -> Callable[[_Command], _Command]:
    """Return the option --plot, with what the picture shows."""
    return click.option("--plot", metavar="FILE.svg", type=file_type, callback=_named, help=shows)


form_option = click.option("--form", "form_id", metavar="ID", help="The form's id, where there are several.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
file_type = click.Path(path_type=Path, dir_okay=False)
output_type = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
folder_type = click.Path(path_type=Path, exists=True, file_okay=False)
from_option = click.option(
    "--from", "folder", type=folder_type, metavar="FOLDER", help="Read a managed Firestore export instead of the store."
)
since_option = click.option(
    "--since",
    metavar="DAY",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_as_start,
    help="Only leads received on this day or later, such as 2026-01-31.",
)


@contextmanager
def open_store(*, read_only: bool = False) -> Iterator[Store]:
    """Open the store that the settings name, and close it at the end of the block.

    Raises:
        StoreMissingError: there is none; none is made.
    """
    wanted = (Settings.store,) if read_only else (Settings.store, Settings.webhooks)
    given = Settings(os.environ, *wanted)
    if isinstance(given.store, SqliteStore) and not given.store.path.exists():
        raise StoreMissingError(given.store.path)
    announces = not read_only and bool(given.webhooks)
    with closing(bootstrap_store.open_store(given.store, read_only=read_only, announces=announces)) as store:
        yield store


@contextmanager
def open_leads(folder: Path | None) -> Iterator[Leads]:
    """Open the export in a folder, which is read at once in full; without a folder, open the store to read it.

    Raises:
        StoreMissingError: there is none; none is made.
    """
    if folder is None:
        with open_store(read_only=True) as store:
            yield store
        return
    from prequal.owner.exported_leads import ExportedLeads  # noqa: PLC0415, needs the extra `owner`

    with closing(ExportedLeads(folder)) as exported:
        yield exported


class Unreadable:
    """Reports of documents that can't be read: each a sentence at once, and in the end the exit status 1."""

    def __init__(self) -> None:
        self._any = False

    def __call__(self, error: UnreadableDocumentError) -> None:
        """Report a document."""
        self._any = True
        click.echo(str(error), err=True)

    def exit(self) -> None:
        """End the command with status 1 if there was any."""
        if self._any:
            sys.exit(1)


def load_compiled() -> Compiled:
    """Check and compile the owner's files."""
    from prequal.forms.compilation import compile_files  # noqa: PLC0415, needs the extra `owner`

    return compile_files(read_form(os.environ))


def choose_form(forms: Mapping[str, _T], form_id: str | None) -> _T:
    """Return the form with an id, or the only one without; UsageError if that names none."""
    if form_id is None and len(forms) > 1:
        raise click.UsageError(f"There are several forms: choose one with --form {' or --form '.join(forms)}.")
    if form_id is not None and form_id not in forms:
        raise click.UsageError(f"There is no form {form_id}: choose from {', '.join(forms)}.")
    return next(form for each, form in forms.items() if form_id in (None, each))


def forms_of(leads: Leads) -> Mapping[str, Form]:
    """Return the forms that describe these leads, by version: those stored with them, and the current ones."""
    stored = leads.load_forms()
    with suppress(PrequalError):  # old leads can be read while a current form has faults
        return {**{form.version: form for form in load_compiled().by_id.values()}, **stored}
    return stored


def print_json(value: object) -> None:
    """Print a value as a line of JSON, in UTF-8 whatever the locale is."""
    click.echo(json.dumps(value, ensure_ascii=False).encode())


def draw(path: Path, picture: str) -> None:
    """Write an SVG picture to a file, and say so."""
    with open_output(path) as out:
        out.write(picture.encode())
    click.echo(f"Wrote {path}.", err=True)


def show_progress(items: Iterable[_T], what: str, patience: float = 2.0) -> Iterator[_T]:
    """Yield the items; on a terminal, show how many leads have passed, and what was done with them.

    Nothing is shown during the first `patience` seconds: most commands end sooner.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield from items
        return
    show_at = time.monotonic() + patience
    line = ""
    try:
        for count, item in enumerate(items):
            if time.monotonic() >= show_at:
                show_at = time.monotonic() + _PROGRESS_EVERY_SECONDS
                line = f"{count_leads(count)} {what}"
                click.echo(f"\r{line}", err=True, nl=False)
            yield item
    finally:
        if line:
            click.echo(f"\r{' ' * len(line)}\r", err=True, nl=False)
