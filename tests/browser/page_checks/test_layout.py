"""Animation and line breaks on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.examining import SCREENS
from browser.page_checks.states import BUILT, STATES
from browser.visiting import visit
from support.running import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

# Elements, and pseudo-elements, with an animation, a transition or smooth scrolling.
_MOVING = """() => {
  const moves = (style) => style.animationName !== "none" || /[1-9]/.test(style.transitionDuration)
      || style.scrollBehavior !== "auto";
  return [...document.querySelectorAll("*")]
    .filter((element) => [null, "::before", "::after"].some((part) => moves(getComputedStyle(element, part))))
    .map((element) => element.cloneNode().outerHTML)
    .concat(document.getAnimations().map((animation) => animation.constructor.name));
}"""

# Words that are broken over two lines.
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


@pytest.mark.parametrize("name", ["start", "thanks", "privacy", "404.html", "en-errors", "en-reveals", "sending"])
def test_nothing_moves_with_reduced_motion(browser: Browser, server: Server, name: str) -> None:
    """With reduced motion, nothing animates, fades or scrolls smoothly."""
    with STATES[name].visit(browser, server, reduced_motion="reduce") as page:
        assert page.evaluate(_MOVING) == []


def test_no_word_is_broken_over_two_lines(browser: Browser, server: Server) -> None:
    """On a phone every word stands on one line, even if the browser cannot hyphenate its language."""
    with visit(browser, server.url, viewport=SCREENS["phone"]) as page:
        torn = {}
        for path in BUILT:
            page.goto(server.url + path)
            torn[path] = page.evaluate(_TORN)

    assert torn == {path: [] for path in BUILT}


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
def test_pictures_have_their_place_before_they_come(browser: Browser, server: Server, screen: ViewportSize) -> None:
    """The page is as long while its pictures are on their way as with all of them."""
    with visit(browser, "about:blank", viewport=screen) as page:
        page.route("**/assets/pictures/**", lambda _route: None)  # they are on their way
        page.route("**/*.woff2", lambda route: route.abort())  # or it may be in time for one visit, not for the other
        lengths: list[int] = []
        for _ in range(2):
            page.goto(server.url)
            for picture in page.locator(".proof img").all():
                picture.scroll_into_view_if_needed()
            expect(page.locator(".proof img")).to_have_count(5)
            loaded = "[...document.images].filter((image) => image.complete && image.naturalWidth).length"
            page.wait_for_function(f"{loaded} == {6 if lengths else 1}")
            lengths.append(page.evaluate("document.documentElement.scrollHeight"))
            page.unroute("**/assets/pictures/**")

    assert lengths[0] == lengths[1]
