"""Submissions that the function refuses, and how it says so."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.answers import Submission, body_limit, make_parser
from prequal.core.form import form_from
from prequal.core.scoring import scorer
from prequal.pages.wording import catalogue
from support import builders
from support.world import World
from unit.web.posting import post_form, post_json

if TYPE_CHECKING:
    from werkzeug.test import Client


class TestRefusals:
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
        assert "Le formulaire a changé entre-temps" in page
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

        assert problem["title"] == "The form has changed in the meantime"
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
        fits = b'{"goals":"' + b"x" * (world.web.main.max_bytes - 12) + b'"}'
        assert client.post("/api/leads", data=fits, content_type=content_type).status_code == 422

        answer = client.post("/api/leads", data=fits + b" ", content_type=content_type)

        assert answer.status_code == 413
        assert answer.is_streamed  # or functions-framework would read the rest of the body

    @pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
    def test_over_the_limit_of_unknown_length_is_413(self, client: Client, world: World, content_type: str) -> None:
        """A chunked body, whose length is unknown, isn't cut at the limit and then accepted."""
        filler = b"&x=" + b"x" * world.web.main.max_bytes
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
        world.change_main(form=form, parse=make_parser(form), score=scorer(form), max_bytes=body_limit(form))
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
        page = client.post("/api/leads", data={"goals": "x" * world.web.main.max_bytes}, headers=headers)
        problem = client.post("/api/leads", json={"goals": "x" * world.web.main.max_bytes}, headers=headers)

        assert (page.status_code, problem.status_code) == (413, 413)
        assert f'<html lang="{language}">' in page.get_data(as_text=True)
        assert problem.get_json()["title"] == catalogue(language).gettext("That is too long")

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
        assert "That couldn’t be read" in answer.get_data(as_text=True)
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

        world.change_main(parse=broken)

        page, problem = post_form(client, goals="secret wishes"), post_json(client)

        assert (page.status_code, problem.status_code) == (500, 500)
        assert "Something isn’t working here" in page.get_data(as_text=True)
        assert problem.get_json()["title"] == "Something isn’t working here"
        assert '"message": "request failed", "cause": "RuntimeError"' in caplog.text
        assert "Traceback" in caplog.text
        assert "secret wishes" not in caplog.text
