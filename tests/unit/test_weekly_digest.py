"""The text of the weekly digest, and its place in the sweep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from prequal import log
from prequal.adapters.smtp import SmtpMailer
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.digest import Digest, Waiting, Weeks, digest_content
from prequal.core.documents import Skip
from prequal.core.errors import StoreUnavailableError
from prequal.core.form import form_from
from prequal.core.lead import Booking, Lead, Offer
from prequal.core.lead_filter import LeadFilter
from prequal.core.mail import MailKind
from prequal.core.source import DIRECT
from prequal.core.stages import Stage
from prequal.pages.digests import digest_text
from prequal.pages.zone import UTC_ZONE, Zone
from prequal.services.retention import Retention
from prequal.services.sweep import Sweep
from prequal.services.weekly_digest import count_week
from support import builders
from support.builders import NOW, Clock
from support.mails import ReadMail, Worker, claim_mail, read, worker
from support.mailserver import Postbox, mail_server

WEEKS = Weeks.until_day(NOW.date(), UTC)
LANGUAGES = ["en", "fr", "nl", "ru", "pl"]


def digest() -> Digest:
    """Return a digest that has every section."""
    form = builders.form()
    found = Digest(weeks=WEEKS, in_use={form.version: form})
    found.visits_by_version[form.version].add({"stage_0": 9, "stage_1": 6, "stage_7": 3, "sent": 8})
    found.visits.add({"stage_0": 25, "stage_2": 2, "sent": 8})
    found.week.update({Stage.RECEIVED: 12, Stage.QUALIFIED: 5, Stage.BOOKED: 2})
    found.before.update({Stage.RECEIVED: 8, Stage.WON: 1})
    found.sources.update({"newsletter": 7, DIRECT: 5})
    found.qualified.update({"newsletter": 4, DIRECT: 1})
    found.ruled_out["Cannot afford the starting price"] = 3
    lead = builders.lead(company="Engines <b>&</b> Sons")
    called = Booking(id="1", booked_at=NOW, starts_at=NOW)
    found.waiting[Waiting.UNDECIDED].append(replace(lead, booking=called))
    found.waiting[Waiting.UNANSWERED].append(replace(lead, offered=Offer(at=NOW, until=NOW), email="b?cc=a@b.example"))
    found.waiting[Waiting.ENDING].extend(replace(lead, id=f"{number}bcdef0123456789") for number in range(7))
    found.waiting[Waiting.HELD].append(replace(lead, id="e1d0" * 6))
    found.waiting[Waiting.UNDELIVERED].append(lead)
    found.waiting[Waiting.MISSED].append(builders.lead(budget="unsure", services=["build"]))
    found.waiting[Waiting.UNCONFIRMED].append(lead)
    found.outcomes.update({"web-design": 12, "workshops": 11})
    return found


def render(found: Digest) -> ReadMail:
    """Return the rendered mail of a digest."""
    content = digest_content(builders.form(), found, "https://studio.example/desk")
    return read(replace(builders.invitation(), kind=MailKind.DIGEST, content=content))


def test_it_shows_the_week() -> None:
    """Text and HTML show the figures of both weeks, sources, disqualifying answers, and the leads that wait."""
    written = render(digest())

    assert written.subject == "23 Feb\u2009–\u20091 Mar 2026: 12 received, 5 qualified"
    for line, words in (
        ("Week · Before\n  35    0  Visits\n  10    0  Forms begun\n   8    0  Forms sent", "Before"),
        ("  12    8  Leads received", "Leads received"),
        ("   0    1  Won", "Won"),
        ("Leads · Qualified\n   7    4  newsletter", "newsletter"),
        ("   5    1  direct visits", "direct visits"),
        (
            "Stopped · Came to it\n   6   17  Our projects start at €5,000. Were you prepared to spend that?",
            "Came to it",
        ),
        ("   3   11  Email", "Email"),
        ("   3  Cannot afford the starting price", "Cannot afford the starting price"),
    ):
        assert f"{line}\n" in written.text
        assert words in written.html
    preheader = written.html.partition(">Studio North<")[0]
    assert "The call is over. How was it?" in preheader


def test_it_says_what_to_do() -> None:
    """Each lead that waits is named, with what to do, the day that matters, its address and its page at the desk."""
    written = render(digest())

    page = f"https://studio.example/desk/leads/{builders.lead().id}"
    assert (
        "Waiting for you\n---------------\n\n"
        "The call is over. How was it? Note won, lost, or that you made an offer.\n\n"
        "- Ada Lovelace, Engines <b>&</b> Sons\n"
        "  Warm: 40 of 65 points\n"
        "  Call: Mon, 2 Mar\n"
        "  ada@example.com\n"
        f"  {page}\n"
    ) in written.text
    for line in (
        "  Answer due: Mon, 2 Mar\n",
        "  Link’s last day: Sun, 15 Mar\n",
        "  and 2 more\n",
        f"  https://studio.example/desk/leads/{'e1d0' * 6}#invite\n",
        "  Fit is 15, and the minimum 20.\n",
        "12 new outcomes are known since the points were last learned.",
        "\nprequal calibrate --from-leads --write\n",
    ):
        assert line in written.text
    assert written.text.count("- Ada Lovelace") == 11
    assert "prequal leads show" not in written.text
    assert written.text.index("Waiting for you") < written.text.index("Leads received")


def test_nothing_typed_becomes_markup() -> None:
    """Names and companies are escaped in HTML, and an address adds nothing to the mail that its link begins."""
    html = render(digest()).html

    assert "Engines &lt;b&gt;&amp;&lt;/b&gt; Sons" in html
    assert "<b>" not in html
    assert 'href="mailto:b%3Fcc%3Da@b.example"' in html


def test_a_digest_of_an_earlier_version_is_rendered() -> None:
    """A digest that was queued before it named leads is sent like any other."""
    content = digest_content(builders.form(), digest(), "")
    for name in ("last_day", "waiting", "outcomes", "desk_url", "forms", "stops"):
        del content[name]
    del content["visits"]["sent"]

    earlier = read(replace(builders.invitation(), kind=MailKind.DIGEST, content=content), Zone(ZoneInfo("Europe/Oslo")))

    assert earlier.text.startswith("Studio North\n23 Feb\u2009–\u20091 Mar 2026\n")
    assert "  10    0  Forms begun\n" in earlier.text
    assert "Leads received" in earlier.text


def test_a_terminal_has_commands() -> None:
    """At a terminal, the command that shows a lead takes the place of the link."""
    assert f"  prequal leads show {builders.lead().id[:8]}\n" in digest_text(builders.form(), digest(), UTC_ZONE)


def test_an_empty_week_is_one_line() -> None:
    """The digest of a week without leads is one sentence."""
    text = render(Digest(weeks=WEEKS)).text

    assert text == (
        "Studio North\n23 Feb\u2009–\u20091 Mar 2026\n\nA quiet week: nobody came, and nothing moved.\n\n"
        "This comes every week. To turn it off, write this into the form file:\ndigest: never\n"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_in_the_forms_first_language(language: str) -> None:
    """The digest is in the form's first language, and every language has its own text."""
    texts = {
        first: digest_text(form_from({**builders.document(), "languages": [first, "en"]}), digest(), UTC_ZONE)
        for first in LANGUAGES
    }

    assert len(set(texts.values())) == len(LANGUAGES)
    assert ("Waiting for you" in texts[language]) is (language == "en")


