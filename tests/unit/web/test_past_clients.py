"""The questionnaire at the private link for past clients."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from prequal.core.past_client import WHY
from prequal.services.tokens import Tokens
from support import builders
from support.builders import NOW
from support.world import World

if TYPE_CHECKING:
    from werkzeug.test import Client
    from werkzeug.test import TestResponse as Answer

DAY = timedelta(days=1)


def link(world: World, form_id: str = "web-design") -> str:
    """Return the path of a link that works for a day."""
    return f"/b/clients/{world.web.past_clients.tokens.issue(form_id, NOW + DAY)}"


def send(client: Client, address: str, **changes: Any) -> Answer:
    """Send the questionnaire as the page does without a script."""
    return client.post(address, data=builders.sent(**{WHY: "You listened.", **changes}))


class TestThePage:
    def test_it_asks_what_is_scored(self, client: Client, world: World) -> None:
        """The scored questions and the reason are asked, with a box for consent; nothing is revealed, or for sale."""
        answer = client.get(link(world))

        page = answer.get_data(as_text=True)
        assert answer.status_code == 200
        names = list(dict.fromkeys(re.findall('<(?:input|textarea)[^>]* name="([^"]+)"', page)))
        assert names[:8] == ["budget", "timeline", "pages", "services", WHY, "name", "email", "consent"]
        assert "goals" not in names
        assert "company" not in names
        assert "reveals" not in page
        assert "As you were before we began" in page
        assert "Why did you choose us?" in page
        assert 'class="price' not in page
        assert "data-uncounted" in page

    def test_it_is_private(self, client: Client, world: World) -> None:
        """No search engine lists it, no cache keeps it, no page or log learns its address."""
        answer = client.get(link(world))

        assert '<meta name="robots" content="noindex">' in answer.get_data(as_text=True)
        assert 'rel="canonical"' not in answer.get_data(as_text=True)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"

    def test_its_languages(self, client: Client, world: World) -> None:
        """The browser's language is shown, unless the address names one; the links between them keep the token."""
        address = link(world)
        french = {"Accept-Language": "fr-CA"}

        pages = [client.get(path, headers=french).get_data(as_text=True) for path in (address, f"{address}/en")]

        assert [re.findall('<html lang="(..)"', page) for page in pages] == [["fr"], ["en"]]
        assert all(f'href="{address}/{language}"' in pages[0] for language in ("en", "fr"))
        assert "Votre situation avant que nous commencions" in pages[0]

    def test_a_function_at_another_address(self, client: Client, world: World) -> None:
        """The page stays at the function if the site's host can't forward to it, and is complete without a script."""
        main = world.web.main
        apart = replace(main, site=replace(main.site, function_url="https://function.example"))
        world.web = replace(world.web, forms={main.site.form.id: apart})
        address = link(world)

        page = client.get(address).get_data(as_text=True)

        assert f'href="https://function.example{address}/fr"' in page
        assert f'action="https://function.example{address}"' in page
        assert 'class="wordmark" href="https://studio.example/"' in page
        assert "<script" not in page
        assert send(client, address).headers["Location"] == f"{address}/en/thanks"

    def test_punctuation_after_a_pasted_link_is_ignored(self, client: Client, world: World) -> None:
        """The end of a sentence is no part of the link."""
        address = link(world)

        assert f'action="{address}"' in client.get(f"{address}).").get_data(as_text=True)

    def test_a_link_that_has_expired_is_410(self, client: Client, world: World) -> None:
        """The link works until its instant, then says so in the browser's language, to what is sent as well."""
        address = link(world)
        world.clock.forward(DAY)

        for answer in (
            client.get(address, headers={"Accept-Language": "fr"}),
            send(client, address),
            client.get(f"{address}/en/thanks"),
        ):
            assert answer.status_code == 410
        assert "Écrivez-nous" in client.get(address, headers={"Accept-Language": "fr"}).get_data(as_text=True)
        assert list(world.store.iter_past_clients()) == []

    def test_a_link_that_is_not_ours_is_404(self, client: Client, world: World) -> None:
        """Neither another signature, nor another purpose, nor the form of another site opens it, or a booking link."""
        booking = world.web.booking.tokens.issue("web-design", NOW + DAY)
        theirs = Tokens(secrets=["not ours"]).issue("web-design", NOW + DAY)
        paths = [f"/b/clients/{booking}", f"/b/clients/{theirs}", "/b/clients/nonsense", link(world, "another")]

        assert [client.get(path).status_code for path in paths] == [404] * 4
        assert [send(client, path).status_code for path in paths] == [404] * 4
        assert client.get(link(world).replace("/clients", "")).status_code == 404


