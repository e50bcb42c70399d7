"""The command that deploys. It needs the extra `owner`."""

from __future__ import annotations

import os
import shlex
import sys

import click

from prequal.cli.authoring import BUILD, build_package
from prequal.cli.common import Command


@click.command(cls=Command)
@click.option("--check", "only_check", is_flag=True, help="Name what is missing, and stop there.")
@click.option("--yes", is_flag=True, help="Don’t ask before Terraform applies what it shows.")
@click.option("--terraform", metavar="COMMAND", help="Run but this of Terraform’s, such as plan or destroy.")
def deploy(*, only_check: bool, yes: bool, terraform: str | None) -> None:
    """Deploy page and functions to Google Cloud; what is missing for that is named first, and nothing touched."""
    from prequal.deployment import preflight, steps  # noqa: PLC0415, needs the extra `owner`

    given = preflight.checked(os.environ)
    if only_check:
        click.echo(f"All is there to deploy to {given.store.project} in {given.region}.")
        return
    if terraform:
        sys.exit(0 if steps.terraform(given, BUILD, os.environ, *shlex.split(terraform)) else 1)
    build_package()
    problem = steps.deploy(given, BUILD, os.environ, ask=not yes)
    if problem:
        click.echo(problem, err=True)
        sys.exit(1)
    address = given.functions.public_url
    click.echo(f"Deployed. See that all is well there: .venv/bin/prequal doctor {address}")
