"""The weekly digest on each store: one a week, for any number of sweeps."""

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
from support.mails import claim_mail, read, worker

MONDAY, TUESDAY = 0, 1


def digests(store: Store, clock: Clock, weekday: int = MONDAY) -> WeeklyDigest:
    """Return the digest of the form's leads."""
    return builders.weekly_digest(store, clock, weekday)


def waiting(store: Store) -> list[str]:
    """Return the ids of all mails that are not settled."""
    return list(store.list_due_mails(NOW + timedelta(days=999), 99))


def written(store: Store, mail_id: str) -> Mail:
    """Return a stored mail."""
    seen: list[Mail] = []
    claim_mail(store, mail_id, lambda mail, _lead: seen.append(mail))
    return seen[0]


def test_each_week_has_one_digest(store: Store) -> None:
    """Concurrent and later sweeps of a week queue one digest; the next week has its own."""
    clock = Clock()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: digests(store, clock).run(), range(4)))
    clock.forward(timedelta(days=6, hours=14))
    digests(store, clock).run()

    assert waiting(store) == ["digest-web-design-2026-w10"]

    clock.forward(timedelta(hours=1))
    digests(store, clock).run()

    assert waiting(store) == ["digest-web-design-2026-w10", "digest-web-design-2026-w11"]


def test_a_late_digest_covers_the_same_week(store: Store) -> None:
    """A late digest covers the seven days before its weekday, and only the leads of its form."""
    for days, form_id in ((-8, "web-design"), (-1, "web-design"), (1, "web-design"), (-1, "another")):
        lead, attempt = builders.admitted(NOW + timedelta(days=days), email=f"{form_id}{days}@example.com")
        store.admit(replace(lead, form_id=form_id), attempt, [], lambda lead: (lead, ()))

    digests(store, Clock(NOW + timedelta(days=4))).run()

    digest = read(written(store, "digest-web-design-2026-w10"))
    assert digest.subject == "23 Feb\u2009–\u20091 Mar 2026: 1 received, 1 qualified"
    assert "   1    1  Leads received\n" in digest.text


def test_another_weekday_makes_no_second_digest(store: Store) -> None:
    """A week that had its digest gets no second one if the form's weekday changes."""
    digests(store, Clock()).run()
    digests(store, Clock(NOW + timedelta(days=2)), TUESDAY).run()

    assert len(waiting(store)) == 1


def test_a_digest_is_sent_like_any_mail(store: Store, tmp_path: Path) -> None:
    """A digest is sent although it has no lead."""
    digests(store, Clock()).run()

    states = worker(store, OutboxMailer(tmp_path), Clock()).deliver_due()

    assert states == {"sent": 1}
    assert written(store, "digest-web-design-2026-w10").kind is MailKind.DIGEST
