"""The text of the weekly digest, and its place in the sweep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from prequal.adapters.smtp import SmtpMailer
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.digest import Digest, Weeks, digest_content
from prequal.core.documents import Skip
from prequal.core.errors import StoreUnavailableError
from prequal.core.form import form_from
from prequal.core.lead import Lead
from prequal.core.lead_filter import LeadFilter
from prequal.core.mail import MailKind
from prequal.core.source import DIRECT
from prequal.core.stages import Stage
from prequal.pages.digests import digest_text
from prequal.pages.zone import UTC_ZONE
from prequal.services.follow_up import FollowUp
from prequal.services.retention import Retention
from prequal.services.sweep import Sweep
from support import builders
from support.builders import NOW, Clock
from support.mails import ReadMail, Worker, claim_mail, read, worker
from support.mailserver import Postbox, mail_server

WEEKS = Weeks.until_day(NOW.date(), UTC)
LANGUAGES = ["en", "fr", "nl", "ru", "pl"]


def digest() -> Digest:
    """Return a digest that has every section."""
    found = Digest(weeks=WEEKS)
    found.week.update({Stage.RECEIVED: 12, Stage.QUALIFIED: 5, Stage.BOOKED: 2})
    found.before.update({Stage.RECEIVED: 8, Stage.WON: 1})
    found.sources.update({"newsletter": 7, DIRECT: 5})
    found.qualified.update({"newsletter": 4, DIRECT: 1})
    found.ruled_out["Cannot afford the starting price"] = 3
    found.undelivered.append(builders.lead())
    found.held.append(replace(builders.lead(), id="e1d0" * 6))
    found.ending.extend(replace(builders.lead(), id=f"{number}bcdef0123456789") for number in range(7))
    return found


def render(found: Digest) -> ReadMail:
    """Return the rendered mail of a digest."""
    content = digest_content(builders.form(), found)
    return read(replace(builders.invitation(), kind=MailKind.DIGEST, content=content))


def test_it_shows_the_week() -> None:
    """Text and HTML show the figures of both weeks, sources, disqualifying answers, and the leads that wait."""
    written = render(digest())

    assert written.subject == "23 Feb\u2009–\u20091 Mar 2026: 12 received, 5 qualified"
    for line, words in (
        ("Week · Before\n  12    8  Leads received", "Before"),
        ("   0    1  Won", "Won"),
        ("Leads · Qualified\n   7    4  newsletter", "newsletter"),
        ("   5    1  direct visits", "direct visits"),
        ("   3  Cannot afford the starting price", "Cannot afford the starting price"),
        (f"- {builders.lead().id[:8]} · Warm", builders.lead().id[:8]),
        ("Their invitation is held.\n- e1d0e1d0 · Warm", "Their invitation is held."),
        ("- and 2 more", "and 2 more"),
    ):
        assert f"{line}\n" in written.text
        assert words in written.html


def test_a_digest_of_an_earlier_version_is_rendered() -> None:
    """A digest that was queued before held invitations were part of it is sent like any other."""
    content = digest_content(builders.form(), digest())
    del content["held"]

    assert "Waiting for you" in read(replace(builders.invitation(), kind=MailKind.DIGEST, content=content)).text


def test_it_holds_no_personal_data() -> None:
    """The digest holds no name or address, because it is not deleted by an erasure."""
    written = render(digest())

    for words in ("Ada", "Lovelace", "ada@example.com"):
        assert words not in written.subject + written.text + written.html


def test_an_empty_week_is_one_line() -> None:
    """The digest of a week without leads is one sentence."""
    text = render(Digest(weeks=WEEKS)).text

    assert text == "Studio North\n23 Feb\u2009–\u20091 Mar 2026\n\nA quiet week: nobody came, and nothing moved.\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_in_the_forms_first_language(language: str) -> None:
    """The digest is in the form's first language, and every language has its own text."""
    texts = {
        first: digest_text(form_from({**builders.document(), "languages": [first, "en"]}), digest(), UTC_ZONE)
        for first in LANGUAGES
    }

    assert len(set(texts.values())) == len(LANGUAGES)
    assert ("Waiting for you" in texts[language]) is (language == "en")


def test_it_goes_to_the_owner(store: SqliteLeadStore) -> None:
    """A sweep queues the digest and sends it to the owner."""
    clock, postbox = Clock(), Postbox()
    with mail_server(postbox) as port:
        mailer = SmtpMailer(host="127.0.0.1", port=port, encryption="none")
        mails = worker(store, mailer, clock)
        counts = [sweeper(store, mails, clock).run()["sent"] for _ in range(2)]

    assert counts == [1, 0]
    (arrived,) = postbox.mails
    assert (arrived["To"], arrived["Subject"]) == (
        "owner@studio.example",
        "23 Feb\u2009–\u20091 Mar 2026: 0 received, 0 qualified",
    )
    assert arrived["Message-ID"] == "<digest-web-design-2026-w10@studio.example>"


def test_a_settled_digest_is_not_deleted_within_its_week(store: SqliteLeadStore) -> None:
    """A settled digest is kept for its week, so that no later sweep queues it again."""
    clock = Clock()
    builders.weekly_digest(store, clock).run()
    (mail_id,) = store.list_due_mails(NOW, 9)
    taken = claim_mail(store, mail_id, lambda waiting, _lead: waiting.claimed("me", NOW))
    assert taken is not None
    store.settle_mail(taken.refused("no", NOW), "me", lambda lead: lead)

    assert store.delete_expired(NOW + timedelta(days=7)) == 0


def test_a_failing_digest_stops_no_mail(store: SqliteLeadStore, tmp_path: Path) -> None:
    """If the digest fails, the other mails are sent, and the next sweep tries again."""
    lead, attempt = builders.admitted()
    store.admit(lead, attempt, [builders.invitation()], lambda existing: (existing, ()))
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
        follow_up=FollowUp(
            store=store,
            forms=builders.lead_forms(),
            compose_reminder=builders.composer().reminder,
            clock=clock,
        ),
        digest=builders.weekly_digest(store, clock),
        mails=mails.round,
        retention=Retention(store=store, ledger=store, clock=clock),
    )
