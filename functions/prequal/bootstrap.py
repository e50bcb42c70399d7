"""Composition of what answers visitors, from settings and the compiled form. `bootstrap_worker` composes the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from prequal.adapters.schedulers import Cal, Calendly, SavvyCal, Scheduler
from prequal.bootstrap_store import utc_now
from prequal.compiled import Compiled
from prequal.config.settings import Settings
from prequal.core.answers import body_limit, make_parser
from prequal.core.form import Form
from prequal.core.scoring import scorer
from prequal.pages.site import Site
from prequal.services.booking_link import BookingLink
from prequal.services.booking_recorder import BookingRecorder
from prequal.services.intake import Intake
from prequal.services.lead_forms import LeadForms
from prequal.services.mail_composer import MailComposer
from prequal.services.mailboxes import Mailboxes
from prequal.services.past_client_link import PastClientLink
from prequal.services.ports import Captcha, FormArchive, Store
from prequal.services.tokens import PAST_CLIENTS, Tokens
from prequal.services.visit_counting import VisitCounting
from prequal.web.app import Web
from prequal.web.form_endpoint import FormEndpoint
from prequal.web.hooks import Hooks
from prequal.web.past_clients import LINKS


def build_web(settings: Settings, compiled: Compiled, store: Store) -> Web:
    """Return the HTTP interface."""
    forms = build_lead_forms(compiled, store)
    composer = build_composer(settings, compiled, forms)
    captcha, captcha_bytes = _captcha(settings.turnstile_secret)
    sites = configured_sites(settings, compiled)

    def endpoint(form: Form, site: Site) -> FormEndpoint:
        intake = Intake(
            form=form,
            parse=make_parser(form),
            score=scorer(form),
            store=store,
            composer=composer,
            clock=utc_now,
            captcha=captcha,
            briefs=settings.briefs,
        )
        return FormEndpoint(intake=intake, site=site, max_bytes=body_limit(form) + captcha_bytes)

    return Web(
        forms={site.form.id: endpoint(site.form, site) for site in sites},
        booking=BookingLink(
            tokens=composer.tokens,
            store=store,
            mailboxes=Mailboxes(ledger=store),
            forms=forms.in_use,
            booking_url=settings.booking_url,
            clock=utc_now,
        ),
        past_clients=PastClientLink(
            tokens=_past_client_tokens(settings), store=store, forms=forms.in_use, clock=utc_now
        ),
        hooks=Hooks(
            schedulers=_schedulers(settings),
            recorder=BookingRecorder(form_ids=tuple(forms.in_use), store=store, clock=utc_now),
            clock=utc_now,
        ),
        visits=VisitCounting(
            forms={form.version: form for form in forms.in_use.values() if form.counts_visits},
            counter=store,
            ledger=store,
            clock=utc_now,
        ),
        beat=settings.beat,
        hops=settings.hops,
        # The page is a foreign origin if another host serves it.
        origins=settings.origins | ({settings.public_url} if settings.function_url else set()),
    )


def _past_client_tokens(settings: Settings) -> Tokens:
    """Return the signer of the links for past clients."""
    return Tokens(secrets=settings.secrets, purpose=PAST_CLIENTS)


def past_client_links(settings: Settings, form_ids: Iterable[str], until: datetime) -> Mapping[str, str]:
    """Return the link for past clients of each form, which works until an instant."""
    tokens, origin = _past_client_tokens(settings), settings.function_url or settings.public_url
    return {form_id: f"{origin}{LINKS}/{tokens.issue(form_id, until)}" for form_id in form_ids}


def build_lead_forms(compiled: Compiled, archive: FormArchive) -> LeadForms:
    """Return the forms by which leads are handled."""
    return LeadForms(in_use=compiled.by_id, archive=archive)


def build_composer(settings: Settings, compiled: Compiled, forms: LeadForms) -> MailComposer:
    """Return the composer of mails."""
    return MailComposer(
        forms=forms,
        tokens=Tokens(secrets=settings.secrets),
        function_url=settings.function_url or settings.public_url,
        sender=settings.sender,
        owner=settings.owner,
        desk_url=settings.desk_url,
        suggestions={each.form.id: each.suggestions for each in compiled.forms},
        content={each.form.id: each.content for each in compiled.forms},
    )


def configured_sites(settings: Settings, compiled: Compiled) -> Sequence[Site]:
    """Return the renderer of each form's pages, as the settings have them, the main form's first."""
    return build_sites(
        compiled,
        settings.public_url,
        settings.function_url,
        settings.turnstile_key,
        settings.frames,
        sender=settings.sender,
    )


def build_sites(  # noqa: PLR0913, all that the pages of a site show comes together here
    compiled: Compiled,
    public_url: str,
    function_url: str = "",
    turnstile_key: str = "",
    frames: Collection[str] = (),
    *,
    sender: str = "",
) -> Sequence[Site]:
    """Return the renderer of each form's pages, the main form's first."""
    return [
        Site(
            form=each.form,
            is_main=each is compiled.forms[0],
            content=each.content,
            assets=compiled.assets,
            picture=compiled.picture,
            public_url=public_url,
            function_url=function_url,
            turnstile_key=turnstile_key,
            frames=sorted(frames),
            sender=sender,
        )
        for each in compiled.forms
    ]


def _captcha(secret: str) -> tuple[Captcha | None, int]:
    """Return the check that a person sent a submission, if there is one, and the bytes that it adds to each."""
    if not secret:
        return None, 0
    from prequal.adapters import turnstile  # noqa: PLC0415, few use it, and a cold start waits for every import

    return turnstile.Turnstile(secret=secret), turnstile.FIELD_BYTES


def _schedulers(settings: Settings) -> Mapping[str, Scheduler]:
    schedulers: Mapping[str, Scheduler] = {
        "cal": Cal(secret=settings.cal_secret),
        "calendly": Calendly(secret=settings.calendly_secret),
        "savvycal": SavvyCal(secret=settings.savvycal_secret),
    }
    return {name: scheduler for name, scheduler in schedulers.items() if scheduler.secret}
