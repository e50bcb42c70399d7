"""The command that deploys to Google Cloud. It needs the extra `owner`."""

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from prequal.cli.build import BUILD
from prequal.cli.command_group import Command
from prequal.cli.package import build_package
from prequal.cli.signals import raise_interrupts
from prequal.config.regions import is_listed
from prequal.config.settings_file import read_settings
from prequal.core.errors import SettingsError

_SETTINGS = Path("settings.env")


@click.command(cls=Command, examples=["prequal deploy --check", "prequal deploy"])
@click.option("--check", "only_check", is_flag=True, help="Only list what is missing for a deployment.")
@click.option("--yes", is_flag=True, help="Don't ask before Terraform applies its plan.")
@click.option(
    "--import", "importing", is_flag=True, help="First take over what exists, after a lost state or a destroy."
)
@click.option("--terraform", metavar="COMMAND", help="Only run this Terraform command, such as plan or destroy.")
def deploy(*, only_check: bool, yes: bool, importing: bool, terraform: str | None) -> None:
    """Deploy the page and the functions to Google Cloud.

    First everything that is missing is listed; nothing is changed while anything is. Settings in the file settings.env
    of this folder, if there is one, replace those of the environment.
    """
    from prequal.deployment import preflight  # noqa: PLC0415, needs the extra `owner`
    from prequal.deployment.steps import Deployment  # noqa: PLC0415

    if _SETTINGS.exists():
        os.environ |= read_settings(_SETTINGS)
    try:
        given = preflight.run_preflight(os.environ)
    except SettingsError as error:
        if not only_check:
            raise
        click.echo(str(error), err=True)
        sys.exit(1)
    if not is_listed(given.region):
        click.echo(f"It is not known whether Google offers everything that prequal needs in {given.region}.", err=True)
    if only_check:
        click.echo(f"Ready to deploy to {given.store.project} in {given.region}.")
        return
    raise_interrupts()  # the tools end as they should
    deployment = Deployment(given, BUILD, os.environ, click.echo)
    if terraform:
        problem = deployment.connect()
        if problem:
            click.echo(problem, err=True)
        sys.exit(0 if not problem and deployment.terraform(*shlex.split(terraform)) else 1)
    takes_over = {"Takes over what exists: some minutes.": deployment.import_existing} if importing else {}
    _run_steps(
        {
            "Packages the page and the functions.": build_package,
            f"Prepares the project {given.store.project}, and starts Terraform.": deployment.prepare,
            **takes_over,
            "Makes or changes the cloud. The first time takes ten minutes or more, most of it for the database's "
            "indexes and the functions.": lambda: deployment.apply(ask=not yes),
            "Puts the page online.": deployment.publish,
        }
    )
    way_in = "It mails you a link that signs in." if given.owner else "Set PREQUAL_OWNER, and it mails you a link."
    click.echo(f"Deployed. Your desk is at {given.desk_url}/. {way_in}")
    click.echo(f"Now check all of it from outside: {sys.argv[0]} doctor {given.public_url}")


def _run_steps(steps: Mapping[str, Callable[[], str | None]]) -> None:
    """Run steps in order, each announced, and exit with the message of the first that fails."""
    for number, (title, run) in enumerate(steps.items(), 1):
        click.echo(f"Step {number} of {len(steps)}: {title}")
        problem = run()
        if problem:
            click.echo(problem, err=True)
            sys.exit(1)
