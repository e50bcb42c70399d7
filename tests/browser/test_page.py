"""Requests, console messages and widths of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.visiting import HOMES, MODES, fill_in, send, visit
from support.running import Server, prospect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PHONE = {"width": 320, "height": 640}


def complaints(page: Page, server: Server) -> Sequence[str]:
    """Return a list that collects this page's requests to other hosts, warnings and errors."""
    found: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(f"{server.url}/") else found.append(request.url))
    page.on("console", lambda told: found.append(told.text) if told.type in {"warning", "error"} else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.mark.parametrize("language", HOMES)
def test_the_pages_use_no_other_host_and_no_cookie(browser: Browser, server: Server, language: str) -> None:
    """A whole visit makes no request to another host, logs nothing to the console and sets no cookie."""
    with visit(browser, "about:blank") as page:
        found = complaints(page, server)
        page.goto(server.url + HOMES[language])
        fill_in(page, prospect(f"Ada {language}"))
        send(page)
        expect(page).to_have_url(f"{server.url}{HOMES[language]}thanks/")

        assert found == []
        assert page.context.cookies() == []


@pytest.mark.parametrize("mode", MODES)
def test_errors_log_nothing_but_the_refusal(browser: Browser, server: Server, mode: str) -> None:
    """When answers are refused, the console holds only the browser's own message about the refusal."""
    with visit(browser, "about:blank", **MODES[mode]) as page:
        found = complaints(page, server)
        page.goto(server.url)
        send(page)
        expect(page.locator(".summary")).to_be_visible()

        [refusal] = found
        assert "status of 422" in refusal


@pytest.mark.parametrize("language", HOMES)
def test_nothing_scrolls_sideways_on_a_narrow_phone(browser: Browser, server: Server, language: str) -> None:
    """At 320 pixels, the page, with reveals and errors, and the thank-you page are no wider than the screen."""
    with visit(browser, server.url + HOMES[language], viewport=PHONE) as page:
        widths = [width(page)]
        fill_in(page, {"work": "other", "budget": "unsure"})
        send(page)
        expect(page.locator(".summary")).to_be_visible()
        widths.append(width(page))
        page.goto(f"{server.url}{HOMES[language]}thanks/")
        widths.append(width(page))

    assert widths == [320, 320, 320]


def width(page: Page) -> int:
    """Return the scrollable width of the page in CSS pixels."""
    reach: int = page.evaluate("document.documentElement.scrollWidth")
    return reach
