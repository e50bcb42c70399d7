"""The command that looks into any export of Firestore's, whoever's it is."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import click

from prequal.cli.common import Command, folder_type, json_option, standard_output


@click.command(cls=Command)
@click.argument("folder", type=folder_type)
@click.option(
    "--dump", is_flag=True, help="Print every document instead, one a line, in the shape of Firestore's REST API."
)
@json_option
def inspect(folder: Path, *, dump: bool, as_json: bool) -> None:
    """Say what a managed export of Firestore's holds: collections, documents, the kinds of values of each field.

    FOLDER is the folder of the export, or the one around it that the Firebase CLI writes. Nothing is printed unless
    the whole export is in order.
    """
    from prequal.managed_export.contents import Contents  # noqa: PLC0415, needs the extra `owner`
    from prequal.managed_export.reader import read_documents  # noqa: PLC0415

    if dump:
        _dump(folder)
        return
    found = Contents(read_documents(folder))
    click.echo(json.dumps(found.as_json()) if as_json else "\n".join(found.lines()))


def _dump(folder: Path) -> None:
    from prequal.managed_export.reader import read_documents  # noqa: PLC0415, needs the extra `owner`
    from prequal.managed_export.rest import rest_document  # noqa: PLC0415

    # Whether all is in order is known at the end.
    with tempfile.TemporaryFile() as whole:
        for document in read_documents(folder):
            # In ASCII a line is a line for everyone: Unicode knows ends of line that JSON leaves as they are.
            whole.write(f"{json.dumps(rest_document(document))}\n".encode())
        whole.seek(0)
        shutil.copyfileobj(whole, standard_output())
