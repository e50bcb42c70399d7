"""The command that builds the site. It needs the extra `owner`."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import click

from prequal import bootstrap
from prequal.cli.common import load_compiled
from prequal.compiled import Compiled
from prequal.config.settings import Settings
from prequal.core.network import is_this_machine

BUILD = Path("build")


@click.command()
def build() -> None:
    """Build the static site in build/site."""
    write_site(load_compiled())


def write_site(compiled: Compiled) -> None:
    """Write the site, and the settings of its possible hosts beside it."""
    from prequal.forms.hosting import write_hosting  # noqa: PLC0415, needs the extra `owner`
    from prequal.forms.site_builder import build_site  # noqa: PLC0415

    site = BUILD / "site"
    given = Settings(os.environ, Settings.public_url, Settings.function_origin, Settings.region, Settings.turnstile_key)
    sites = bootstrap.build_sites(compiled, given.public_url, given.function_url, given.turnstile_key)
    build_site(sites, site)
    write_hosting(BUILD, site, compiled.assets.values(), sites[0].headers, given.region)
    versions = [f"{form_id} {form.version}" for form_id, form in compiled.by_id.items()]
    built = f"form versions {', '.join(versions)}" if len(versions) > 1 else f"form version {compiled.main.version}"
    click.echo(f"Built {site}: {built}.")
    warn_of_local_address("Its pages name this machine as their address", given.public_url)


def warn_of_local_address(what: str, public_url: str) -> None:
    """Warn where the site's address is this machine: nobody else can open it."""
    if is_this_machine(urlsplit(public_url).hostname or ""):
        click.echo(f"{what}: set PREQUAL_PUBLIC_URL to the address of your site.", err=True)
