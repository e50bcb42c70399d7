"""Putting together what nobody waits for: the sending of mails, the digest, the sweep.

Apart from `bootstrap`, so that the function which visitors wake has none of it to import. Mailers are imported where
they are chosen, for the same reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prequal.bootstrap import now
from prequal.config.settings import Outbox, Smtp
from prequal.pages.digests import DigestWriter
from prequal.services.delivery import Delivery, Uncertain
from prequal.services.digests import Digests
from prequal.services.follow_up import FollowUp
from prequal.services.sweep import Sweeper

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from prequal.compiled import Compiled
    from prequal.core.form import Form
    from prequal.core.lead import Lead
    from prequal.core.mail import Mail
    from prequal.services.ports import Mailer, Store


def delivery(setting: Outbox | Smtp, leads: Store) -> Delivery:
    """Return what sends mails."""
    uncertain = Uncertain(setting.uncertain) if isinstance(setting, Smtp) else Uncertain.RESEND
    return Delivery(store=leads, mailer=_mailer(setting), clock=now, uncertain=uncertain)


def digests(form: Form, sender: str, owner: str, leads: Store) -> Digests | None:
    """Return what sees to the weekly digest; None where the form has no day for it, or nobody wants it."""
    if form.digest_weekday is None or not owner:
        return None
    write = DigestWriter(form=form, sender=sender, owner=owner)
    return Digests(store=leads, form_id=form.id, weekday=form.digest_weekday, write=write, clock=now)


def sweeper(
    mail: Outbox | Smtp,
    compiled: Compiled,
    leads: Store,
    reminder: Callable[[Lead, datetime], Mail],
    digests: Digests | None,
) -> Sweeper:
    """Return what finishes whatever is due."""
    return Sweeper(
        store=leads,
        form=compiled.document,
        follow_up=FollowUp(store=leads, reminder=reminder, clock=now),
        digests=digests,
        delivery=delivery(mail, leads),
    )


def _mailer(setting: Outbox | Smtp) -> Mailer:
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
