"""Composition of what no visitor waits for: sending mails, the digest, the sweep.

It is apart from `bootstrap`, so that the visitor's function need not import it. Mailers are imported where they are
chosen, for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import partial

from prequal.bootstrap import build_composer, build_lead_forms
from prequal.bootstrap_store import utc_now
from prequal.compiled import Compiled
from prequal.config.settings import Outbox, Settings, Smtp
from prequal.core.lead import Lead
from prequal.core.mail import Mail, MailKind
from prequal.pages.mails import render_mail
from prequal.pages.zone import Zone
from prequal.services.follow_up import FollowUp
from prequal.services.lead_forms import LeadForms
from prequal.services.mail_budget import MailBudget
from prequal.services.mail_round import MailRound
from prequal.services.mail_sender import MailSender, Uncertain
from prequal.services.mailboxes import Mailboxes
from prequal.services.ports import Mailer, Store
from prequal.services.retention import Retention
from prequal.services.sweep import Sweep
from prequal.services.webhooks import Webhooks
from prequal.services.weekly_digest import WeeklyDigest


def build_mail_sender(settings: Settings, compiled: Compiled, store: Store) -> MailSender:
    """Return the sender of single mails. The owner is told when the mail budget, the main form's, is exceeded."""
    setting, owner = settings.mail, settings.owner
    return MailSender(
        queue=store,
        mailer=build_mailer(setting),
        webhooks=_webhooks(settings, compiled),
        render=build_renderer(settings, compiled),
        clock=utc_now,
        budget=MailBudget(form=compiled.main, mailboxes=Mailboxes(ledger=store), owner=owner),
        uncertain=Uncertain(setting.uncertain) if isinstance(setting, Smtp) else Uncertain.RESEND,
    )


def build_renderer(settings: Settings, compiled: Compiled) -> Callable[[Mail], str]:
    """Return the renderer of mails, which have the owner's time and the colours of the pages."""
    return partial(render_mail, zone=Zone(settings.zone), colours=compiled.colours)


def build_digest(settings: Settings, compiled: Compiled, store: Store) -> WeeklyDigest | None:
    """Return the weekly digest of all forms; None if the main form turns it off, or nobody receives it."""
    weekday = compiled.main.digest_weekday
    if weekday is None or not settings.owner:
        return None
    return WeeklyDigest(
        form=compiled.main,
        forms=tuple(compiled.by_id.values()),
        weekday=weekday,
        zone=settings.zone,
        store=store,
        queue=store,
        sender=settings.sender,
        owner=settings.owner,
        desk_url=settings.desk_url,
        clock=utc_now,
    )


def build_sweep(  # noqa: PLR0913, all parts of the sweep come together here
    compiled: Compiled,
    store: Store,
    *,
    forms: LeadForms,
    sender: MailSender,
    compose: Callable[[MailKind, Lead, datetime], Mail | None],
    zone: tzinfo | None,
    digest: WeeklyDigest | None,
) -> Sweep:
    """Return the sweep."""
    return Sweep(
        archive=store,
        forms=[each.document for each in compiled.forms],
        follow_up=FollowUp(store=store, forms=forms, compose=compose, zone=zone, clock=utc_now),
        digest=digest,
        mails=MailRound(queue=store, sender=sender, clock=utc_now),
        retention=Retention(store=store, ledger=store, clock=utc_now),
    )


def compose_sweep(settings: Settings, compiled: Compiled, store: Store) -> Sweep:
    """Return the sweep with all of its parts, for a process that has every setting."""
    forms = build_lead_forms(compiled, store)
    sender = build_mail_sender(settings, compiled, store)
    digest = build_digest(settings, compiled, store)
    compose, zone = build_composer(settings, compiled, forms).follow_up, settings.zone
    return build_sweep(compiled, store, forms=forms, sender=sender, compose=compose, zone=zone, digest=digest)


def _webhooks(settings: Settings, compiled: Compiled) -> Webhooks:
    if not settings.webhooks:
        return Webhooks()
    from prequal.adapters.webhooks import WebhookClient  # noqa: PLC0415, see above

    client = WebhookClient(secret=settings.webhook_secret, clock=utc_now)
    forms = {form.version: form for form in compiled.by_id.values()}
    return Webhooks(addresses=settings.webhooks, transport=client, forms=forms)


def build_mailer(setting: Outbox | Smtp) -> Mailer:
    """Return the transport of mails."""
    if isinstance(setting, Outbox):
        from prequal.adapters.outbox import OutboxMailer  # noqa: PLC0415, see above

        return OutboxMailer(setting.folder)
    from prequal.adapters.smtp import SmtpMailer  # noqa: PLC0415, see above

    return SmtpMailer(
        host=setting.host,
        port=setting.port,
        encryption=setting.encryption,
        login=setting.login,
        password=setting.password,
    )
