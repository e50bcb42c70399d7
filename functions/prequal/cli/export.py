"""The command that exports the leads."""

import sys
from datetime import tzinfo
from pathlib import Path

import click

from prequal.cli.command_group import Command
from prequal.cli.common import Unreadable, forms_of, from_option, open_leads, output_type, owner_zone, show_progress
from prequal.config.parsers import SettingError, parse_zone
from prequal.files import STANDARD_OUTPUT, open_output, output_folder
from prequal.owner.exporter import Exporter, Format
from prequal.pages.labels import count_leads


def _zone(_context: click.Context, _option: click.Parameter, name: str | None) -> tzinfo | None:
    try:
        return parse_zone(name) if name else owner_zone().tz
    except SettingError as error:
        raise click.BadParameter(f"this {error}.") from error


@click.command(cls=Command, examples=["prequal export -o leads.xlsx", "prequal export --bom -o leads.csv"])
@click.option(
    "--format",
    "kind",
    type=click.Choice([kind.value for kind in Format]),
    help="Output format. Default: from the file's extension, else csv.",
)
@click.option(
    "-o", "--output", metavar="FILE", type=output_type, help="Output file. Default: standard output, which is also -."
)
@click.option(
    "--zone", callback=_zone, metavar="ZONE", help="A time zone such as Europe/Paris. Default: yours, of PREQUAL_ZONE."
)
@click.option("--bom", is_flag=True, help="Begin CSV with a byte order mark, by which Excel recognises UTF-8.")
@from_option
def export(kind: str | None, output: Path | None, zone: tzinfo | None, folder: Path | None, *, bom: bool) -> None:
    """Write every lead, one row each, oldest first.

    csv and jsonl are for other programs, xlsx is for reading. The file appears once it is complete.
    """
    output = None if output == STANDARD_OUTPUT else output
    wanted = Format(kind or _format_of(output) or Format.CSV)
    if bom and wanted is not Format.CSV:
        raise click.UsageError("--bom is for csv alone: leave it out.")
    if output is None and wanted is Format.XLSX and sys.stdout.isatty():
        raise click.UsageError("A terminal can't show a workbook: name a file, like -o leads.xlsx.")
    unreadable = Unreadable()
    with open_leads(folder) as store:
        exporter = Exporter(
            format=wanted,
            forms=forms_of(store),
            zone=zone,
            bom=bom,
            folder=output and output_folder(output),
            watch=show_progress,
        )
        with open_output(output or STANDARD_OUTPUT) as out:
            count = exporter.write(store.iter_leads(skip=unreadable), out)
    if output:
        click.echo(f"Wrote {count_leads(count)} to {output}.", err=True)
    unreadable.exit()


def _format_of(output: Path | None) -> str | None:
    """Return the format that a file's extension names, if it has an extension."""
    extension = output.suffix.lower().lstrip(".") if output else ""
    if extension and extension not in set(Format):
        *others, last = (f".{kind}" for kind in Format)
        known = f"{', '.join(others)} or {last}"
        raise click.UsageError(f"No format is called {extension}: end the file's name with {known}, or use --format.")
    return extension
