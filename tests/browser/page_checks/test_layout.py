"""The pages hold still and fit the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser.page_checks.states import BUILT, SCREENS, STATES
from browser.visiting import visit
from support.running import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

# A desktop of 1280 by 800 zoomed in to 200 %, and the narrowest phone (WCAG 1.4.10).
_TIGHT: dict[str, ViewportSize] = {"zoomed": {"width": 640, "height": 400}, "narrow": {"width": 320, "height": 640}}

# What moves, and what would once it is touched: elements and what they show before and after themselves.
_MOVING = """() => {
  const moves = (style) => style.animationName !== "none" || /[1-9]/.test(style.transitionDuration)
      || style.scrollBehavior !== "auto";
  return [...document.querySelectorAll("*")]
    .filter((element) => [null, "::before", "::after"].some((part) => moves(getComputedStyle(element, part))))
    .map((element) => element.cloneNode().outerHTML)
    .concat(document.getAnimations().map((animation) => animation.constructor.name));
}"""

# Words of which one part stands on one line and the rest on the next.
_TORN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const torn = [];
  while (walker.nextNode()) {
    for (const word of walker.currentNode.data.matchAll(/\\p{L}+/gu)) {
      const range = document.createRange();
      range.setStart(walker.currentNode, word.index);
      range.setEnd(walker.currentNode, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) torn.push(word[0]);
    }
  }
  return torn;
}"""


@pytest.mark.parametrize("name", STATES)
def test_nothing_scrolls_sideways(browser: Browser, server: Server, screenshots: Path, name: str) -> None:
    """At 200 % zoom and at 320 pixels no page in any state is wider than the screen."""
    widths = {}
    with STATES[name].visit(browser, server) as page:
        for tight, size in _TIGHT.items():
            page.set_viewport_size(size)
            page.screenshot(path=screenshots / f"{name}-{tight}.png", full_page=True)
            widths[tight] = page.evaluate("document.documentElement.scrollWidth")

    assert widths == {tight: size["width"] for tight, size in _TIGHT.items()}


@pytest.mark.parametrize("name", ["start", "thanks", "privacy", "404.html", "en-errors", "en-reveals", "sending"])
def test_nothing_moves_for_those_who_asked(browser: Browser, server: Server, name: str) -> None:
    """With reduced motion wanted, nothing animates, fades or scrolls smoothly."""
    with STATES[name].visit(browser, server, reduced_motion="reduce") as page:
        assert page.evaluate(_MOVING) == []


@pytest.mark.parametrize("path", BUILT)
def test_no_word_is_torn(browser: Browser, server: Server, path: str) -> None:
    """On a phone every word stands on one line, even where the browser has no hyphens for its language."""
    with visit(browser, server.url + path, viewport=SCREENS["phone"]) as page:
        assert page.evaluate(_TORN) == []
