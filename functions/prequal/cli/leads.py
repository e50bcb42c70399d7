"""Commands that read the leads, and decide about them."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from prequal.cli.common import (
    Command,
    Group,
    forms_of,
    from_option,
    json_option,
    open_leads,
    standard_output,
)
from prequal.cli.progress import counted
from prequal.core.form import Grade
from prequal.core.lead import Status
from prequal.owner import desk
from prequal.owner.export import Export, Format
from prequal.owner.files import folder_of, whole_file
from prequal.owner.json_lines import json_line, write_json_lines
from prequal.owner.showing import described


def _zone(_context: click.Context, _option: click.Parameter, name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.BadParameter(f"there is no zone {name}: write one like Europe/Paris.") from error


@click.command("export", cls=Command)
@click.option(
    "--format",
    "kind",
    type=click.Choice([kind.value for kind in Format]),
    help="Of what kind; without it, as the file's name ends; csv where it has no ending.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file; else standard output.")
@click.option(
    "--zone", callback=_zone, metavar="ZONE", help="Your time zone, such as Europe/Paris; without it, this machine's."
)
@click.option("--bom", is_flag=True, help="Begin CSV with the mark by which Excel knows that it is UTF-8.")
@from_option
def export_leads(
    kind: str | None, output: Path | None, zone: ZoneInfo | None, folder: Path | None, *, bom: bool
) -> None:
    """Write every lead, one row each, the oldest first.

    csv and jsonl are for other programs, xlsx for your own eyes. The file appears once it is complete.
    """
    wanted = Format(kind or _ending(output) or Format.CSV)
    if bom and wanted is not Format.CSV:
        raise click.UsageError("--bom is for csv alone: leave it out.")
    if output is None and wanted is Format.XLSX and sys.stdout.isatty():
        raise click.UsageError("A terminal can't show a workbook: name a file, like -o leads.xlsx.")
    with open_leads(folder) as store:
        export = Export(
            format=wanted,
            forms=forms_of(store),
            zone=zone,
            bom=bom,
            folder=output and folder_of(output),
            watch=counted,
        )
        if output:
            with whole_file(output) as out:
                count = export.write(store.iter_leads(), out)
            click.echo(f"Wrote {count} leads to {output}.", err=True)
        else:
            export.write(store.iter_leads(), standard_output())


def _ending(output: Path | None) -> str | None:
    """Return the format that a file's name ends with, if it has an ending."""
    ending = output.suffix.lower().lstrip(".") if output else ""
    if ending and ending not in set(Format):
        *others, last = (f".{kind}" for kind in Format)
        known = f"{', '.join(others)} or {last}"
        raise click.UsageError(f"No format is called {ending}: end the file's name with {known}, or say --format.")
    return ending


@click.group(cls=Group)
def leads() -> None:
    """Read the leads, and decide about them.

    ID is a lead's id, or as much of its beginning as no other has.
    """


@leads.command("list")
@click.option("--status", type=click.Choice([status.value for status in Status]), help="Only those that stand so.")
@click.option("--grade", type=click.Choice([grade.value for grade in Grade]), help="Only those of this grade.")
@click.option("--source", help="Only those that came by this source, or utm_source.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only those received on this day (UTC) or later.")
@from_option
@json_option
def list_leads(  # noqa: PLR0913, one a filter
    status: str | None,
    grade: str | None,
    source: str | None,
    since: datetime | None,
    folder: Path | None,
    *,
    as_json: bool,
) -> None:
    """List the leads, the oldest first."""
    wanted = desk.Wanted(
        status=Status(status) if status else None,
        grade=Grade(grade) if grade else None,
        source=source,
        since=since and since.replace(tzinfo=UTC),
    )
    with open_leads(folder) as store:
        if as_json:
            write_json_lines(wanted.among(store.iter_leads()), standard_output())
        else:
            width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            for line in desk.table(wanted.among(store.iter_leads()), width):
                click.echo(line)


@leads.command("show")
@click.argument("lead_id", metavar="ID")
@from_option
@json_option
def show_lead(lead_id: str, folder: Path | None, *, as_json: bool) -> None:
    """Show one lead: what they said, where each point comes from, and what has happened since."""
    with open_leads(folder) as store:
        lead = desk.find(store, lead_id)
        if as_json:
            click.echo(json_line(lead))
        else:
            click.echo(described(lead, store.list_attempts(lead.id), store.list_mails(lead.id), forms_of(store)))
