"""axe-core, reflow and, on demand, a screenshot of every page in every state."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.page_checks.states import SCREENS, STATES, State
from support.running import CHECKOUT, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

    ColorScheme = Literal["light", "dark"]

# The one rule of WCAG 2.2 AA that is not among axe's defaults.
_ALL = {"rules": {"target-size": {"enabled": True}}}
# The dark scheme changes only colours, and a translation not even those.
_RULES: dict[ColorScheme, dict[str, Any]] = {"light": _ALL, "dark": {"runOnly": ["color-contrast"]}}
_LIGHT: dict[ColorScheme, dict[str, Any]] = {"light": _ALL}

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
    """On phone and desktop, in light and dark, axe-core reports no violation."""
    page, state = shown
    page.evaluate(Axe().axe_script)
    found = []
    looks = _LIGHT if state.is_translation else _RULES
    for (screen, size), (scheme, rules) in product(SCREENS.items(), looks.items()):
        look = f"{screen}-{scheme}"
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        shown.screenshot(look)
        found += [f"{look}: {violation}" for violation in violations_on(page, rules)]

    assert found == []


def test_nothing_scrolls_sideways(shown: Shown) -> None:
    """At 200 % zoom and at 320 pixels the page is no wider than the screen."""
    widths = {}
    for tight, size in _TIGHT.items():
        shown.page.set_viewport_size(size)
        shown.screenshot(tight)
        widths[tight] = shown.page.evaluate("document.documentElement.scrollWidth")

    assert widths == {tight: size["width"] for tight, size in _TIGHT.items()}


def violations_on(page: Page, rules: Mapping[str, Any]) -> list[str]:
    """Return axe-core's violations: the rule, the element, and the reason."""
    answer = page.evaluate("(options) => axe.run(document, options)", {"resultTypes": ["violations"], **rules})
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]
