"""The page with Turnstile, whose script and verifier are out of reach here: a stand-in plays the script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.visiting import fill_in, send, visit
from support.running import Server, development_server, exported, prequal, prospect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Request

ORIGIN = "https://challenges.cloudflare.com"
KEY = "0x4AAA-studio_north"
# What its documentation says that the script does: a field in each element, and another value after a reset.
_SCRIPT = """
let number = 0;
const fill = (element) => {
  element.innerHTML = '<input type="hidden" name="cf-turnstile-response">';
  setTimeout(() => { element.firstChild.value = `${element.dataset.sitekey} ${element.dataset.language} ${++number}`; },
    DELAY);
};
window.turnstile = {
  render: (selector) => fill(document.querySelector(selector)),
  reset: () => fill(document.querySelector(".cf-turnstile")),
};
document.querySelectorAll(".cf-turnstile").forEach(fill);
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server of a page that asks Turnstile."""
    settings = {"PREQUAL_TURNSTILE_KEY": KEY, "PREQUAL_TURNSTILE_SECRET": "the secret of the widget"}
    with development_server(tmp_path_factory.mktemp("captcha"), **settings) as server:
        yield server


@contextmanager
def visiting(browser: Browser, server: Server, delay: int = 0) -> Iterator[tuple[Page, list[dict[str, Any]]]]:
    """Open the page with the stand-in, which takes its time; yield it and what it posts."""
    posted: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "/api/leads" in request.url:
            posted.append(json.loads(request.post_data or "{}"))

    with browser.new_context() as context:
        script = _SCRIPT.replace("DELAY", str(delay))
        context.route(f"{ORIGIN}/**", lambda route: route.fulfill(body=script, content_type="text/javascript"))
        page = context.new_page()
        page.on("request", note)
        page.goto(server.url)
        yield page, posted


def test_the_token_is_posted(browser: Browser, server: Server) -> None:
    """The headers let the script in, and its token goes with the answers, which wait for it."""
    with visiting(browser, server, delay=1500) as (page, posted):
        fill_in(page, prospect("Ada Lovelace"))
        send(page)
        page.wait_for_url("**/thanks/")

    assert [post["cf-turnstile-response"] for post in posted] == [f"{KEY} en 1"]


def test_another_submission_gets_another_token(browser: Browser, server: Server) -> None:
    """Answers that are changed after they were sent need a new token; those that are sent again do not."""
    with visiting(browser, server) as (page, posted):
        page.route("**/api/leads", lambda route: route.abort())
        fill_in(page, prospect("Grace Hopper"))
        for _ in range(2):
            send(page)
            expect(page.locator(".trouble")).to_be_visible()
            expect(page.locator("form button")).not_to_have_attribute("aria-disabled", "true")
        fill_in(page, {"name": "Grace B. M. Hopper"})
        page.unroute("**/api/leads")
        send(page)
        page.wait_for_url("**/thanks/")

    assert [post["cf-turnstile-response"].rpartition(" ")[2] for post in posted] == ["1", "1", "2"]


def test_another_language_asks_again(browser: Browser, server: Server) -> None:
    """The check is made anew, in the visitor's language, where the page is replaced without a new visit."""
    with visiting(browser, server) as (page, posted):
        fill_in(page, prospect("Blaise Pascal"))
        page.get_by_role("link", name="français").click()
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        send(page)
        page.wait_for_url("**/fr/thanks/")

    assert [post["cf-turnstile-response"] for post in posted] == [f"{KEY} fr 2"]


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["blocked", "no script"])
def test_without_the_script_it_is_held(browser: Browser, tmp_path: Path, options: dict[str, Any]) -> None:
    """Answers are taken at once if the script is blocked, or none runs, and wait for the owner."""
    settings = {"PREQUAL_TURNSTILE_KEY": KEY, "PREQUAL_TURNSTILE_SECRET": "the secret of the widget"}
    with development_server(tmp_path, **settings) as server:
        with visit(browser, "about:blank", **options) as page:
            page.route(f"{ORIGIN}/**", lambda route: route.abort())
            page.goto(server.url)
            fill_in(page, prospect("Ada Lovelace"))
            send(page)
            page.wait_for_url("**/thanks/")
        examined = prequal(tmp_path, "doctor", server.url, **settings)

    [lead] = exported(tmp_path)
    assert (lead["status"], lead["invitation"]["state"], lead["invitation"]["held_for"]) == (
        "received",
        "held",
        "captcha",
    )
    assert "✓ headers" in examined.stdout, examined.stdout
