"""A digest a week, on each kind of store, whoever comes by and however often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from prequal.adapters.outbox import OutboxMailer
from prequal.core.mail import Mail, MailKind
from prequal.services.ports import Store
from prequal.services.weekly_digest import WeeklyDigest
from support import builders
from support.builders import NOW, Clock
from support.mails import read, worker

MONDAY, TUESDAY = 0, 1


def digests(store: Store, clock: Clock, weekday: int = MONDAY) -> WeeklyDigest:
    """Return the use case that writes the digest of the form's leads."""
    return builders.weekly_digest(store, clock, weekday)


def waiting(store: Store) -> list[str]:
    """Return the ids of the mails that will ever be due."""
    return list(store.list_due_mails(NOW + timedelta(days=999), 99))


def written(store: Store, mail_id: str) -> Mail:
    """Return a mail as it is now."""
    seen: list[Mail] = []
    store.claim_mail(mail_id, lambda mail, _lead: seen.append(mail))
    return seen[0]


def test_a_week_has_one(store: Store) -> None:
    """Of all sweeps in a week, at the same time or later, one writes the digest; the next week has its own."""
    clock = Clock()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: digests(store, clock).run(), range(4)))
    clock.forward(timedelta(days=6, hours=14))
    digests(store, clock).run()

    assert waiting(store) == ["digest-web-design-2026-w10"]

    clock.forward(timedelta(hours=1))
    digests(store, clock).run()

    assert waiting(store) == ["digest-web-design-2026-w10", "digest-web-design-2026-w11"]


def test_a_late_sweep_tells_of_the_same_week(store: Store) -> None:
    """A late digest still covers the seven days up to its own day, and no lead of another form."""
    for days, form_id in ((-8, "web-design"), (-1, "web-design"), (1, "web-design"), (-1, "another")):
        lead, attempt = builders.admitted(NOW + timedelta(days=days), email=f"{form_id}{days}@example.com")
        store.admit(replace(lead, form_id=form_id), attempt, [], lambda lead: (lead, ()))

    digests(store, Clock(NOW + timedelta(days=4))).run()

    digest = read(written(store, "digest-web-design-2026-w10"))
    assert digest.subject == "Feb 23\u2009–\u2009Mar 1, 2026: 1 received, 1 qualified"
    assert "   1    1  Leads received\n" in digest.text


def test_another_day_brings_no_second_one(store: Store) -> None:
    """A change of the form's day brings no second digest for the same week."""
    digests(store, Clock()).run()
    digests(store, Clock(NOW + timedelta(days=2)), TUESDAY).run()

    assert len(waiting(store)) == 1


def test_it_is_sent_as_any_mail(store: Store, tmp_path: Path) -> None:
    """A digest goes out though no lead stands behind it."""
    digests(store, Clock()).run()

    states = worker(store, OutboxMailer(tmp_path), Clock()).deliver_due()

    assert states == {"sent": 1}
    assert written(store, "digest-web-design-2026-w10").kind is MailKind.DIGEST
