"""The command that makes a link with a source. It needs the extra `owner`."""

import json
import os
from pathlib import Path

import click

from prequal.cli.build import warn_of_local_address
from prequal.cli.common import file_type, json_option, load_compiled
from prequal.config.settings import Settings


@click.command()
@click.option("--source", required=True, metavar="NAME", help="The name of the source, stored with each lead.")
@click.option("--language", metavar="LANG", help="One of the form's languages. Default: the first.")
@click.option("-o", "--output", metavar="FILE", type=file_type, help="Draw the QR code in a .svg or .png file.")
@json_option
def link(source: str, language: str | None, output: Path | None, *, as_json: bool) -> None:
    """Make a link to the form that carries a source, and its QR code."""
    from prequal.forms import source_link  # noqa: PLC0415, needs the extra `owner`

    form = load_compiled().form
    public_url = Settings(os.environ, Settings.public_url).public_url
    address = source_link.make_link(public_url, form, source, language)
    if output:
        source_link.write_qr_code(address, output)
    if as_json:
        click.echo(json.dumps({"link": address, "file": str(output) if output else None}))
        return
    click.echo(address)
    if output:
        click.echo(f"Wrote {output}.", err=True)
    else:
        click.echo(source_link.qr_code_as_text(address))
    warn_of_local_address("The link leads to this machine", public_url)
