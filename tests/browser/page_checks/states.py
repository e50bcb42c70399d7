"""States of the pages, and screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from browser.visiting import HOMES, fill_in, send, visit
from prequal.pages.site import Notice
from support.running import Server, prospect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# The pages that the builder writes; a test checks that these are all.
BUILT = [home + rest for home in HOMES.values() for rest in ("", "thanks/", "privacy/")] + ["/404.html"]


@dataclass(frozen=True, slots=True)
class State:
    """A page, a visitor's actions on it, and whether its script loads."""

    name: str
    path: str
    act: Callable[[Page], None] = lambda _page: None
    script: bool = True
    is_translation: bool = False
    """True if the state is that of another language, with translated texts."""

    @contextmanager
    def visit(self, browser: Browser, server: Server, **options: Any) -> Iterator[Page]:
        """Open the page and bring it into this state; `options` are those of playwright's `new_context`.

        The browser always runs scripts, which examine the page, even if the page's own script is blocked.
        """
        with visit(browser, "about:blank", base_url=server.url, **options) as page:
            if not self.script:
                page.route("**/*.js", lambda route: route.abort())
            answer = page.goto(self.path)
            assert answer, self.path
            assert answer.ok, self.path
            self.act(page)
            yield page


def _with_errors(page: Page) -> None:
    fill_in(page, {"name": "Ada", "email": "ada@"})
    send(page)
    expect(page.locator(".summary")).to_be_visible()


def _with_reveals_open(page: Page) -> None:
    fill_in(page, {"work": "other", "budget": "unsure"})
    expect(page.locator(".reveals").filter(visible=True)).to_have_count(2)


def _filled_in(page: Page) -> None:
    fill_in(page, prospect("Ada Lovelace", goals="More visitors.", company="Analytical", website="https://ada.example"))


def _while_sending(page: Page) -> None:
    page.route("**/api/leads", lambda _route: None)
    _filled_in(page)
    send(page)
    expect(page.locator("form button[aria-disabled=true]")).to_be_visible()


def _in_trouble(page: Page) -> None:
    page.route("**/api/leads", lambda route: route.abort())
    _filled_in(page)
    send(page)
    expect(page.locator(".trouble")).to_be_visible()


def _too_often(page: Page) -> None:
    # From another address, because the rate limit excepts this machine.
    page.set_extra_http_headers({"X-Forwarded-For": "a visitor who sends too often"})
    _filled_in(page)
    page.evaluate("""async () => {
        const empty = {method: "POST", headers: {"Content-Type": "application/json"}, body: "{}"};
        while ((await fetch("/api/leads", empty)).status != 429);
        setInterval(() => fetch("/api/leads", empty), 20);  // what they may send again meanwhile is sent at once
    }""")
    send(page)
    expect(page.locator(".trouble")).to_be_visible()


def _asked_about_the_address(page: Page) -> None:
    fill_in(page, {"name": "Ada", "email": "ada.lovelace@gmial.com"})
    page.locator("[name=website]").focus()
    expect(page.locator(".question button")).to_be_visible()


def _in_another_language(page: Page) -> None:
    _filled_in(page)
    page.get_by_role("link", name="polski").click()
    expect(page.locator("html")).to_have_attribute("lang", "pl")


def _at_the_skip_link(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()


def _states() -> Iterator[State]:
    yield State("404.html", "/404.html")
    # All states in one language of each script; in the others those with the most words.
    for language in ("fr", "nl", "pl"):
        home = HOMES[language]
        yield State(language, home, is_translation=True)
        yield State(f"{language}-errors", home, _with_errors, is_translation=True)
    for language in ("en", "ru"):
        home = HOMES[language]
        for path in (home, f"{home}thanks/", f"{home}privacy/"):
            yield State(path.strip("/").replace("/", "-") or "start", path)
        yield State(f"{language}-errors", home, _with_errors)
        yield State(f"{language}-errors-no-script", home, _with_errors, script=False)
        yield State(f"{language}-reveals", home, _with_reveals_open, script=False)
    yield State("skip-link", "/", _at_the_skip_link)
    yield State("filled-in", "/", _filled_in)
    yield State("mistyped-address", "/", _asked_about_the_address)
    yield State("another-language", "/", _in_another_language)
    yield State("sending", "/", _while_sending)
    yield State("trouble", "/", _in_trouble)
    yield State("trouble-no-script", "/", _too_often, script=False)
    yield State("invitation", "/answers/invitation/")
    for notice in Notice:
        name = notice.name.lower()
        yield State(f"notice-{name.replace('_', '-')}", f"/answers/{name}/")


STATES = {state.name: state for state in _states()}
