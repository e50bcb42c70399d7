"""The commands that build the site, and everything that is deployed. They need the extra `owner`."""

import os
from pathlib import Path

import click

from prequal import bootstrap
from prequal.cli.common import load_compiled
from prequal.compiled import Compiled
from prequal.config.settings import Settings, read_form

BUILD = Path("build")


@click.command()
def build() -> None:
    """Build the static site in build/site."""
    _write_site(load_compiled())


@click.command()
def package() -> None:
    """Build what is deployed: build/site for a static host, build/function.zip for Cloud Functions."""
    build_package()


def build_package() -> None:
    """Build both, unless the form has faults."""
    from prequal.forms.compilation import package_function  # noqa: PLC0415, needs the extra `owner`
    from prequal.forms.form_check import refuse_errors  # noqa: PLC0415

    refuse_errors(read_form(os.environ))
    compiled = load_compiled()
    _write_site(compiled)
    archive = BUILD / "function.zip"
    package_function(compiled, archive)
    click.echo(f"Built {archive}: {archive.stat().st_size // 1024} KiB.")


def _write_site(compiled: Compiled) -> None:
    """Write the site, and the settings of its possible hosts beside it."""
    from prequal.forms.hosting import write_hosting  # noqa: PLC0415, needs the extra `owner`
    from prequal.forms.site_builder import build_site  # noqa: PLC0415

    site = BUILD / "site"
    given = Settings(os.environ, Settings.public_url, Settings.function_origin, Settings.region)
    pages = bootstrap.build_site(compiled, given.public_url, given.function_url)
    build_site(pages, site)
    write_hosting(BUILD, site, compiled.assets.values(), pages.headers, given.region)
    click.echo(f"Built {site}: form version {compiled.form.version}.")
    warn_of_local_address("Its pages name this machine as their address")


def warn_of_local_address(what: str) -> None:
    """Warn that an address leads to this machine, unless the site's address is set."""
    if not os.environ.get("PREQUAL_PUBLIC_URL"):
        click.echo(f"{what}: set PREQUAL_PUBLIC_URL to the address of your site.", err=True)
