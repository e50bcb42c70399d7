"""The command that writes the report."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from prequal import bootstrap
from prequal.cli.common import Command, forms_of, from_option, open_leads
from prequal.owner.figures.counting import count
from prequal.owner.figures.findings import headline
from prequal.owner.figures.periods import Period
from prequal.owner.files import whole_file


@click.command(cls=Command)
@click.option(
    "-o",
    "--output",
    metavar="FILE.html",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write it.",
)
@click.option(
    "--since", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), help="Only leads received on this day (UTC) or later."
)
@click.option(
    "--period",
    type=click.Choice([period.value for period in Period]),
    help="What to count by; else weeks, and months once there are four of them.",
)
@click.option("--names", is_flag=True, help="Name those who may still book. Without it nobody is named.")
@from_option
def report(output: Path, since: datetime | None, period: str | None, folder: Path | None, *, names: bool) -> None:
    """Write what the leads come to as a page to look at, to print and to send: one file, with all that it shows."""
    from prequal.owner.report.page import written  # noqa: PLC0415, needs the extra `owner`

    with open_leads(folder) as leads:
        figures = count(
            leads.iter_leads(),
            forms_of(leads),
            bootstrap.now(),
            since=since and since.replace(tzinfo=UTC),
            period=Period(period) if period else None,
            names=names,
        )
    with whole_file(output) as out:
        out.write(written(figures).encode())
    click.echo(f"Wrote {output}. {headline(figures)}", err=True)
