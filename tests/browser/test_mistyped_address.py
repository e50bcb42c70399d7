"""The page's question about an email address with a mistyped domain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.visiting import HOMES, fill_in, send, visit
from prequal.pages.wording import catalogue
from support.running import Server, development_server, exported, prospect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page


def type_address(page: Page, address: str) -> Locator:
    """Type an address, leave the field, and return the question."""
    fill_in(page, {"email": address})
    page.locator("[name=email]").press("Tab")
    return page.locator(".question button")


@pytest.mark.parametrize("language", HOMES)
def test_a_mistyped_domain_is_asked_about(browser: Browser, server: Server, language: str) -> None:
    """The question names the address that was probably meant, and its button takes that."""
    sentence = catalogue(language).gettext("Did you mean %(address)s?") % {"address": "ann@gmail.com"}
    with visit(browser, server.url + HOMES[language]) as page:
        question = type_address(page, "ann@gmial.com")
        expect(question).to_have_text(sentence)
        expect(page.get_by_role("status").filter(has_text=sentence)).to_be_visible()  # so that screen readers say it

        question.press("Enter")

        expect(page.locator("[name=email]")).to_have_value("ann@gmail.com")
        expect(page.locator("[name=email]")).to_be_focused()
        expect(question).to_have_count(0)


def test_which_domains_are_asked_about(browser: Browser, server: Server) -> None:
    """One letter more, less, wrong or swapped is asked about; other domains aren't."""
    slips = {
        "gmail.co": "gmail.com",
        "gmail.con": "gmail.com",
        "gmal.com": "gmail.com",
        "GMAILL.com": "gmail.com",
        "gamil.com": "gmail.com",
        "gmail.comm": "gmail.com",
        "hotmial.com": "hotmail.com",
        "outlok.com": "outlook.com",
        "yahooo.com": "yahoo.com",
        "laposte.ney": "laposte.net",
        "yandex.tu": "yandex.ru",
    }
    right = [
        "gmail.com",
        "mail.com",
        "ymail.com",
        "hotmail.fr",
        "hotmail.co.uk",
        "yahoo.ca",
        "example.com",
        "gmail",
        "",
    ]
    with visit(browser, server.url) as page:
        for typed, meant in slips.items():
            expect(type_address(page, f"ann@{typed}")).to_have_text(f"Did you mean ann@{meant}?")
        page.clock.install()
        for typed in right:
            question = type_address(page, f"ann@{typed}")
            page.clock.run_for(5_000)
            assert question.count() == 0, typed
        question = type_address(page, "ann@gmial.com")
        page.clock.run_for(5_000)
        assert question.count() == 1


def test_the_question_refuses_nobody(browser: Browser, tmp_path: Path) -> None:
    """The address as it was typed is sent when the question is passed over."""
    with development_server(tmp_path) as server, visit(browser, server.url) as page:
        fill_in(page, prospect("Ada"))
        expect(type_address(page, "ada@gmial.com")).to_be_visible()
        send(page)
        expect(page).to_have_url(f"{server.url}/thanks/")

    assert [lead["email"] for lead in exported(tmp_path)] == ["ada@gmial.com"]


def test_the_servers_page_asks_too(browser: Browser, server: Server) -> None:
    """A page that comes with a typed address asks at once, in the language it changes to."""
    with visit(browser, server.url) as page:
        expect(type_address(page, "ada@gmial.com")).to_be_visible()
        page.locator(".languages [hreflang=fr]").click()
        expect(page.locator(".question button")).to_have_text("Vouliez-vous dire ada@gmail.com\u00a0?")


def test_too_much_text_is_to_be_shortened(browser: Browser, server: Server) -> None:
    """After a refusal of its size, the page says what to do about it; after another failure, to wait."""
    with visit(browser, server.url) as page:
        fill_in(page, prospect("Ada", goals="x" * 400_000))
        send(page)
        trouble = page.locator(".trouble")
        expect(trouble).to_have_text(
            "That is too long: shorten what you wrote, then send it again.", use_inner_text=True
        )
        page.route("**/api/leads", lambda route: route.abort(), times=1)
        send(page)
        expect(trouble).to_contain_text("wait a moment")
