"""Submissions to the function under functions-framework, with a real store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from prequal.core.answers import TRAP
from prequal.core.lead import Status
from prequal.core.near_miss import Briefs
from support import builders
from support.builders import NOW
from support.world import PUBLIC_URL, World
from unit.web.posting import post_form, post_json

if TYPE_CHECKING:
    from werkzeug.test import Client, TestResponse


class TestSubmissions:
    def test_a_form_leads_to_the_thank_you_page(self, client: Client, world: World) -> None:
        """A form is answered with 303 to the thank-you page, and the lead is stored."""
        answer = post_form(client)

        assert (answer.status_code, answer.headers["Location"]) == (303, f"{PUBLIC_URL}/thanks/")
        assert [lead.status for lead in world.leads] == [Status.INVITED]

    def test_the_thank_you_page_is_in_the_visitors_language(self, client: Client) -> None:
        """Each language has its own page; an unknown language gets the default one."""
        assert post_form(client, lang="fr").headers["Location"] == f"{PUBLIC_URL}/fr/thanks/"
        assert post_form(client, lang="xx").headers["Location"] == f"{PUBLIC_URL}/thanks/"

    def test_json_is_received(self, client: Client, world: World) -> None:
        """JSON is answered with 202."""
        answer = post_json(client, services=["build", "design"], pages=7)

        assert (answer.status_code, answer.get_json()) == (202, {"status": "received"})
        assert world.leads[0].answers["services"] == ("design", "build")

    def test_a_repeated_field_is_several_answers(self, client: Client, world: World) -> None:
        """A form repeats the field when several options are chosen."""
        post_form(client, services=["build", "design"])

        assert world.leads[0].answers["services"] == ("design", "build")

    @pytest.mark.parametrize("briefs", Briefs)
    @pytest.mark.parametrize("post", [post_form, post_json], ids=["form", "json"])
    def test_everyone_gets_the_same_answer(self, client: Client, world: World, post: Any, briefs: Briefs) -> None:
        """Qualified, near, trapped and repeated submissions get the same answer, to the byte, for any briefs."""
        world.change_main(briefs=briefs, composer=builders.composer())
        answers = [
            post(client, submission_id="first-time"),
            post(client, submission_id="first-time"),
            post(client, email="b@example.com", **builders.UNQUALIFIED),
            post(client, email="c@example.com", **{TRAP: "buy this"}),
            post(client, email="d@example.com", **builders.NEAR),
        ]

        assert len({(answer.status, answer.data, str(answer.headers)) for answer in answers}) == 1

    def test_a_trapped_submission_is_stored_and_never_mailed(self, client: Client, world: World) -> None:
        """A filled-in honeypot makes a quarantined lead, and no mail."""
        post_form(client, **{TRAP: "buy this"})

        assert [lead.status for lead in world.leads] == [Status.QUARANTINED]
        assert world.store.list_due_mails(NOW + timedelta(days=99), 9) == []

    def test_the_unqualified_get_no_mail(self, client: Client, world: World) -> None:
        """Only qualified leads are mailed."""
        post_form(client, **builders.UNQUALIFIED)

        assert [lead.status for lead in world.leads] == [Status.RECEIVED]
        assert world.store.list_due_mails(NOW + timedelta(days=99), 9) == []

    def test_the_source_is_stored_with_the_lead(self, client: Client, world: World) -> None:
        """Source, campaign and referrer are stored; unknown parameters are ignored."""
        post_form(client, source="ada", utm_campaign="spring", referrer="https://news.example/", nonsense="1")

        source = world.leads[0].source
        assert (source.source, source.utm_campaign, source.referrer) == ("ada", "spring", "https://news.example/")

    def test_without_a_script_the_pages_address_names_the_source(self, client: Client, world: World) -> None:
        """The browser sends the page's address as referrer; the form's own fields take precedence."""
        page = "https://studio.example/fr/?source=ada&utm_campaign=spring&other=1"
        data = builders.sent(utm_campaign="summer", source="")

        client.post("/api/leads", data=data, headers={"Referer": page})

        source = world.leads[0].source
        assert (source.source, source.utm_campaign) == ("ada", "summer")

    def test_a_repeat_never_makes_a_second_live_invitation(self, client: Client, world: World) -> None:
        """Another attempt gets an invitation only after the first one has expired."""
        post_form(client, submission_id="number-one")
        world.clock.forward(timedelta(days=13))
        post_form(client, submission_id="number-two")
        assert len(world.store.list_due_mails(world.clock.now, 9)) == 1

        world.clock.forward(timedelta(days=1))
        post_form(client, submission_id="number-three")

        assert len(world.store.list_due_mails(world.clock.now, 9)) == 2
        assert world.leads[0].attempts == 3

    @pytest.mark.parametrize("post", [post_form, post_json])
    @pytest.mark.parametrize("step", [0.001, 0.017, 0.06, 2.0])
    def test_submissions_are_answered_on_the_beat(
        self, client: Client, world: World, step: float, post: Callable[..., TestResponse]
    ) -> None:
        """Whatever a submission took, its answer waits for the next multiple of 50 ms after it came."""
        world.step = step
        for changes in ({"submission_id": "the-first-one"}, builders.UNQUALIFIED, {"submission_id": "the-first-one"}):
            started = world.seconds + step
            post(client, **changes)
            waited = world.pauses.pop()
            assert 0 <= waited < 0.05
            assert (world.seconds - started + waited) / 0.05 == pytest.approx(
                round((world.seconds - started + waited) / 0.05)
            )
        assert world.pauses == []

    def test_refusals_do_not_wait(self, client: Client, world: World) -> None:
        """A refused submission is answered at once: its answer says more than its time."""
        world.step = 0.01
        assert post_form(client, name="").status_code == 422
        assert world.pauses == []
