"""axe-core on every page in every state, and a screenshot of each to look at."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.page_checks.states import SCREENS, STATES
from support.running import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    ColorScheme = Literal["light", "dark"]

# Beyond axe's defaults: the one rule of WCAG 2.2 AA that it leaves out.
_ALL = {"rules": {"target-size": {"enabled": True}}}
# The dark changes colours and nothing else.
_RULES: dict[ColorScheme, dict[str, Any]] = {"light": _ALL, "dark": {"runOnly": ["color-contrast"]}}


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing(browser: Browser, server: Server, screenshots: Path, name: str) -> None:
    """On phone and desktop, in light and dark, axe-core has nothing to object to."""
    found = []
    with STATES[name].visit(browser, server) as page:
        for (screen, size), (scheme, rules) in product(SCREENS.items(), _RULES.items()):
            look = f"{screen}-{scheme}"
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=screenshots / f"{name}-{look}.png", full_page=True)
            found += [f"{look}: {violation}" for violation in violations_on(page, rules)]

    assert found == []


def violations_on(page: Page, rules: Mapping[str, Any]) -> list[str]:
    """Return what axe-core objects to: the rule, the element, and why."""
    answer = Axe().run(page, options={"resultTypes": ["violations"], **rules}).response
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]
