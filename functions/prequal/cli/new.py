"""The command that makes an owner's project. It needs the extra `owner`."""

import shlex
from pathlib import Path

import click

from prequal.cli.command_group import Command
from prequal.core.errors import PrequalError


@click.command(
    cls=Command, context_settings={"show_default": True}, examples=["prequal new mine --languages en,fr --currency USD"]
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--languages", metavar="LANG,LANG", default="en", help="The languages of the form; the first is the default."
)
@click.option("--business", metavar="NAME", default="Studio North", help="The name of your business.")
@click.option("--currency", metavar="CODE", default="EUR", help="ISO 4217 code of your currency.")
@click.option("--starting-price", metavar="N", default="5000", help="Price of your smallest project.")
def new(folder: Path, languages: str, business: str, currency: str, starting_price: str) -> None:
    """Make a project of your own in FOLDER.

    It holds the form, the question bank, the site and the settings.

    Languages: en, fr, nl, pl, ru.
    """
    from prequal.forms.project import make_project  # noqa: PLC0415, needs the extra `owner`

    spoken = dict.fromkeys(language.strip() for language in languages.split(",") if language.strip())
    try:
        make_project(folder, list(spoken), business.strip(), currency.upper(), starting_price)
    except OSError as error:  # its file is one that the owner doesn't know
        raise PrequalError(f"{folder} can't be made: {error.strerror}.") from error
    click.echo(f"Made {folder}. Next:\n  cd {shlex.quote(str(folder))}\n  prequal dev")
