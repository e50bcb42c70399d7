"""The command that makes a link with a source. It needs the extra `owner`."""

import os
import sys
from pathlib import Path

import click

from prequal import bootstrap
from prequal.cli.build import warn_of_local_address
from prequal.cli.command_group import Command
from prequal.cli.common import (
    choose_form,
    form_option,
    json_option,
    load_compiled,
    open_store,
    output_type,
    print_json,
)
from prequal.config.settings import Settings
from prequal.core.errors import PrequalError
from prequal.core.text import one_line
from prequal.files import STANDARD_OUTPUT
from prequal.services.visit_counting import add_source


@click.command(cls=Command, examples=["prequal link --source newsletter", "prequal link --source ada -o ada.svg"])
@click.option("--source", required=True, metavar="NAME", help="The name of the source, stored with each lead.")
@form_option
@click.option("--language", metavar="LANG", help="One of the form's languages. Default: the first.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=output_type,
    help="Draw the QR code in a .svg or .png file; - is an SVG on standard output.",
)
@json_option
def link(source: str, form_id: str | None, language: str | None, output: Path | None, *, as_json: bool) -> None:
    """Make a link that carries a source, and its QR code."""
    from prequal.forms import source_link  # noqa: PLC0415, needs the extra `owner`

    public_url = Settings(os.environ, Settings.public_url).public_url
    paths = {site.form.id: site.paths for site in bootstrap.build_sites(load_compiled(), public_url)}
    address = source_link.make_link(public_url, choose_form(paths, form_id), source, language)
    drawn = output == STANDARD_OUTPUT
    if drawn and as_json:
        raise click.UsageError("Standard output has room for one of the two: leave out --json, or name a file.")
    if output:
        source_link.write_qr_code(address, output)
    code = "" if output or as_json else source_link.qr_code_as_text(address)
    _count_apart(source)
    if as_json:
        print_json({"link": address, "file": str(output) if output else None})
        return
    click.echo(address, err=drawn)
    if output and not drawn:
        click.echo(f"Wrote {output}.", err=True)
    elif not output:
        click.echo(code if _can_print(code) else "This terminal can't show the QR code: draw it with -o qr.svg.")
    warn_of_local_address("The link leads to this machine", public_url)


def _count_apart(source: str) -> None:
    """Have the visits by the link counted apart; without the store, the link leads to the form all the same."""
    try:
        with open_store() as store:
            add_source(store, one_line(source))
    except PrequalError as error:
        click.echo(f"Visits by this link are counted with all others, as the store doesn't know it. {error}", err=True)


def _can_print(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return False
    return True
