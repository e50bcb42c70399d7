"""The commands that read the leads, and those by which the owner decides about one."""

import os
import shutil
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import click

from prequal.bootstrap_store import utc_now
from prequal.cli.command_group import Command
from prequal.cli.common import (
    Unreadable,
    forms_of,
    from_option,
    json_option,
    load_compiled,
    open_leads,
    open_store,
    owner_zone,
    print_json,
    since_option,
)
from prequal.config import local, settings
from prequal.config.settings import read_form
from prequal.core.days import end_of
from prequal.core.errors import LeadNotFoundError, PrequalError, UnreadableDocumentError
from prequal.core.exported_lead import lead_json
from prequal.core.form import Grade
from prequal.core.lead import HoldReason, Lead, Status
from prequal.core.lead import lead_id as id_of
from prequal.core.lead_filter import LeadFilter
from prequal.core.lifecycle import booked_by_hand, declined, ended, noted_by_owner, offered
from prequal.owner.lookup import Leads, find_one
from prequal.owner.terminal import describe_lead, table
from prequal.owner.text_formats import write_json_lines
from prequal.services.owner_decisions import OwnerDecision


def _not_blank(_context: click.Context, option: click.Parameter, text: str) -> str:
    if not text.strip():
        raise click.BadParameter("say why, in a few words." if option.name == "reason" else "write a few words.")
    return text.strip()


def _as(kind: type[StrEnum]) -> Callable[[click.Context, click.Option, str | None], StrEnum | None]:
    return lambda _context, _option, value: kind(value) if value else None


