"""Composition of the owner's desk, and of the owner's own invitations, which a command sends too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cache, partial

from prequal.bootstrap import build_composer, build_lead_forms, past_client_links
from prequal.bootstrap_store import utc_now
from prequal.bootstrap_worker import build_mailer, build_renderer
from prequal.compiled import Compiled
from prequal.config.settings import Settings
from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.desk.app import Decisions, Desk
from prequal.desk.entries import LINKS, Entry, MailedLink, StartAddress
from prequal.desk.form_pages import FormFiles
from prequal.desk.sessions import Sessions
from prequal.desk.sign_in import SignIn
from prequal.owner.lookup import Leads
from prequal.pages.zone import Zone
from prequal.services.mailboxes import Mailboxes
from prequal.services.owner_decisions import OwnerDecision, OwnerInvitation
from prequal.services.ports import Store


def build_invitation(settings: Settings, compiled: Compiled, store: Store) -> OwnerInvitation:
    """Return the use case by which the owner invites a lead."""
    forms = build_lead_forms(compiled, store)
    return OwnerInvitation(
        forms=forms,
        store=store,
        mailboxes=Mailboxes(ledger=store),
        composer=build_composer(settings, compiled, forms),
        clock=utc_now,
    )


def build_decisions(store: Store, load_invitation: Callable[[], OwnerInvitation]) -> Decisions:
    """Return the decisions; only an invitation needs the settings of mails, and loads them."""
    invitation = cache(load_invitation)

    def invite(lead_id: str, reason: str) -> Lead:
        return invitation().send(lead_id, reason)

    return Decisions(steps=OwnerDecision(store=store, clock=utc_now), invite=invite, erase=store.erase_lead)


def build_local_desk(  # noqa: PLR0913, PLR0917, its parts come together here
    compiled: Compiled,
    leads: Leads,
    decisions: Decisions | None,
    start_token: str,
    zone: Zone,
    form_files: FormFiles | None = None,
) -> Desk:
    """Return the desk on the owner's machine, which the start token opens; with `form_files`, it may change these."""
    sessions = Sessions(start_token)
    entry = StartAddress(sessions, start_token)
    return _desk(compiled, leads, decisions, sessions, entry, zone, form_files)


def build_desk(settings: Settings, compiled: Compiled, store: Store) -> Desk:
    """Return the desk that the owner reaches from anywhere, by a link in a mail."""
    # The first secret alone: another one in its place ends every session.
    secret, business = settings.secrets[0], compiled.main.business.name
    sessions = Sessions(secret)
    entry = MailedLink(
        sessions=sessions,
        sign_in=SignIn(
            secret=secret,
            ledger=store,
            mailer=build_mailer(settings.mail),
            render=build_renderer(settings, compiled),
            sender=settings.sender,
            owner=settings.owner,
            language=compiled.main.default_language,
            business=business,
            address=f"{settings.desk_url}{LINKS}",
            clock=utc_now,
        ),
        business=business,
        secure=settings.desk_url.startswith("https://"),
        hops=settings.hops,
    )
    decisions = build_decisions(store, lambda: build_invitation(settings, compiled, store))
    desk = _desk(compiled, store, decisions, sessions, entry, Zone(settings.zone))
    return replace(desk, past_client_links=partial(past_client_links, settings, compiled.by_id))


def _desk(  # noqa: PLR0913, PLR0917, its parts come together here
    compiled: Compiled,
    leads: Leads,
    decisions: Decisions | None,
    sessions: Sessions,
    entry: Entry,
    zone: Zone,
    form_files: FormFiles | None = None,
) -> Desk:
    documents = {each.form.id: each.document for each in compiled.forms}
    return Desk(
        business=compiled.main.business.name,
        leads=leads,
        decisions=decisions,
        load_forms=_remember_forms(compiled, leads),
        sessions=sessions,
        entry=entry,
        zone=zone,
        clock=utc_now,
        load_documents=form_files.load if form_files else lambda: documents,
        form_files=form_files,
    )


def _remember_forms(compiled: Compiled, leads: Leads) -> Callable[[Collection[str]], Mapping[str, Form]]:
    """Return a function that returns the forms by version; it reads the stored ones at first, and for a new version."""
    known: dict[str, Form] = {}

    def load_forms(versions: Collection[str]) -> Mapping[str, Form]:
        if not known or not known.keys() >= set(versions):
            known.update(leads.load_forms())
            known.update({form.version: form for form in compiled.by_id.values()})
        return known

    return load_forms
