"""Putting it together: settings and the compiled form become what answers visitors. `workers` is for the rest.

Stores are imported where they are chosen: a cold start waits for every import, and none needs them all.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prequal.adapters.schedulers import Cal, Calendly
from prequal.compiled import DEPLOYED, read
from prequal.config.settings import FirestoreStore, Settings, SqliteStore, read_form
from prequal.core.answers import make_parser
from prequal.core.scoring import scorer
from prequal.pages.letters import LetterWriter
from prequal.pages.site import Site
from prequal.services.booking_link import Booking, Tokens
from prequal.services.intake import Intake
from prequal.web.app import Web
from prequal.web.hooks import Hooks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prequal.adapters.firestore.store import FirestoreLeadStore
    from prequal.adapters.schedulers import Scheduler
    from prequal.adapters.sqlite.store import SqliteLeadStore
    from prequal.compiled import Compiled
    from prequal.services.ports import Store


def compiled(environ: Mapping[str, str]) -> Compiled:
    """Return the compiled form and words: those that were deployed, or else those of the owner's files.

    Raises:
        FormError: the owner's files have faults.
        MissingExtraError: reading them needs what isn't installed.

    """
    if DEPLOYED.exists():
        return read(DEPLOYED)
    from prequal.forms import compilation  # noqa: PLC0415, no deployed function has it

    return compilation.compile_files(read_form(environ))


def now() -> datetime:
    """Return the instant."""
    return datetime.now(UTC)


def store(setting: SqliteStore | FirestoreStore) -> SqliteLeadStore | FirestoreLeadStore:
    """Open the store."""
    if isinstance(setting, SqliteStore):
        from prequal.adapters.sqlite.store import SqliteLeadStore  # noqa: PLC0415, see above

        return SqliteLeadStore(setting.path)
    from prequal.adapters.firestore.store import FirestoreLeadStore  # noqa: PLC0415, half a second that SQLite needn't wait

    return FirestoreLeadStore(setting.project, setting.database)


def web(settings: Settings, compiled: Compiled, leads: Store) -> Web:
    """Return what answers HTTP requests."""
    form = compiled.form
    writer = letters(settings, compiled)
    return Web(
        intake=Intake(form=form, parse=make_parser(form), score=scorer(form), store=leads, letters=writer, clock=now),
        booking=Booking(tokens=writer.tokens, store=leads, booking_url=settings.booking_url, clock=now),
        hooks=Hooks(schedulers=_schedulers(settings), form=form, store=leads, clock=now),
        site=site(compiled, settings.public_url, settings.function_url),
        # Its own page is one, where that comes from elsewhere.
        origins=settings.origins | ({settings.public_url} if settings.function_url else set()),
    )


def _schedulers(settings: Settings) -> Mapping[str, Scheduler]:
    schedulers: dict[str, Scheduler] = {}
    if settings.cal_secret:
        schedulers["cal"] = Cal(secret=settings.cal_secret)
    if settings.calendly_secret:
        schedulers["calendly"] = Calendly(secret=settings.calendly_secret)
    return schedulers


def letters(settings: Settings, compiled: Compiled) -> LetterWriter:
    """Return what writes mails."""
    return LetterWriter(
        form=compiled.form,
        tokens=Tokens(secrets=settings.secrets),
        function_url=settings.function_url or settings.public_url,
        sender=settings.sender,
        owner=settings.owner,
        suggestions=compiled.suggestions,
    )


def site(compiled: Compiled, public_url: str, function_url: str = "") -> Site:
    """Return what renders the pages."""
    return Site(
        form=compiled.form,
        content=compiled.content,
        assets=compiled.assets,
        picture=compiled.picture,
        public_url=public_url,
        function_url=function_url,
    )
