"""The what-if of the desk in a browser: as one types, and by its button."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from werkzeug.serving import make_server

from browser.visiting import MODES, visit
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.desk.entries import START
from prequal.serving.desk_forms import DeskForms
from support import builders
from support.builders import NOW
from support.desk_client import KEY
from unit.desk.conftest import DeskVisit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

AROUND = "questions.0.options.1.points"
LOOKS: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
)


@contextmanager
def served(visit: DeskVisit) -> Iterator[str]:
    """Serve a desk, and yield the address that lets in."""
    server = make_server("127.0.0.1", 0, visit.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/desk/form?{START}={KEY}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Serve the desk of some leads."""
    with closing(SqliteLeadStore(tmp_path / "leads.db")) as store:
        desk = DeskVisit(store)
        for number in range(15):
            desk.admit(NOW + timedelta(minutes=number), name=f"Prospect {number}", email=f"{number}@example.com")
        with served(desk) as address:
            yield address


def find_violations(page: Page) -> list[str]:
    """Return the accessibility faults of a page, and whether it is wider than the window."""
    found = [each["id"] for each in Axe().run(page).response["violations"]]
    return found + ["wide"] * page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize("look", LOOKS, ids=["desktop", "phone"])
def test_as_one_types(browser: Browser, address: str, look: dict[str, Any]) -> None:
    """Shares follow what is typed, and leads too once they are read. Faults stand beside their field, and go again."""
    with visit(browser, address, **look) as page:
        field, result = page.locator(f'[name="{AROUND}"]'), page.locator("#result")
        assert not find_violations(page)
        field.fill("60")
        expect(result).to_contain_text("was 15.3%")
        expect(page.locator(".row.changed")).to_have_count(1)
        expect(page.locator("#who")).to_be_empty()

        page.get_by_role("button", name="Which leads would move?").click()
        expect(result).to_contain_text("15 of 15 leads would move.")
        expect(page.get_by_role("button", name="Show")).to_be_hidden()
        if look["viewport"]["width"] < 1000:
            page.locator("#movers summary").click()
        expect(page.locator(".movers li")).to_have_count(12)
        expect(page.locator(".movers li").first).to_contain_text("Prospect 14")
        assert not find_violations(page)

        field.fill("9")
        expect(page.locator("#said")).to_contain_text("15 of 15 leads would move.")
        expect(page.locator(".movers li").first).to_contain_text("would no longer qualify")
        field.fill("")
        expect(page.locator(f'[id="slot-{AROUND}"]')).to_have_text("Write points as a whole number, like 10 or -5.")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_be_focused()
        field.fill("20")
        expect(page.locator(".wrong:visible")).to_have_count(0)
        expect(page.locator(".row.changed")).to_have_count(0)
        expect(result).to_contain_text("None of 15 leads would move.")


def test_the_last_answer_wins(browser: Browser, address: str) -> None:
    """An answer that comes late doesn't replace that of what was typed since; a desk that doesn't answer is told."""
    late: list[Route] = []
    with visit(browser, address) as page:

        def hold_the_first(route: Route) -> None:
            if route.request.method == "POST" and not late:
                late.append(route)
            else:
                route.continue_()

        page.route("**/desk/form", hold_the_first)
        with page.expect_request(lambda request: request.method == "POST"):
            page.locator(f'[name="{AROUND}"]').fill("0")
        page.locator('[name="scoring.grades.hot"]').fill("41")
        expect(page.locator(".row.changed")).to_have_count(2)
        shown = page.locator("#result").inner_html()
        late[0].fulfill(status=200, content_type="text/html", body='<div id="result">late</div>')
        assert page.locator("#result").inner_html() == shown

        page.unroute("**/desk/form")
        page.route("**/desk/form", lambda route: route.abort())
        page.locator('[name="scoring.grades.hot"]').fill("42")
        expect(page.locator("#trouble")).to_contain_text("The desk doesn’t answer.")
        assert page.locator("#result").inner_html() == shown


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_into_the_form_file(browser: Browser, tmp_path: Path, mode: dict[str, Any]) -> None:
    """With and without a script: change, look, see the difference, go back with the numbers, and write them."""
    path = tmp_path / "form.yaml"
    path.write_text(json.dumps(builders.document(), indent=1), encoding="utf-8")
    with (
        closing(SqliteLeadStore(tmp_path / "leads.db")) as store,
        served(DeskVisit(store, form_files=DeskForms(path))) as address,
        visit(browser, address, **mode) as page,
    ):
        page.locator('[name="scoring.grades.hot"]').fill("60")
        page.locator("#buttons button").first.click()
        page.get_by_role("button", name="Into the form file").click()
        expect(page.locator(".difference .added").last).to_contain_text('"hot": 60')
        assert mode or not find_violations(page)  # which is a script
        page.get_by_role("button", name="Back to the numbers").click()
        expect(page.locator('[name="scoring.grades.hot"]')).to_have_value("60")
        page.get_by_role("button", name="Into the form file").click()
        page.get_by_role("button", name="Write it").click()
        expect(page.get_by_role("status").first).to_contain_text("The form file has the new values.")
        expect(page.locator('[name="scoring.grades.hot"]')).to_have_value("60")
        assert '"hot": 60' in path.read_text(encoding="utf-8")
