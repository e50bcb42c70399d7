"""The HTTP interface: the deployed function under functions-framework, with a real store."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from prequal.adapters.outbox import OutboxMailer
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.answers import TRAP, Submission, body_limit, make_parser
from prequal.core.form import form_from
from prequal.core.lead import HoldReason, Status
from prequal.core.lifecycle import declined, invited
from prequal.core.scoring import scorer
from prequal.pages.wording import catalogue
from prequal.services.tokens import Tokens
from support import builders
from support.builders import NOW
from support.mails import worker
from support.world import OTHER, PUBLIC_URL, World

if TYPE_CHECKING:
    from werkzeug.test import Client, TestResponse


@pytest.fixture
def world(store: SqliteLeadStore) -> World:
    """Return a world without leads."""
    return World(store)


@pytest.fixture
def client(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a client of the function."""
    return world.client(tmp_path, monkeypatch)


def post_form(client: Client, **changes: Any) -> TestResponse:
    """Post as a browser without JavaScript does."""
    return client.post("/api/leads", data=builders.sent(**changes))


def post_json(client: Client, **changes: Any) -> TestResponse:
    """Post as the page's script does."""
    return client.post("/api/leads", json=builders.sent(**changes))


class TestSubmitting:
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

    @pytest.mark.parametrize("post", [post_form, post_json], ids=["form", "json"])
    def test_everyone_gets_the_same_answer(self, client: Client, post: Any) -> None:
        """Qualified, unqualified, trapped and repeated submissions get the same answer, to the byte."""
        answers = [
            post(client, submission_id="first-time"),
            post(client, submission_id="first-time"),
            post(client, email="b@example.com", **builders.UNQUALIFIED),
            post(client, email="c@example.com", **{TRAP: "buy this"}),
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


class TestFaults:
    def test_an_invalid_form_comes_back_whole(self, client: Client, world: World) -> None:
        """422 is the page again, with the errors in the visitor's language, and everything that was typed."""
        answer = post_form(client, lang="fr", email="ada@", goals="<b>More</b>", services=["build"], pages="many")

        assert answer.status_code == 422
        page = answer.get_data(as_text=True)
        assert '<html lang="fr">' in page
        assert "<title>Erreur" in page
        assert 'aria-invalid="true"' in page
        assert 'value="ada@"' in page
        assert 'value="many"' in page
        assert "&lt;b&gt;More&lt;/b&gt;</textarea>" in page
        assert page.count(" checked") == 4  # budget, timeline, build, consent
        assert world.leads == []

    def test_invalid_json_answers_get_messages_by_field(self, client: Client) -> None:
        """422 is a problem document with messages by field, in the order of the page."""
        answer = post_json(client, name="", budget="gold", lang="fr")

        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
        problem = answer.get_json()
        assert list(problem["errors"]) == ["budget", "name"]
        assert problem["status"] == 422
        assert problem["errors"]["name"] != ["Enter your name."]

    @pytest.mark.parametrize("post", [post_form, post_json], ids=["form", "json"])
    def test_valid_answers_from_an_older_page_are_accepted(self, client: Client, world: World, post: Any) -> None:
        """Answers to an earlier form that are still valid are stored, under the version that scores them."""
        answer = post(client, form_version="0123456789ab", services=["printing", "build"], asked_no_more="yes")

        assert answer.status_code in (202, 303)
        (lead,) = world.leads
        assert lead.answers == {**builders.QUALIFIED, "services": ("build",)}
        assert lead.form_version == builders.form().version

    def test_an_outdated_form_comes_back_as_the_current_one(self, client: Client, world: World) -> None:
        """The current page has all answers filled in, and asks the new question without blame."""
        answer = post_form(
            client, form_version="0123456789ab", lang="fr", budget="gold", goals="Plus", services=["build"], pages="7"
        )

        assert answer.status_code == 422
        page = answer.get_data(as_text=True)
        assert f'name="form_version" value="{builders.form().version}"' in page
        assert "Notre formulaire a changé entre-temps" in page
        assert "Vos autres réponses sont toujours là" in page
        shown, _, _template = page.partition("<template")
        assert "Une réponse manque" not in shown
        assert "Plus</textarea>" in page
        assert 'value="7"' in page
        assert page.count(" checked") == 3  # timeline, build, consent
        assert world.leads == []

    def test_outdated_json_gets_the_current_version(self, client: Client) -> None:
        """A program gets the version of the current form, and the questions to answer."""
        problem = post_json(client, form_version="0123456789ab", budget="gold").get_json()

        assert problem["title"] == "Our form has changed meanwhile"
        assert problem["form_version"] == builders.form().version
        assert problem["errors"] == {"budget": ["Choose one of the answers."]}

    @pytest.mark.parametrize("version", [builders.form().version, "", None])
    def test_errors_on_the_current_page_are_ordinary_errors(self, client: Client, version: str | None) -> None:
        """The change of the form is mentioned only if the page was of another version."""
        page = post_form(client, form_version=version, name="").get_data(as_text=True)
        problem = post_json(client, form_version=version, name="").get_json()

        assert "changed meanwhile" not in page
        assert problem["title"] == "Something is missing or unclear"
        assert "form_version" not in problem

    @pytest.mark.parametrize("body", ["", "{", "[]", '"text"', "[" * 20000, b"\xff"])
    def test_anything_but_a_json_object_is_400(self, client: Client, body: str | bytes) -> None:
        """A body that isn't a JSON object is refused."""
        answer = client.post("/api/leads", data=body, content_type="application/json")

        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")

    def test_another_content_type_is_415(self, client: Client) -> None:
        """Only the two content types are accepted."""
        answer = client.post("/api/leads", data={"a": "b"}, content_type="multipart/form-data")

        assert answer.status_code == 415
        assert "application/json" in answer.get_json()["detail"]

    @pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
    def test_over_the_limit_is_413(self, client: Client, world: World, content_type: str) -> None:
        """A body over the form's limit is not read to its end; one at the limit is."""
        fits = b'{"goals":"' + b"x" * (world.web.max_bytes - 12) + b'"}'
        assert client.post("/api/leads", data=fits, content_type=content_type).status_code == 422

        answer = client.post("/api/leads", data=fits + b" ", content_type=content_type)

        assert answer.status_code == 413
        assert answer.is_streamed  # or functions-framework would read the rest of the body

    @pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
    def test_over_the_limit_of_unknown_length_is_413(self, client: Client, world: World, content_type: str) -> None:
        """A chunked body, whose length is unknown, isn't cut at the limit and then accepted."""
        filler = b"&x=" + b"x" * world.web.max_bytes
        body = b"&".join(f"{name}={value}".encode() for name, value in builders.sent().items()) + filler
        chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}

        answer = client.post(
            "/api/leads", input_stream=io.BytesIO(body), content_type=content_type, environ_overrides=chunked
        )

        assert answer.status_code == 413
        assert world.leads == []

    def test_a_body_that_never_comes_is_not_awaited(self, client: Client) -> None:
        """A body that is declared to be far too long is refused without being read."""

        class Silent(io.BytesIO):
            """A connection on which nothing comes."""

            def readinto(self, _buffer: object) -> int:
                pytest.fail("the body was awaited")

            def read(self, _size: int | None = -1) -> bytes:
                pytest.fail("the body was awaited")

        declared = {"wsgi.input": Silent(), "CONTENT_LENGTH": "5000000000", "CONTENT_TYPE": "application/json"}

        assert client.post("/api/leads", environ_overrides=declared).status_code == 413

    @pytest.mark.parametrize("letter", ["x", "я", "字", "👩", "\u1112\u1161\u11ab", "\u03b1\u0313\u0300\u0345", "\r\n"])
    @pytest.mark.parametrize("way", ["form", "json", "escaped"])
    def test_answers_within_their_limits_fit(self, client: Client, world: World, letter: str, way: str) -> None:
        """A form with the longest texts takes them in any script, from a browser with a script and without."""
        document = builders.document()
        document["questions"] += [
            {"id": f"text{n}", "type": "text", "label": "?", "max_length": 5000} for n in range(3)
        ]
        form = form_from(document)
        intake = replace(world.web.intake, form=form, parse=make_parser(form), score=scorer(form))
        world.web = replace(world.web, intake=intake, max_bytes=body_limit(form))
        words = {f"text{n}": "a" + letter * 4998 + "z" for n in range(3)} | {"name": "a" + letter * 119}
        sent = builders.sent(**words, **dict.fromkeys(("source", "utm_term", "referrer", "website"), letter * 300))

        if way == "form":
            answer = client.post("/api/leads", data=sent)
        else:
            body = json.dumps(sent, ensure_ascii=way == "escaped")
            answer = client.post("/api/leads", data=body, content_type="application/json")

        assert answer.status_code in (202, 303)
        assert len(world.leads[0].answers["text2"]) >= 2  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("headers", "language"),
        [
            ({"Referer": "https://studio.example/fr/"}, "fr"),
            ({"Referer": "https://studio.example/fr/?source=ada", "Accept-Language": "en"}, "fr"),
            ({"Referer": "https://studio.example/", "Accept-Language": "fr"}, "en"),
            ({"Referer": "https://elsewhere.example/page", "Accept-Language": "nl, fr-CA;q=0.8, en;q=0.5"}, "fr"),
            ({"Accept-Language": "fr_BE"}, "fr"),
            ({"Accept-Language": "fr;q=0, nl"}, "en"),
            ({"Accept-Language": "*"}, "en"),
            ({"Referer": "http://[bad/"}, "en"),
            ({}, "en"),
        ],
    )
    def test_errors_are_in_the_pages_language(
        self, client: Client, world: World, headers: dict[str, str], language: str
    ) -> None:
        """A body that was not read is refused in the language of the page, else in one that the browser asks for."""
        page = client.post("/api/leads", data={"goals": "x" * world.web.max_bytes}, headers=headers)
        problem = client.post("/api/leads", json={"goals": "x" * world.web.max_bytes}, headers=headers)

        assert (page.status_code, problem.status_code) == (413, 413)
        assert f'<html lang="{language}">' in page.get_data(as_text=True)
        assert problem.get_json()["title"] == catalogue(language).gettext("That is more than we can take")

    @pytest.mark.parametrize(
        ("charset", "name"),
        [
            ("iso-8859-1", b"J%FCrgen"),
            ("ISO-8859-1", b"J\xfcrgen"),
            ("windows-1252", b"J%fcrgen"),
            ("latin1", b"J%FCrgen"),
            ("utf-8", b"J%C3%BCrgen"),
            ("UTF-8", "Jürgen".encode()),
            ("iso-8859-15", b"J%FCrgen"),
        ],
    )
    def test_a_form_is_read_in_its_declared_character_set(
        self, client: Client, world: World, charset: str, name: bytes
    ) -> None:
        """A name is stored in the letters that were typed."""
        body = b"name=%b&email=a@example.com&consent=yes&budget=around&timeline=soon" % name

        answer = client.post(
            "/api/leads", data=body, content_type=f"application/x-www-form-urlencoded; charset={charset}"
        )

        assert answer.status_code == 303
        assert [lead.name for lead in world.leads] == ["Jürgen"]

    @pytest.mark.parametrize("body", [b"name=J%FCrgen", b"name=J\xfcrgen", b"name=Ada&%FF=1", b"a&" * 2000])
    def test_a_form_that_cannot_be_read_is_400(self, client: Client, world: World, body: bytes) -> None:
        """Bytes that aren't UTF-8 are refused: no escape is ever stored. So are more fields than any form has."""
        body += b"&email=a@example.com&consent=yes&budget=around&timeline=soon"

        answer = client.post("/api/leads", data=body, content_type="application/x-www-form-urlencoded")

        assert answer.status_code == 400
        assert "We couldn’t read that" in answer.get_data(as_text=True)
        assert world.leads == []

    @pytest.mark.parametrize("charset", ["klingon", "zlib", "punycode", "unicode_escape", "utf-7", "idna", "a\x01"])
    def test_an_unknown_character_set_is_415(self, client: Client, charset: str) -> None:
        """Only the character sets of web pages are read; other codecs may take any time."""
        content_type = f"application/x-www-form-urlencoded; charset={charset}"
        assert client.post("/api/leads", data=b"name=Ada", content_type=content_type).status_code == 415

    @pytest.mark.parametrize("field", ["consent", "name", "services", "colour"])
    def test_nested_lists_are_422(self, client: Client, world: World, field: str) -> None:
        """No depth of lists is answered with 500."""
        for depth in (1, 2, 100, 500, 900, 2_000, 20_000):
            answer = client.post(
                "/api/leads", data=f'{{"{field}": {"[" * depth}{"]" * depth}}}', content_type="application/json"
            )
            assert answer.status_code == 422
            assert "consent" in answer.get_json()["errors"]
            world.seconds += 60
        assert world.leads == []

    def test_an_invalid_referrer(self, client: Client, world: World) -> None:
        """A form is accepted whatever its referrer."""
        answer = client.post("/api/leads", data=builders.sent(), headers={"Referer": "http://[bad/"})

        assert answer.status_code == 303
        assert len(world.leads) == 1

    def test_a_wrong_method_is_405(self, client: Client) -> None:
        """405 names what is allowed."""
        answer = client.put("/api/leads")

        assert answer.status_code == 405
        assert "POST" in answer.headers["Allow"]

    @pytest.mark.parametrize("path", ["/", "/api", "/api/leads/1", "/b/", "/b/a/b", "/api//health", "/b//a"])
    def test_anything_else_is_404(self, client: Client, path: str) -> None:
        """An unknown path is 404."""
        assert client.get(path).status_code == 404

    def test_too_many_is_429(self, client: Client, world: World) -> None:
        """After a burst of ten, one client has to wait ten seconds for each more; the page keeps the answers."""
        elsewhere = {"X-Forwarded-For": "203.0.113.7, 10.0.0.1"}
        codes = [client.post("/api/leads", json={}, headers=elsewhere).status_code for _ in range(11)]

        assert codes == [422] * 10 + [429]
        answer = client.post("/api/leads", data=builders.sent(), headers=elsewhere)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10")
        assert 'value="Ada Lovelace"' in answer.get_data(as_text=True)
        another = {"X-Forwarded-For": "203.0.113.8, 10.0.0.1"}
        assert client.post("/api/leads", json={}, headers=another).status_code == 422

        world.seconds += 10
        assert client.post("/api/leads", json={}, headers=elsewhere).status_code == 422

    def test_forged_headers_do_not_help(self, client: Client) -> None:
        """However many addresses a client makes up in front of its own, it is one client."""
        codes = [
            client.post("/api/leads", json={}, headers={"X-Forwarded-For": f"{made_up}, 203.0.113.7, 10.0.0.1"})
            for made_up in ("", "unknown", "203.0.113.9, 203.0.113.10", *(f"203.0.113.{it}" for it in range(20)))
        ]

        assert [it.status_code for it in codes] == [422] * 10 + [429] * 13

    def test_a_visitor_without_a_front_end_is_counted_too(self, client: Client) -> None:
        """A network address counts; this machine's own doesn't."""
        network = {"REMOTE_ADDR": "192.0.2.4"}
        codes = [client.post("/api/leads", json={}, environ_base=network).status_code for _ in range(11)]
        assert codes[-1] == 429
        strange = [client.post("/api/leads", json={}, environ_base={"REMOTE_ADDR": "x"}).status_code for _ in range(11)]
        assert strange[-1] == 429

        here = {client.post("/api/leads", json={}).status_code for _ in range(40)}
        assert here == {422}

    @pytest.mark.parametrize("post", [post_form, post_json], ids=["form", "json"])
    def test_a_store_that_is_down_is_503(self, client: Client, store: SqliteLeadStore, post: Any) -> None:
        """503 says when to come back; the form keeps the answers."""
        store.close()

        answer = post(client)

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        if post is post_form:
            assert 'value="ada@example.com"' in answer.get_data(as_text=True)

    def test_an_unexpected_error_is_500_and_logged(
        self, client: Client, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Visitors get a kind page, and the log has a traceback without anything that was typed."""

        def broken(_sent: object) -> Submission:
            raise RuntimeError

        world.web = replace(world.web, intake=replace(world.web.intake, parse=broken))

        page, problem = post_form(client, goals="secret wishes"), post_json(client)

        assert (page.status_code, problem.status_code) == (500, 500)
        assert "Something is wrong on our side" in page.get_data(as_text=True)
        assert problem.get_json()["title"] == "Something is wrong on our side"
        assert '"message": "request failed", "cause": "RuntimeError"' in caplog.text
        assert "Traceback" in caplog.text
        assert "secret wishes" not in caplog.text


class TestBooking:
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
            assert f'<form method="post" action="{link}">' in page
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
        assert "we won’t write to this address again" in answer.get_data(as_text=True)
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
        "token", ["nonsense", "WyJhIiwxXQ.c2lnbmF0dXJl", Tokens(secrets=["not ours"]).issue(builders.lead(), NOW)]
    )
    def test_a_link_with_a_wrong_signature_is_404(self, client: Client, token: str) -> None:
        """A token that we didn't sign leads nowhere."""
        assert client.get(f"/b/{token}").status_code == 404

    def test_a_link_whose_lead_is_gone_is_404(self, client: Client) -> None:
        """The link of an erased lead leads nowhere."""
        token = Tokens(secrets=["a secret that is long"]).issue(builders.lead(), NOW + timedelta(days=1))

        assert client.get(f"/b/{token}").status_code == 404

    def test_old_secrets_still_verify(self) -> None:
        """The first secret signs, and all verify."""
        old, new, both = Tokens(secrets=["old"]), Tokens(secrets=["new"]), Tokens(secrets=["new", "old"])
        lead = builders.lead()

        assert both.read(old.issue(lead, NOW)) == (lead.id, NOW)
        assert new.read(both.issue(lead, NOW)) == (lead.id, NOW)

    def test_a_store_that_is_down_is_503(self, client: Client, world: World, store: SqliteLeadStore) -> None:
        """The link works again later, and the page says so."""
        post_form(client)
        link = world.link()
        store.close()

        answer = client.get(link)

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


class TestAround:
    def test_health(self, client: Client) -> None:
        """The health check answers with 200."""
        assert client.get("/api/health").status_code == 200

    def test_health_tells_its_caller_what_it_is_counted_by(self, client: Client) -> None:
        """The answer has the number of entries in X-Forwarded-For, and the network of the one that counts."""
        forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.8, 10.0.0.1"}

        seen = client.get("/api/health", headers=forwarded).get_json()["client"]
        here = client.get("/api/health").get_json()["client"]

        assert seen == {"forwarded": 3, "hops": 2, "network": "203.0.113.0/24"}
        assert here == {"forwarded": 0, "hops": 2, "network": None}

    def test_other_origins_may_post_when_named(self, client: Client) -> None:
        """A named origin passes the preflight, and its script may read the answer."""
        preflight = client.options("/api/leads", headers={"Origin": OTHER})
        answer = client.post("/api/leads", json=builders.sent(), headers={"Origin": OTHER})

        assert preflight.status_code == 204
        assert preflight.headers["Access-Control-Allow-Methods"] == "POST"
        assert answer.headers["Access-Control-Allow-Origin"] == OTHER
        assert answer.headers["Vary"] == "Origin"

    def test_no_other_origin_may(self, client: Client) -> None:
        """Another origin gets no permission."""
        preflight = client.options("/api/leads", headers={"Origin": "https://evil.example"})
        answer = client.post("/api/leads", json=builders.sent(), headers={"Origin": "https://evil.example"})

        assert preflight.status_code == 405
        assert "Access-Control-Allow-Origin" not in answer.headers

    def test_pages_have_security_headers(self, client: Client) -> None:
        """Every page of the function has the headers of the site."""
        headers = post_form(client, name="").headers

        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"

    def test_the_log_has_ids_only(self, client: Client, world: World, caplog: pytest.LogCaptureFixture) -> None:
        """One JSON line per event, without addresses, names and answers."""
        caplog.set_level("INFO", logger="prequal")
        post_form(client, goals="secret wishes", lang="fr")
        post_form(client, name="")
        client.post(world.link())
        client.get("/b/nonsense")

        lines = [record.getMessage() for record in caplog.records if record.name == "prequal"]
        events = [json.loads(line)["message"] for line in lines]
        assert events == [
            "submission admitted",
            "submission refused",
            "booking link followed",
            "booking link refused",
        ]
        for private in ("Ada", "ada@example.com", "secret wishes", "around"):
            assert not any(private in line for line in lines)
