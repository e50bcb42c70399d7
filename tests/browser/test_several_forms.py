"""The page of a second form, on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.visiting import fill_in, send, visit
from support.running import development_server, exported
from support.two_forms import SEATS, write_forms

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def test_a_prospect_of_the_second_form(browser: Browser, tmp_path: Path) -> None:
    """Answers survive errors, the menu of the page, and a change of language, and the thanks are the form's own."""
    with (
        development_server(tmp_path, PREQUAL_FORM=str(write_forms(tmp_path))) as server,
        visit(browser, f"{server.url}/workshops/?source=flyer", **PHONE) as page,
    ):
        expect(page).to_have_title("Ateliers de poterie")
        fill_in(page, {"seats": SEATS["seats"], "name": "Zoé", "email": "zoe@example.com"})
        page.locator("a[href='#the-form']").tap()
        page.locator(".languages [hreflang=en]").tap()
        expect(page).to_have_url(f"{server.url}/workshops/en/?source=flyer")
        expect(page.get_by_text("How many seats?")).to_be_visible()
        send(page)
        expect(page.locator("#day-error")).to_be_visible()
        fill_in(page, SEATS)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"]  # type: ignore[index]
        send(page)
        expect(page).to_have_url(f"{server.url}/workshops/en/thanks/")
        page.get_by_role("link", name="Back to the home page").tap()
        expect(page).to_have_url(f"{server.url}/workshops/en/")

        [lead] = exported(tmp_path)
        assert (lead["form_id"], lead["language"], lead["source"]["source"]) == ("workshops", "en", "flyer")
