"""Commands that read the leads."""

from __future__ import annotations

import json
from pathlib import Path

import click

from prequal.cli.common import Command, Group, from_option, json_option, open_leads, standard_output
from prequal.owner import desk, export
from prequal.owner.rows import exported


@click.command("export", cls=Command)
@click.option("--format", "kind", type=click.Choice(list(export.FORMATS)), default="csv", show_default=True)
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
    """Read the leads."""


@leads.command("list")
@from_option
@json_option
def list_leads(folder: Path | None, *, as_json: bool) -> None:
    """List every lead, the oldest first."""
    with open_leads(folder) as store:
        if as_json:
            export.write_jsonl(store.leads, standard_output())
        else:
            for line in desk.table(store.leads()):
                click.echo(line)


@leads.command("show")
@click.argument("lead_id", metavar="ID")
@from_option
@json_option
def show_lead(lead_id: str, folder: Path | None, *, as_json: bool) -> None:
    """Show one lead: what they said, and where each point comes from.

    ID is the lead's id, or as much of its beginning as no other has.
    """
    with open_leads(folder) as store:
        lead = desk.find(store, lead_id)
        attempts = store.attempts(lead.id)
    click.echo(json.dumps(exported(lead), ensure_ascii=False) if as_json else desk.described(lead, attempts))
