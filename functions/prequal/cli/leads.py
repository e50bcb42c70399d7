"""Commands that read the leads, and decide about them."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

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
from prequal.core.form import Grade
from prequal.core.lead import Status
from prequal.owner import desk, export
from prequal.owner.rows import exported
from prequal.owner.showing import described


@click.command("export", cls=Command)
@click.option(
    "--format", "kind", type=click.Choice(list(export.FORMATS)), default="csv", show_default=True, help="Of what kind."
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file; else standard output.")
@from_option
def export_leads(kind: str, output: Path | None, folder: Path | None) -> None:
    """Write every lead, one row each, the oldest first."""
    with open_leads(folder) as leads:
        if output:
            with export.whole_file(output) as out:
                count = export.FORMATS[kind](leads.leads, out)
            click.echo(f"Wrote {count} leads to {output}.", err=True)
        else:
            export.FORMATS[kind](leads.leads, standard_output())


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
            export.write_jsonl(lambda: wanted.among(store.leads()), standard_output())
        else:
            width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            for line in desk.table(wanted.among(store.leads()), width):
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
            click.echo(json.dumps(exported(lead), ensure_ascii=False))
        else:
            click.echo(described(lead, store.attempts(lead.id), store.mails(lead.id), forms_of(store)))
