"""The command that checks the form files. It needs the extra `owner`."""

import os
import sys
from pathlib import Path

import click

from prequal.cli.command_group import Command
from prequal.cli.common import json_option, print_json
from prequal.config import settings


@click.command(cls=Command, examples=["prequal check", "prequal check schema/form.yaml --json"])
@click.argument("form", type=click.Path(path_type=Path), required=False)
@json_option
def check(form: Path | None, *, as_json: bool) -> None:
    """Check a form file: every fault, and what to do about it.

    FORM is a file, or a folder of them. Default: what PREQUAL_FORM names, or schema/form.yaml. The default is also
    checked to have the questions that PREQUAL_BOOKING_URL names.
    """
    from prequal.forms.form_check import check_forms  # noqa: PLC0415, needs the extra `owner`

    booking_url = "" if form else os.environ.get(settings.Settings.booking_url.name, "")
    reports = dict(check_forms(form or settings.read_form(os.environ), booking_url))
    if not as_json:
        click.echo("\n\n".join(report.in_words(path) for path, report in reports.items()))
    elif len(reports) == 1:
        print_json(*(report.as_json() for report in reports.values()))
    else:
        print_json([{"form": str(path), **report.as_json()} for path, report in reports.items()])
    sys.exit(1 if any(report.errors for report in reports.values()) else 0)
