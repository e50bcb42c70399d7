"""`prequal ask-clients`: the links that it prints, and the answers that it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from prequal import bootstrap
from prequal.bootstrap_store import utc_now
from prequal.cli.common import load_compiled
from prequal.config.settings import Settings
from prequal.core.past_client import WHY
from support import builders
from support.commands import store
from support.shipped_form import write_form
from support.two_forms import write_forms

if TYPE_CHECKING:
    import pytest
    from click.testing import Result

ADDRESSES = {
    "PREQUAL_PUBLIC_URL": "https://studio.example",
    "PREQUAL_SECRET": "a secret that is long",
    "PREQUAL_BOOKING_URL": "https://cal.example/",
    "PREQUAL_SENDER": "hello@studio.example",
    "PREQUAL_ZONE": "Europe/Oslo",
}


class TestLinks:
    def test_the_function_takes_it(
        self, run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The link is all that is printed on standard output, and the function of the same settings opens it."""
        form = write_form(tmp_path)
        printed = run("ask-clients", PREQUAL_FORM=str(form), **ADDRESSES)

        assert re.fullmatch(r"https://studio\.example/b/clients/[\w.-]+\n", printed.stdout)
        assert printed.stderr.startswith("Send it to your best clients yourself. It works until the end of ")
        monkeypatch.setenv("PREQUAL_FORM", str(form))
        with closing(store()) as opened:
            web = bootstrap.build_web(Settings(ADDRESSES), load_compiled(), opened)
            assert web.past_clients.look(printed.stdout.strip().rpartition("/")[2]).id == "web-design"

    def test_its_last_day_ends_where_the_owner_is(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """--days counts whole days of the owner's zone, and JSON says until when; the function's address leads."""
        form = str(write_form(tmp_path))
        function = {**ADDRESSES, "PREQUAL_FUNCTION_URL": "https://function.example"}

        printed = run("ask-clients", "--days", "3", "--json", PREQUAL_FORM=form, **function)

        [told] = map(json.loads, printed.stdout.splitlines())
        until = datetime.fromisoformat(told["until"])
        assert told["link"].startswith("https://function.example/b/clients/")
        assert until.strftime("%M:%S") == "59:59"
        assert timedelta(days=3) <= until - utc_now() + timedelta(seconds=60) < timedelta(days=4, seconds=60)

    def test_each_form_has_its_own(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """Of several forms, each link is printed with its form's id, or that of one form alone."""
        forms = str(write_forms(tmp_path))

        every = run("ask-clients", PREQUAL_FORM=forms, **ADDRESSES)
        one = run("ask-clients", "--form", "workshops", PREQUAL_FORM=forms, **ADDRESSES)
        none = run("ask-clients", "--form", "nothing", PREQUAL_FORM=forms, **ADDRESSES)

        assert [line.partition(":")[0] for line in every.stdout.splitlines()] == ["web-design", "workshops"]
        assert one.stdout == every.stdout.splitlines()[1].removeprefix("workshops: ") + "\n"
        assert (none.exit_code, "There is no form nothing" in none.stderr) == (2, True)

    def test_a_missing_secret(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """Without the secret that signs, one sentence says what to set."""
        done = run("ask-clients", PREQUAL_FORM=str(write_form(tmp_path)))

        assert (done.exit_code, done.stdout, done.stderr) == (2, "", "PREQUAL_SECRET is missing: set it.\n")


class TestAnswers:
    def test_in_words(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """Each past client is shown with the reason and the answers in the order of the form, oldest first."""
        forms = str(write_forms(tmp_path))
        with closing(store()) as opened:
            opened.save_past_client(builders.past_client(builders.NOW + timedelta(days=1), email="grace@example.com"))
            opened.save_past_client(builders.past_client(services=["design"], **{WHY: "You listened.\nTwice."}))

        shown = run("ask-clients", "--answers", PREQUAL_FORM=forms, **ADDRESSES)

        first, second = shown.stdout.strip().split("\n\n")
        assert first.splitlines() == [
            "Ada Lovelace <ada@example.com>",
            "Why they chose you:",
            "  You listened.",
            "  Twice.",
            "Our projects start at €5,000. Were you prepared to spend that?",
            "  About that",
            "By when?",
            "  This season",
            "What do you need?",
            "  Design",
            "Form web-design, sent 2 Mar 2026, kept until 1 Mar 2028.",
        ]
        assert "grace@example.com" in second
        assert run("ask-clients", "--answers", "--form", "workshops", PREQUAL_FORM=forms, **ADDRESSES).stdout == ""

    def test_as_json(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """--json has a line for each, with all that is kept of them."""
        with closing(store()) as opened:
            opened.save_past_client(builders.past_client())

        done = run("ask-clients", "--answers", "--json", PREQUAL_FORM=str(write_form(tmp_path)), **ADDRESSES)

        assert json.loads(done.stdout) == {
            "id": builders.past_client().id,
            "form_id": "web-design",
            "form_version": builders.form().version,
            "name": "Ada Lovelace",
            "email": "ada@example.com",
            "language": "en",
            "answers": builders.QUALIFIED,
            "reason": "You listened.",
            "received_at": "2026-03-02T09:30:00.000Z",
            "expire_at": "2028-03-01T09:30:00.000Z",
        }

    def test_nobody_yet(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """Without any, one sentence says how to ask."""
        store().close()

        done = run("ask-clients", "--answers", PREQUAL_FORM=str(write_form(tmp_path)), **ADDRESSES)

        assert (done.exit_code, done.stdout) == (0, "")
        assert "No past client has answered yet" in done.stderr
