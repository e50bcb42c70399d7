"""The checks of the booking pages, at a small server."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from prequal.core.form import Form, form_from
from prequal.doctor.booking_pages import check_booking_pages
from prequal.doctor.results import CheckStatus
from support import builders

ASKED: list[str] = []


class _Pages(BaseHTTPRequestHandler):
    """Booking pages, of which one is gone."""

    def do_GET(self) -> None:
        """Answer."""
        ASKED.append(self.path)
        self.send_response(404 if self.path.startswith("/gone") else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def host() -> Iterator[str]:
    """Return the address of a server."""
    ASKED.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def form_with(*urls: str) -> Form:
    """Return a form with booking pages."""
    return form_from({**builders.document(), "booking": [{"if": {"grade": ["hot"]}, "url": url} for url in urls]})


def test_each_page_is_opened_once(host: str) -> None:
    """The page of the settings and those of the form are opened without anything about a lead, each once."""
    urls = [f"{host}/shops?name={{name}}&e=1", f"{host}/shops?name={{email}}&e=1", f"{host}/gone?b={{answers.budget}}"]
    found = check_booking_pages(f"{host}/intro?n={{name}}", [form_with(*urls, f"{host}/intro?n={{email}}")])

    assert [(result.status, result.text) for result in found] == [
        (CheckStatus.PASSED, "The booking page exists."),
        (CheckStatus.PASSED, f"The booking page {host}/shops exists."),
        (CheckStatus.FAILED, f"The booking page {host}/gone answers 404: check booking in the form file."),
    ]
    assert ASKED == ["/intro?n=", "/shops?name=&e=1", "/gone?b="]


def test_a_page_that_depends_on_the_lead(host: str) -> None:
    """A page whose path has a placeholder can't be opened without a lead."""
    address = f"{host}/{{answers.budget}}/intro"
    result, of_form = check_booking_pages(address, [form_with(f"{address}/long")])

    assert (result.status, of_form.status) == (CheckStatus.SKIPPED, CheckStatus.SKIPPED)
    assert result.text.endswith("is another for each lead, by the path in PREQUAL_BOOKING_URL: open one yourself.")
    assert f"The booking page {address}/long is another" in of_form.text
    assert ASKED == []


def test_a_question_that_is_not_asked(host: str) -> None:
    """The setting's answers are compared with the questions of the forms, where these are known."""
    url = f"{host}/?b={{answers.budgt}}"

    [wrong] = check_booking_pages(url, [form_with()])
    [unknown] = check_booking_pages(url, [])

    sentence = "PREQUAL_BOOKING_URL names a question that is not asked, budgt: correct it."
    assert (wrong.status, wrong.text) == (CheckStatus.FAILED, sentence)
    assert unknown.status is CheckStatus.PASSED


def test_without_the_setting(host: str) -> None:
    """The form's pages are checked even if the setting isn't known."""
    left_out, page = check_booking_pages("", [form_with(f"{host}/hot")])

    assert (left_out.status, left_out.text) == (CheckStatus.SKIPPED, "PREQUAL_BOOKING_URL is not set here.")
    assert page.status is CheckStatus.PASSED
