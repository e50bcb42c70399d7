"""The command that writes the report."""

from datetime import datetime
from pathlib import Path

import click

from prequal.bootstrap_store import utc_now
from prequal.cli.command_group import Command
from prequal.cli.common import (
    Unreadable,
    form_option,
    forms_of,
    from_option,
    open_leads,
    output_type,
    owner_zone,
    since_option,
)
from prequal.core.lead_filter import LeadFilter
from prequal.files import STANDARD_OUTPUT, open_output
from prequal.owner.figures.aggregation import aggregate
from prequal.owner.figures.insights import headline
from prequal.owner.figures.model import Period


@click.command(
    cls=Command,
    examples=["prequal report -o report.html", "prequal report -o spring.html --since 2026-03-01 --period week"],
)
@click.option(
    "-o",
    "--output",
    metavar="FILE.html",
    required=True,
    type=output_type,
    help="The file to write; - is standard output.",
)
@since_option
@click.option(
    "--period",
    type=click.Choice([period.value for period in Period]),
    help="Count by week or by month. Default: months once there are four of them, else weeks.",
)
@click.option("--names", is_flag=True, help="Name the leads that may still book. Without it, nobody is named.")
@form_option
@from_option
def report(  # noqa: PLR0913, an option each
    output: Path, since: datetime | None, period: str | None, form_id: str | None, folder: Path | None, *, names: bool
) -> None:
    """Write a report on the leads: one HTML file.

    It is self-contained, to view, print or send.
    """
    from prequal.owner.report.page import render_report  # noqa: PLC0415, jinja2 is slow to import

    unreadable = Unreadable()
    with open_leads(folder) as leads:
        forms, now, zone = forms_of(leads), utc_now(), owner_zone()
        span = Period(period) if period else None
        if form_id and form_id not in (known := sorted({form.id for form in forms.values()})):
            raise click.UsageError(f"There is no form {form_id}: choose from {', '.join(known)}.")
        figures = aggregate(
            leads.iter_leads(LeadFilter(since=since, form=form_id), unreadable),
            forms,
            now,
            zone,
            since=since,
            period=span,
            names=names,
            visits=(
                counts
                for counts in leads.iter_visits(f"{since:%Y-%m-%d}" if since else "")
                if form_id in (None, counts.form_id)
            ),
            past_clients=(
                client for client in leads.iter_past_clients(unreadable) if form_id in (None, client.form_id)
            ),
        )
    with open_output(output) as out:
        out.write(render_report(figures, form_id or "").encode())
    written = "" if output == STANDARD_OUTPUT else f"Wrote {output}. "
    click.echo(f"{written}{headline(figures)}", err=True)
    unreadable.exit()
