"""A page that was opened before the form changed, in a browser."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.visiting import MODES, answers, fill_in, send, visit
from running import CHECKOUT, development_server, exported, prospect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

NEW = (CHECKOUT / "schema/form.yaml").read_text(encoding="utf-8")
# In the old form the best budget was another answer, and another question stood where they ask who decides.
OLD = NEW.replace("- id: more", "- id: plenty").replace("- id: decision", "- id: approval")


def test_a_form_that_changed_meanwhile_asks_for_the_rest(browser: Browser, tmp_path: Path) -> None:
    """With and without the script, what is new is asked, what was answered stays, and nobody is blamed."""
    form = tmp_path / "form.yaml"
    form.write_text(OLD, encoding="utf-8")
    server = development_server(tmp_path, PREQUAL_FORM=str(form))
    with server, ExitStack() as visits:
        pages = {mode: visits.enter_context(visit(browser, server.url, **MODES[mode])) for mode in MODES}
        server.stop()
        form.write_text(NEW, encoding="utf-8")
        server.start()

        for mode, page in pages.items():
            answered = prospect(mode.title(), {"provider": "nobody", "work": "website", "timeline": "soon"})
            fill_in(page, {**answered, "budget": "plenty", "approval": "alone"})
            send(page)

            expect(page.locator(".summary h2")).to_have_text("Our form has changed meanwhile")
            expect(page.locator(".summary")).to_be_focused()
            links = page.locator(".summary li a").evaluate_all("links => links.map((link) => link.hash)")
            assert links == ["#budget", "#decision"]
            assert {**answers(page), "form_version": ""} == {**answered, "form_version": ""}

            fill_in(page, {"budget": "more", "decision": "alone"})
            send(page)
            expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. Your answers have reached us.")

    assert {lead["name"]: lead["answers"]["budget"] for lead in exported(tmp_path)} == {
        mode.title(): "more" for mode in MODES
    }
