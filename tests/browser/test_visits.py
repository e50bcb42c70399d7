"""Visits that the page reports when it is left: how far each came, and nothing else of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.visiting import counted_visits, fill_in, send, visit
from prequal.core.visits import Funnel, page_fields
from prequal.forms.compilation import compile_files
from support.running import CHECKOUT, Server, development_server, prospect, until
from support.shipped_form import MORE_FIELDS, write_form

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FIELDS = page_fields(compile_files(CHECKOUT / "schema" / "form.yaml").main)
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  dispatchEvent(new Event("visibilitychange"));
}"""


def stage_at(field: str) -> str:
    """Return the name of the stage of a visitor who stands at a field."""
    return f"stage_{FIELDS.index(field) + 1}"


def until_counted(server: Server, **counts: int) -> None:
    """Wait for these counts of stages."""
    until(
        lambda: {name: n for name, n in counted_visits(server).items() if n and "pace" not in name} == counts,
        f"{counts}",
    )


def leave(page: Page) -> None:
    """Go to another page."""
    page.goto("about:blank")


def test_each_visit_counts_once_where_it_came_to(browser: Browser, tmp_path: Path) -> None:
    """A visit counts by its furthest question, also when it is left and continued; nobody who objects is counted."""
    with development_server(tmp_path) as server:
        with visit(browser, server.url) as page:
            leave(page)
        until_counted(server, stage_0=1)

        with visit(browser, server.url) as page:
            fill_in(page, {"budget": "around"})
            page.locator("form [name=email]").focus()  # to look, and back up
            leave(page)
        until_counted(server, stage_0=1, **{stage_at("email"): 1})

        with visit(browser, f"{server.url}?source=made+up") as page:
            page.evaluate(HIDE, True)  # noqa: FBT003, JavaScript's
            until_counted(server, stage_0=2, **{stage_at("email"): 1})
            page.evaluate(HIDE, False)  # noqa: FBT003
            fill_in(page, prospect("Ada"))
            page.evaluate(HIDE, True)  # noqa: FBT003
            until_counted(server, stage_0=1, **{stage_at("email"): 1, stage_at("website"): 1})
            send(page)
            expect(page).to_have_url(f"{server.url}/thanks/")
        until_counted(server, stage_0=1, **{stage_at("email"): 1, "sent": 1})

        for refusal in ("doNotTrack: { get: () => '1' }", "globalPrivacyControl: { get: () => true }"):
            with browser.new_context() as context:
                context.add_init_script(f"Object.defineProperties(Navigator.prototype, {{ {refusal} }})")
                page = context.new_page()
                page.goto(server.url)
                leave(page)
        with visit(browser, server.url, java_script_enabled=False) as page:
            leave(page)
        with visit(browser, server.url) as page:
            leave(page)
        until_counted(server, stage_0=2, **{stage_at("email"): 1, "sent": 1})
        total = counted_visits(server)
        assert sum(n for name, n in total.items() if name.startswith("pace_")) == 1
        assert [Funnel(total).reached(stage) for stage in (0, 1)] == [4, 2]


def test_a_form_may_count_no_visits(browser: Browser, tmp_path: Path) -> None:
    """With count_visits: false, the page reports nothing, and its privacy note says nothing of it."""
    form = write_form(tmp_path, ("languages:", "count_visits: false\nlanguages:"), *MORE_FIELDS)
    with development_server(tmp_path, PREQUAL_FORM=str(form)) as server, visit(browser, server.url) as page:
        beacons: list[str] = []
        page.on("request", lambda request: beacons.append(request.url))
        leave(page)
        page.goto(f"{server.url}/privacy/")
        expect(page.locator("main")).to_contain_text("stores nothing on your device")
        expect(page.locator("main")).not_to_contain_text("counts its visits")
        assert not [url for url in beacons if "progress" in url]
        assert not counted_visits(server)
