"""Two forms that one development server serves."""

from __future__ import annotations

import json
from pathlib import Path

from support import builders
from support.running import (
    Server,
    development_server,
    exported,
    get,
    link_in,
    outbox,
    post_form,
    post_json,
    prequal,
    until,
)
from support.two_forms import SEATS, write_forms

GUEST = {"name": "Zoé", "email": "zoe@example.com", "lang": "en", **SEATS}


def test_both_forms_on_one_server(tmp_path: Path) -> None:
    """A prospect of each form is scored, thanked and invited by it; the doctor finds a page that is outdated."""
    with development_server(tmp_path, PREQUAL_FORM=str(write_forms(tmp_path))) as server:
        assert f"The page      {server.url}/\n  The page      {server.url}/workshops/\n" in server.log
        thanks = post_form(f"{server.leads}/workshops", GUEST)
        main = post_json(server.leads, builders.sent())
        until(lambda: len(outbox(tmp_path)) == 2, "both invitations")
        links = {mail["To"]: link_in(mail) for mail in outbox(tmp_path)}
        healthy = versions(server)
        page = server.site / "workshops/index.html"
        page.write_text(page.read_text(encoding="utf-8").replace('"form_version" value="', '"form_version" value="0'))
        outdated = versions(server)

        assert (thanks.status, thanks.headers["Location"]) == (303, f"{server.url}/workshops/en/thanks/")
        assert "Atelier Sud" in get(thanks.headers["Location"]).body
        assert main.status == 202
        assert "Atelier Sud" in get(links["zoe@example.com"]).body
        assert "Studio North" in get(links["ada@example.com"]).body
        assert healthy == ("fine", "The pages and the function have the same 2 forms.")
        assert outdated[0] == "wrong"
        assert outdated[1].startswith("The page /workshops/ has form 0")
    forms = {lead["email"]: (lead["form_id"], lead["score"]["total"]) for lead in exported(tmp_path)}
    assert forms == {"zoe@example.com": ("workshops", 60), "ada@example.com": ("web-design", 40)}


def versions(server: Server) -> tuple[str, str]:
    """Return the doctor's verdict on the versions of the forms."""
    found = json.loads(prequal(server.folder, "doctor", server.url, "--json").stdout)
    [verdict] = [(each["verdict"], each["words"]) for each in found if each["check"] == "versions"]
    return verdict
