"""axe-core, reflow and, on demand, a screenshot of every page in every state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pytest

from browser.examining import LOOKS, load_axe, save_screenshot, set_look, violations_on
from browser.page_checks.states import STATES, State
from support.running import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

# A desktop of 1280 by 800 zoomed in to 200 %, and the narrowest phone (WCAG 1.4.10).
_TIGHT: dict[str, ViewportSize] = {"zoomed": {"width": 640, "height": 400}, "narrow": {"width": 320, "height": 640}}
_WIDTH_WITH_TEXT_OF = """(scale) => {
  document.documentElement.style.fontSize = scale;
  return document.documentElement.scrollWidth;
}"""


class Shown(NamedTuple):
    """A page in a state."""

    page: Page
    state: State

    def screenshot(self, look: str) -> None:
        """Save a screenshot if they are enabled."""
        save_screenshot(self.page, f"{self.state.name}-{look}")


@pytest.fixture(scope="module", params=STATES)
def shown(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Shown]:
    """Return a page in each state, once for all checks."""
    state = STATES[request.param]
    with state.visit(browser, server) as page:
        yield Shown(page, state)


def test_axe_finds_nothing(shown: Shown) -> None:
    """On a phone in light colours, and on a desktop in dark ones, axe-core reports no violation."""
    page, state = shown
    load_axe(page)
    found = []
    # A translation does not change even the colours.
    for screen, scheme in LOOKS[:1] if state.is_translation else LOOKS:
        set_look(page, screen, scheme)
        shown.screenshot(f"{screen}-{scheme}")
        found += [f"{screen}, {scheme}: {violation}" for violation in violations_on(page)]

    assert found == []


def test_nothing_scrolls_sideways(shown: Shown) -> None:
    """At 200 % zoom and at 320 pixels the page is no wider than the screen, with text twice as large too."""
    widths = {}
    for tight, size in _TIGHT.items():
        shown.page.set_viewport_size(size)
        shown.screenshot(tight)
        widths[tight] = [shown.page.evaluate(_WIDTH_WITH_TEXT_OF, scale) for scale in ("200%", "")]

    assert widths == {tight: [size["width"]] * 2 for tight, size in _TIGHT.items()}
