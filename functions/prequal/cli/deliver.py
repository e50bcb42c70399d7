"""The command that runs one sweep: mails, reminders, expiry, retention."""

import json
import os
import sys
from contextlib import closing
from datetime import datetime

import click

from prequal import bootstrap, bootstrap_worker
from prequal.bootstrap_store import open_store
from prequal.cli.command_group import Command
from prequal.cli.common import json_option, load_compiled
from prequal.config import local
from prequal.config.settings import Settings
from prequal.core.lead import Lead
from prequal.core.mail import Mail, MailKind
from prequal.services.mail_round import LONG_ROUND


@click.command(cls=Command, examples=["prequal deliver"])
@json_option
def deliver(*, as_json: bool) -> None:
    """Do what is due, once: send, remind, expire, delete.

    It reminds, expires invitations, tells you of calls, writes the digest on its day, sends mails until none waits,
    for ten minutes at most, and deletes leads past their retention. Run it every few minutes where no server does.
    """
    environ = local.load_local_settings(os.environ)
    hooks = (Settings.webhooks, Settings.webhook_secret)
    given = Settings(environ, Settings.store, Settings.mail, Settings.owner, Settings.zone, *hooks)
    compiled = load_compiled()

    def compose(kind: MailKind, lead: Lead, now: datetime) -> Mail | None:  # only this needs the other settings
        return bootstrap.build_composer(Settings(environ), compiled, forms).follow_up(kind, lead, now)

    # Only where somebody gets digests need they have a sender.
    sends_digests = given.owner and compiled.main.digest_weekday is not None
    addresses = (Settings.sender, Settings.public_url, Settings.function_origin, Settings.given_desk_origin)
    mailing = Settings(environ, Settings.owner, Settings.zone, *addresses) if sends_digests else None
    with closing(open_store(given.store, announces=bool(given.webhooks))) as leads:
        forms = bootstrap.build_lead_forms(compiled, leads)
        digest = bootstrap_worker.build_digest(mailing, compiled, leads) if mailing else None
        sender = bootstrap_worker.build_mail_sender(given, compiled, leads)
        sweep = bootstrap_worker.build_sweep(
            compiled, leads, forms=forms, sender=sender, compose=compose, zone=given.zone, digest=digest
        )
        counts = sweep.run(LONG_ROUND)
    words = (
        "{sent} sent, {put_off} put off, {given_up} given up; "
        "{reminded} reminded, {briefed} briefs and {debriefed} questions on calls, "
        "{expired} expired, {removed} deleted by retention."
    ).format(**counts)
    click.echo(json.dumps(counts) if as_json else words)
    sys.exit(1 if counts["given_up"] else 0)