class TestSending:
    def test_answers_are_filed_apart_from_leads(self, client: Client, world: World) -> None:
        """They make a past client with the reason in their words, no lead and no mail; the page thanks them."""
        address = link(world)

        answer = send(client, address, lang="fr", services=["design", "build"])

        assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}/fr/thanks")
        assert "Merci" in client.get(answer.headers["Location"]).get_data(as_text=True)
        [saved] = world.store.iter_past_clients()
        assert saved == builders.past_client(lang="fr", services=["design", "build"])
        assert (saved.reason, WHY in saved.answers) == ("You listened.", False)
        assert (world.leads, world.store.list_due_mails(NOW + DAY, 9)) == ([], [])

    def test_a_second_sending_replaces_the_first(self, client: Client, world: World) -> None:
        """One address has one set of answers, even for a lead, which stays as it is."""
        lead, attempt = builders.admitted()
        world.store.admit(lead, attempt, [], lambda known: (known, ()))

        for reason in ("You listened.", "You were the cheapest."):
            send(client, link(world), **{WHY: reason})

        assert [each.reason for each in world.store.iter_past_clients()] == ["You were the cheapest."]
        assert world.leads == [lead]

    def test_answers_are_checked_like_a_leads(self, client: Client, world: World) -> None:
        """The page comes back, filled in, with what is missing; a script gets the messages."""
        answer = send(client, link(world), timeline=None, consent=None)

        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert re.findall('<li><a href="#([^"]+)"', page) == ["timeline", "consent"]
        assert "You listened.</textarea>" in page
        assert "As you were before we began" in page
        told = client.post(link(world), json={**builders.sent(email="ada"), WHY: 5})
        assert (told.status_code, sorted(told.get_json()["errors"])) == (422, [WHY, "email"])
        assert list(world.store.iter_past_clients()) == []

    def test_a_script_is_told_that_they_arrived(self, client: Client, world: World) -> None:
        """JSON is answered as a lead's is, and the button knows where the page goes on."""
        address = link(world)

        answer = client.post(address, json=builders.sent())

        assert (answer.status_code, answer.json) == (202, {"status": "received"})
        assert f'data-thanks="{address}/en/thanks"' in client.get(address).get_data(as_text=True)

    def test_the_trap(self, client: Client, world: World) -> None:
        """Answers of a program that fills in everything are thanked for, and dropped."""
        assert send(client, link(world), subject_line="Buy now").status_code == 303
        assert list(world.store.iter_past_clients()) == []

    def test_the_rate_limit(self, client: Client, world: World) -> None:
        """Sendings count together with those of leads, and one too many comes back filled in."""
        headers = {"X-Forwarded-For": "203.0.113.9, 10.0.0.1"}
        answers = [client.post(link(world), data=builders.sent(), headers=headers) for _ in range(11)]

        assert [answer.status_code for answer in answers] == [303] * 10 + [429]
        assert 'value="Ada Lovelace"' in answers[-1].get_data(as_text=True)

    @pytest.mark.parametrize("size", [0, 1])
    def test_the_limit_of_a_body(self, client: Client, world: World, size: int) -> None:
        """Answers within their limits fit, in any script; what is larger is refused."""
        sent = builders.sent(**{WHY: "\U0001f600" * 1000, "goals": "x" * 200_000 * size})

        assert client.post(link(world), data=sent).status_code == (413 if size else 303)
