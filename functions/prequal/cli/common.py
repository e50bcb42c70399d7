"""What every command shares: errors as sentences, standard output, the store."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import click

from prequal import bootstrap
from prequal.config import settings
from prequal.core.errors import MissingExtraError, PrequalError, StoreUnavailableError
from prequal.core.form import Form
from prequal.core.lifecycle import IllegalStepError
from prequal.owner.desk import Leads
from prequal.owner.files import whole_file
from prequal.services.ports import Store

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
folder_type = click.Path(path_type=Path, exists=True, file_okay=False)
from_option = click.option(
    "--from", "folder", type=folder_type, metavar="FOLDER", help="Read a managed export of Firestore's, not the store."
)

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class Command(click.Command):
    """A command whose errors are sentences."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401, click's signature
        """Run the command; an error of ours is its sentence, and the exit status."""
        try:
            result = super().invoke(ctx)
            click.echo(nl=False)  # writes what still waits for it, as that may fail, too
        except PrequalError as error:
            click.echo(str(error), err=True)
            ctx.exit(1 if isinstance(error, StoreUnavailableError | IllegalStepError) else 2)
        except ModuleNotFoundError as error:
            # The archive of the function leaves out the rooms that need the extra.
            if not (error.name or "").startswith("prequal."):
                raise
            click.echo(str(MissingExtraError(error.name or "")), err=True)
            ctx.exit(2)
        except OSError as error:
            if error.filename is None and error.errno not in _NO_ROOM:  # nothing about a file, such as a closed pipe
                raise
            what = f"{error.filename} can't be read or written"
            if error.filename is None:
                what = "The output can't be written"
                with suppress(OSError):  # once more, of what still waits; or else Python tries as it ends, and says so
                    sys.stdout.close()
            click.echo(f"{what}: {error.strerror or error}.", err=True)
            ctx.exit(2)
        return result


class Group(click.Group):
    """A group of such commands."""

    command_class = Command
    group_class = type


@contextmanager
def open_store() -> Iterator[Store]:
    """Open the store that the settings name."""
    with closing(bootstrap.store(settings.read_store(os.environ))) as store:
        yield store


@contextmanager
def open_leads(folder: Path | None) -> Iterator[Leads]:
    """Open the export in a folder, which is read to its end at once; without one, the store."""
    if folder is None:
        with open_store() as store:
            yield store
        return
    from prequal.owner.from_export import ExportedLeads  # noqa: PLC0415, needs the extra `owner`

    with closing(ExportedLeads(folder)) as exported:
        yield exported


def forms_of(leads: Leads) -> Mapping[str, Form]:
    """Return the forms by which to read these leads: those that were kept with them, and the one in use."""
    kept = leads.load_forms()
    with suppress(PrequalError):  # a form that has faults says nothing of old leads
        in_use = bootstrap.compiled(os.environ).form
        return {in_use.version: in_use, **kept}
    return kept


def draw(path: Path, picture: str) -> None:
    """Write a picture to a file, and say so."""
    with whole_file(path) as out:
        out.write(picture.encode())
    click.echo(f"Drew {path}.", err=True)


def standard_output() -> BinaryIO:
    """Return standard output for files: the same bytes everywhere."""
    return sys.stdout.buffer