def _stripped(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    return (text or "").strip() or None


def _as_end_of_day(_context: click.Context, _option: click.Parameter, day: datetime | None) -> datetime | None:
    return day and end_of(day, owner_zone().tz)


class _Leads(click.Group):
    command_class = Command


_id = click.argument("lead_id", metavar="ID|ADDRESS")
_reason = click.option(
    "--reason", required=True, callback=_not_blank, help="The reason: stored with the lead, never shown to others."
)


@click.group(cls=_Leads)
def leads() -> None:
    """List, show and decide about leads.

    ID is a lead's id, or its first characters if no other lead's id begins with them. ADDRESS is its email address.
    """


@leads.command("list", examples=["prequal leads list", "prequal leads list --status invited --since 2026-01-31"])
@click.option(
    "--status",
    metavar="STATUS",
    type=click.Choice([status.value for status in Status]),
    callback=_as(Status),
    help=f"Only leads with this status: {', '.join(Status)}.",
)
@click.option(
    "--grade",
    type=click.Choice([grade.value for grade in Grade]),
    callback=_as(Grade),
    help="Only leads of this grade.",
)
@click.option("--source", metavar="NAME", help="Only leads with this source or utm_source.")
@click.option("--form", metavar="ID", help="Only leads of this form.")
@click.option("--search", metavar="TEXT", help="Only leads with this text in contact, answers, notes or reasons.")
@since_option
@click.option("--last", metavar="NUMBER", type=click.IntRange(min=1), help="Only so many, those received last.")
@from_option
@json_option
def list_leads(last: int | None, folder: Path | None, *, as_json: bool, **conditions: Any) -> None:  # noqa: ANN401, as LeadFilter has them
    """List the leads, oldest first."""
    wanted = LeadFilter(**conditions)
    unreadable = Unreadable()
    with open_leads(folder) as store:
        found: Iterable[Lead] = store.iter_leads(wanted, unreadable)
        found = deque(found, last) if last else found
        if as_json:
            write_json_lines(found, forms_of(store), sys.stdout.buffer)
        else:
            width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            for line in table(found, owner_zone(), width, () if wanted.form else _forms_to_tell(store, folder)):
                click.echo(line)
    unreadable.exit()


@leads.command("show", examples=["prequal leads show 09bb8414", "prequal leads show ada@example.com"])
@_id
@from_option
@json_option
def show_lead(lead_id: str, folder: Path | None, *, as_json: bool) -> None:
    """Show one lead: answers, the reason for every point, history."""
    with open_leads(folder) as store:
        lead = _find_one(store, lead_id)
        if as_json:
            click.echo(_as_json(store, lead))
        else:
            attempts, mails = store.list_attempts(lead.id), store.list_mails(lead.id)
            click.echo(describe_lead(lead, attempts, mails, forms_of(store), owner_zone()))


@leads.command("invite", examples=['prequal leads invite ada@example.com --reason "Well known here"'])
@_id
@_reason
@json_option
def invite(lead_id: str, reason: str, *, as_json: bool) -> None:
    """Invite a lead to book, whatever its score."""
    from prequal.bootstrap_desk import build_invitation  # noqa: PLC0415, nothing else here needs what answers visitors

    compiled, chosen = load_compiled(), settings.Settings(local.load_local_settings(os.environ))
    with open_store() as store:
        before = _find_one(store, lead_id)
        lead = build_invitation(chosen, compiled, store).send(before.id, reason)
        words = "invited; the mail goes out with the next sweep"
        if before.invitation and before.invitation.held_for is HoldReason.SUPPRESSED:
            words += ". Somebody at this address had asked for no more mail"
        _print_result(store, lead, words, as_json=as_json)


@leads.command("decline", examples=['prequal leads decline ada@example.com --reason "No time until May"'])
@_id
@_reason
@json_option
def decline(lead_id: str, reason: str, *, as_json: bool) -> None:
    """Decline a lead, whatever its score.

    Its link stops working, and no mail is sent.
    """
    _decide(lead_id, lambda lead, now: declined(lead, reason, now), "declined", as_json=as_json)


@leads.command("booked", examples=["prequal leads booked ada@example.com"])
@_id
@json_option
def booked(lead_id: str, *, as_json: bool) -> None:
    """Record that a lead has an appointment.

    This is for appointments that no scheduler reports.
    """
    _decide(lead_id, booked_by_hand, "booked", as_json=as_json)


@leads.command("offered", examples=["prequal leads offered ada@example.com --until 2026-01-31"])
@_id
@click.option(
    "--until",
    metavar="DAY",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_as_end_of_day,
    help="The day by which the lead is to answer, such as 2026-01-31; the digest names those who have not.",
)
@json_option
def offer(lead_id: str, until: datetime | None, *, as_json: bool) -> None:
    """Record that you made a lead an offer."""
    words = f"offered, until {owner_zone().day(until)}" if until else "offered"
    _decide(lead_id, lambda lead, now: offered(lead, until, now), words, as_json=as_json)


@leads.command(
    "outcome",
    examples=[
        "prequal leads outcome ada@example.com won",
        'prequal leads outcome ada@example.com lost --reason "Too expensive"',
    ],
)
@_id
@click.argument("how", metavar="won|lost", type=click.Choice([Status.WON.value, Status.LOST.value]))
@click.option("--reason", metavar="TEXT", callback=_stripped, help="Why, in a few words, if you know.")
@json_option
def outcome(lead_id: str, how: str, reason: str | None, *, as_json: bool) -> None:
    """Record whether a lead was won or lost.

    `prequal calibrate --from-leads` learns from that.
    """
    _decide(lead_id, lambda lead, now: ended(lead, Status(how), now, reason), f"outcome {how}", as_json=as_json)


@leads.command("note", examples=['prequal leads note ada@example.com "Prefers mornings"'])
@_id
@click.argument("text", callback=_not_blank)
@json_option
def note(lead_id: str, text: str, *, as_json: bool) -> None:
    """Add a note to a lead, for your own eyes.

    It is part of exports, and of no mail to the lead.
    """
    _decide(lead_id, lambda lead, now: noted_by_owner(lead, text, now), "noted", as_json=as_json)


@leads.command("erase", examples=["prequal leads erase 09bb8414", "prequal leads erase ada@example.com"])
@_id
@click.option("--yes", is_flag=True, help="Don't ask first. Without a terminal, nothing is asked anyway.")
@json_option
def erase(lead_id: str, *, yes: bool, as_json: bool) -> None:
    """Delete a lead for good, or all of an address.

    With the lead go its attempts and mails. An address may have several leads, and answers as a past client.
    """
    with open_store() as store:
        if "@" in lead_id:
            ids = {id_of(form_id, lead_id): f"all of {lead_id}" for form_id in sorted(_form_ids(store))}
        else:
            ids = _find_to_erase(store, lead_id)
        if not yes and sys.stdin.isatty():
            click.confirm(f"Delete {', '.join(set(ids.values()))} for good?", abort=True)
        erased = {each: erasure for each in ids if (erasure := store.erase_lead(each))}
        if not erased:
            raise LeadNotFoundError(f"No lead has the address {lead_id}: prequal leads list shows them all.")
        for each, erasure in erased.items():
            if as_json:
                print_json({"erased": each, **asdict(erasure)})
            else:
                as_client = "; answers as a past client" if erasure.past_client else ""
                click.echo(f"Erased lead {each}. Attempts: {erasure.attempts}; mails: {erasure.mails}{as_client}.")


def _forms_to_tell(leads: Leads, folder: Path | None) -> Collection[str]:
    """Return the ids of the forms, without reading more of a database than the leads."""
    if folder:
        return _known_forms(leads)
    with suppress(PrequalError):  # leads can be listed while a form has faults
        return load_compiled().by_id if read_form(os.environ).is_dir() else ()
    return ()


def _known_forms(leads: Leads) -> Collection[str]:
    return {form.id for form in forms_of(leads).values()}


def _form_ids(leads: Leads) -> Collection[str]:
    """Return the ids of all forms; FaultyFileError if there are none but the owner's, which has faults."""
    return _known_forms(leads) or load_compiled().by_id.keys()


def _find_one(leads: Leads, lead_id: str) -> Lead:
    return find_one(leads, lead_id, lambda: _form_ids(leads))


def _find_to_erase(leads: Leads, lead_id: str) -> dict[str, str]:
    """Return the lead's name by its id. One that can't be read is found by its whole id."""
    try:
        lead = _find_one(leads, lead_id)
    except UnreadableDocumentError as error:
        if error.name != f"Lead {lead_id}":
            raise
        return {lead_id: f"lead {lead_id}, which can't be read,"}
    return {lead.id: f"{lead.name} <{lead.email}>"}


def _decide(lead_id: str, step: Callable[[Lead, datetime], Lead], words: str, *, as_json: bool) -> None:
    """Apply a step of the lifecycle to a lead, and print the result."""
    with open_store() as store:
        lead = OwnerDecision(store=store, clock=utc_now).apply(_find_one(store, lead_id).id, step)
        _print_result(store, lead, words, as_json=as_json)


def _print_result(store: Leads, lead: Lead, words: str, *, as_json: bool) -> None:
    click.echo(_as_json(store, lead) if as_json else f"{lead.name}: {words}.")


def _as_json(store: Leads, lead: Lead) -> bytes:
    return lead_json(lead, forms_of(store).get(lead.form_version)).encode()
