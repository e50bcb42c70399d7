"""The command that asks past clients: it makes a link for them, and shows their answers."""

import os
from datetime import timedelta
from pathlib import Path

import click

from prequal import bootstrap
from prequal.bootstrap_store import utc_now
from prequal.cli.build import warn_of_local_address
from prequal.cli.command_group import Command
from prequal.cli.common import (
    Unreadable,
    choose_form,
    form_option,
    forms_of,
    from_option,
    json_option,
    load_compiled,
    open_leads,
    owner_zone,
    print_json,
)
from prequal.config import local
from prequal.config.settings import Settings
from prequal.core.days import day_of, end_of
from prequal.core.past_client import LINK_DAYS
from prequal.owner.past_clients import describe_past_client, past_client_json

_MOST_DAYS = 365


@click.command(cls=Command, examples=["prequal ask-clients", "prequal ask-clients --answers"])
@form_option
@click.option(
    "--days",
    metavar="N",
    type=click.IntRange(1, _MOST_DAYS),
    default=LINK_DAYS,
    show_default=True,
    help="The days until the link ends.",
)
@click.option("--answers", is_flag=True, help="Show what past clients answered, and why they chose you.")
@from_option
@json_option
def ask_clients(form_id: str | None, days: int, folder: Path | None, *, answers: bool, as_json: bool) -> None:
    """Print a private link to the form for past clients.

    It prints their answers with --answers. Send the link yourself to clients whom you would like to have again: they
    answer as they were before the work began, and say why they chose you.
    """
    if answers or folder:
        _show_answers(form_id, folder, as_json=as_json)
    else:
        _print_links(form_id, days, as_json=as_json)


def _print_links(form_id: str | None, days: int, *, as_json: bool) -> None:
    forms = load_compiled().by_id
    chosen = [choose_form(forms, form_id).id] if form_id else [*forms]
    environ, zone = local.load_local_settings(os.environ), owner_zone()
    secret = Settings.secret_file if environ.get(Settings.secret_file.name) else Settings.secret
    given = Settings(environ, Settings.public_url, Settings.function_origin, secret)
    until = end_of(day_of(utc_now(), zone.tz) + timedelta(days=days), zone.tz)
    for each, link in bootstrap.past_client_links(given, chosen, until).items():
        if as_json:
            print_json({"form": each, "link": link, "until": until.isoformat()})
        else:
            click.echo(link if len(chosen) == 1 else f"{each}: {link}")
    if not as_json:
        click.echo(f"Send it to your best clients yourself. It works until the end of {zone.day(until)}.", err=True)
        warn_of_local_address("The link leads to this machine", given.public_url)


def _show_answers(form_id: str | None, folder: Path | None, *, as_json: bool) -> None:
    unreadable, zone, number = Unreadable(), owner_zone(), 0
    with open_leads(folder) as leads:
        forms = forms_of(leads)
        for client in leads.iter_past_clients(unreadable):
            if form_id in (None, client.form_id):
                number += 1
                # JSON in UTF-8 whatever the locale is.
                click.echo(
                    past_client_json(client).encode() if as_json else f"{describe_past_client(client, forms, zone)}\n"
                )
    if not number and not as_json:
        click.echo("No past client has answered yet: prequal ask-clients prints the link for them.", err=True)
    unreadable.exit()
