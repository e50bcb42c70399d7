"""The desk's page of past clients."""

from __future__ import annotations

import re
from datetime import timedelta

from support import builders
from unit.desk.conftest import DeskVisit


def test_their_answers_and_reasons(desk: DeskVisit) -> None:
    """The newest come first, each with the reason and the answers in words; their own markup is none."""
    desk.store.save_past_client(builders.past_client(name="<b>Ada</b>"))
    later = builders.NOW + timedelta(days=1)
    desk.store.save_past_client(builders.past_client(later, email="grace@example.com", name="Grace"))

    page = desk.client.get("/desk/clients").text

    assert re.findall(r"<h2[^>]*>(.*?)</h2>", page) == ["Grace", "&lt;b&gt;Ada&lt;/b&gt;"]
    assert "<dt>Why they chose you</dt><dd>You listened.</dd>" in page
    assert "<dt>By when?</dt><dd>This season</dd>" in page
    assert "sent 3 Mar 2026" in page


def test_nobody_yet(desk: DeskVisit) -> None:
    """Without a known secret, the page names the command that prints the link."""
    page = desk.client.get("/desk/clients").text

    assert "<code>prequal ask-clients</code> prints the private link" in page
    assert "Nobody has answered yet." in page
