"""Changes of language and returns to the page: typed answers stay."""

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
    """Follow the link to the page in another language and wait for it."""
    page.locator(f".languages [hreflang={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_the_language_changes_around_the_answers(browser: Browser, server: Server) -> None:
    """Address, title, labels and focus change to those of the other page; the typed answers stay."""
    with visit(browser, f"{server.url}/?source=ada&utm_campaign=spring") as page:
        fill_in(page, TYPED)
        before = answers(page)
        change_to(page, "fr")

        assert page.url == f"{server.url}/fr/?source=ada&utm_campaign=spring"
        expect(page).to_have_title("Studio North\xa0: des sites web pour les petites entreprises")
        expect(page.get_by_text("Votre nom", exact=True)).to_be_visible()
        expect(page.get_by_role("link", name="Français")).to_be_focused()
        assert answers(page) == {**before, "lang": "fr"}


def test_back_and_forward_change_the_language(browser: Browser, server: Server) -> None:
    """Back and forward move between the languages and keep the answers."""
    with visit(browser, server.url) as page:
        change_to(page, "fr")
        fill_in(page, TYPED)
        page.go_back()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        assert answers(page).items() >= {**TYPED, "lang": "en"}.items()
        page.go_forward()
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        assert answers(page).items() >= {**TYPED, "lang": "fr"}.items()


def test_a_form_can_be_sent_in_another_language(browser: Browser, server: Server) -> None:
    """The form works after a change of language, and the lead has the language of the page that sent it."""
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


def test_a_return_to_the_page_restores_the_answers(browser: Browser, server: Server) -> None:
    """After a visit to the privacy note, the form and its progress are restored."""
    with visit(browser, server.url) as page:
        fill_in(page, TYPED)
        before = answers(page)
        page.get_by_role("link", name="Read the privacy note").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Privacy note")
        page.go_back()

        expect(page.get_by_text("3 of 7 answered")).to_be_visible()
        assert answers(page) == before
