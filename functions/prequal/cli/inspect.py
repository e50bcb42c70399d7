"""The command that shows the contents of any managed Firestore export. It needs the extra `owner`."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import click

from prequal.cli.command_group import Command
from prequal.cli.common import folder_type, json_option, print_json


@click.command(cls=Command, examples=["prequal inspect export", "prequal inspect export --dump"])
@click.argument("folder", type=folder_type)
@click.option("--dump", is_flag=True, help="Print every document, one a line, as Firestore's REST API shows it.")
@json_option
def inspect(folder: Path, *, dump: bool, as_json: bool) -> None:
    """Show what a managed Firestore export holds.

    It shows the collections, their documents, and the types of each field's values. FOLDER is the folder of the export,
    or the one around it that the Firebase CLI writes. Nothing is printed unless the whole export is intact.
    """
    from prequal.managed_export.contents import Contents  # noqa: PLC0415, needs the extra `owner`
    from prequal.managed_export.document import rest_document  # noqa: PLC0415
    from prequal.managed_export.reader import read_documents  # noqa: PLC0415

    if not dump:
        summary = Contents(read_documents(folder))
        if as_json:
            print_json(summary.as_json())
        else:
            click.echo("\n".join(summary.lines()))
        return
    # Damage may come to light only at the end, hence the temporary file.
    with tempfile.TemporaryFile() as whole:
        for document in read_documents(folder):
            # ASCII, as some programs break lines at Unicode line separators, which JSON doesn't escape.
            whole.write(f"{json.dumps(rest_document(document))}\n".encode())
        whole.seek(0)
        shutil.copyfileobj(whole, sys.stdout.buffer)
