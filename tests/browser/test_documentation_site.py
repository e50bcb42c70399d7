"""The documentation as a site: its search, and its pages on each screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser.examining import LOOKS, load_axe, set_look, violations_on
from support.running import CHECKOUT

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def site() -> str:
    """Return the address of the site's folder."""
    folder = CHECKOUT / "build/docs"
    assert (folder / "index.html").exists(), "Build the documentation before its test: make docs."
    return folder.as_uri()


def test_search_leads_to_the_place(browser: Browser, site: str) -> None:
    """A search for a key of the form file leads to its section."""
    with browser.new_page() as page:
        page.goto(f"{site}/index.html")
        page.get_by_role("textbox", name="Search").fill("max_points")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="questions.max_points").first.click()

        assert page.url.endswith("/reference/form-file.html#questions-max-points")


@pytest.mark.parametrize("name", ["index", "tutorial", "reference/columns"])
def test_a_page_is_for_everybody(browser: Browser, site: str, name: str) -> None:
    """axe-core reports nothing of ours, no page is wider than its screen, and nothing comes from elsewhere."""
    loaded: list[str] = []
    with browser.new_page() as page:
        page.on("request", lambda request: loaded.append(request.url))
        for screen, scheme in LOOKS:
            set_look(page, screen, scheme)
            page.goto(f"{site}/{name}.html")
            load_axe(page)

            # The theme has two unnamed landmarks beside the text.
            assert [it for it in violations_on(page) if not it.startswith("landmark-unique")] == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert loaded
    assert [url for url in loaded if not url.startswith((site, "data:"))] == []
