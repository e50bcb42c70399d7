"""The whole process of two prospects and the owner, end to end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.visiting import MODES, fill_in, send, visit
from support.running import (
    QUALIFIED,
    UNQUALIFIED,
    Server,
    address,
    development_server,
    exported,
    outbox,
    prequal,
    prospect,
    until,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_only_the_qualified_are_invited(browser: Browser, tmp_path: Path) -> None:
    """Two prospects see the same thanks, only the qualified one is invited and books, and both are exported."""
    with development_server(tmp_path) as server:
        with visit(browser, f"{server.url}/fr/", java_script_enabled=False) as page:
            fill_in(page, prospect("Blaise Pascal", UNQUALIFIED))
            send(page)
            expect(page).to_have_url(f"{server.url}/fr/thanks/")
            expect(page.get_by_role("heading", level=1)).to_have_text("Merci. Vos réponses sont bien arrivées.")
        with visit(browser, server.url) as page:
            fill_in(page, prospect("Ada Lovelace", QUALIFIED))
            send(page)
            expect(page).to_have_url(f"{server.url}/thanks/")
            expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. Your answers have arrived.")

        until(lambda: outbox(server.folder), "the invitation")
        assert prequal(server.folder, "deliver", **server.settings_for_others).returncode == 0
        with visit(browser, f"{server.url}/inbox/") as page:
            [invitation] = page.get_by_role("listitem").all()
            expect(invitation).to_contain_text(address("Ada Lovelace"))
            invitation.get_by_role("link").click()
            page.frame_locator("iframe").get_by_role("link", name="Choose a time").click()
            # The page behind the link; its policy lets the button lead on to the booking page.
            page.get_by_role("button", name="Choose a time").click()
            expect(page.get_by_label("Name")).to_have_value("Ada Lovelace")
            expect(page.get_by_label("Email")).to_have_value(address("Ada Lovelace"))
            page.get_by_role("button", name="Book").click()
            expect(page.get_by_role("heading", level=1)).to_contain_text("Booked for")

    blaise, ada = exported(server.folder, **server.settings_for_others)
    assert (blaise["name"], blaise["language"], blaise["status"]) == ("Blaise Pascal", "fr", "received")
    assert (ada["name"], ada["language"], ada["status"]) == ("Ada Lovelace", "en", "booked")
    for lead in (blaise, ada):
        score = lead["score"]
        assert {reason["question"]: reason["answer"] for reason in score["reasons"]} == lead["answers"]
        assert sum(reason["points"] for reason in score["reasons"]) == score["total"] == score["fit"] + score["intent"]


@pytest.mark.parametrize("mode", MODES)
def test_the_source_of_a_visit_is_stored(browser: Browser, server: Server, mode: str) -> None:
    """The source and the campaign of a link are stored with the lead."""
    link = "/fr/?source=partner&utm_campaign=spring"
    with visit(browser, server.url + link, **MODES[mode]) as page:
        fill_in(page, prospect(f"Blaise {mode}"))
        send(page)
        expect(page).to_have_url(f"{server.url}/fr/thanks/")

    assert source_of(f"Blaise {mode}", server) == {"source": "partner", "utm_campaign": "spring"}


def test_a_change_of_language_keeps_the_source(browser: Browser, server: Server) -> None:
    """A change of language keeps the visitor's source."""
    with visit(browser, f"{server.url}/?source=partner") as page:
        page.get_by_role("link", name="polski").click()
        fill_in(page, prospect("Maria"))
        send(page)
        expect(page).to_have_url(f"{server.url}/pl/thanks/")

    assert source_of("Maria", server) == {"source": "partner"}


def source_of(name: str, server: Server) -> dict[str, str]:
    """Return the stored source of a prospect."""
    [lead] = [lead for lead in exported(server.folder) if lead["name"] == name]
    return {name: value for name, value in lead["source"].items() if value}
