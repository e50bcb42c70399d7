"""Visits of the page, as a prospect makes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from prequal.adapters.sqlite.store import SqliteLeadStore
from support.running import PATIENCE, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOMES = {"en": "/", "fr": "/fr/", "nl": "/nl/", "ru": "/ru/", "pl": "/pl/"}

# A visit's options by what the visitor's browser runs.
MODES: dict[str, dict[str, Any]] = {"script": {}, "no script": {"java_script_enabled": False}}


@contextmanager
def visit(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    """Open a page in a new browser context; `options` are those of playwright's `new_context`."""
    with browser.new_context(**options) as context:
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        page.goto(url)
        yield page


def fill_in(page: Page, fields: Mapping[str, str]) -> None:
    """Fill in the fields that have a visible control."""
    for name, value in fields.items():
        controls = page.locator(f"form [name={name}]:not([type=hidden])")
        if controls.count() == 0:
            continue
        if controls.first.get_attribute("type") in {"radio", "checkbox"}:
            page.locator(f"form [name={name}][value={value}]").check()
        else:
            controls.fill(value)


def send(page: Page) -> None:
    """Press the button of the form."""
    page.locator("form button[data-thanks]").click()


def counted_visits(server: Server) -> Counter[str]:
    """Return the counts of all visits at a server's pages."""
    total: Counter[str] = Counter()
    with closing(SqliteLeadStore(server.folder / ".prequal" / "prequal.db")) as store:
        for counts in store.iter_visits():
            total.update(counts.counts)
    return total


def answers(page: Page) -> dict[str, str]:
    """Return the form's fields as it would send them now."""
    entries: list[tuple[str, str]] = page.evaluate("[...new FormData(document.querySelector('form'))]")
    return {name: value for name, value in entries if value and name != "submission_id"}
