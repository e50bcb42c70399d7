"""The command that builds the site. It needs the extra `owner`."""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click

from prequal import bootstrap
from prequal.cli.command_group import Command
from prequal.cli.common import load_compiled
from prequal.compiled import Compiled
from prequal.config.settings import Settings
from prequal.core.network import is_this_machine
from prequal.pages.site import Site, headers_by_path

BUILD = Path("build")


@click.command(cls=Command, examples=["prequal build", "prequal --settings settings.env build"])
def build() -> None:
    """Build the static site in build/site."""
    write_site(load_compiled())


def write_site(compiled: Compiled) -> None:
    """Write the site, and the settings of its possible hosts beside it."""
    from prequal.forms.hosting import write_hosting  # noqa: PLC0415, needs the extra `owner`
    from prequal.forms.site_builder import build_site  # noqa: PLC0415

    site = BUILD / "site"
    sites, region = configured_sites(compiled), Settings(os.environ, Settings.region).region
    build_site(sites, site)
    write_hosting(BUILD, site, compiled.assets.values(), headers_by_path(sites), region)
    versions = [f"{form_id} {form.version}" for form_id, form in compiled.by_id.items()]
    built = f"form versions {', '.join(versions)}" if len(versions) > 1 else f"form version {compiled.main.version}"
    click.echo(f"Built {site}: {built}.")
    warn_of_local_address("Its pages name this machine as their address", sites[0].public_url)


def configured_sites(compiled: Compiled) -> Sequence[Site]:
    """Return the renderer of each form's pages, for the addresses and sites that the settings name."""
    names = (Settings.public_url, Settings.function_origin, Settings.turnstile_key, Settings.frames)
    given = Settings(os.environ, *names)
    # A page alone can be built without it.
    sender = Settings(os.environ, Settings.sender).sender if os.environ.get(Settings.sender.name) else ""
    return bootstrap.build_sites(
        compiled, given.public_url, given.function_url, given.turnstile_key, given.frames, sender=sender
    )


def warn_of_local_address(what: str, public_url: str) -> None:
    """Warn where the site's address is this machine: nobody else can open it."""
    if is_this_machine(urlsplit(public_url).hostname or ""):
        click.echo(f"{what}: set PREQUAL_PUBLIC_URL to the address of your site.", err=True)
