"""The command that deploys to Google Cloud. It needs the extra `owner`."""

from __future__ import annotations

import os
import shlex
import sys

import click

from prequal.cli.build import BUILD
from prequal.cli.common import Command
from prequal.cli.package import build_package


@click.command(cls=Command)
@click.option("--check", "only_check", is_flag=True, help="Only list what is missing for a deployment.")
@click.option("--yes", is_flag=True, help="Don't ask before Terraform applies its plan.")
@click.option("--terraform", metavar="COMMAND", help="Only run this Terraform command, such as plan or destroy.")
def deploy(*, only_check: bool, yes: bool, terraform: str | None) -> None:
    """Deploy the page and the functions to Google Cloud.

    First everything that is missing is listed; nothing is changed while anything is.
    """
    from prequal.deployment import preflight, steps  # noqa: PLC0415, needs the extra `owner`

    given = preflight.checked(os.environ)
    if only_check:
        click.echo(f"Ready to deploy to {given.store.project} in {given.region}.")
        return
    if terraform:
        sys.exit(0 if steps.terraform(given, BUILD, os.environ, *shlex.split(terraform)) else 1)
    build_package()
    problem = steps.deploy(given, BUILD, os.environ, ask=not yes)
    if problem:
        click.echo(problem, err=True)
        sys.exit(1)
    click.echo(f"Deployed. Now check it from outside: {sys.argv[0]} doctor {given.functions.public_url}")
