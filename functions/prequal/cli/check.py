"""The command that checks a form file. It needs the extra `owner`."""

import os
import sys
from pathlib import Path

import click

from prequal.cli.common import json_option, print_json
from prequal.config import settings


@click.command()
@click.argument("form", type=click.Path(path_type=Path), required=False)
@json_option
def check(form: Path | None, *, as_json: bool) -> None:
    """Check a form file: every fault with its line, and what to do about it.

    FORM is a file. Default: the file that PREQUAL_FORM names, or schema/form.yaml.
    """
    from prequal.forms.form_check import check_form  # noqa: PLC0415, needs the extra `owner`

    path = form or settings.read_form(os.environ)
    report = check_form(path)
    if as_json:
        print_json(report.as_json())
    else:
        click.echo(report.in_words(path))
    sys.exit(1 if report.errors else 0)
