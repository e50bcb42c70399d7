"""Changing the language, going away and coming back: what was typed stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.visiting import answers, fill_in, send, visit
from support.running import Server, exported, prospect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# One of each kind of control: radio, text of several lines, text, checkbox.
TYPED = {"budget": "unsure", "goals": "More visitors,\nmore orders.", "name": "Ada", "consent": "yes"}


def change_to(page: Page, language: str) -> None:
    """Follow the link to the page in another language, and wait until it is there."""
    page.locator(f".languages [hreflang={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_the_language_changes_around_the_answers(browser: Browser, server: Server) -> None:
    """Address, title, labels and focus are those of the other page; the answers are those that were typed."""
    with visit(browser, f"{server.url}/?source=ada&utm_campaign=spring") as page:
        fill_in(page, TYPED)
        before = answers(page)
        change_to(page, "fr")

        assert page.url == f"{server.url}/fr/?source=ada&utm_campaign=spring"
        expect(page).to_have_title("Studio North\xa0: des sites web pour les petites entreprises")
        expect(page.get_by_text("Votre nom")).to_be_visible()
        expect(page.get_by_role("link", name="Français")).to_be_focused()
        assert answers(page) == {**before, "lang": "fr"}


def test_back_and_forward_change_the_language_back_and_forth(browser: Browser, server: Server) -> None:
    """The browser's buttons lead through the languages, and the answers come along."""
    with visit(browser, server.url) as page:
        change_to(page, "fr")
        fill_in(page, TYPED)
        page.go_back()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        assert answers(page).items() >= {**TYPED, "lang": "en"}.items()
        page.go_forward()
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        assert answers(page).items() >= {**TYPED, "lang": "fr"}.items()


def test_what_was_started_in_one_language_can_be_sent_in_another(browser: Browser, server: Server) -> None:
    """The form works after the change, and the lead speaks the language of the page it was sent from."""
    with visit(browser, server.url) as page:
        fill_in(page, prospect("Polyglot"))
        change_to(page, "pl")
        change_to(page, "nl")
        send(page)
        expect(page).to_have_url(f"{server.url}/nl/thanks/")

    [language] = [lead["language"] for lead in exported(server.folder) if lead["name"] == "Polyglot"]
    assert language == "nl"


def test_without_the_script_the_language_is_a_link(browser: Browser, server: Server) -> None:
    """Without a script, a link leads to the page in another language."""
    with visit(browser, server.url, java_script_enabled=False) as page:
        change_to(page, "ru")

        assert page.url == f"{server.url}/ru/"


def test_coming_back_finds_the_answers(browser: Browser, server: Server) -> None:
    """Who reads the privacy note and comes back finds the form as it was left, the count of answers included."""
    with visit(browser, server.url) as page:
        fill_in(page, TYPED)
        before = answers(page)
        page.get_by_role("link", name="Read the privacy note").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Privacy note")
        page.go_back()

        expect(page.get_by_text("3 of 8 answered")).to_be_visible()
        assert answers(page) == before
