"""Commands that turn the owner's files into what is deployed. All need the extra `owner`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from prequal import bootstrap
from prequal.cli.common import Command, json_option
from prequal.compiled import Compiled
from prequal.config import settings

BUILD = Path("build")


@click.command(cls=Command)
@click.argument("form", type=click.Path(path_type=Path), required=False)
@json_option
def check(form: Path | None, *, as_json: bool) -> None:
    """Check a form file: every fault with its line, and what to do about it.

    FORM is a file; without it, the one that PREQUAL_FORM names, or schema/form.yaml.
    """
    from prequal.forms.checking import check_form  # noqa: PLC0415, needs the extra `owner`

    path = form or settings.read_form(os.environ)
    report = check_form(path)
    click.echo(json.dumps(report.as_json()) if as_json else report.in_words(path))
    sys.exit(1 if report.errors else 0)


@click.command(cls=Command)
def build() -> None:
    """Build the static site into build/site."""
    _build(bootstrap.compiled(os.environ))


@click.command(cls=Command)
def package() -> None:
    """Build what is deployed: build/site for a static host, build/function.zip for Cloud Functions."""
    build_package()


def build_package() -> None:
    """Build both, unless the form has faults."""
    from prequal.forms.checking import refuse_errors  # noqa: PLC0415, needs the extra `owner`
    from prequal.forms.packaging import package_function  # noqa: PLC0415

    refuse_errors(settings.read_form(os.environ))
    compiled = bootstrap.compiled(os.environ)
    _build(compiled)
    archive = BUILD / "function.zip"
    package_function(compiled, archive)
    click.echo(f"Built {archive}: {archive.stat().st_size // 1024} KiB.")


@click.command(cls=Command)
@click.option("--source", required=True, metavar="NAME", help="Who or what sends the visitors; kept on their leads.")
@click.option("--language", metavar="LANG", help="Which of the form's languages; else the first.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Draw the QR code: .svg or .png.")
@json_option
def link(source: str, language: str | None, output: Path | None, *, as_json: bool) -> None:
    """Make a link to the form that carries a source, and its QR code."""
    from prequal.forms import sharing  # noqa: PLC0415, needs the extra `owner`

    form = bootstrap.compiled(os.environ).form
    address = sharing.source_link(settings.read_public_url(os.environ), form, source, language)
    if output:
        sharing.draw(address, output)
    if as_json:
        click.echo(json.dumps({"link": address, "file": str(output) if output else None}))
        return
    click.echo(address)
    if output:
        click.echo(f"Wrote {output}.", err=True)
    else:
        click.echo(sharing.in_terminal(address))
    if not os.environ.get("PREQUAL_PUBLIC_URL"):
        click.echo("The link leads to this machine: set PREQUAL_PUBLIC_URL to where the site lives.", err=True)


def _build(compiled: Compiled) -> None:
    from prequal.forms.hosting import write_hosting  # noqa: PLC0415, needs the extra `owner`
    from prequal.forms.site_builder import build_site  # noqa: PLC0415

    site = BUILD / "site"
    pages = bootstrap.site(compiled, *settings.read_addresses(os.environ))
    build_site(pages, site)
    write_hosting(BUILD, site, compiled.assets.values(), pages.headers, settings.read_region(os.environ))
    click.echo(f"Built {site}: form version {compiled.form.version}.")