def begin(store: SqliteLeadStore) -> None:
    """Add a lead of the digest's week."""
    lead, attempt = builders.admitted(NOW - timedelta(days=1))
    store.admit(lead, attempt, [], lambda existing: (existing, ()))


def test_it_goes_to_the_owner(store: SqliteLeadStore) -> None:
    """A sweep queues the digest and sends it to the owner."""
    clock, postbox = Clock(), Postbox()
    begin(store)
    with mail_server(postbox) as port:
        mailer = SmtpMailer(host="127.0.0.1", port=port, encryption="none")
        mails = worker(store, mailer, clock)
        counts = [sweeper(store, mails, clock).run()["sent"] for _ in range(2)]

    assert counts == [1, 0]
    (arrived,) = postbox.mails
    assert (arrived["To"], arrived["Subject"]) == (
        "owner@studio.example",
        "23 Feb\u2009–\u20091 Mar 2026: 1 received, 1 qualified",
    )
    assert arrived["Message-ID"] == "<digest-web-design-2026-w10@studio.example>"


def test_visits_are_among_the_figures(store: SqliteLeadStore) -> None:
    """The visits of the week, and the forms begun, stand above the leads, beside the week before."""
    begin(store)
    for day, counts in (
        ("2026-03-02", {"stage_0": 100}),
        ("2026-03-01", {"stage_0": 4, "stage_3": 2, "sent": 1}),
        ("2026-02-23", {"stage_0": 1}),
        ("2026-02-22", {"stage_0": 3}),
    ):
        store.add_visits(builders.visit_counts(day, "", **counts), NOW)

    form, weeks = builders.form(), Weeks.until_day(NOW.date(), UTC)
    text = digest_text(form, count_week(store, [form], weeks, NOW, log.document_unreadable), UTC_ZONE)

    rows = [line.split() for line in text.splitlines()]
    figures = rows.index(["8", "3", "Visits"])
    assert rows[figures + 1] == ["3", "0", "Forms", "begun"]
    assert rows[figures + 2] == ["1", "0", "Forms", "sent"]
    assert rows[figures + 3][2:] == ["Leads", "received"]
    assert (
        "Where visitors stopped\n----------------------\n\nStopped · Came to it\n   2    3  How many pages?\n" in text
    )


