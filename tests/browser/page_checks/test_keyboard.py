"""The form by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.visiting import MODES, visit
from prequal.core.answers import TRAP
from support.running import Server, exported, prospect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# More than the page has tab stops.
_MANY = 100

# The focused element, and whether its focus is visible: on the screen, not covered, and with an outline of its own
# or of its label.
_FOCUS = """() => {
  const element = document.activeElement;
  const outlined = (one) => !["none", "0px"].some((value) => getComputedStyle(one).outline.includes(value));
  const [{ x, y, width, height }] = element.getClientRects();
  const there = document.elementFromPoint(x + width / 2, y + height / 2);
  return {
    name: element.name ?? "",
    type: element.type ?? "",
    value: element.value ?? "",
    seen: [element, ...(element.labels ?? [])].some((one) => one.contains(there))
      && [element, ...(element.labels ?? []), ...element.children].some(outlined),
    what: element.cloneNode().outerHTML,
  };
}"""


@pytest.mark.parametrize("mode", MODES)
def test_the_form_is_sent_by_keyboard(browser: Browser, server: Server, mode: str) -> None:
    """The form can be filled in and sent with Tab, the arrow keys, Space and Enter."""
    name = f"Ada of {mode}"
    with visit(browser, server.url, **MODES[mode]) as page:
        _answer(page, prospect(name, goals="More visitors."))
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{server.url}/thanks/")

    [lead] = [lead for lead in exported(server.folder) if lead["name"] == name]
    assert prospect(name, goals="More visitors.").items() >= lead["answers"].items()


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
@pytest.mark.parametrize("mode", MODES)
def test_every_tab_stop_is_visible(browser: Browser, server: Server, mode: str, key: str) -> None:
    """Every tab stop has a visible outline, and the trap is none of them."""
    with visit(browser, server.url, **MODES[mode]) as page:
        stops = list(_stops(page, key))

    assert [stop["what"] for stop in stops if not stop["seen"]] == []
    assert TRAP not in {stop["name"] for stop in stops}
    assert {"email", "consent"} <= {stop["name"] for stop in stops}


@pytest.mark.parametrize("mode", MODES)
def test_the_first_tab_stop_skips_to_the_content(browser: Browser, server: Server, mode: str) -> None:
    """The first tab stop is a link to the content."""
    with visit(browser, server.url, **MODES[mode]) as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")

        expect(page.locator("main :focus")).to_be_visible()


@pytest.mark.parametrize("mode", MODES)
def test_errors_are_reached_by_keyboard(browser: Browser, server: Server, mode: str) -> None:
    """After errors, the next tab stop is the summary's first link, and Enter moves the focus to its field."""
    with visit(browser, server.url, **MODES[mode]) as page:
        _answer(page, prospect("Blaise", email="blaise@"))
        page.keyboard.press("Enter")
        expect(page.locator(".summary")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

        expect(page.locator("[name=email]")).to_be_focused()


def _answer(page: Page, fields: Mapping[str, str]) -> None:
    """Answer the question at each tab stop until the button is reached."""
    for stop in _stops(page):
        wanted = fields.get(stop["name"], "")
        match stop["type"]:
            case "submit":
                return
            case "radio":
                _choose(page, wanted)
            case "checkbox" if wanted:
                page.keyboard.press("Space")
            case "text" | "email" | "url" | "textarea":
                page.keyboard.type(wanted)
    raise AssertionError("Tab never led to the button.")


def _choose(page: Page, wanted: str) -> None:
    for _ in range(_MANY):
        if page.evaluate(_FOCUS)["value"] == wanted:
            page.keyboard.press("Space")
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"The arrows never led to {wanted}.")


def _stops(page: Page, key: str = "Tab") -> Iterator[dict[str, str]]:
    """Press the key repeatedly and yield each tab stop until the focus leaves the page."""
    for _ in range(_MANY):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement === document.body"):
            return
        yield page.evaluate(_FOCUS)
    raise AssertionError("Tab never led out of the page.")
