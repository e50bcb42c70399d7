"""Examinations of a page on each screen: axe-core, its width and, on demand, a screenshot."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from axe_playwright_python.sync_playwright import Axe

from support.running import CHECKOUT

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

    ColorScheme = Literal["light", "dark"]

SCREENS: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "desktop": {"width": 1280, "height": 800},
}
# The scheme changes only colours, so that each screen needs one scheme.
LOOKS: list[tuple[str, ColorScheme]] = [("phone", "light"), ("desktop", "dark")]

# Every rule, and the one of WCAG 2.2 AA that is not among axe's defaults.
_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}

# Screenshots to look at take as long as everything else, so they are taken on demand.
SCREENSHOTS = CHECKOUT / "build/screenshots" if os.environ.get("PREQUAL_TEST_SCREENSHOTS") else None


def set_look(page: Page, screen: str, scheme: ColorScheme) -> None:
    """Change a page's screen and its colours in place."""
    page.set_viewport_size(SCREENS[screen])
    page.emulate_media(color_scheme=scheme)


def save_screenshot(page: Page, name: str) -> None:
    """Save a screenshot if they are enabled."""
    if SCREENSHOTS:
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def load_axe(page: Page) -> None:
    """Load axe-core into a page, whatever scripts its policy allows."""
    page.evaluate(Axe().axe_script)


def violations_on(page: Page) -> list[str]:
    """Return axe-core's violations: the rule, the element, and the reason."""
    answer = page.evaluate("(options) => axe.run(document, options)", _OPTIONS)
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]
