"""The command that deploys to Google Cloud. It needs the extra `owner`."""

import os
import shlex
import sys
from pathlib import Path

import click

from prequal.cli.build import BUILD
from prequal.cli.package import build_package
from prequal.config.settings_file import read_settings
from prequal.core.errors import SettingsError

_SETTINGS = Path("settings.env")


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Only list what is missing for a deployment.")
@click.option("--yes", is_flag=True, help="Don't ask before Terraform applies its plan.")
@click.option("--terraform", metavar="COMMAND", help="Only run this Terraform command, such as plan or destroy.")
def deploy(*, only_check: bool, yes: bool, terraform: str | None) -> None:
    """Deploy the page and the functions to Google Cloud.

    First everything that is missing is listed; nothing is changed while anything is. Settings in the file settings.env
    of this folder, if there is one, replace those of the environment.
    """
    from prequal.deployment import preflight, steps  # noqa: PLC0415, needs the extra `owner`

    if _SETTINGS.exists():
        os.environ |= read_settings(_SETTINGS)
    try:
        given = preflight.run_preflight(os.environ)
    except SettingsError as error:
        if not only_check:
            raise
        click.echo(str(error), err=True)
        sys.exit(1)
    if only_check:
        click.echo(f"Ready to deploy to {given.store.project} in {given.region}.")
        return
    if terraform:
        sys.exit(0 if steps.run_terraform(given, BUILD, os.environ, *shlex.split(terraform)) else 1)
    build_package()
    problem = steps.deploy(given, BUILD, os.environ, ask=not yes)
    if problem:
        click.echo(problem, err=True)
        sys.exit(1)
    click.echo(f"Deployed. Now check it from outside: {sys.argv[0]} doctor {given.public_url}")
