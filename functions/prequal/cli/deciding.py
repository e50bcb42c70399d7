"""Commands by which the owner decides about a lead."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

import click

from prequal import bootstrap
from prequal.cli.common import Command, json_option, open_store
from prequal.config import local, settings
from prequal.core.lead import Booking, Lead, Status
from prequal.owner import desk
from prequal.owner.json_lines import json_line
from prequal.services import decisions
from prequal.services.ports import Store

_id = click.argument("lead_id", metavar="ID")


def _given(_context: click.Context, _option: click.Parameter, reason: str) -> str:
    if not reason.strip():
        raise click.BadParameter("say why, in a few words.")
    return reason.strip()


_reason = click.option(
    "--reason", required=True, callback=_given, help="Why: kept with the lead, and shown to nobody else."
)


@click.command("invite", cls=Command)
@_id
@_reason
@json_option
def invite(lead_id: str, reason: str, *, as_json: bool) -> None:
    """Invite a lead to book, whatever its score says."""
    environ = local.as_filled_in(os.environ)
    compiled, chosen = bootstrap.compiled(environ), settings.read(environ)
    letters = bootstrap.letters(chosen, compiled)
    _decide(
        lead_id,
        lambda store, lead: decisions.invite(store, lead.id, compiled.form, letters, reason, bootstrap.now()),
        "is invited; the mail goes out with the next round",
        as_json=as_json,
    )


@click.command("decline", cls=Command)
@_id
@_reason
@json_option
def decline(lead_id: str, reason: str, *, as_json: bool) -> None:
    """Decline a lead, whatever its score says: its link stops working, and they are told nothing."""
    _decide(
        lead_id,
        lambda store, lead: decisions.decline(store, lead.id, reason, bootstrap.now()),
        "is declined",
        as_json=as_json,
    )


@click.command("booked", cls=Command)
@_id
@json_option
def booked(lead_id: str, *, as_json: bool) -> None:
    """Note that a lead has an appointment, where no scheduler says so."""
    now = bootstrap.now()
    _decide(
        lead_id,
        lambda store, lead: decisions.book(store, lead.id, Booking(id="", booked_at=now), now),
        "is booked",
        as_json=as_json,
    )


@click.command("outcome", cls=Command)
@_id
@click.argument("how", metavar="won|lost", type=click.Choice([Status.WON.value, Status.LOST.value]))
@json_option
def outcome(lead_id: str, how: str, *, as_json: bool) -> None:
    """Note how it ended, which is what `prequal calibrate --from-leads` learns from."""
    _decide(
        lead_id,
        lambda store, lead: decisions.end(store, lead.id, Status(how), bootstrap.now()),
        f"is {how}",
        as_json=as_json,
    )


@click.command("erase", cls=Command)
@click.argument("lead_id", metavar="ID|ADDRESS")
@click.option("--yes", is_flag=True, help="Don't ask first, as where no terminal could answer.")
@json_option
def erase(lead_id: str, *, yes: bool, as_json: bool) -> None:
    """Delete a lead for good, with its attempts and mails: all there is of an address, or one lead by its ID."""
    with open_store() as store:
        found = desk.of_address(store, lead_id) if "@" in lead_id else [desk.find(store, lead_id)]
        if not yes and sys.stdin.isatty():
            click.confirm(f"Delete {', '.join(f'{lead.name} <{lead.email}>' for lead in found)} for good?", abort=True)
        for lead in found:
            erasure = store.erase_lead(lead.id)
            attempts, mails = (erasure.attempts, erasure.mails) if erasure else (0, 0)
            if as_json:
                click.echo(json.dumps({"erased": lead.id, "attempts": attempts, "mails": mails}))
            else:
                click.echo(f"Erased lead {lead.id}. Attempts: {attempts}; mails: {mails}.")


def _decide(lead_id: str, decision: Callable[[Store, Lead], Lead], words: str, *, as_json: bool) -> None:
    with open_store() as store:
        lead = decision(store, desk.find(store, lead_id))
    click.echo(json_line(lead) if as_json else f"{lead.name} {words}.")