def test_a_settled_digest_is_not_deleted_within_its_week(store: SqliteLeadStore) -> None:
    """A settled digest is kept for its week, so that no later sweep queues it again."""
    clock = Clock()
    begin(store)
    builders.weekly_digest(store, clock).run()
    (mail_id,) = store.list_due_mails(NOW, 9)
    taken = claim_mail(store, mail_id, lambda waiting, _lead: waiting.claimed("me", NOW))
    assert taken is not None
    store.settle_mail(taken.refused("no", NOW), "me", lambda lead: lead)

    assert store.delete_expired(NOW + timedelta(days=7)) == 0


def test_a_failing_digest_stops_no_mail(store: SqliteLeadStore, tmp_path: Path) -> None:
    """If the digest fails, the other mails are sent, and the next sweep tries again."""
    lead, attempt = builders.admitted(NOW - timedelta(days=1))
    store.admit(lead, attempt, [builders.invitation(NOW - timedelta(days=1))], lambda existing: (existing, ()))
    clock, postbox = Clock(), Postbox()

    with mail_server(postbox) as port, closing(_UnlistableStore(tmp_path / "broken.db")) as broken:
        mailer = SmtpMailer(host="127.0.0.1", port=port, encryption="none")
        mails = worker(store, mailer, clock)
        failing = replace(
            sweeper(store, mails, clock), digest=replace(builders.weekly_digest(store, clock), store=broken)
        )

        assert failing.run()["sent"] == 1
        assert sweeper(store, mails, clock).run()["sent"] == 1


class _UnlistableStore(SqliteLeadStore):
    """A store that cannot list leads."""

    def iter_leads(
        self,
        wanted: LeadFilter | None = None,  # noqa: ARG002, the port's
        skip: Skip | None = None,  # noqa: ARG002, the port's
    ) -> Iterator[Lead]:
        """Raise StoreUnavailableError."""
        raise StoreUnavailableError("Not now.")


def sweeper(store: SqliteLeadStore, mails: Worker, clock: Clock) -> Sweep:
    """Return the sweep."""
    return Sweep(
        archive=store,
        forms=[builders.document()],
        follow_up=builders.follow_up(store, clock),
        digest=builders.weekly_digest(store, clock),
        mails=mails.round,
        retention=Retention(store=store, ledger=store, clock=clock),
    )
