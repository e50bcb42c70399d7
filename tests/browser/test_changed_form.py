"""A page that was opened before the form changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.visiting import MODES, answers, fill_in, send, visit
from support.running import development_server, exported, prospect
from support.shipped_form import MORE_FIELDS, shipped_form

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NEW = shipped_form(*MORE_FIELDS)
# In the old form, one answer of the budget had another id, and so had the question of the time.
OLD = shipped_form(*MORE_FIELDS, ("- id: more", "- id: plenty"), ("- id: timeline", "- id: season"))


STILL_ASKED = {"work": "website", "provider": "nobody"}
NO_LONGER_ASKED = {"budget": "plenty", "season": "soon"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the server's folder."""
    return tmp_path_factory.mktemp("changed")


@pytest.fixture(scope="module")
def pages(browser: Browser, folder: Path) -> Iterator[dict[str, Page]]:
    """Open the old form's page in each mode and once more, and then restart the server with the new form."""
    form = folder / "form.yaml"
    form.write_text(OLD, encoding="utf-8")
    server = development_server(folder, PREQUAL_FORM=str(form))
    with server, ExitStack() as visits:
        modes = {**MODES, "another language": {}}
        opened = {mode: visits.enter_context(visit(browser, server.url, **options)) for mode, options in modes.items()}
        server.stop()
        form.write_text(NEW, encoding="utf-8")
        server.start()
        yield opened


@pytest.mark.parametrize("mode", MODES)
def test_a_changed_form_asks_for_the_missing_answers(pages: dict[str, Page], folder: Path, mode: str) -> None:
    """With and without the script, the page asks for the new answers, keeps the others, and says why."""
    page, answered = pages[mode], prospect(mode.title(), STILL_ASKED)
    fill_in(page, {**answered, **NO_LONGER_ASKED})
    send(page)

    expect(page.locator(".summary h2")).to_have_text("The form has changed in the meantime")
    expect(page.locator(".summary")).to_be_focused()
    links = page.locator(".summary li a").evaluate_all("links => links.map((link) => link.hash)")
    assert links == ["#budget", "#timeline"]
    assert {**answers(page), "form_version": ""} == {**answered, "form_version": ""}

    fill_in(page, {"budget": "more", "timeline": "soon"})
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. Your answers have arrived.")
    [lead] = [lead for lead in exported(folder) if lead["name"] == mode.title()]
    assert lead["answers"] == {**STILL_ASKED, "budget": "more", "timeline": "soon"}


def test_a_change_of_language_keeps_valid_answers(pages: dict[str, Page]) -> None:
    """The page in another language is that of the new form, with every answer that is still valid."""
    page, answered = pages["another language"], prospect("Ada", STILL_ASKED)
    fill_in(page, {**answered, **NO_LONGER_ASKED})

    page.get_by_role("link", name="polski").click()

    expect(page.locator("html")).to_have_attribute("lang", "pl")
    assert {**answers(page), "form_version": ""} == {**answered, "lang": "pl", "form_version": ""}
