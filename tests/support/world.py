"""The function under functions-framework, with a clock that stands still and a store of one's choice behind it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions_framework import create_app

from prequal.adapters.schedulers import Cal, Calendly, SavvyCal
from prequal.core.answers import body_limit, make_parser
from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.core.scoring import scorer
from prequal.pages.site import Site
from prequal.services.booking_link import BookingLink
from prequal.services.booking_recorder import BookingRecorder
from prequal.services.intake import Intake
from prequal.services.mailboxes import Mailboxes
from prequal.services.past_client_link import PastClientLink
from prequal.services.ports import Store
from prequal.services.tokens import PAST_CLIENTS, Tokens
from prequal.services.visit_counting import VisitCounting
from prequal.web.app import Web
from prequal.web.form_endpoint import FormEndpoint
from prequal.web.hooks import Hooks
from prequal.web.rate_limit import RateLimiter
from support import builders
from support.builders import Clock

if TYPE_CHECKING:
    import pytest
    from werkzeug.test import Client

PUBLIC_URL = "https://studio.example"
OTHER = "https://other.example"
CAL_SECRET = "the secret of Cal.com"
CALENDLY_SECRET = "the signing key of Calendly"
SAVVYCAL_SECRET = "the secret of SavvyCal"

# The page's own words don't matter here; the templates ask for all of these.
_WORDS: dict[str, Any] = {
    "title": "Title of {business}",
    "description": "",
    "hero": {"headline": "", "lead": "", "action": "", "note": ""},
    "steps": {"title": "", "list": []},
    "price": {"title": "", "amount": "{starting_price}", "text": "", "terms": []},
    "form": {"title": "", "intro": ""},
    "faq": {"title": "", "list": []},
    "footer": "",
}
_ASSETS = ("style.css", "form.js", "frame.js", "icon.svg", "icon.png", "share.png")
_TARGET = """
import sys
world = sys.modules["prequal_under_test"]
def submit(request):
    return world.web.respond(request)
"""


class World:
    """The function with all that it works with."""

    def __init__(self, store: Store, form: Form | None = None) -> None:
        self.store = store
        self.clock = Clock()
        self.seconds = 0.0
        #: The seconds that pass between two looks at the clock.
        self.step = 0.0
        self.pauses: list[float] = []
        form, tokens = form or builders.form(), Tokens(secrets=["a secret that is long"])
        self.web = Web(
            forms={form.id: self._endpoint(form)},
            booking=BookingLink(
                tokens=tokens,
                store=store,
                mailboxes=Mailboxes(ledger=store),
                forms={form.id: form},
                booking_url="https://cal.example/intro?name={name}&email={email}&metadata[lead]={lead}",
                clock=self.clock,
            ),
            past_clients=PastClientLink(
                tokens=Tokens(secrets=["a secret that is long"], purpose=PAST_CLIENTS),
                store=store,
                forms={form.id: form},
                clock=self.clock,
            ),
            hooks=Hooks(
                schedulers={
                    "cal": Cal(secret=CAL_SECRET),
                    "calendly": Calendly(secret=CALENDLY_SECRET),
                    "savvycal": SavvyCal(secret=SAVVYCAL_SECRET),
                },
                recorder=BookingRecorder(form_ids=[form.id], store=store, clock=self.clock),
                clock=self.clock,
            ),
            visits=VisitCounting(forms={form.version: form}, counter=store, ledger=store, clock=self.clock),
            origins=frozenset({OTHER}),
            hops=2,
            limiter=RateLimiter(),
            seconds=self._seconds,
            beat=0.05,
            pause=self.pauses.append,
        )

    def _endpoint(self, form: Form) -> FormEndpoint:
        return FormEndpoint(
            intake=Intake(
                form=form,
                parse=make_parser(form),
                score=scorer(form),
                store=self.store,
                composer=builders.composer(owner=""),
                clock=self.clock,
            ),
            site=Site(
                form=form,
                content={"en": _WORDS, "fr": _WORDS},
                assets={name: f"/assets/{name}" for name in _ASSETS},
                public_url=PUBLIC_URL,
            ),
            max_bytes=body_limit(form),
        )

    def _seconds(self) -> float:
        self.seconds += self.step
        return self.seconds

    def change_main(self, *, max_bytes: int | None = None, **intake: Any) -> None:
        """Replace parts of the main form's intake, and the limit of its bodies."""
        main = self.web.main
        changed = replace(main, intake=replace(main.intake, **intake), max_bytes=max_bytes or main.max_bytes)
        self.web = replace(self.web, forms={**self.web.forms, main.site.form.id: changed})

    @property
    def leads(self) -> list[Lead]:
        """Return the leads."""
        return list(self.store.iter_leads())

    def link(self) -> str:
        """Return the path of the first lead's booking link."""
        (lead,) = self.leads
        assert lead.invitation is not None
        return f"/b/{self.web.booking.tokens.issue(lead.id, lead.invitation.expires_at)}"

    def client(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
        """Return a client of the function, as functions-framework runs it from a folder."""
        source = folder / "main.py"
        source.write_text(_TARGET)
        monkeypatch.setitem(sys.modules, "prequal_under_test", self)
        app = create_app("submit", str(source))  # type: ignore[no-untyped-call]
        assert app is not None
        client: Client = app.test_client()
        return client
