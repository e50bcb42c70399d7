"""The main job, from end to end, as two prospects and the owner live it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.visiting import fill_in, send, visit
from running import QUALIFIED, UNQUALIFIED, address, development_server, exported, outbox, prequal, prospect, until

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


def test_the_qualified_alone_are_invited(browser: Browser, tmp_path: Path) -> None:
    """Two prospects get the same thanks, one an invitation that leads to booking, and the export explains both."""
    with development_server(tmp_path) as server:
        with visit(browser, f"{server.url}/fr/", java_script_enabled=False) as page:
            fill_in(page, prospect("Blaise Pascal", UNQUALIFIED))
            send(page)
            expect(page).to_have_url(f"{server.url}/fr/thanks/")
            expect(page.get_by_role("heading", level=1)).to_have_text("Merci. Vos réponses nous sont bien parvenues.")
        with visit(browser, server.url) as page:
            fill_in(page, prospect("Ada Lovelace", QUALIFIED))
            send(page)
            expect(page).to_have_url(f"{server.url}/thanks/")
            expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. Your answers have reached us.")

        until(lambda: outbox(tmp_path), "the invitation")
        assert prequal(tmp_path, "deliver").returncode == 0
        with visit(browser, f"{server.url}/inbox/") as page:
            [invitation] = page.get_by_role("listitem").all()
            expect(invitation).to_contain_text(address("Ada Lovelace"))
            invitation.get_by_role("link").click()
            page.frame_locator("iframe").get_by_role("link", name="Choose a time").click()
            expect(page.get_by_label("Name")).to_have_value("Ada Lovelace")
            expect(page.get_by_label("Email")).to_have_value(address("Ada Lovelace"))

    blaise, ada = exported(tmp_path)
    assert (blaise["name"], blaise["language"], blaise["status"]) == ("Blaise Pascal", "fr", "received")
    assert (ada["name"], ada["language"], ada["status"]) == ("Ada Lovelace", "en", "opened")
    for lead in (blaise, ada):
        score = lead["score"]
        assert [reason["answer"] for reason in score["reasons"]] == list(lead["answers"].values())
        assert sum(reason["points"] for reason in score["reasons"]) == score["total"] == score["fit"] + score["intent"]


def test_where_a_visitor_came_from_is_kept(browser: Browser, tmp_path: Path) -> None:
    """The source and the campaign of a link stay with the visitor into another language, and with the lead."""
    with development_server(tmp_path) as server:
        with visit(browser, f"{server.url}/?source=partner&utm_campaign=spring") as page:
            page.get_by_role("link", name="polski").click()
            fill_in(page, prospect("Maria"))
            send(page)
            expect(page).to_have_url(f"{server.url}/pl/thanks/")

    [lead] = exported(tmp_path)
    assert {name: value for name, value in lead["source"].items() if value} == {
        "source": "partner",
        "utm_campaign": "spring",
    }
