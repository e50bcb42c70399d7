"""The page on a static host, with the function at another address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.visiting import MODES, answers, fill_in, send, visit
from support.running import Server, address, exported, link_in, outbox, prospect, until
from support.static_host import apart

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Server]]:
    """Serve the page and the function at two addresses."""
    with apart(tmp_path_factory.mktemp("apart")) as hosts:
        yield hosts


@pytest.mark.parametrize("mode", MODES)
def test_answers_reach_the_function(browser: Browser, hosts: tuple[str, Server], mode: str) -> None:
    """A submission leads to the host's thank-you page, makes one lead, and its invitation links to the function."""
    (url, function), name = hosts, f"Blaise {mode}"
    with visit(browser, f"{url}/fr/?source=partner", **MODES[mode]) as page:
        fill_in(page, prospect(name))
        send(page)
        expect(page).to_have_url(f"{url}/fr/thanks/")

    [lead] = [lead for lead in exported(function.folder) if lead["name"] == name]
    assert (lead["attempts"], lead["source"]["source"]) == (1, "partner")
    [invitation] = until(
        lambda: [mail for mail in outbox(function.folder) if mail["To"] == address(name)], "the invitation"
    )
    assert link_in(invitation).startswith(f"{function.url}/b/")


def test_the_first_touch_wakes_the_function(browser: Browser, hosts: tuple[str, Server]) -> None:
    """The first touch of the form sends a request to the function's own address."""
    url, function = hosts
    with visit(browser, url) as page, page.expect_response("**/api/health") as woken:
        page.get_by_label("Your name").focus()

    assert (woken.value.url, woken.value.ok) == (f"{function.url}/api/health", True)


def test_errors_are_shown_on_the_page(browser: Browser, hosts: tuple[str, Server]) -> None:
    """The script shows the function's errors on the same page."""
    url, _ = hosts
    with visit(browser, url) as page:
        send(page)
        expect(page.locator(".summary")).to_be_visible()
        expect(page).to_have_url(f"{url}/")


@pytest.mark.parametrize("mode", MODES)
def test_the_functions_own_page_can_be_corrected(browser: Browser, hosts: tuple[str, Server], mode: str) -> None:
    """A page that the function renders has its styles and the typed values, and accepts the corrected answers."""
    (url, function), name = hosts, f"Ada {mode}"
    with visit(browser, url, **MODES[mode]) as page:
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        # With a script, the function renders the page only if the form has changed since this one was loaded.
        page.evaluate("document.querySelector('[name=form_version]').value = '0123456789ab'")
        fill_in(page, {**prospect(name), "email": "ada"})
        send(page)
        expect(page).to_have_url(function.leads)
        expect(page.locator(".summary")).to_be_visible()
        expect(page.locator(".summary > div")).to_have_css("border-top-style", "solid")
        assert page.evaluate("document.querySelector('.wordmark img').naturalWidth") > 0
        assert answers(page)["name"] == name
        expect(page.locator(".progress")).to_have_count(0)

        fill_in(page, {"email": prospect(name)["email"]})
        send(page)
        expect(page).to_have_url(f"{url}/thanks/")

    assert [fault for fault in faults if "422" not in fault] == []
    [lead] = [lead for lead in exported(function.folder) if lead["name"] == name]
    assert lead["attempts"] == 1
