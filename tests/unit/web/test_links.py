"""Booking links: the page behind them, its buttons, and links that no longer work."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from prequal.adapters.outbox import OutboxMailer
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.lead import HoldReason, Status
from prequal.core.lifecycle import declined, invited
from prequal.services.tokens import Tokens
from support import builders
from support.builders import NOW
from support.mails import worker
from support.world import World
from unit.web.posting import post_form

if TYPE_CHECKING:
    from werkzeug.test import Client


class TestLinks:
    def test_a_link_shows_a_page_that_changes_nothing(self, client: Client, world: World) -> None:
        """Scanners and previews open links: looking, by whatever headers, is no opening."""
        post_form(client, lang="fr")
        link = world.link()
        before = world.leads

        for headers in ({}, {"Sec-Purpose": "prefetch", "Purpose": "prefetch"}):
            answer = client.get(link, headers=headers)
            page = answer.get_data(as_text=True)
            assert answer.status_code == 200
            assert '<html lang="fr">' in page
            assert f'method="post" action="{link}">' in page
            assert "Ada" not in page
        assert client.head(link).status_code == 200

        assert world.leads == before

    def test_the_pages_policy_allows_the_redirect(self, client: Client, world: World) -> None:
        """Browsers apply form-action to redirects too, and booking pages redirect further."""
        post_form(client)

        headers = client.get(world.link()).headers

        assert "form-action 'self' https:;" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"  # the link is a secret
        assert "form-action 'self';" in client.get("/b/nonsense").headers["Content-Security-Policy"]

    def test_the_button_leads_to_the_booking_page(self, client: Client, world: World) -> None:
        """303 to the booking page with encoded name, address and lead; the opening is recorded, and proves the lead."""
        post_form(client, name="Zoë & Sons = 1", email="zoe+x@example.com")
        world.clock.forward(timedelta(hours=2))

        answer = client.post(world.link())

        assert answer.status_code == 303
        (lead,) = world.leads
        query = parse_qs(urlsplit(answer.headers["Location"]).query, strict_parsing=True)
        assert query == {"name": ["Zoë & Sons = 1"], "email": ["zoe+x@example.com"], "metadata[lead]": [lead.id]}
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert (lead.status, lead.proven) == (Status.OPENED, True)
        assert lead.invitation is not None
        assert lead.invitation.opened_at == NOW + timedelta(hours=2)

    def test_only_the_first_opening_counts(self, client: Client, world: World) -> None:
        """The link works any number of times; the time of the first is kept."""
        post_form(client)
        link = world.link()
        client.post(link)
        world.clock.forward(timedelta(hours=2))

        assert client.post(link).status_code == 303

        assert world.leads[0].invitation is not None
        assert world.leads[0].invitation.opened_at == NOW

    @pytest.mark.parametrize("after", [".", ")", ",", "/", ">", "’", "…", "!).", "**", "%20", "%3F", "%23x", "\u200b"])
    def test_punctuation_after_a_pasted_link_is_ignored(self, client: Client, world: World, after: str) -> None:
        """Mail programs and people take the end of the sentence for a part of the link."""
        post_form(client)

        page = client.get(world.link() + after)

        assert page.status_code == 200
        assert page.get_data(as_text=True).count(f'action="{world.link()}') == 2
        assert client.post(world.link() + after).status_code == 303

    def test_whoever_did_not_ask_gets_no_more_mail(self, client: Client, world: World, tmp_path: Path) -> None:
        """The second button ends the invitation; another one to the mailbox is held, and the owner may release it."""
        post_form(client, email="ada.lovelace@gmail.com")
        link = world.link()

        answer = client.post(f"{link}/not-me")

        assert answer.status_code == 200
        assert "nothing more will be sent to this address" in answer.get_data(as_text=True)
        assert client.get(link).status_code == client.post(link).status_code == 410
        post_form(client, email="adalovelace+again@gmail.com")
        sending = worker(world.store, OutboxMailer(tmp_path), world.clock)
        sending.deliver_due()
        assert list(tmp_path.glob("*.eml")) == []
        held = [lead.invitation for lead in world.leads if lead.invitation]
        assert [invitation.held_for for invitation in held] == [HoldReason.SUPPRESSED] * 2

    @pytest.mark.parametrize("status", [Status.BOOKED, Status.WON])
    def test_a_booked_lead_stays_booked(self, client: Client, world: World, status: Status) -> None:
        """The second button changes no lead that is booked or won."""
        post_form(client)
        link = world.link()
        world.store.change_lead(world.leads[0].id, lambda lead: (replace(lead, status=status), ()))

        assert client.post(f"{link}/not-me").status_code == 200

        assert world.leads[0].status is status

    def test_a_later_attempt_is_shown_once_its_link_is_used(self, client: Client, world: World) -> None:
        """After the invitation expired, the new link proves the later attempt."""
        post_form(client, submission_id="the-first-one")
        world.clock.forward(timedelta(days=15))
        post_form(client, submission_id="the-second-one", name="Ada King")
        assert world.leads[0].name == "Ada Lovelace"

        client.post(world.link())

        (lead,) = world.leads
        assert (lead.name, lead.shown_attempt, lead.status) == ("Ada King", "the-second-one", Status.OPENED)

    def test_an_expired_link_is_410(self, client: Client, world: World) -> None:
        """An expired link leads to a kind page in the prospect's language."""
        post_form(client, lang="fr")
        link = world.link()
        world.clock.forward(timedelta(days=14))

        answer = client.get(link)

        assert answer.status_code == 410
        assert '<html lang="fr">' in answer.get_data(as_text=True)
        assert world.leads[0].status is Status.INVITED

    def test_a_declined_leads_link_is_410(self, client: Client, world: World) -> None:
        """The link of a declined lead no longer works, although its token is valid."""
        post_form(client)
        link = world.link()
        world.store.change_lead(world.leads[0].id, lambda lead: (replace(lead, status=Status.DECLINED), ()))

        answer = client.get(link)
        assert answer.status_code == client.post(link).status_code == 410
        assert "This link no longer works" in answer.get_data(as_text=True)

    def test_a_link_of_an_earlier_round_is_410(self, client: Client, world: World) -> None:
        """Only the last invitation is live."""
        post_form(client)
        first = world.link()
        world.clock.forward(timedelta(days=1))
        again = partial(invited, form=builders.form(), reason="Once more", now=world.clock())
        world.store.change_lead(world.leads[0].id, lambda lead: (again(declined(lead, "No time", world.clock())), ()))

        assert client.get(world.link()).status_code == 200
        assert client.get(first).status_code == client.post(first).status_code == 410

    @pytest.mark.parametrize(
        "token", ["nonsense", "WyJhIiwxXQ.c2lnbmF0dXJl", Tokens(secrets=["not ours"]).issue(builders.lead().id, NOW)]
    )
    def test_a_link_with_a_wrong_signature_is_404(self, client: Client, token: str) -> None:
        """A token that we didn't sign leads nowhere."""
        assert client.get(f"/b/{token}").status_code == 404

    def test_a_link_whose_lead_is_gone_is_404(self, client: Client) -> None:
        """The link of an erased lead leads nowhere."""
        token = Tokens(secrets=["a secret that is long"]).issue(builders.lead().id, NOW + timedelta(days=1))

        assert client.get(f"/b/{token}").status_code == 404

    def test_old_secrets_still_verify(self) -> None:
        """The first secret signs, and all verify."""
        old, new, both = Tokens(secrets=["old"]), Tokens(secrets=["new"]), Tokens(secrets=["new", "old"])
        lead = builders.lead()

        assert both.read(old.issue(lead.id, NOW)) == (lead.id, NOW)
        assert new.read(both.issue(lead.id, NOW)) == (lead.id, NOW)

    def test_a_store_that_is_down_is_503(self, client: Client, world: World, store: SqliteLeadStore) -> None:
        """The link works again later, and the page says so."""
        post_form(client)
        link = world.link()
        store.close()

        answer = client.get(link)

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
