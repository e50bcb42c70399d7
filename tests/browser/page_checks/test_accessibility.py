"""axe-core, reflow and, on demand, a screenshot of every page in every state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.page_checks.states import SCREENS, STATES, State
from support.running import CHECKOUT, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

    ColorScheme = Literal["light", "dark"]

# Every rule, and the one of WCAG 2.2 AA that is not among axe's defaults.
_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# The scheme changes only colours, so that each screen needs one scheme; a translation does not change even those.
_LOOKS: list[tuple[str, ColorScheme]] = [("phone", "light"), ("desktop", "dark")]

# A desktop of 1280 by 800 zoomed in to 200 %, and the narrowest phone (WCAG 1.4.10).
_TIGHT: dict[str, ViewportSize] = {"zoomed": {"width": 640, "height": 400}, "narrow": {"width": 320, "height": 640}}

# Screenshots to look at take as long as everything else here, so they are taken on demand.
_SCREENSHOTS = CHECKOUT / "build/screenshots" if os.environ.get("PREQUAL_TEST_SCREENSHOTS") else None


class Shown(NamedTuple):
    """A page in a state."""

    page: Page
    state: State

    def screenshot(self, look: str) -> None:
        """Save a screenshot if they are enabled."""
        if _SCREENSHOTS:
            self.page.screenshot(path=_SCREENSHOTS / f"{self.state.name}-{look}.png", full_page=True)


@pytest.fixture(scope="module", params=STATES)
def shown(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Shown]:
    """Return a page in each state, once for all checks."""
    state = STATES[request.param]
    with state.visit(browser, server) as page:
        yield Shown(page, state)


def test_axe_finds_nothing(shown: Shown) -> None:
    """On a phone in light colours, and on a desktop in dark ones, axe-core reports no violation."""
    page, state = shown
    page.evaluate(Axe().axe_script)
    found = []
    for screen, scheme in _LOOKS[:1] if state.is_translation else _LOOKS:
        page.set_viewport_size(SCREENS[screen])
        page.emulate_media(color_scheme=scheme)
        shown.screenshot(f"{screen}-{scheme}")
        found += [f"{screen}, {scheme}: {violation}" for violation in violations_on(page)]

    assert found == []


def test_nothing_scrolls_sideways(shown: Shown) -> None:
    """At 200 % zoom and at 320 pixels the page is no wider than the screen."""
    widths = {}
    for tight, size in _TIGHT.items():
        shown.page.set_viewport_size(size)
        shown.screenshot(tight)
        widths[tight] = shown.page.evaluate("document.documentElement.scrollWidth")

    assert widths == {tight: size["width"] for tight, size in _TIGHT.items()}


def violations_on(page: Page) -> list[str]:
    """Return axe-core's violations: the rule, the element, and the reason."""
    answer = page.evaluate("(options) => axe.run(document, options)", _OPTIONS)
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]
